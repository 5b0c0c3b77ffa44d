"""`manage.py reconcile` splits a store with one repository for each recipe; everybody gets what was published, and no more."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.repos.workspace import Workspace
from tests.servers.portal import start_portal

pytestmark = pytest.mark.server
SCRIPT = {"debian/postinst": "#!/bin/sh\nset -e\n#DEBHELPER#\n"}


def test_old_store_is_split_and_what_was_held_is_no_longer_given_out(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "work").mkdir()
    server = start_portal(tmp_path / "data")
    try:
        work = Workspace(server, tmp_path / "work", "hello-dur", "ada", server.create_account("ada"))
        first = work.commit()
        assert work.push().status == 0
        held = work.commit(version="1.0-2", **SCRIPT)
        assert "held" in work.push().remote[0]
        server.stop()
        make_old(server.data / "repos", "hello-dur")
        server.manage("reconcile")
        server.start()
        assert work.stored() == {"main": first}
        header = f"http.extraHeader=Authorization: Bearer {work.secret}"
        assert held in server.git("-c", header, "ls-remote", server.git_url(work.name), cwd=tmp_path).output
        assert not list((server.data / "repos" / ".pending").iterdir())
        assert not list((server.data / "repos" / ".damaged").iterdir())
        work.commit(version="1.0-3", **{"debian/postinst": None})
        assert work.push().remote[0].startswith("published hello-dur 1.0-3")
    finally:
        server.stop()


def make_old(repos: Path, name: str) -> None:
    """Put the repository where it was before there were two, with all its objects in it."""
    (intake,) = repos.glob(f"intake/*/*/{name}.git")
    subprocess.run(["git", "--git-dir", str(intake), "repack", "-a", "-d", "-q"], check=True)
    (intake / "objects/info/alternates").unlink()
    (intake / "refused-commits").unlink(missing_ok=True)
    old = repos / intake.relative_to(repos / "intake")
    old.parent.mkdir(parents=True)
    intake.rename(old)
    shutil.rmtree(repos / "intake")
    shutil.rmtree(repos / "public")
