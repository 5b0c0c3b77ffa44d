"""Bounded work: what it gives back, what ends it, and that nothing of it is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recipes_app import deadline
from recipes_app.deadline import DeadlineExceeded, WorkFailed, run_bounded
from recipes_app.formats.recipe import parse_recipe
from recipes_app.repos.tarballs import TarballRefused
from tests import bounded_work
from tests.factories import recipe_tree

ROOT = Path(__file__).resolve().parent.parent


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid):
    until = time.monotonic() + 30
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


def children_of(pid):
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def server():
    """Return the server's process id."""
    return run_bounded(bounded_work.known)["parent"]


def test_a_result_of_the_parser_comes_back_whole():
    tree = recipe_tree()
    assert run_bounded(parse_recipe, tree) == parse_recipe(tree)


def test_findings_come_back_as_they_are():
    tree = recipe_tree() | {"debian/changelog": b"nonsense\n"}
    assert run_bounded(parse_recipe, tree).errors == parse_recipe(tree).errors != ()


def test_a_large_tree_goes_and_comes():
    tree = {f"debian/{number}": os.urandom(200_000) for number in range(100)}
    assert run_bounded(bounded_work.echo, tree) == tree


def test_a_refusal_of_ours_comes_back_as_it_was_raised():
    with pytest.raises(TarballRefused, match="no tarball"):
        run_bounded(bounded_work.refuse, "this is no tarball")


@pytest.mark.parametrize(
    ("work", "limits", "error", "words"),
    [
        (bounded_work.spin, {"wall_seconds": 0.3}, DeadlineExceeded, "more than 0.3 seconds"),
        (bounded_work.sleep, {"wall_seconds": 0.3}, DeadlineExceeded, "more than 0.3 seconds"),
        (bounded_work.spin, {"cpu_seconds": 1, "wall_seconds": 60}, DeadlineExceeded, "1 seconds of the processor"),
        (bounded_work.fill_memory, {}, WorkFailed, "more memory"),
        (bounded_work.break_down, {}, WorkFailed, "LookupError: nothing there"),
        (bounded_work.foreign_result, {}, WorkFailed, "no plain data"),
        (bounded_work.acting_result, {}, WorkFailed, "no plain data"),
        (bounded_work.die, {}, WorkFailed, "with status 3"),
        (bounded_work.import_django, {}, WorkFailed, "django"),
    ],
)
def test_what_comes_to_no_result_says_why(work, limits, error, words):
    with pytest.raises(error, match=words):
        run_bounded(work, **limits)
    assert run_bounded(bounded_work.echo, 1) == 1


def test_a_result_is_bounded():
    with pytest.raises(WorkFailed, match="at most 1000 are taken"):
        run_bounded(bounded_work.large_result, 2_000, result_bytes=1_000)


def test_memory_is_bounded():
    assert len(run_bounded(bounded_work.large_result, 5_000_000, memory_bytes=64 << 20)) == 5_000_000
    with pytest.raises(WorkFailed, match="more memory"):
        run_bounded(bounded_work.large_result, 50_000_000, memory_bytes=64 << 20)


def test_nothing_is_written(tmp_path):
    with pytest.raises(WorkFailed, match="File too large"):
        run_bounded(bounded_work.write, str(tmp_path / "file"))


def test_it_knows_nothing_of_the_portal(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    deadline.stop()
    known = run_bounded(bounded_work.known)
    assert "SECRET_KEY" not in known["environment"]
    assert not [name for name in known["modules"] if name.startswith("django.")]
    # Its own channel beside the three usual ones, and the folder that is being listed.
    assert len(known["files"]) == 5
    assert known["group"] != os.getpgid(0)
    assert known["nice"] > os.nice(0)


def test_what_it_has_started_ends_with_it():
    pid = run_bounded(bounded_work.start_another, 600)
    assert wait_until_gone(pid)


def test_what_it_has_started_is_killed_with_it():
    with pytest.raises(DeadlineExceeded):
        run_bounded(bounded_work.start_another_and_wait, wall_seconds=0.5)
    parent = server()
    until = time.monotonic() + 30
    while children_of(parent) and time.monotonic() < until:
        time.sleep(0.02)
    assert not children_of(parent)


def test_a_server_that_was_killed_is_replaced():
    before = server()
    os.kill(before, signal.SIGKILL)
    assert run_bounded(bounded_work.echo, "still here") == "still here"
    assert server() != before


def test_a_server_that_closed_its_socket_and_has_not_ended_yet_is_replaced():
    before = server()
    os.kill(before, signal.SIGSTOP)
    control = deadline._server.start()
    control.shutdown(socket.SHUT_RDWR)
    assert run_bounded(bounded_work.echo, "still here") == "still here"
    assert server() != before


def test_work_ends_with_its_server():
    before = server()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(run_bounded, bounded_work.sleep, 2, wall_seconds=60)
        while not (workers := children_of(before)):
            time.sleep(0.01)
        os.kill(before, signal.SIGKILL)
        assert all(wait_until_gone(pid) for pid in workers)
        # It is done once more by the next server, and ends in its time there.
        assert waiting.result() is None


def test_many_threads_get_their_own_answers():
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda number: run_bounded(bounded_work.echo, number), range(64))) == list(range(64))


def test_who_finds_no_place_is_told(monkeypatch):
    monkeypatch.setattr(deadline, "_places", deadline.threading.BoundedSemaphore(1))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(run_bounded, bounded_work.sleep, 1.5)
        while not children_of(server_of_this_process()):
            time.sleep(0.01)
        with pytest.raises(DeadlineExceeded, match="no free place"):
            run_bounded(bounded_work.echo, 1, wall_seconds=0.1)
        first.result()


def server_of_this_process():
    deadline.start()
    return deadline._server._process.pid


def _script(code, **columns):
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **columns
    )


def test_nothing_is_left_when_its_process_is_killed():
    code = """if True:
        import os, threading, time
        from recipes_app.deadline import run_bounded
        from tests import bounded_work
        print(run_bounded(bounded_work.known)["parent"], flush=True)
        threading.Thread(target=run_bounded, args=(bounded_work.spin,), daemon=True).start()
        time.sleep(600)
    """
    with _script(code) as process:
        parent = int(process.stdout.readline())
        while not (workers := children_of(parent)):
            time.sleep(0.01)
        process.kill()
        process.wait()
    assert all(wait_until_gone(pid) for pid in (parent, *workers))


def test_a_fork_has_a_server_of_its_own():
    """As Celery's prefork pool and gunicorn with --preload."""
    code = """if True:
        import os, threading, time
        from recipes_app.deadline import run_bounded
        from tests import bounded_work
        ours = run_bounded(bounded_work.known)["parent"]
        threading.Thread(target=run_bounded, args=(bounded_work.sleep, 1), daemon=True).start()
        time.sleep(0.2)
        pid = os.fork()
        theirs = run_bounded(bounded_work.known)["parent"]
        if pid == 0:
            print(theirs != ours, flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
        print(run_bounded(bounded_work.known)["parent"] == ours, flush=True)
    """
    with _script(code) as process:
        output, errors = process.communicate()
    assert output.split() == ["True", "True"], errors


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_an_ordinary_user_may_use_it():
    code = "from recipes_app.deadline import run_bounded; print(run_bounded(len, b'abc'))"
    with _script(code, user=65534, group=65534, extra_groups=[]) as process:
        output, errors = process.communicate()
    assert output.strip() == "3", errors
