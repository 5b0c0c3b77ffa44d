"""What a push accepts can be had again: by git with a checkout, on pages, in differences and as an archive."""

from __future__ import annotations

import io
import json
import tarfile
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from recipes_app.limits import MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH
from tests.repos.workspace import RawEntry, Workspace

pytestmark = pytest.mark.server

FOLDERS = "d/" * MAX_PATH_DEPTH
_IDENTITY = b"Ada <a@b.c>"


def _commit_object(date: bytes, more: bytes = b"", parents: int = 0) -> Callable[[Workspace], None]:
    """Return what makes HEAD a commit that is written byte by byte."""

    def make(workspace: Workspace) -> None:
        first = workspace.commit()
        tree = workspace.plumb("rev-parse", "HEAD:").strip()
        others = [workspace.commit_of_tree(tree.decode(), (first,)).encode()] if parents else []
        others += [workspace.plumb("commit-tree", "-m", str(each), tree.decode()).strip() for each in range(parents)]
        lines = [b"tree " + tree, *(b"parent " + each for each in others)]
        lines += [role + b" " + _IDENTITY + b" " + date for role in (b"author", b"committer")]
        commit = workspace.write("commit", b"\n".join([*lines, *([more] if more else []), b"", b"Package it\n"]))
        workspace.plumb("update-ref", "HEAD", commit)

    return make


def _file(path: str) -> Callable[[Workspace], None]:
    def make(workspace: Workspace) -> None:
        workspace.commit_raw({path.encode(): RawEntry("100644", b"x\n")})

    return make


ACCEPTED = {
    "depth": (_file(f"{FOLDERS}f"), f"{FOLDERS}f"),
    "name": (_file("debian/" + "n" * MAX_NAME_BYTES), "debian/" + "n" * MAX_NAME_BYTES),
    "path": (_file(("/".join(["p" * 200] * 6))[:MAX_PATH_BYTES]), ("/".join(["p" * 200] * 6))[:MAX_PATH_BYTES]),
    "zero-date": (_commit_object(b"0 +0000"), "debian/rules"),
    "far-date": (_commit_object(b"9999999999999999 +1400"), "debian/rules"),
    "encoding": (_commit_object(b"1700000000 +0000", b"encoding no-such-charset"), "debian/rules"),
    "octopus": (_commit_object(b"1700000000 +0000", parents=70), "debian/rules"),
}


@pytest.mark.parametrize(("make", "path"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted_is_served(workspace: Workspace, make: Callable[[Workspace], None], path: str, tmp_path: Path) -> None:
    make(workspace)
    pushed = workspace.push()
    assert pushed.status == 0, pushed.output
    commit = workspace.plumb("rev-parse", "HEAD").decode().strip()
    workspace.commit_raw({}, version="2.0-1", parents=(commit,))
    assert workspace.push().status == 0
    tip = workspace.plumb("rev-parse", "HEAD").decode().strip()

    clone = tmp_path / "clone"
    cloned = workspace.server.git("clone", workspace.server.git_url(workspace.name), str(clone), cwd=tmp_path)
    assert cloned.status == 0, cloned.output
    assert workspace.server.git("checkout", "--quiet", commit, cwd=clone).status == 0
    assert (clone / path).is_file()

    base, name, quoted = workspace.server.url, workspace.name, urllib.parse.quote(path)
    for page in (f"files/{commit}/{quoted}", f"blame/{commit}/{quoted}", f"history/{commit}/{quoted}", f"diff/{commit}/{tip}/"):
        _get(f"{base}/recipes/{name}/{page}")
    api = f"{base}/api/v1/recipes/{name}"
    listed = json.loads(_get(f"{api}/files/{commit}/"))
    assert path in {each["path"] for each in listed["files"]}
    _get(f"{api}/diff/{commit}/{tip}/")
    with tarfile.open(fileobj=io.BytesIO(_get(f"{api}/snapshots/{commit}/"))) as archive:
        assert path in {member.partition("/")[2] for member in archive.getnames()}


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return bytes(answer.read())
