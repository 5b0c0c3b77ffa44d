"""What is left when things break in the middle of a push: the old state or the new one, never something between."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recipes_app.limits import MIB
from tests.repos.workspace import RawEntry, Workspace
from tests.servers.portal import PortalServer, start_portal

pytestmark = pytest.mark.server


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[PortalServer]:
    """A portal that the test may break."""
    data = tmp_path / "data"
    data.mkdir()
    server = start_portal(data)
    yield server
    server.stop()


@pytest.fixture
def own_workspace(own_server: PortalServer, tmp_path: Path) -> Workspace:
    folder = tmp_path / "work"
    folder.mkdir()
    return Workspace(own_server, folder, "hello-dur", "ada", own_server.create_account("ada"))


def published(server: PortalServer, name: str) -> list[str]:
    """Return the commits that the catalogue knows of a recipe."""
    code = (
        "from recipes_app.models import Revision; "
        f"print(*Revision.objects.filter(recipe__name={name!r}).order_by('id').values_list('commit', flat=True))"
    )
    return server.manage("shell", "--no-imports", "-c", code).split()


def settle(server: PortalServer) -> None:
    server.manage("shell", "--no-imports", "-c", "from recipes_app.tasks.repos import *; settle_interrupted_pushes()")


def markers(server: PortalServer) -> list[str]:
    return [path.name for path in (server.data / "repos/.pending").iterdir()]


def test_push_that_git_took_and_nobody_published_is_published_later(own_workspace: Workspace) -> None:
    """The database refuses: git has the commits, the site has not. The user is told so, and the sweep repairs it."""
    server = own_workspace.server
    first = own_workspace.commit()
    assert own_workspace.push().status == 0
    second = own_workspace.commit(version="1.0-2")
    own_workspace.server.manage("shell", "--no-imports", "-c", BREAK_REVISIONS)
    result = own_workspace.push()
    assert result.status == 0
    assert result.remote[-1].startswith("error: git has your commits, but the site could not show them yet.")
    # What nobody could look at is not published.
    assert own_workspace.stored() == {"main": first}
    assert published(server, "hello-dur") == [first]
    assert markers(server) == ["hello-dur"]
    own_workspace.server.manage("shell", "--no-imports", "-c", MEND_REVISIONS)
    settle(server)
    assert published(server, "hello-dur") == [first, second]
    assert own_workspace.stored() == {"main": second}
    assert markers(server) == []


# A trigger that refuses new revisions stands for whatever can go wrong in the database.
BREAK_REVISIONS = (
    "from django.db import connection; connection.cursor().execute("
    "\"CREATE TRIGGER broken BEFORE INSERT ON recipes_app_revision BEGIN SELECT RAISE(ABORT, 'broken'); END\")"
)
MEND_REVISIONS = "from django.db import connection; connection.cursor().execute('DROP TRIGGER broken')"


@pytest.mark.parametrize("moment", [0.02, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45])
def test_web_process_killed_in_the_middle_of_a_push(own_workspace: Workspace, moment: float) -> None:
    """Whenever the kill comes, after the sweep catalogue and git agree on the old state or on the new one."""
    server = own_workspace.server
    first = own_workspace.commit()
    assert own_workspace.push().status == 0
    second = own_workspace.commit(version="1.0-2")
    pusher = threading.Thread(target=own_workspace.push)
    pusher.start()
    time.sleep(moment)
    server.kill()
    pusher.join()
    server.start()
    wait_for_git_to_end(server)
    settle(server)
    stored = own_workspace.stored()["main"]
    assert stored in (first, second)
    assert published(server, "hello-dur") == [first, second][: 1 + (stored == second)]
    assert markers(server) == []
    if stored == first:
        assert own_workspace.push().status == 0
        assert published(server, "hello-dur") == [first, second]


def test_web_process_killed_while_a_first_push_streams(own_workspace: Workspace) -> None:
    server = own_workspace.server
    own_workspace.commit_raw({b"debian/noise%d" % number: RawEntry("100644", os.urandom(MIB)) for number in range(40)})
    pusher = threading.Thread(target=own_workspace.push)
    pusher.start()
    while not list(server.data.glob("repos/.incoming/*/objects/tmp_objdir*")):
        time.sleep(0.01)
    server.kill()
    pusher.join()
    server.start()
    wait_for_git_to_end(server)
    settle(server)
    assert own_workspace.stored() == {}
    assert published(server, "hello-dur") == []
    assert markers(server) == []


def wait_for_git_to_end(server: PortalServer) -> None:
    """git processes outlive a killed server until they see the end of their input."""
    root = str(server.data / "repos")
    for _ in range(200):
        if root not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout:
            return
        time.sleep(0.05)
    raise AssertionError("git processes are still running")


def test_two_first_pushes_of_one_name_at_once(own_workspace: Workspace, tmp_path: Path) -> None:
    """One of them makes the recipe; the other is told that it came too late, and nothing of it is stored."""
    server = own_workspace.server
    folder = tmp_path / "other"
    folder.mkdir()
    other = Workspace(server, folder, "hello-dur", "bob", server.create_account("bob"))
    tips = {own_workspace.commit(): own_workspace, other.commit(**{"debian/NEWS": "other\n"}): other}
    results: dict[str, int] = {}
    gate = threading.Barrier(2)

    def push(tip: str) -> None:
        gate.wait()
        results[tip] = tips[tip].push().status

    threads = [threading.Thread(target=push, args=(tip,)) for tip in tips]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [tip for tip, status in results.items() if status == 0]
    assert own_workspace.stored() == {"main": winner}
    assert published(server, "hello-dur") == [winner]
    assert not list(server.data.glob("repos/.incoming/*"))
    assert markers(server) == []


@pytest.mark.namespaces
def test_full_disk_leaves_the_old_state(own_server: PortalServer, own_workspace: Workspace, tmp_path: Path) -> None:
    """The store stands on a small file system of its own, which a file fills up."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root; the next test covers git without room for its files")
    first = own_workspace.commit()
    assert own_workspace.push().status == 0
    own_server.stop()
    repositories = own_server.data / "repos"
    moved = repositories.rename(own_server.data / "moved")
    repositories.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(repositories)], check=True)
    try:
        shutil.copytree(moved, repositories, dirs_exist_ok=True)
        fill(repositories / "filler", leave=16 * 1024)
        own_server.start()
        own_workspace.commit_raw(
            {b"debian/noise": RawEntry("100644", os.urandom(200_000).hex().encode()[:250_000])}, version="2.0-1"
        )
        result = own_workspace.push()
        assert result.status != 0
        assert own_workspace.stored() == {"main": first}
        assert published(own_server, "hello-dur") == [first]
        (repositories / "filler").unlink()
        second = own_workspace.commit(version="3.0-1")
        own_workspace.plumb("reset", "-q", "--soft", first)
        second = own_workspace.commit(version="3.0-1")
        assert own_workspace.push().status == 0
        assert own_workspace.stored() == {"main": second}
    finally:
        own_server.stop()
        subprocess.run(["umount", str(repositories)], check=True)


