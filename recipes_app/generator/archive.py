"""What the Debian archive looks like, from the lists that apt keeps on this machine: shapes of packages, names, words."""

from __future__ import annotations

import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

APT_LISTS = Path("/var/lib/apt/lists")
# Fewer packages than any archive has: what is made of them would be all alike.
MIN_PACKAGES = 300
# The kernel and a few others build hundreds of packages; a recipe of so many would be refused by the eye of any reviewer.
_MOST_BINARIES = 30
_MOST_RELATIONS = 40
_HELPER = "/usr/lib/apt/apt-helper"
_FIELD = re.compile(
    r"^(Package|Source|Version|Architecture|Section|Depends|Recommends|Suggests|Homepage|Description|Maintainer): (.*)$",
    re.MULTILINE,
)
# What dpkg-shlibdeps writes: a built package has them, a recipe has ${shlibs:Depends} instead.
_SHARED_LIBRARY = re.compile(r"lib\S*\d\S*|zlib1g|libc6|libgcc-s1")
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")


class NoArchive(Exception):
    """apt's lists are not there or too small; the text says what to do."""


@dataclass(frozen=True)
class BinaryShape:
    """A binary package of the archive. `template` makes its name from the source's; a sibling in a relation is `{number}`."""

    template: str
    architecture: str
    section: str
    synopsis: str
    depends: tuple[str, ...]
    recommends: tuple[str, ...]
    suggests: tuple[str, ...]


@dataclass(frozen=True)
class SourceShape:
    """A source package of the archive: what its binary packages look like together."""

    name: str
    section: str
    upstream_version: str
    has_homepage: bool
    binaries: tuple[BinaryShape, ...]


@dataclass(frozen=True)
class Archive:
    """Everything that a catalogue is made of. Sequences hold a thing as often as the archive has it, so a choice has its skew."""

    sources: tuple[SourceShape, ...]
    name_parts: tuple[tuple[str, ...], ...]
    build_depends: tuple[str, ...]
    followers: dict[str, tuple[str, ...]]
    first_words: tuple[str, ...]
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]


def apt_lists(folder: Path = APT_LISTS) -> Iterator[str]:
    """Yield the text of each list of binary packages that apt keeps in `folder`, whatever it is compressed with.

    Raises NoArchive where there is none.
    """
    found = sorted(path for path in folder.glob("*_Packages*") if ".diff" not in path.name)
    if not found:
        raise NoArchive(f"{folder} has no lists of packages: run 'apt-get update' first")
    for path in found:
        done = subprocess.run([_HELPER, "cat-file", str(path)], capture_output=True, check=False)
        if done.returncode != 0:
            raise NoArchive(f"{path} cannot be read: {done.stderr.decode('utf-8', 'replace').strip()}; run 'apt-get update'")
        yield done.stdout.decode("utf-8", "replace")


def read_archive(lists: Iterable[str]) -> Archive:
    """Return what `lists` (texts of Packages files, or dpkg's status file) say. Raises NoArchive where it is too little."""
    by_source: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for text in lists:
        for paragraph in text.split("\n\n"):
            fields: dict[str, str] = dict(_FIELD.findall(paragraph))
            name = fields.get("Package", "")
            if _NAME.fullmatch(name) and fields.get("Description") and fields.get("Version"):
                source = fields.get("Source", name).split(" ", 1)[0]
                by_source[source].setdefault(name, fields)
    number = sum(map(len, by_source.values()))
    if number < MIN_PACKAGES:
        raise NoArchive(f"the lists name {number} packages; {MIN_PACKAGES} are the least to learn from: run 'apt-get update'")
    ordered = {source: by_source[source] for source in sorted(by_source)}
    followers, first_words = _chain(each["Description"] for packages in ordered.values() for each in packages.values())
    given, family = _people(each.get("Maintainer", "") for packages in ordered.values() for each in packages.values())
    return Archive(
        sources=tuple(_shape(source, packages) for source, packages in ordered.items()),
        name_parts=_name_parts(ordered),
        build_depends=_build_depends(ordered),
        followers=followers,
        first_words=first_words,
        given_names=given,
        family_names=family,
    )


