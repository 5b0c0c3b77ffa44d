"""Names of packages and people, and sentences: put together from the archive's parts, so that they look like it and are new."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from random import Random

from .archive import Archive

_COLUMNS = 78
_ENDINGS = ("git", "bin", "ng", "extra", "native", "nightly", "tools", "plugins", "cuda", "data")
_LONGEST_NAME = 60


def recipe_names(archive: Archive, number: int, random: Random) -> list[str]:
    """Return `number` different names: names of the archive's sources with one part exchanged, longer where one is taken."""
    # A dictionary keeps the order: the same seed makes the same names in the same order.
    found: dict[str, None] = {source.name: None for source in archive.sources}
    taken = len(found)
    while len(found) < taken + number:
        parts = random.choice(archive.sources).name.split("-")
        place = random.randrange(len(parts))
        parts[place] = random.choice(archive.name_parts[min(place, len(archive.name_parts) - 1)])
        if len(parts) == 1 or "-".join(parts) in found:
            parts.append(random.choice(archive.name_parts[1]) if random.random() < 0.8 else random.choice(_ENDINGS))
        name = "-".join(parts)
        if len(name) <= _LONGEST_NAME and name[0].isalnum():
            found[name] = None
    return list(found)[taken:]


def people(archive: Archive, number: int, random: Random) -> list[str]:
    """Return `number` names of people; two may have the same, as in life."""
    return [f"{random.choice(archive.given_names)} {random.choice(archive.family_names)}" for _ in range(number)]


def username(person: str, number: int) -> str:
    """Return the username of the `number`th account."""
    letters = "".join(letter for letter in person.lower() if letter.isascii() and letter.isalpha())
    return f"{letters[:24] or 'account'}{number}"


def sentence(archive: Archive, random: Random, length: int) -> str:
    """Return about `length` words that follow each other as in the archive's synopses."""
    word = _any(archive.first_words, random)
    words = [word]
    for _ in range(length - 1):
        word = _any(archive.followers.get(word) or archive.first_words, random)
        words.append(word)
    return " ".join(words)


def _any(choices: Sequence[str], random: Random) -> str:
    """Return one of `choices`: `Random.choice` for a million calls, in a third of its time."""
    return choices[int(random.random() * len(choices))]


def paragraphs(archive: Archive, random: Random) -> list[str]:
    """Return a long description as debian/control has it: lines of paragraphs, a full stop between two of them."""
    lines: list[str] = []
    for place in range(random.choice((1, 1, 2, 2, 3))):
        if place:
            lines.append(".")
        text = ". ".join(sentence(archive, random, random.randint(6, 14)) for _ in range(random.randint(2, 4)))
        lines += textwrap.wrap(text + ".", _COLUMNS)
    return lines


def comment(archive: Archive, random: Random) -> str:
    """Return what somebody says of a recipe, in Markdown."""
    text = ". ".join(sentence(archive, random, random.randint(5, 16)) for _ in range(random.randint(1, 4))) + "."
    if random.random() < 0.15:
        text += f"\n\n    dpkg-buildpackage -us -uc\n    {sentence(archive, random, 5)}"
    return text
