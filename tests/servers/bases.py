"""The base in which trial builds run, made once for all tests that build; it takes a minute or two."""

from __future__ import annotations

from pathlib import Path

import pytest

from recipes_app.lint.build import bases


def make_base(folder: Path) -> None:
    """Make the base of bookworm in `folder`, where bubblewrap reaches it as the user of a run."""
    for each in (folder, *folder.parents):
        if each.owner() == "root" and str(each) != "/":
            each.chmod(each.stat().st_mode | 0o055)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(bases.FOLDER_VARIABLE, str(folder))
        bases.prepare("bookworm")


@pytest.fixture(scope="session")
def bases_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a base of bookworm."""
    folder = tmp_path_factory.mktemp("bases")
    make_base(folder)
    return folder
