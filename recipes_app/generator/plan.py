"""What is decided for the whole catalogue before the first recipe is written: names, people, who votes how much for what.

Everything follows from the seed and the archive. Each recipe then draws from a source of its own, so that any process can write
any part of the catalogue, in any order, and the rows are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from random import Random

from . import words
from .archive import Archive

# Recipes have few revisions and some have many, as in user repositories: the number of each, and its weight.
_REVISIONS = {1: 62, 2: 20, 3: 9, 4: 5, 5: 2, 8: 1.5, 12: 0.5}
# Popularity falls as a power of the rank; the flat head keeps the first from having everybody's vote.
_VOTE_EXPONENT = 0.85
_VOTE_HEAD = 40
# Most accounts keep no recipe; a few keep hundreds.
_MAINTAINING_SHARE = 0.3
# No recipe has the vote of more than a third of all accounts.
_MOST_VOTERS = 3


@dataclass(frozen=True)
class Wish:
    """What was asked for. `until` is the moment of the catalogue's newest event."""

    recipes: int
    users: int
    votes: int
    comments: int
    seed: int
    until: datetime
    repositories: int = 0


@dataclass(frozen=True)
class Plan:
    """The decisions, by the place of the recipe. Ids are places plus one; revisions are numbered through."""

    wish: Wish
    archive: Archive
    names: Sequence[str]
    people: Sequence[str]
    usernames: Sequence[str]
    maintainers: Sequence[int]
    revisions: Sequence[int]
    first_revisions: Sequence[int]
    votes: Sequence[int]
    comments: Sequence[int]
    first_comments: Sequence[int]
    sampled: frozenset[int]

    def random(self, place: int) -> Random:
        """Return the source of chance of the recipe at `place`: the same whoever asks, and when."""
        return Random(f"{self.wish.seed}:{place}")


def make_plan(wish: Wish, archive: Archive) -> Plan:
    """Return the plan for `wish`. Equal wishes and archives make equal plans."""
    random = Random(wish.seed)
    people = words.people(archive, wish.users, random)
    revisions = random.choices(list(_REVISIONS), list(_REVISIONS.values()), k=wish.recipes)
    popularity = _popularity(wish.recipes, random)
    comments = _shares(wish.comments, popularity, most=wish.comments)
    return Plan(
        wish=wish,
        archive=archive,
        names=words.recipe_names(archive, wish.recipes, random),
        people=people,
        usernames=[words.username(person, number) for number, person in enumerate(people, start=1)],
        maintainers=_maintainers(wish, random),
        revisions=revisions,
        first_revisions=_numbered(revisions),
        votes=_shares(wish.votes, popularity, most=wish.users // _MOST_VOTERS),
        comments=comments,
        first_comments=_numbered(comments),
        sampled=frozenset(random.sample(range(wish.recipes), wish.repositories)),
    )


def _numbered(numbers: Sequence[int]) -> list[int]:
    """Return the first id of each recipe's rows, of which it has so many, where all are numbered through from 1."""
    return list(accumulate(numbers, initial=1))[:-1]


def _popularity(number: int, random: Random) -> list[float]:
    """Return a weight for each recipe: a power of its rank, the ranks in random order."""
    ranks = list(range(number))
    random.shuffle(ranks)
    return [(rank + _VOTE_HEAD) ** -_VOTE_EXPONENT for rank in ranks]


def _maintainers(wish: Wish, random: Random) -> list[int]:
    """Return the place of each recipe's first maintainer; the square of chance makes a few keep many."""
    keepers = max(1, int(wish.users * _MAINTAINING_SHARE))
    order = random.sample(range(wish.users), keepers)
    return [order[int(keepers * random.random() ** 2)] for _ in range(wish.recipes)]


def _shares(total: int, weights: Sequence[float], most: int) -> list[int]:
    """Return whole numbers in proportion to `weights`, none above `most`, that add up to `total` where that is possible."""
    if not weights:
        return []
    whole = sum(weights)
    shares = [min(most, int(total * weight / whole)) for weight in weights]
    missing = total - sum(shares)
    while missing > 0:
        growing = [place for place, share in enumerate(shares) if share < most][:missing]
        if not growing:
            break
        for place in growing:
            shares[place] += 1
        missing -= len(growing)
    return shares
