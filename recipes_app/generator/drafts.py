"""The files of a recipe, written as a maintainer would: what the parser reads afterwards is what the catalogue gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import TypeVar

from ..formats.vocabulary import AcceptanceKind
from . import words
from .archive import BinaryShape, SourceShape
from .plan import Plan
from .tables import CATEGORIES, LICENCES, PROVENANCES, SUITES

_RULES = b"#!/usr/bin/make -f\n%:\n\tdh $@\n"
# Recipes that stand on others of the catalogue: a library in its first hundreds, as often as its place is low.
_RELATED_SHARE = 0.25
_LIBRARIES = 2_000
_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Entry:
    """One pushed version: its place in the changelog."""

    version: str
    pushed_at: datetime
    changes: str


@dataclass(frozen=True)
class Draft:
    """A recipe on paper: the files that all its revisions share, and its versions, the oldest first."""

    name: str
    person: str
    email: str
    suite: str
    entries: tuple[Entry, ...]
    files: Mapping[str, bytes] = field(repr=False)

    def changelog(self, number: int) -> bytes:
        """Return debian/changelog as it stood at the revision `number`: newest entry first."""
        written = [
            f"{self.name} ({entry.version}) {self.suite}; urgency=medium\n\n  * {entry.changes}\n\n"
            f" -- {self.person} <{self.email}>  {format_datetime(entry.pushed_at)}\n"
            for entry in reversed(self.entries[: number + 1])
        ]
        return "\n".join(written).encode()

    def tree(self, number: int) -> dict[str, bytes]:
        """Return all files of the revision `number`, counted from the oldest."""
        return {**self.files, "debian/changelog": self.changelog(number)}


def draft_recipe(plan: Plan, place: int, random: Random) -> Draft:
    """Return the recipe at `place` of `plan`: a source package of the archive under another name and with other words."""
    shape = random.choice(plan.archive.sources)
    name, person = plan.names[place], plan.people[plan.maintainers[place]]
    email = f"{plan.usernames[plan.maintainers[place]]}@generated.invalid"
    suites = _weighted(SUITES, random)
    licence = _weighted(LICENCES, random)
    files = {
        "debian/control": _control(plan, place, shape, f"{person} <{email}>", random),
        "debian/copyright": _copyright(name, person, licence),
        "debian/rules": _RULES,
        "debian/source/format": b"3.0 (quilt)\n",
    }
    category = _weighted(CATEGORIES, random)
    if category != "source" or random.random() < 0.6:
        files["debian/dur"] = _manifest(plan, name, category, suites, licence, random)
    if random.random() < 0.3:
        files["README.md"] = f"# {name}\n\n{words.sentence(plan.archive, random, 30)}.\n".encode()
    return Draft(name, person, email, suites[0], _entries(plan, place, shape, random), files)


def _weighted(table: Mapping[_Key, float], random: Random) -> _Key:
    return random.choices(list(table), list(table.values()))[0]


def _entries(plan: Plan, place: int, shape: SourceShape, random: Random) -> tuple[Entry, ...]:
    """Return the versions: the first within the last five years, the others behind it, each a Debian revision further."""
    wish = plan.wish
    number = plan.revisions[place]
    oldest = wish.until - timedelta(minutes=random.randint(number + 1, 5 * 365 * 24 * 60))
    span = (wish.until - oldest).total_seconds()
    moments = sorted({int(random.random() * span) for _ in range(number - 1)} - {0})
    while len(moments) < number - 1:
        moments.append((moments[-1] if moments else 0) + 1)
    return tuple(
        Entry(
            f"{shape.upstream_version[:40]}-{revision}",
            oldest + timedelta(seconds=seconds),
            words.sentence(plan.archive, random, random.randint(3, 12)) + ".",
        )
        for revision, seconds in enumerate([0, *moments], start=1)
    )


def _control(plan: Plan, place: int, shape: SourceShape, maintainer: str, random: Random) -> bytes:
    name = plan.names[place]
    needs = random.choices(plan.archive.build_depends, k=min(12, int(random.expovariate(0.35))))
    lines = [
        f"Source: {name}", f"Section: {shape.section}", "Priority: optional", f"Maintainer: {maintainer}",
        f"Build-Depends: {', '.join(['debhelper-compat (= 13)', *dict.fromkeys(needs)])}",
        f"Standards-Version: {random.choice(('4.6.2', '4.6.2', '4.6.1', '4.5.1', '4.7.0'))}",
        f"Vcs-Git: https://git.generated.invalid/{name}.git", f"Vcs-Browser: https://git.generated.invalid/{name}",
        "Rules-Requires-Root: no",
    ]  # fmt: skip
    if shape.has_homepage:
        lines.append(f"Homepage: https://{name}.generated.invalid/")
    binaries = list(dict.fromkeys(shape.binaries[number].template.replace("{}", name) for number in range(len(shape.binaries))))
    for binary, each in zip(binaries, shape.binaries, strict=False):
        lines += ["", *_binary(plan, place, binary, each, binaries, random)]
    return ("\n".join(lines) + "\n").encode()


def _binary(plan: Plan, place: int, name: str, shape: BinaryShape, siblings: list[str], random: Random) -> list[str]:
    depends = ["${misc:Depends}"] if shape.architecture == "all" else ["${shlibs:Depends}", "${misc:Depends}"]
    depends += _named(shape.depends, siblings)
    if place and random.random() < _RELATED_SHARE:
        depends.append(plan.names[int(min(place, _LIBRARIES) * random.random() ** 3)])
    lines = [f"Package: {name}", f"Architecture: {shape.architecture}", f"Section: {shape.section}"]
    lines.append(f"Depends: {', '.join(dict.fromkeys(depends))}")
    for label, relations in (("Recommends", shape.recommends), ("Suggests", shape.suggests)):
        if relations:
            lines.append(f"{label}: {', '.join(_named(relations, siblings))}")
    synopsis = shape.synopsis if random.random() < 0.5 else words.sentence(plan.archive, random, random.randint(3, 9))
    lines.append(f"Description: {synopsis}")
    return lines + [f" {line}" for line in words.paragraphs(plan.archive, random)]


def _named(relations: tuple[str, ...], siblings: list[str]) -> list[str]:
    """Return relations with the siblings' new names; one that fell away for its length goes."""
    found = []
    for relation in relations:
        if not relation.startswith("{"):
            found.append(relation)
        elif int(relation[1:-1]) < len(siblings):
            found.append(f"{siblings[int(relation[1:-1])]} (= ${{binary:Version}})")
    return found


