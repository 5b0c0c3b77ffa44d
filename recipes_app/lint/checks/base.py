"""What a check is: an id that stays, words that explain it, two examples that show it, and a function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from recipes_app.formats.findings import Finding, Severity
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.limits import MAX_FINDINGS_PER_CHECK

if TYPE_CHECKING:
    from .recipe import CheckedRecipe


class Family(StrEnum):
    """What a check is about."""

    MANIFEST = "manifest"
    CONTROL = "control"
    COPYRIGHT = "copyright"
    CHANGELOG = "changelog"
    PATCHES = "patches"
    MODEL = "model"
    NETWORK = "network"
    OBFUSCATION = "obfuscation"
    SYSTEM = "system"
    HIDDEN = "hidden"
    FILES = "files"


# The numbers that ids of each family have, so that an id tells its family and a new check finds its place.
NUMBERS: Mapping[Family, range] = {
    Family.MANIFEST: range(101, 200),
    Family.CONTROL: range(201, 300),
    Family.COPYRIGHT: range(301, 400),
    Family.CHANGELOG: range(401, 500),
    Family.PATCHES: range(501, 600),
    Family.MODEL: range(601, 700),
    Family.NETWORK: range(701, 720),
    Family.OBFUSCATION: range(721, 740),
    Family.SYSTEM: range(741, 770),
    Family.HIDDEN: range(801, 900),
    Family.FILES: range(901, 1000),
}
# The families that look for harm done to a user's machine; under 2 % of Debian's own packages may get an error from them.
SECURITY_FAMILIES = frozenset({Family.NETWORK, Family.OBFUSCATION, Family.SYSTEM, Family.HIDDEN})
# The day on which the examples are looked at: their changelogs and dates do not age.
EXAMPLE_DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def gettext_noop(text: str) -> str:
    """Return `text`: the name marks the words for `./dev messages`. The site translates them; a check knows no Django."""
    return text


@dataclass(frozen=True)
class CheckContext:
    """What the tree cannot know.

    `previous_version` is the version of the revision before, empty for a first one; `archive_binaries` the names of the
    Debian archive's binary packages as they were on `archive_date`, empty where they are not known; `executables` the paths
    that git knows as executable, None where nobody knows; `now` the time that dates are compared with.
    """

    previous_version: str = ""
    archive_binaries: frozenset[str] = frozenset()
    archive_date: str = ""
    executables: frozenset[str] | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


class Place(NamedTuple):
    """Where a check found something, and the fact; `line` is None where the whole file is meant."""

    path: str
    line: int | None
    message: str


Look = Callable[["CheckedRecipe"], Iterator[Place]]
LookAtMetadata = Callable[["CheckedRecipe", RecipeMetadata], Iterator[Place]]
# Files to be laid over the base example; None takes one away.
Example = Mapping[str, str | bytes | None]


@dataclass(frozen=True)
class About:
    """The words of a check. `failing` and `mending` are files to be laid over `examples.BASE`, each looked at in its context.

    `title` says the fact in few words, `explanation` why it matters and what is looked at, `remedy` what to do.
    """

    id: str
    severity: Severity
    family: Family
    title: str
    explanation: str
    remedy: str
    failing: Example
    mending: Example
    context: CheckContext = CheckContext(now=EXAMPLE_DAY)
    mending_context: CheckContext | None = None

    @property
    def is_security(self) -> bool:
        """Whether the check looks for harm done to a user's machine."""
        return self.family in SECURITY_FAMILIES


@dataclass(frozen=True)
class Check:
    """A check: its words, and the function that looks for what they say."""

    about: About
    look: Look

    def run(self, recipe: CheckedRecipe) -> Iterator[Finding]:
        """Yield a finding for each place, up to MAX_FINDINGS_PER_CHECK: what is wrong 20 times has been understood."""
        for place in islice(dict.fromkeys(self._bounded(recipe)), MAX_FINDINGS_PER_CHECK):
            yield Finding(self.about.severity, place.path, place.line, self.about.id, place.message, self.about.remedy)

    def _bounded(self, recipe: CheckedRecipe) -> Iterator[Place]:
        """Yield the places, but not without end: the same one may be told twice, and a hostile file tells it a million times."""
        return islice(self.look(recipe), 10 * MAX_FINDINGS_PER_CHECK)


def check(about: About) -> Callable[[Look], Check]:
    """Return a decorator that makes a function that looks the check that `about` describes."""
    return lambda look: Check(about, look)


def check_metadata(about: About) -> Callable[[LookAtMetadata], Check]:
    """Return a decorator as `check` does, for a function that needs the parsed recipe: where there is none, it finds nothing.

    A recipe without metadata is refused at the push, with the parser's own words.
    """

    def decorate(look: LookAtMetadata) -> Check:
        return Check(about, lambda recipe: iter(()) if recipe.metadata is None else look(recipe, recipe.metadata))

    return decorate
