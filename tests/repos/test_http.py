"""Smart HTTP as git and other clients speak it: who may, how bodies come, what goes back."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from recipes_app.limits import MAX_PUSH_BYTES, MIB
from tests.repos.workspace import RawEntry, Workspace
from tests.servers.portal import PortalServer

pytestmark = pytest.mark.server

FLUSH = b"0000"
NO_COMMIT = "0" * 40


def test_clone_gives_the_very_same_commits(workspace: Workspace, tmp_path: Path) -> None:
    workspace.commit()
    tip = workspace.commit(version="1.0-2")
    assert workspace.push().status == 0
    cloned = workspace.server.git("clone", workspace.server.git_url(workspace.name), str(tmp_path / "clone"), cwd=tmp_path)
    assert cloned.status == 0
    log = workspace.server.git("rev-list", "HEAD", cwd=tmp_path / "clone").output.split()
    assert log == workspace.plumb("rev-list", "HEAD").decode().split()
    assert log[0] == tip


def test_user_reads_what_was_published_and_where(workspace: Workspace) -> None:
    workspace.commit()
    assert workspace.push().remote[0] == f"published {workspace.name} 1.0-1 (main)"
    workspace.commit(version="1.0-2")
    assert workspace.push().remote[-1] == f"{workspace.server.url}/recipes/{workspace.name}/"


def test_suite_branch_beside_main(workspace: Workspace) -> None:
    first = workspace.commit()
    assert workspace.push("HEAD:main", "HEAD:debian/bookworm-backports").status == 0
    assert workspace.stored() == {"main": first, "debian/bookworm-backports": first}


def test_moderator_may_rewrite(workspace: Workspace, moderator: str) -> None:
    workspace.commit()
    assert workspace.push().status == 0
    workspace.username, workspace.secret = "mod", moderator
    other = workspace.commit_raw({}, version="0.9-1")
    assert workspace.push(force=True).status == 0
    assert workspace.stored() == {"main": other}


def test_push_by_somebody_who_may_not(workspace: Workspace, portal_server: PortalServer) -> None:
    first = workspace.commit()
    assert workspace.push().status == 0
    workspace.username, workspace.secret = "eve", portal_server.create_account("eve")
    workspace.commit(version="1.0-2")
    result = workspace.push()
    assert result.status != 0
    assert len(result.remote) == 1
    assert f"you may not push ({workspace.name})" in result.remote[0]
    assert workspace.stored() == {"main": first}


def test_push_with_an_unknown_token(workspace: Workspace) -> None:
    workspace.commit()
    workspace.secret = "dur_wrong"
    page = f"{workspace.server.url}/account/"
    assert workspace.push().remote == [f"this token is not known: it was revoked or mistyped; make a new one on {page}"]


def test_push_with_a_token_that_only_reads(workspace: Workspace, portal_server: PortalServer) -> None:
    workspace.commit()
    workspace.secret = portal_server.manage("create_token", "ada", "--scope", "read").strip()
    page = f"{workspace.server.url}/account/"
    assert workspace.push().remote == [f"this token has no 'push' scope (it has: read): make one that has it on {page}"]


HELPER = """#!/bin/sh
echo "$1" >> {log}
if [ "$1" = get ]; then printf 'username=%s\\npassword=%s\\n' ada {secret}; fi
"""


def helper_was_told(workspace: Workspace, secret: str) -> list[str]:
    """Push with git's credential helper, which has `secret` for the server; return what git told it."""
    log, helper = workspace.folder.parent / "told", workspace.folder.parent / "helper"
    log.unlink(missing_ok=True)
    helper.write_text(HELPER.format(log=log, secret=secret))
    helper.chmod(0o755)
    address = f"{workspace.server.url}/git/{workspace.name}.git"
    workspace.server.git("-c", f"credential.helper={helper}", "push", address, "HEAD:main", cwd=workspace.folder)
    return log.read_text().split()


