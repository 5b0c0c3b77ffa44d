"""The base in which trial builds run: made once for all tests that build, and kept as long as the mirror stays as it is."""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from recipes_app.lint.build import bases
from tests.servers.migrated import KEPT

SUITE = "bookworm"
_TAR = ("tar", "--numeric-owner", "--preserve-permissions")


def make_base(folder: Path) -> None:
    """Lay the base of bookworm down in `folder`, where bubblewrap reaches it as the user of a run.

    Where none is kept it is made, which takes a minute or two.
    """
    for each in (folder, *folder.parents):
        if each.owner() == "root" and str(each) != "/":
            each.chmod(each.stat().st_mode | 0o055)
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "base.lock").open("w") as lock, pytest.MonkeyPatch.context() as monkeypatch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        monkeypatch.setenv(bases.FOLDER_VARIABLE, str(folder))
        kept = KEPT / f"base-{_digest()}.tar"
        if kept.is_file():
            _restore(kept, folder)
        else:
            bases.prepare(SUITE)
            _keep(folder, kept)


def _digest() -> str:
    """Return what a base follows from: what the mirror has now, and how we make one."""
    with urllib.request.urlopen(f"{bases.mirror()}/dists/{SUITE}/InRelease", timeout=60) as answer:
        made_of = hashlib.sha256(answer.read())
    made_of.update(Path(bases.__file__).read_bytes())
    return made_of.hexdigest()[:16]


def _keep(folder: Path, kept: Path) -> None:
    for older in KEPT.glob("base-*.tar"):
        older.unlink()
    new = kept.with_suffix(".new")
    subprocess.run([*_TAR, "--create", "--file", str(new), "--directory", str(folder), SUITE], check=True)
    new.replace(kept)


def _restore(kept: Path, folder: Path) -> None:
    subprocess.run([*_TAR, "--extract", "--file", str(kept), "--directory", str(folder)], check=True)
    current = (folder / SUITE / "current").resolve()
    description = json.loads((current / "base.json").read_text(encoding="utf-8"))
    (current / "base.json").write_text(json.dumps({**description, "folder": str(current)}), encoding="utf-8")


@pytest.fixture(scope="session")
def bases_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a base of bookworm."""
    folder = tmp_path_factory.mktemp("bases")
    make_base(folder)
    return folder