def fill(path: Path, leave: int) -> None:
    """Write a file until only `leave` bytes are free."""
    free = os.statvfs(path.parent)
    with path.open("wb") as stream:
        stream.write(b"\0" * max(0, free.f_bavail * free.f_frsize - leave))


def test_files_that_may_not_grow_leave_the_old_state(own_workspace: Workspace) -> None:
    """A limit on the size of files hits git as a quota would, in the middle of writing an object."""
    server = own_workspace.server
    first = own_workspace.commit()
    assert own_workspace.push().status == 0
    subprocess.run(["prlimit", f"--pid={server.worker_pid()}", "--fsize=8000000"], check=True)
    noise = RawEntry("100644", os.urandom(9_000_000))
    own_workspace.commit_raw({b"debian/noise": noise}, parents=(first,), version="1.0-2")
    result = own_workspace.push()
    assert result.status != 0
    assert own_workspace.stored() == {"main": first}
    assert published(server, "hello-dur") == [first]


def test_client_that_goes_away_before_the_answer_is_published_all_the_same(own_workspace: Workspace) -> None:
    server = own_workspace.server
    tip = own_workspace.commit()
    command = ["git", "push", "-q", own_workspace.url, "HEAD:main"]
    client = subprocess.Popen(command, cwd=own_workspace.folder, process_group=0, stderr=subprocess.DEVNULL)
    while client.poll() is None and not (server.data / "repos/.pending/hello-dur").exists():
        time.sleep(0.002)
    os.killpg(client.pid, signal.SIGKILL)
    client.wait()
    for _ in range(100):
        if not markers(server):
            break
        time.sleep(0.05)
    assert markers(server) == []
    stored = own_workspace.stored()
    assert stored in ({}, {"main": tip})
    assert published(server, "hello-dur") == list(stored.values())