def test_git_keeps_a_valid_token_that_may_not_do_this(workspace: Workspace, portal_server: PortalServer) -> None:
    workspace.commit()
    reads = portal_server.manage("create_token", "ada", "--scope", "read").strip()
    assert helper_was_told(workspace, reads) == ["get"]


def test_git_forgets_a_token_that_is_none(workspace: Workspace) -> None:
    workspace.commit()
    assert helper_was_told(workspace, "dur_wrong") == ["get", "erase"]


def test_git_stores_a_token_that_opens(workspace: Workspace) -> None:
    workspace.commit()
    assert helper_was_told(workspace, workspace.secret) == ["get", "store"]


def test_push_with_a_token_for_another_recipe(workspace: Workspace, portal_server: PortalServer) -> None:
    first = workspace.commit()
    assert workspace.push().status == 0
    own = portal_server.manage("create_token", "ada", "--scope", "push", "--recipe", workspace.name).strip()
    other = Workspace(portal_server, workspace.folder.parent / "other", f"{workspace.name}-other", "ada", own)
    other.folder.mkdir()
    other.commit()
    page = f"{workspace.server.url}/account/"
    assert other.push().remote == [f"this token reaches the recipe {workspace.name} only: make another one on {page}"]
    workspace.secret = own
    workspace.commit(version="1.0-2")
    assert workspace.push().status == 0
    assert workspace.stored()["main"] != first


def test_push_with_the_name_of_another_account(workspace: Workspace) -> None:
    workspace.commit()
    workspace.username = "bob"
    words = "this token is not one of the account 'bob': give the user name that it was made for, or make one on "
    assert workspace.push().remote == [f"{words}{workspace.server.url}/account/"]


def test_push_without_credentials_asks_for_them(workspace: Workspace) -> None:
    status, headers, body = request(workspace.server, "GET", f"/git/{workspace.name}.git/info/refs?service=git-receive-pack")
    assert status == 401
    assert headers["WWW-Authenticate"] == 'Basic realm="DUR", charset="UTF-8", Bearer realm="DUR"'
    assert body == b"sign in to push: give your username, and as password a token from your account page\n"


def test_bearer_token_opens_too(workspace: Workspace) -> None:
    workspace.commit()
    result = workspace.server.git(
        "-c", f"http.extraHeader=Authorization: Bearer {workspace.secret}",
        "push", workspace.server.git_url(workspace.name), "HEAD:main", cwd=workspace.folder,
    )  # fmt: skip
    assert result.status == 0


@pytest.mark.parametrize("name", ["Upper", "a", "under_score", "-dash", "a" * 129])
def test_name_that_no_source_package_can_have(workspace: Workspace, name: str) -> None:
    workspace.commit()
    workspace.name = name
    result = workspace.push()
    assert result.status != 0
    assert "cannot be a source package's name" in result.remote[0]


def test_recipe_that_does_not_exist(workspace: Workspace, tmp_path: Path) -> None:
    result = workspace.server.git("clone", workspace.url, str(tmp_path / "clone"), cwd=tmp_path)
    assert result.remote == [f"there is no recipe {workspace.name!r} here: look for it on {workspace.server.url}/recipes/"]


def test_asking_about_an_unknown_name_creates_nothing(workspace: Workspace) -> None:
    result = workspace.server.git("push", "--dry-run", workspace.url, "HEAD:main", cwd=committed(workspace))
    assert result.status == 0
    assert not list(workspace.server.data.glob(f"repos/**/{workspace.name}.git"))
    assert not (workspace.server.data / "repos/.pending" / workspace.name).exists()


def committed(workspace: Workspace) -> Path:
    workspace.commit()
    return workspace.folder


def test_protocol_version_2_is_spoken(workspace: Workspace) -> None:
    workspace.commit()
    workspace.push()
    url = workspace.server.git_url(workspace.name)
    result = workspace.server.git("ls-remote", url, cwd=workspace.folder, GIT_TRACE_PACKET="1")
    assert re.search(r"< version 2\n", result.output)


