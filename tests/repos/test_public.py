"""The public repository by itself: what it shows, what it forgets, what it costs, and how it is packed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from recipes_app.repos.reflog import forget_commit, log_path, read_reflogs
from recipes_app.repos.store import RepositoryStore
from tests.factories import commit_tree, recipe_tree

NAME = "hello-dur"


@pytest.fixture
def store(tmp_path: Path) -> RepositoryStore:
    return RepositoryStore(tmp_path / "repos")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def git(repository: Path, *words: str) -> str:
    done = subprocess.run(["git", "--git-dir", str(repository), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else f"failed: {done.stderr}"


def push(store: RepositoryStore, work: Path, version: str, branch: str = "main", **files: str) -> str:
    """Commit one version and let the intake have it; return the commit."""
    commit = commit_tree(recipe_tree(NAME, version, **files), work)
    if not store.exists(NAME):
        store.adopt(store.new_incoming(), NAME)
        git(store.intake(NAME), "config", "core.logAllRefUpdates", "always")
    subprocess.run(["git", "push", "-q", "-f", str(store.intake(NAME)), f"HEAD:refs/heads/{branch}"], cwd=work, check=True)
    return commit


def has(repository: Path, commit: str) -> bool:
    return git(repository, "cat-file", "-t", commit) == "commit"


def size(repository: Path) -> int:
    return sum(path.stat().st_size for path in repository.rglob("*") if path.is_file())


def test_it_has_what_is_shown_and_no_more(store: RepositoryStore, work: Path) -> None:
    first, second = push(store, work, "1.0-1"), push(store, work, "1.1-1")
    assert store.show(NAME, {"main": first})
    assert store.shown(NAME) == {"main": first}
    assert (has(store.public(NAME), first), has(store.public(NAME), second)) == (True, False)
    assert not store.show(NAME, {"main": first})
    assert store.show(NAME, {"main": second})
    assert has(store.public(NAME), second)
    # A published object is stored once: the intake borrows it.
    assert not list(store.intake(NAME).glob("objects/??/*"))
    assert has(store.intake(NAME), second)


def test_what_goes_back_is_gone_from_one_and_safe_in_the_other(store: RepositoryStore, work: Path) -> None:
    first, second = push(store, work, "1.0-1"), push(store, work, "1.1-1")
    backport = push(store, work, "1.1-1~bpo12+1", branch="debian/bookworm-backports")
    store.show(NAME, {"main": second, "debian/bookworm-backports": backport})
    store.pack(NAME)
    assert store.show(NAME, {"main": first})
    assert store.shown(NAME) == {"main": first}
    for commit in (second, backport):
        assert (has(store.public(NAME), commit), has(store.intake(NAME), commit)) == (False, True)
    assert store.show(NAME, {})
    assert git(store.public(NAME), "cat-file", "--batch-check", "--batch-all-objects") == ""
    assert all(has(store.intake(NAME), each) for each in (first, second, backport))
    assert store.show(NAME, {"main": second})
    for repository in (store.intake(NAME), store.public(NAME)):
        assert "failed" not in git(repository, "fsck", "--full", "--strict")


def test_branch_whose_commit_another_branch_has_needs_no_withdrawal(store: RepositoryStore, work: Path) -> None:
    first, second = push(store, work, "1.0-1"), push(store, work, "1.1-1")
    push(store, work, "1.1-1", branch="debian/bookworm")
    store.show(NAME, {"main": second, "debian/bookworm": first})
    store.show(NAME, {"main": second})
    assert (store.shown(NAME), has(store.public(NAME), first)) == ({"main": second}, True)


def test_packed_intake_adds_less_than_a_twentieth(store: RepositoryStore, work: Path) -> None:
    for number in range(12):
        commit = push(store, work, f"1.{number}-1", **{f"debian/notes-{number}": f"{number}\n" * 4_000})
        store.show(NAME, {"main": commit})
    lots = {f"debian/patches/{number}.patch": f"{number} {'x' * number}\n" * 50 for number in range(150)}
    commit = push(store, work, "2.0-1", **lots)
    store.show(NAME, {"main": commit})
    assert store.pack(NAME)
    # The intake had its reflog before there were two: what counts is what is stored twice.
    intake, public = size(store.intake(NAME) / "objects"), size(store.public(NAME))
    assert intake < public / 20, f"intake {intake} bytes, public {public} bytes"
    assert not store.pack(NAME)
    assert len(git(store.intake(NAME), "rev-list", "--objects", "main").splitlines()) > 100


def test_objects_that_no_branch_reaches_are_not_copied(store: RepositoryStore, work: Path) -> None:
    """A pusher may send more objects than the branch needs; who knows their id must not get them."""
    first = push(store, work, "1.0-1")
    stowaway = subprocess.run(
        ["git", "--git-dir", str(store.intake(NAME)), "hash-object", "-w", "--stdin"],
        input=b"hidden", capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    store.show(NAME, {"main": first})
    store.pack(NAME)
    assert git(store.public(NAME), "cat-file", "-t", stowaway).startswith("failed")


class TestOldStores:
    def test_repositories_move_and_nothing_is_lost(self, store: RepositoryStore, work: Path) -> None:
        first = push(store, work, "1.0-1")
        old = store.root / store.intake(NAME).relative_to(store.root / "intake")
        old.parent.mkdir(parents=True)
        store.intake(NAME).rename(old)
        assert store.names() == []
        assert store.move_old_layout() == [NAME]
        assert (store.branches(NAME), store.names()) == ({"main": first}, [NAME])
        assert not list(store.root.glob("[0-9a-f][0-9a-f]"))
        assert store.move_old_layout() == []


class TestReflog:
    def test_order_of_the_log_decides_and_not_the_clock(self, store: RepositoryStore, work: Path, monkeypatch) -> None:
        commits = []
        for version, when in (("1.0-1", 5_000), ("1.1-1", 9_000), ("1.2-1", 6_000), ("1.3-1", 7_000)):
            monkeypatch.setenv("GIT_COMMITTER_DATE", f"{1_700_000_000 + when} +0000")
            commits.append(push(store, work, version))
        log = log_path(store.intake(NAME), "main")
        written = []
        for line in log.read_text().splitlines():
            old, new, rest = line.split(" ", 2)
            seconds = rest.split("> ")[1].split()[0]
            written.append(f"{old} {new} ada <ada@users.invalid> {seconds} +0000\tpush\n")
        log.write_text("".join(written))
        records = read_reflogs(store.intake(NAME), store.branches(NAME))
        assert [record.new for record in records] == commits
        assert sorted(record.pushed_at for record in records) == [record.pushed_at for record in records]

    def test_forgotten_commit_leaves_a_log_that_goes_on(self, tmp_path: Path) -> None:
        a, b, c, zero = "a" * 40, "b" * 40, "c" * 40, "0" * 40
        path = log_path(tmp_path, "main")
        path.parent.mkdir(parents=True)
        who = "ada <ada@users.invalid> 1700000000 +0000"
        path.write_text(
            f"{zero} {a} {who}\tpush\n{a} {b} {who}\tpush\n{b} {a} {who}\trewind\n{a} {b} {who}\tpush\n{b} {c} {who}\tpush\n"
        )
        forget_commit(tmp_path, ["main"], b)
        assert path.read_text() == f"{zero} {a} {who}\tpush\n{a} {c} {who}\tpush\n"
        assert [record.new for record in read_reflogs(tmp_path, {"main": c})] == [a, c]