def _copyright(name: str, person: str, licence: str) -> bytes:
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        f"Upstream-Name: {name}\nSource: https://{name}.generated.invalid/\n\n"
        f"Files: *\nCopyright: 2019-2026 {person}\nLicense: {licence}\n\n"
        f"Files: debian/*\nCopyright: 2024-2026 {person}\nLicense: {licence}\n"
    ).encode()


def _manifest(plan: Plan, name: str, category: str, suites: tuple[str, ...], licence: str, random: Random) -> bytes:
    lines = ["Format: 1", f"Source: {name}", f"Category: {category}", f"Suites: {', '.join(suites)}"]
    keywords = [word.lower() for word in words.sentence(plan.archive, random, 4).replace("'", "").split() if len(word) > 3]
    if keywords:
        lines.append(f"Keywords: {', '.join(dict.fromkeys(keywords))}")
    if provenance := _weighted(PROVENANCES, random):
        lines.append(f"Provenance: {provenance}")
    if category == "variant":
        lines.append(f"Variant-Of: debian:{random.choice(plan.archive.sources).name}")
    if write := _PARAGRAPHS.get(category):
        lines += write(name, licence, random)
    return ("\n".join(lines) + "\n").encode()


def _fetch(name: str, licence: str, random: Random, acceptance: str = "none") -> list[str]:
    terms = []
    if acceptance == AcceptanceKind.EXPLICIT:
        terms = [f"License-URL: https://files.generated.invalid/{name}/EULA", f"License-SHA256: {random.getrandbits(256):064x}"]
    return [
        "", f"Fetch: {name}_{random.randint(1, 9)}.tar.xz", f"URL: https://files.generated.invalid/{name}/{name}.tar.xz",
        f"SHA256: {random.getrandbits(256):064x}", f"Size: {int(10 ** random.uniform(3.5, 9))}", "Role: orig",
        f"License: {licence}", f"Acceptance: {acceptance}", *terms,
    ]  # fmt: skip


def _repack(name: str, licence: str, random: Random) -> list[str]:
    return _fetch(name, licence, random, random.choice((AcceptanceKind.NONE, AcceptanceKind.EXPLICIT)))


def _variant(name: str, _: str, random: Random) -> list[str]:
    level = random.choice(("x86-64-v2", "x86-64-v3", "x86-64-v4"))
    return [
        "", "Variant: baseline", "Default: yes", "Portability: any",
        "", "Variant: native", f"Profiles: pkg.{name}.native", "Flags: -march=native -O3", "Portability: build-host",
        "", f"Variant: {level}", f"Profiles: pkg.{name}.{level}", f"Flags: -march={level} -O3", f"Portability: isa:{level}",
    ]  # fmt: skip


def _model(name: str, licence: str, random: Random) -> list[str]:
    complete = random.random() < 0.3
    fetched = _fetch(name, licence, random, AcceptanceKind.NONE if complete else AcceptanceKind.RISK_TOXIC_CANDY)
    return [
        *fetched,
        "", f"Model: {name}", f"Files: {fetched[1].partition(' ')[2]}", f"Weights-License: {licence}", "Format: safetensors",
        f"Training-Program: https://git.generated.invalid/{name}.git", f"Training-Program-License: {licence}",
        f"Training-Program-Completeness: {'complete' if complete else random.choice(('partial', 'none'))}",
        f"Reproducibility: {'bitwise' if complete else 'not-attempted'}",
        "", f"Dataset: {name}-corpus", f"For-Model: {name}", f"Access: {'anonymous' if complete else 'unknown'}",
        f"License: {'CC0-1.0' if complete else licence}",
    ]  # fmt: skip


# What a category has beside the header.
_PARAGRAPHS: Mapping[str, Callable[[str, str, Random], list[str]]] = {
    "repack": _repack,
    "data": _repack,
    "variant": _variant,
    "model": _model,
}
