"""Looking into a commit: by exact path, within the tree, and nowhere else."""

from pathlib import Path

import pytest

from recipes_app.limits import MAX_BLOB_BYTES
from recipes_app.repos.browse import File, Folder, PathMissing, look, read_file
from recipes_app.repos.objects import ObjectError
from tests.factories import commit_tree, git

TREE = {
    "debian/rules": b"#!/usr/bin/make -f\n",
    "debian/a/b.txt": b"deep\n",
    "README.md": b"hello\n",
    "debian/\xc3\xa9".encode("latin-1").decode(): b"e\n",
}


@pytest.fixture
def repository(tmp_path):
    commit = commit_tree(TREE, tmp_path / "work")
    return tmp_path / "work" / ".git", commit


def test_top_has_folders_first(repository: tuple[Path, str]):
    found = look(*repository, "")
    assert isinstance(found, Folder)
    assert [(entry.path, entry.is_folder, entry.size) for entry in found.entries] == [
        ("debian", True, None),
        ("README.md", False, 6),
    ]


def test_folder_names_paths_from_the_top(repository: tuple[Path, str]):
    paths = [entry.path for entry in look(*repository, "debian").entries]
    assert paths == ["debian/a", "debian/rules", "debian/é"]


def test_file_knows_its_mode_and_content(repository: tuple[Path, str]):
    found = look(*repository, "debian/rules")
    assert isinstance(found, File)
    assert (found.is_executable, found.content) == (True, b"#!/usr/bin/make -f\n")


def test_name_beyond_ascii_is_found(repository: tuple[Path, str]):
    assert read_file(*repository, "debian/é") == b"e\n"


@pytest.mark.parametrize(
    "path", ["none", "debian/none", "README.md/x", "debian/", "/debian", "debian//a", "debian/../README.md", ".", ".."]
)
def test_path_that_is_not_in_the_tree_is_missing(repository: tuple[Path, str], path):
    with pytest.raises(PathMissing, match="there is no"):
        look(*repository, path)


def test_symlink_is_neither_listed_nor_followed(repository: tuple[Path, str], tmp_path):
    work = tmp_path / "work"
    (work / "passwd").symlink_to("/etc/passwd")
    git("add", "passwd", cwd=work)
    git("commit", "-q", "-m", "link", cwd=work)
    commit = git("rev-parse", "HEAD", cwd=work).strip()
    assert "passwd" not in [entry.name for entry in look(repository[0], commit, "").entries]
    with pytest.raises(PathMissing, match="neither a file nor a folder"):
        look(repository[0], commit, "passwd")


def test_huge_file_is_known_and_not_read(tmp_path):
    commit = commit_tree({"big": b"x" * (MAX_BLOB_BYTES + 1)}, tmp_path / "work")
    found = look(tmp_path / "work" / ".git", commit, "big")
    assert (found.size, found.content) == (MAX_BLOB_BYTES + 1, None)


@pytest.mark.parametrize("commit", ["HEAD", "main", "--help", "f" * 40, "a" * 10])
def test_only_full_ids_of_commits_are_read(repository: tuple[Path, str], commit):
    with pytest.raises(ObjectError):
        look(repository[0], commit, "")