@pytest.mark.parametrize("version", ["0", "1"])
def test_older_protocol_versions_are_spoken(workspace: Workspace, tmp_path: Path, version: str) -> None:
    workspace.commit()
    workspace.push()
    url = workspace.server.git_url(workspace.name)
    assert workspace.server.git("-c", f"protocol.version={version}", "clone", url, str(tmp_path / "c"), cwd=tmp_path).status == 0


def test_one_commit_can_be_fetched_by_its_id(workspace: Workspace, tmp_path: Path) -> None:
    first = workspace.commit()
    workspace.commit(version="1.0-2")
    workspace.push()
    runner = tmp_path / "runner"
    workspace.server.git("init", "-q", str(runner), cwd=tmp_path)
    url = workspace.server.git_url(workspace.name)
    assert workspace.server.git("fetch", "--depth=1", url, first, cwd=runner).status == 0
    assert workspace.server.git("rev-list", "FETCH_HEAD", cwd=runner).output.split() == [first]


def test_chunked_push(workspace: Workspace) -> None:
    workspace.commit(**{f"debian/f{number}": os.urandom(6000).hex() for number in range(20)})
    result = workspace.server.git(
        "-c", "http.postBuffer=1024", "push", workspace.url, "HEAD:main", cwd=workspace.folder, GIT_CURL_VERBOSE="1"
    )
    assert result.status == 0
    assert "Transfer-Encoding: chunked" in result.output


def test_gzipped_request(workspace: Workspace) -> None:
    tip = workspace.commit()
    workspace.push()
    asked = gzip.compress(ls_refs())
    status, _, body = rpc(workspace, "git-upload-pack", asked, {"Content-Encoding": "gzip", "Git-Protocol": "version=2"})
    assert status == 200
    assert f"{tip} refs/heads/main".encode() in body


def test_unknown_content_encoding_is_named(workspace: Workspace) -> None:
    workspace.commit()
    workspace.push()
    status, _, body = rpc(workspace, "git-upload-pack", ls_refs(), {"Content-Encoding": "br"})
    assert (status, body) == (415, b"Content-Encoding 'br' is not known; send gzip or none\n")


def test_gzip_bomb_is_not_unfolded(workspace: Workspace) -> None:
    workspace.commit()
    workspace.push()
    before = memory_of(workspace.server.worker_pid())
    bomb = gzip.compress(ls_refs() + b"0" * (256 * 1024 * 1024))
    status, _, body = rpc(workspace, "git-upload-pack", bomb, {"Content-Encoding": "gzip", "Git-Protocol": "version=2"})
    assert status == 200
    assert len(body) < 10_000
    assert memory_of(workspace.server.worker_pid()) - before < 30_000


def test_expect_continue_is_answered(workspace: Workspace) -> None:
    workspace.commit()
    result = workspace.server.git(
        "-c", "http.extraHeader=Expect: 100-continue", "-c", "http.postBuffer=1024",
        "push", workspace.url, "HEAD:main", cwd=workspace.folder, GIT_CURL_VERBOSE="1",
    )  # fmt: skip
    assert result.status == 0
    assert "HTTP/1.1 100 Continue" in result.output


