"""Which known word a misspelt one was meant as. Pure."""

from __future__ import annotations

from collections.abc import Iterable

# Letters that may be wrong: in a short word one, where two would turn it into any other.
_SHORT = 5


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the word of `known` that is `word` with one slip (two in a longer word), None where there is none.

    A slip is a letter too many, too few, another one, or two neighbours exchanged. Of equally near words the one with the same
    first letter wins, then the one of the nearer length, then the first of the alphabet. A known word is its own nearest.
    """
    allowed = 1 if len(word) <= _SHORT else 2
    ranked = sorted(
        (distance, candidate[:1] != word[:1], abs(len(candidate) - len(word)), candidate)
        for candidate in known
        if (distance := slips(word, candidate, allowed)) <= allowed
    )
    return ranked[0][3] if ranked else None


def slips(left: str, right: str, most: int) -> int:
    """Return how many slips lie between two words (restricted Damerau-Levenshtein distance); `most` + 1 stands for more."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before_last: list[int] = []
    last = list(range(len(right) + 1))
    for row, letter in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before_last, last = last, current
    return min(last[-1], most + 1)
