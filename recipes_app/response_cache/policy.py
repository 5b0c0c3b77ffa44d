"""Which answers may be kept for visitors, and what makes them old. One line an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Scope(Enum):
    """What an answer is made of."""

    # The recipe in the address and nothing else that changes.
    RECIPE = auto()
    # Any recipe of the catalogue.
    CATALOGUE = auto()
    # The recipe in the address, which has to be shown as it is now, and others around it.
    RECIPE_AMONG_OTHERS = auto()


@dataclass(frozen=True)
class Keeping:
    """How an answer may be kept: until something in its scope changes, and at most so many seconds."""

    scope: Scope
    seconds: float


# A page may say "two minutes ago", and some of its numbers come from a cache: what moves with time alone is a minute old at most.
_MINUTE = 60.0
# The API gives times as they are. A popularity alone moves, by 2 % a day, and no ETag tells of it before midnight.
_TEN_MINUTES = 600.0
# Where somebody writes all the time, an answer about the whole catalogue is made again for so small a share of one worker's time:
# it stands for ten times what it took to make, and never longer than docs/operators.md promises.
MOST_SHARE = 0.1
MOST_STANDING_SECONDS = 1.5
KEPT: Mapping[str, Keeping] = {
    "api:recipe": Keeping(Scope.RECIPE, _TEN_MINUTES),
    "api:recipes": Keeping(Scope.CATALOGUE, _TEN_MINUTES),
    "api:suggest": Keeping(Scope.CATALOGUE, _MINUTE),
    "api:opensearch_suggestions": Keeping(Scope.CATALOGUE, _MINUTE),
    "feed_new": Keeping(Scope.CATALOGUE, _MINUTE),
    "feed_updated": Keeping(Scope.CATALOGUE, _MINUTE),
    "feed_search": Keeping(Scope.CATALOGUE, _MINUTE),
    "feed_recipe": Keeping(Scope.CATALOGUE, _MINUTE),
    "home": Keeping(Scope.CATALOGUE, _MINUTE),
    "suggestions": Keeping(Scope.CATALOGUE, _MINUTE),
    "recipe_list": Keeping(Scope.CATALOGUE, _MINUTE),
    # It shows who requires its packages, and which recipes build what it requires.
    "recipe": Keeping(Scope.RECIPE_AMONG_OTHERS, _MINUTE),
}
