"""What a hostile case is: how it is made, and what must become of it at each entrance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.sandbox.levels import Level
from recipes_app.lint.sandbox.sandbox import chosen_level
from tests.factories import recipe_tree

from .packs import EXECUTABLE, FILE, Entry, Pack

# A name that no honest file has: where one is found outside the sandbox, something got out.
CANARY = "hostile-canary"
NAME = "hello-dur"
TAKEN = ""


@dataclass(frozen=True)
class Material:
    """A hostile recipe: as git carries it, where it can be pushed, and as the runner's code takes it, where it fits there.

    `files` are those of the manifest, by name: upstream's tarballs, as the fetcher would have brought them.
    """

    pack: Pack | None = None
    commit: str = ""
    tree: Mapping[str, bytes] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Says:
    """A report of this state whose error, or one of whose hints, holds these words; or those of the level confined, if others."""

    state: Outcome
    words: str = ""
    confined: str = ""

    def fits(self, report: LintReport) -> bool:
        """Whether `report` says it."""
        return report.state is self.state and any(self._words() in line for line in lines_of(report))

    def _words(self) -> str:
        return self.confined if self.confined and chosen_level() is Level.CONFINED else self.words


@dataclass(frozen=True)
class Case:
    """One row of the table.

    `push` is the line that the user's git shows, TAKEN where there is none, None for what no push carries. `runner` is what
    the stage source-lint says at last, `checks` what the recipe checks say. `direct` is what the source lint says to a tree that
    git would not even have brought. None: it is not asked.
    """

    name: str
    what: str
    make: Callable[[], Material]
    push: str | None = TAKEN
    runner: Says | None = None
    direct: Says | None = None
    checks: Says | None = None
    slow: bool = False


def lines_of(report: LintReport) -> list[str]:
    """Return what a maintainer reads: the error, and each hint in a line, what does not count last."""
    hints = [f"{hint.tag} {hint.context} [{hint.path}{f':{hint.line}' if hint.line else ''}]" for hint in report.hints]
    return [report.error, *hints]


def entries_of(tree: Mapping[str, bytes]) -> dict[bytes, Entry]:
    """Return a tree's files as entries of git's."""
    return {path.encode(): Entry(EXECUTABLE if path == "debian/rules" else FILE, content) for path, content in tree.items()}


def of_tree(**files: bytes | str | None) -> Material:
    """Return a recipe that a push can carry: a valid one, changed by `files`."""
    tree = recipe_tree(NAME, "1.0-1", **files)
    pack = Pack()
    return Material(pack, pack.commit(pack.tree(entries_of(tree))), tree)


def of_entries(entries: Mapping[bytes, Entry], without: bytes = b"", tree: Mapping[str, bytes] | None = None) -> Material:
    """Return a valid recipe with `entries` beside or instead of its files; `tree` is what the runner's code is given of it."""
    files = entries_of(recipe_tree(NAME))
    files = {path: entry for path, entry in files.items() if not without or not path.startswith(without)}
    pack = Pack()
    return Material(pack, pack.commit(pack.tree({**files, **entries})), tree)
