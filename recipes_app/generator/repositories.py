"""Real git repositories for a sample of the recipes: commits and reflog as pushes leave them, so `reconcile` finds no news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..repos.gitconfig import committer
from ..repos.repository import Repository
from ..repos.store import store
from .drafts import Draft, Entry

# Where the commits are imported; the branch then moves from one to the next, a line of the reflog each.
_IMPORTED = "refs/import/main"
_EXECUTABLE = "debian/rules"


def write_repository(draft: Draft, username: str) -> list[str]:
    """Make the repository of `draft` in the store, pushed by `username`; return its commits, the oldest first.

    Raises NameTaken where there is one, OSError where git fails.
    """
    incoming = store().new_incoming()
    with Repository(incoming) as repo:
        commits: list[str] = repo.git.fast_import("--quiet", istream=_stream(draft)).split()
        for commit, entry in zip(commits, draft.entries, strict=True):
            pushed_at = f"{int(entry.pushed_at.timestamp())} +0000"
            with repo.git.custom_environment(**committer(username), GIT_COMMITTER_DATE=pushed_at):
                repo.git.update_ref("-m", "push", "refs/heads/main", commit)
        repo.git.update_ref("-d", _IMPORTED)
    with store().lock(draft.name):
        store().adopt(incoming, draft.name)
    return commits


def discard_repositories(names: Iterable[str]) -> None:
    """Remove what `write_repository` made for these names."""
    for name in names:
        if store().exists(name):
            store().discard(store().intake(name))
            store().discard(store().public(name))


def _stream(draft: Draft) -> bytes:
    """Return the commits of `draft` as git fast-import reads them (git-fast-import(1)); it prints the id of each."""
    parts = []
    for number, entry in enumerate(draft.entries):
        parts.append(_commit(draft, number + 1, entry, draft.tree(number)))
    return b"".join(parts)


def _commit(draft: Draft, mark: int, entry: Entry, tree: Mapping[str, bytes]) -> bytes:
    when = f"{draft.person} <{draft.email}> {int(entry.pushed_at.timestamp())} +0000"
    lines = [f"commit {_IMPORTED}\nmark :{mark}\ncommitter {when}\n".encode(), _data(entry.changes.encode())]
    if mark > 1:
        lines.append(f"from :{mark - 1}\n".encode())
    for path, content in sorted(tree.items()):
        mode = "100755" if path == _EXECUTABLE else "100644"
        lines += [f"M {mode} inline {path}\n".encode(), _data(content)]
    return b"".join(lines) + f"\nget-mark :{mark}\n".encode()


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"