def test_truncated_push_stores_nothing(workspace: Workspace) -> None:
    tip = workspace.commit()
    pack = workspace.plumb("pack-objects", "--stdout", "--revs", given=f"{tip}\n".encode())
    status, _, body = rpc(workspace, "git-receive-pack", command(tip) + pack[: len(pack) // 2])
    assert status == 200
    assert b"ng refs/heads/main unpacker error" in body
    assert workspace.stored() == {}


def test_push_of_a_client_without_side_band_gets_a_plain_report(workspace: Workspace) -> None:
    tip = workspace.commit()
    pack = workspace.plumb("pack-objects", "--stdout", "--revs", given=f"{tip}\n".encode())
    status, _, body = rpc(workspace, "git-receive-pack", command(tip) + pack)
    assert (status, body) == (200, b"000eunpack ok\n0017ok refs/heads/main\n0000")
    assert workspace.stored() == {"main": tip}


def test_pack_that_is_too_large_is_refused_with_a_reason(workspace: Workspace) -> None:
    workspace.commit_raw({b"debian/noise": RawEntry("100644", os.urandom(MAX_PUSH_BYTES + MIB))})
    result = workspace.server.git("-c", "core.compression=0", "push", workspace.url, "HEAD:main", cwd=workspace.folder)
    assert any(line.startswith("fatal: pack exceeds maximum allowed size") for line in result.remote)
    assert workspace.stored() == {}


def test_large_push_does_not_sit_in_memory(workspace: Workspace) -> None:
    """50 MiB of noise; the rules refuse it in the end, but only after all of it has gone through."""
    noise = {b"debian/noise%d" % number: RawEntry("100644", os.urandom(MIB)) for number in range(50)}
    workspace.commit_raw(noise)
    worker = workspace.server.worker_pid()
    Path(f"/proc/{worker}/clear_refs").write_text("5")
    before = memory_of(worker)
    result = workspace.push()
    assert len([line for line in result.remote if "holds 1048576 bytes; at most 256 KiB are taken" in line]) == 50
    assert peak_memory_of(worker) - before < 30_000


def test_dumb_protocol_is_told_what_is_spoken(workspace: Workspace) -> None:
    status, _, body = request(workspace.server, "GET", f"/git/{workspace.name}.git/info/refs")
    assert status == 403
    assert body.startswith(b"only git's smart HTTP is spoken here")


def test_browser_is_sent_to_the_page(workspace: Workspace) -> None:
    status, headers, _ = request(workspace.server, "GET", f"/git/{workspace.name}.git")
    assert (status, headers["Location"]) == (302, f"/recipes/{workspace.name}/")


def test_nothing_is_cached(workspace: Workspace) -> None:
    workspace.commit()
    workspace.push()
    _, headers, _ = request(workspace.server, "GET", f"/git/{workspace.name}.git/info/refs?service=git-upload-pack")
    assert "no-cache" in headers["Cache-Control"]


def ls_refs() -> bytes:
    """A request of protocol version 2 for the references."""
    return b"0014command=ls-refs\n" + b"0001" + FLUSH


def command(tip: str) -> bytes:
    """The command of a push that makes main, with no capability but the report."""
    line = f"{NO_COMMIT} {tip} refs/heads/main\0report-status".encode()
    return b"%04x%s" % (len(line) + 4, line) + FLUSH


def rpc(
    workspace: Workspace, service: str, body: bytes, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """POST to a service of git as the workspace's account."""
    credentials = b64encode(f"{workspace.username}:{workspace.secret}".encode()).decode()
    all_headers = {
        "Content-Type": f"application/x-{service}-request", "Authorization": f"Basic {credentials}", **(headers or {}),
    }  # fmt: skip
    return request(workspace.server, "POST", f"/git/{workspace.name}.git/{service}", body, all_headers)


def request(
    server: PortalServer, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Send one HTTP request; return status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def memory_of(pid: int) -> int:
    """Return the resident memory of a process in KiB."""
    return _status(pid, "VmRSS")


def peak_memory_of(pid: int) -> int:
    """Return the most resident memory since its peak was reset, in KiB."""
    return _status(pid, "VmHWM")


def _status(pid: int, key: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))


@pytest.mark.parametrize(
    "command",
    [
        ["wget", "-qO-", "--user=ada", "--password={secret}", "{address}"],
        ["curl", "-s", "--anyauth", "--user", "ada:{secret}", "{address}"],
        ["curl", "-s", "--oauth2-bearer", "{secret}", "{address}"],
    ],
    ids=["wget", "curl-anyauth", "curl-bearer"],
)
def test_clients_that_wait_to_be_asked_find_a_scheme(workspace: Workspace, command: list[str]) -> None:
    address = f"{workspace.server.url}/api/v1/account/"
    words = [word.format(secret=workspace.secret, address=address) for word in command]
    answer = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(answer.stdout)["username"] == "ada"
