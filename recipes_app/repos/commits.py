"""Making a commit from bytes in memory, as a pack that enters like any push. git's plumbing writes it; nothing is checked out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .drafts import Draft
from .gitconfig import committer
from .objects import MODE_EXECUTABLE, MODE_FILE
from .pktline import FLUSH, packet
from .push_rules import MAIN
from .reflog import NO_COMMIT
from .repository import Repository


class NothingChanged(Exception):
    """The commit would have the very files of the one before it."""


@dataclass(frozen=True)
class PushRequest:
    """A push of one new commit to `main`, as git's client would send it after the advertisement (gitprotocol-pack)."""

    commit: str
    parent: str
    pack: bytes

    def __iter__(self) -> Iterator[bytes]:
        """Yield the command and the pack."""
        command = f"{self.parent or NO_COMMIT} {self.commit} {MAIN}\0report-status side-band-64k object-format=sha1"
        yield packet(command.encode("ascii")) + FLUSH
        yield self.pack

    def drain(self) -> None:
        """Do nothing: all of it is in memory, and nobody else waits to send more."""


def draft_push(workshop: Path, repository: Path | None, parent: str, username: str, draft: Draft) -> PushRequest:
    """Commit `draft` upon `parent` of `repository` in the empty private repository `workshop`; return the push of it.

    `parent` is empty, and `repository` None, for a first commit. Author and committer are the account, by the identity that
    the reflog uses: no address of a person gets into a repository. Raises NothingChanged, and OSError where git fails.
    """
    borrowed = {} if repository is None else {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repository / "objects")}
    with Repository(workshop) as repo, repo.git.custom_environment(**committer(username), **borrowed):
        repo.git.fast_import("--quiet", "--date-format=raw", istream=b"".join(_stream(parent, username, draft)))
        names = [MAIN, f"{MAIN}^{{tree}}", *([f"{parent}^{{tree}}"] if parent else [])]
        commit, *trees = repo.git.rev_parse(*names).split()
        if len(trees) > 1 and trees[0] == trees[1]:
            raise NothingChanged(f"nothing changed: the files are those of {parent[:12]}")
        wanted = f"{commit}\n" + (f"^{parent}\n" if parent else "")
        pack = repo.git.pack_objects(
            "--revs", "--stdout", "--quiet",
            istream=wanted.encode("ascii"), stdout_as_string=False, strip_newline_in_stdout=False,
        )  # fmt: skip
    return PushRequest(commit, parent, pack)


def _stream(parent: str, username: str, draft: Draft) -> Iterator[bytes]:
    """Yield what git-fast-import(1) reads: the content is counted and needs no escaping, only the paths are quoted."""
    identity = committer(username)
    signature = f"{identity['GIT_COMMITTER_NAME']} <{identity['GIT_COMMITTER_EMAIL']}> {int(time.time())} +0000"
    yield f"commit {MAIN}\nauthor {signature}\ncommitter {signature}\n".encode()
    yield _data(draft.message.encode("utf-8", "replace"))
    if parent:
        yield f"from {parent}\n".encode("ascii")
    for path in draft.removed:
        yield b"D %s\n" % _quoted(path)
    for path, file in draft.files.items():
        mode = MODE_EXECUTABLE if file.is_executable else MODE_FILE
        yield b"M %06o inline %s\n" % (mode, _quoted(path))
        yield _data(file.content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    """Return the path as a C string: quotation marks, backslashes and line feeds escaped."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"%s"' % escaped.encode("utf-8", "surrogateescape")
