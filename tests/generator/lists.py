"""A list of binary packages in the form of apt's, made up: the same on each machine, with the shapes that an archive has."""

from __future__ import annotations

from collections.abc import Iterator

_FIRST = ("bright", "clear", "deep", "early", "fast", "gentle", "high", "inner", "joint", "keen", "large", "mild", "near", "open")
_SECOND = ("atlas", "bridge", "clock", "draft", "engine", "forge", "garden", "harbor", "index", "journal", "kernel", "lattice")
_VERBS = ("reads", "draws", "sorts", "checks", "plays", "sends", "counts")
_THINGS = ("maps", "letters", "tables", "images", "sounds", "proofs", "graphs", "recipes", "models")
_SECTIONS = ("utils", "science", "libs", "python", "graphics", "sound", "games", "net")
_PEOPLE = ("Ada Lovelace", "Grace Hopper", "Emmy Noether", "Alan Turing", "Mary Somerville", "Karl Gauss")


def made_up_list() -> str:
    """Return paragraphs of some 500 binary packages of 168 sources that need each other."""
    return "\n".join(paragraph for number in range(len(_FIRST) * len(_SECOND)) for paragraph in _source(number))


def _name(number: int) -> str:
    return f"{_FIRST[number % len(_FIRST)]}-{_SECOND[number // len(_FIRST) % len(_SECOND)]}"


def _source(number: int) -> Iterator[str]:
    name = _name(number)
    # Few are needed by many, as in any archive.
    popular = _name(number * number % 29)
    yield _paragraph(number, name, "any", f"lib{name}1, libc6 (>= 2.36), {popular}-data")
    yield _paragraph(number, f"{name}-data", "all", "", recommends=name)
    if number % 3 == 0:
        yield _paragraph(number, f"lib{name}1", "any", "libc6 (>= 2.36)")
        yield _paragraph(number, f"lib{name}-dev", "any", f"lib{name}1, lib{popular}-dev")
    if number % 5 == 0:
        yield _paragraph(number, f"python3-{name}", "all", f"python3:any, {name}-data", suggests=f"{popular}-data")


def _paragraph(number: int, package: str, architecture: str, depends: str, recommends: str = "", suggests: str = "") -> str:
    verb, thing = _VERBS[number % len(_VERBS)], _THINGS[number % len(_THINGS)]
    fields = {
        "Package": package,
        "Source": _name(number),
        "Version": f"{number % 7}.{number % 11}.{number % 3}-{1 + number % 4}",
        "Architecture": "all" if architecture == "all" else "amd64",
        "Section": _SECTIONS[number % len(_SECTIONS)],
        "Maintainer": f"{_PEOPLE[number % len(_PEOPLE)]} <someone@example.org>",
        "Depends": depends,
        "Recommends": recommends,
        "Suggests": suggests,
        "Homepage": f"https://example.org/{_name(number)}" if number % 4 else "",
        "Description": f"{_FIRST[number % 13]} program that {verb} {thing} and {_THINGS[number % 8]}",
    }
    return "".join(f"{key}: {value}\n" for key, value in fields.items() if value)
