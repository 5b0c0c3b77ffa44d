"""A newcomer's first day: a minimal Debian of the other release, an ordinary user with sudo, a clone, and `./dev run`.

Cold, it downloads some 250 MB of Debian and Python packages; var/roots keeps them.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devtools.bootstrap import ROOT
from devtools.programs import free_port
from devtools.roots import SUITES, Root, fresh_root, stop, why_not
from tests.factories import recipe_tree

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("fresh-system")]

# The tests themselves run on one release; what they cannot see is the other.
_OWN = re.search(r"^VERSION_CODENAME=(\S+)$", Path("/etc/os-release").read_text(encoding="utf-8"), re.MULTILINE)
OTHERS = [suite for suite in SUITES if _OWN is None or suite != _OWN[1]]
USER = "alice"
CHECKOUT = f"/home/{USER}/dur"
LINT_SECONDS = 300


@dataclass
class Newcomer:
    """A portal that an ordinary user has started in a root of its own."""

    root: Root
    port: int
    process: subprocess.Popen[str]
    output: str

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def token(self, username: str) -> str:
        state = json.loads((self.root.path / CHECKOUT.lstrip("/") / "var/demo.json").read_text(encoding="utf-8"))
        return str(state["accounts"][username]["token"])

    def git(self, *arguments: str) -> str:
        """Run the root's own git as the user, in a folder of theirs; return what it said."""
        identity = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        result = self.root.run(["git", *arguments], user=USER, folder=f"/home/{USER}/work", environment=identity)
        assert result.status == 0, result.output
        return result.output


@pytest.fixture(scope="module", params=OTHERS)
def newcomer(request: pytest.FixtureRequest) -> Iterator[Newcomer]:
    """The portal, at work."""
    if reason := why_not():
        pytest.skip(reason)
    with fresh_root(request.param, ["git", "python3", "sudo"]) as root:
        root.add_user(USER)
        give_checkout(root)
        port = free_port()
        ports = {"PORTAL_PORT": str(port), "PORTAL_SSH_PORT": str(free_port())}
        process = root.start(["./dev", "run"], user=USER, folder=CHECKOUT, environment=ports)
        try:
            yield Newcomer(root, port, process, read_until(process, "Ctrl-C stops everything"))
        finally:
            stop(process, signal.SIGINT)


def give_checkout(root: Root) -> None:
    """Clone the checkout into the user's home, with what is changed and not yet committed."""
    clone = root.path / CHECKOUT.lstrip("/")
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", str(clone)], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    there = b"\0".join(name for name in listed.split(b"\0") if name and (ROOT / name.decode()).exists())
    packed = subprocess.run(
        ["tar", "--create", "--null", "--files-from=-", "--file=-"], cwd=ROOT, input=there, capture_output=True, check=True
    )
    subprocess.run(["tar", "--extract", "--file=-"], cwd=clone, input=packed.stdout, check=True)
    owned = root.run(["chown", "--recursive", f"{USER}:", CHECKOUT])
    assert owned.status == 0, owned.output


def read_until(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if word in line:
            return output
    raise AssertionError(f"{word!r} was never printed:\n{output}")


def read(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return bytes(answer.read())


def test_an_ordinary_user_pushes_and_the_recipe_is_linted_and_shown(newcomer: Newcomer) -> None:
    work = newcomer.root.path / "home" / USER / "work"
    for path, content in recipe_tree("first-day").items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(content)
    (work / "debian/rules").chmod(0o755)
    assert newcomer.root.run(["chown", "--recursive", f"{USER}:", f"/home/{USER}/work"]).status == 0
    newcomer.git("init", "--quiet", "--initial-branch", "main")
    newcomer.git("add", ".")
    newcomer.git("commit", "--quiet", "--message", "Package first-day")
    # The demo catalogue is linted for the other account meanwhile.
    address = f"http://moderator:{newcomer.token('moderator')}@127.0.0.1:{newcomer.port}/git/first-day.git"
    assert "published first-day" in newcomer.git("push", address, "HEAD:main")

    commit = newcomer.git("rev-parse", "HEAD").strip()
    report = lint_report(newcomer, commit)
    assert report["state"] == "passed", report
    page = read(f"http://127.0.0.1:{newcomer.port}/recipes/first-day/").decode()
    assert "first-day" in page
    assert commit[:7] in page
    assert json.loads(read(f"{newcomer.api}/recipes/first-day/"))["head_commit"] == commit


def lint_report(newcomer: Newcomer, commit: str) -> dict[str, Any]:
    """Return the report of the commit's lint, when there is one."""
    deadline = time.monotonic() + LINT_SECONDS
    report: dict[str, Any] = {"state": "queued"}
    while report["state"] in ("queued", "running") and time.monotonic() < deadline:
        time.sleep(1)
        report = json.loads(read(f"{newcomer.api}/recipes/first-day/revisions/{commit}/lint/"))
    return report


def test_what_was_missing_was_installed_by_sudo(newcomer: Newcomer) -> None:
    assert "==> apt: installing" in newcomer.output
    assert "==> python: making .venv" in newcomer.output


def test_ctrl_c_stops_everything(newcomer: Newcomer) -> None:
    """Last of all: it ends the portal that the tests above look at."""
    assert stop(newcomer.process, signal.SIGINT) == 0
