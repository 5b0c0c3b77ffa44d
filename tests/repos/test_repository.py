"""Git through GitPython: with our environment, configuration, protocols and limits, whatever the process itself has."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from subprocess import PIPE

import pytest

from recipes_app.limits import GIT_CPU_SECONDS
from recipes_app.repos import browse, diff, history, repository
from recipes_app.repos.objects import ObjectError
from recipes_app.repos.repository import Commands, GitFailed, Repository, objects_of
from tests.factories import commit_tree, git


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A bare repository of one commit on main."""
    commit_tree({"debian/rules": b"#!/usr/bin/make -f\n", "--output=x": b"text\n"}, tmp_path / "work")
    git("clone", "-q", "--bare", "work", "bare.git", cwd=tmp_path)
    return tmp_path / "bare.git"


@pytest.fixture
def commit(bare: Path) -> str:
    return Commands(bare).rev_parse("main")


def test_nothing_of_our_environment_reaches_git(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://portal:secret@localhost/portal")
    started = Commands(bare).cat_file("--batch", istream=PIPE, as_process=True)
    started.stdin.write(b"main\n")
    started.stdin.flush()
    started.stdout.readline()
    names = {each.partition(b"=")[0].decode() for each in Path(f"/proc/{started.pid}/environ").read_bytes().split(b"\0") if each}
    # git tells its own children of itself by some.
    assert {each for each in names if not each.startswith("GIT_")} == {"PATH", "HOME", "LC_ALL", "TZ"}


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
def test_environment_of_another_repository_leads_nowhere(
    bare: Path, commit: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Repository.make(tmp_path / "other.git")
    place = tmp_path / "other.git"
    monkeypatch.setenv(name, str(place / "objects" if name == "GIT_OBJECT_DIRECTORY" else place))
    with Repository(bare) as repo:
        assert repo.git.rev_parse("main") == commit
        repo.git.update_ref("refs/heads/debian/next", commit)
    Repository.make(tmp_path / "third.git")
    assert "debian/next" in Commands(bare).for_each_ref()
    assert Commands(place).for_each_ref() == Commands(tmp_path / "third.git").for_each_ref() == ""
    assert browse.read_file(bare, commit, "debian/rules") == b"#!/usr/bin/make -f\n"


def test_configuration_of_user_and_machine_is_not_read(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / ".gitconfig"))
    (tmp_path / ".gitconfig").write_text("[core]\n\thooksPath = /nowhere\n")
    listed = Commands(bare).config("--list", "--show-scope")
    assert {line.split("\t")[0] for line in listed.splitlines()} == {"local", "command"}
    assert "/nowhere" not in listed


def test_hook_of_a_repository_does_not_run(bare: Path, commit: str, tmp_path: Path) -> None:
    path = bare / "hooks" / "reference-transaction"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    path.chmod(0o755)
    with Repository(bare) as repo:
        repo.git.update_ref("refs/heads/debian/next", commit)
    assert not (tmp_path / "ran").exists()


def test_template_leaves_no_hook(tmp_path: Path) -> None:
    Repository.make(tmp_path / "new.git")
    assert not (tmp_path / "new.git" / "hooks").exists()
    assert Commands(tmp_path / "new.git").symbolic_ref("HEAD") == "refs/heads/main"


@pytest.mark.parametrize("address", ["ext::touch ran", "https://localhost/x", "ssh://localhost/x", "{bare}", "file://{bare}"])
def test_no_protocol_is_open(bare: Path, tmp_path: Path, address: str) -> None:
    Repository.make(tmp_path / "new.git")
    with pytest.raises(GitFailed, match="not allowed"):
        Commands(tmp_path / "new.git").fetch("--", address.format(bare=bare), "main")


def test_path_like_an_option_is_a_path(bare: Path, commit: str) -> None:
    assert browse.read_file(bare, commit, "--output=x") == b"text\n"
    assert history.blame(bare, commit, "--output=x")[0].commit == commit
    assert not list(bare.rglob("x"))


def test_pathspec_magic_is_a_name(bare: Path, commit: str) -> None:
    assert history.touching(bare, commit, ":(top)*") == []


@pytest.mark.parametrize("commit", ["--output=x", "main", "HEAD", "-h"])
def test_only_full_ids_become_arguments(bare: Path, commit: str) -> None:
    with pytest.raises(diff.DiffError, match="full commit id"):
        diff.diff(bare, commit, commit)
    with pytest.raises(history.HistoryError, match="full commit id"):
        history.blame(bare, commit, "debian/rules")
    with objects_of(bare) as reader, pytest.raises(ObjectError, match="full object id"):
        reader.info(commit)


def test_git_has_limits(bare: Path) -> None:
    for commands, seconds in ((Commands(bare), GIT_CPU_SECONDS), (Commands(bare, cpu_seconds=3), 3)):
        started = commands.cat_file("--batch", istream=PIPE, as_process=True)
        assert resource.prlimit(started.pid, resource.RLIMIT_CPU) == (seconds, seconds)


def test_git_that_comes_to_no_end_is_killed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "GIT_WALL_SECONDS", 0.2)
    reading, writing = os.pipe()
    try:
        with pytest.raises(GitFailed, match=r"bare: git cat-file took more than 0\.2 s"):
            Commands(bare).cat_file("--batch", istream=reading)
    finally:
        os.close(reading)
        os.close(writing)


def test_failure_tells_repository_command_and_words(bare: Path) -> None:
    with (
        pytest.raises(GitFailed, match=r"^bare: git rev-parse failed: fatal: Needed a single revision$") as caught,
        Repository(bare) as repo,
    ):
        repo.git(c="core.abbrev=40").rev_parse("--verify", "unknown")
    assert caught.value.status == 128


@pytest.mark.parametrize("damage", ["HEAD", "config", "whole"])
def test_damaged_repository_is_an_os_error(bare: Path, damage: str) -> None:
    if damage == "config":
        (bare / "config").write_bytes(b"\xff\xfe no section\n")
    else:
        (bare / "HEAD").unlink()
    if damage == "whole":
        bare.rename(bare.with_name("away.git"))
    with pytest.raises(OSError, match="bare: "), Repository(bare) as repo:
        repo.git.for_each_ref()


def test_no_process_is_left(bare: Path, commit: str) -> None:
    before = _children()
    browse.look(bare, commit, "")
    browse.files(bare, commit)
    history.blame(bare, commit, "debian/rules")
    diff.diff(bare, commit, commit)
    with pytest.raises(ObjectError):
        browse.look(bare, "f" * 40, "")
    with Repository(bare) as repo:
        repo.git.for_each_ref()
    assert _children() == before


def _children() -> set[str]:
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