def _shape(source: str, packages: dict[str, dict[str, str]]) -> SourceShape:
    names = sorted(packages, key=lambda name: (name != source, name))[:_MOST_BINARIES]
    first = packages[names[0]]
    return SourceShape(
        name=source,
        section=first.get("Section", "misc"),
        upstream_version=_upstream(first["Version"]),
        has_homepage="Homepage" in first,
        binaries=tuple(_binary(source, name, names, packages[name]) for name in names),
    )


def _binary(source: str, name: str, siblings: Sequence[str], fields: dict[str, str]) -> BinaryShape:
    template = name.replace("{", "").replace(source, "{}", 1) if source in name else f"{{}}-{name.rsplit('-', 1)[-1]}"
    for_all = fields.get("Architecture") == "all"
    return BinaryShape(
        template="{}" if name == siblings[0] else template,
        architecture="all" if for_all else "any",
        section=fields.get("Section", "misc"),
        synopsis=fields["Description"],
        depends=_relations(fields.get("Depends", ""), siblings, keep_libraries=for_all),
        recommends=_relations(fields.get("Recommends", ""), siblings, keep_libraries=True),
        suggests=_relations(fields.get("Suggests", ""), siblings, keep_libraries=True),
    )


def _relations(text: str, siblings: Sequence[str], *, keep_libraries: bool) -> tuple[str, ...]:
    """Return the relations of a field as a recipe would write them: without what dpkg-shlibdeps finds out."""
    found = []
    for relation in text.split(", ") if text else ():
        target = relation.split(" ", 1)[0].split(":", 1)[0]
        if target in siblings:
            found.append(f"{{{siblings.index(target)}}}")
        elif keep_libraries or not _SHARED_LIBRARY.fullmatch(target):
            found.append(relation)
    return tuple(dict.fromkeys(found[:_MOST_RELATIONS]))


def _upstream(version: str) -> str:
    """Return the upstream part of `version` (Debian Policy 5.6.12), without what a rebuild added."""
    upstream = version.rpartition(":")[2].rpartition("-")[0] or version.rpartition(":")[2]
    return re.sub(r"[^A-Za-z0-9.+~]", ".", upstream.partition("+b")[0])


def _name_parts(by_source: dict[str, dict[str, dict[str, str]]]) -> tuple[tuple[str, ...], ...]:
    """Return the parts of all sources' names by their place: first, second, and all further ones."""
    places: tuple[list[str], list[str], list[str]] = ([], [], [])
    for source in by_source:
        for place, part in enumerate(source.split("-")):
            if len(part) > 1:
                places[min(place, 2)].append(part)
    return tuple(tuple(parts or places[0]) for parts in places)


def _build_depends(by_source: dict[str, dict[str, dict[str, str]]]) -> tuple[str, ...]:
    """Return development packages, each as often as packages of its source are depended on (by a root: the skew is steep)."""
    source_of = {name: source for source, packages in by_source.items() for name in packages}
    wanted: Counter[str] = Counter()
    for packages in by_source.values():
        for fields in packages.values():
            for relation in fields.get("Depends", "").split(", "):
                source = source_of.get(relation.split(" ", 1)[0].split(":", 1)[0])
                if source is not None:
                    wanted[source] += 1
    found: list[str] = []
    for source, packages in by_source.items():
        development = sorted((name for name in packages if name.endswith("-dev")), key=lambda name: (len(name), name))
        found += development[:1] * (int(wanted[source] ** 0.7) + 1)
    return tuple(found or sorted(source_of))


def _chain(synopses: Iterable[str]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Return which words follow each word in `synopses`, as often as they do, and the words that begin one."""
    followers: dict[str, list[str]] = defaultdict(list)
    first: list[str] = []
    for synopsis in synopses:
        words = _WORD.findall(synopsis)
        if words:
            first.append(words[0])
        for word, following in pairwise(words):
            followers[word].append(following)
    return {word: tuple(each) for word, each in followers.items()}, tuple(first)


def _people(maintainers: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return given and family names apart: put together anew, they name nobody."""
    given: set[str] = set()
    family: set[str] = set()
    for maintainer in maintainers:
        parts = maintainer.partition(" <")[0].split()
        if len(parts) == 2 and all(part.isalpha() and part.istitle() for part in parts) and parts[1] not in ("Team", "Group"):
            given.add(parts[0])
            family.add(parts[1])
    return tuple(sorted(given)) or ("Ada",), tuple(sorted(family)) or ("Lovelace",)
