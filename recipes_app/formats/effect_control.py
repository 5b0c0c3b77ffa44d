"""What changed in debian/control, field by field: relations and fields that dpkg obeys as root, and what only people read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from .control import PATH
from .deb822 import Field, Paragraph, read_paragraphs
from .effect_kinds import Change, Effect, Side
from .metadata import RelationTerm
from .relations import read_relations
from .report import Report

# Fields that only people, indexes and forges read; Suggests and Enhances install nothing.
_INERT = frozenset(
    {
        "maintainer", "uploaders", "section", "standards-version", "homepage", "description", "original-maintainer", "bugs",
        "origin", "suggests", "enhances", "changed-by", "dm-upload-allowed", "tag", "screenshots", "comment",
    }
)  # fmt: skip
# apt and dpkg keep such packages, or install them without being asked (Debian Policy 5.6.9; deb-control(5)).
_VITAL = frozenset({"essential", "protected", "important"})
_TAKING = frozenset({"provides", "replaces", "breaks", "conflicts", "diverts"})
_NO = frozenset({"", "no"})
_VITAL_PRIORITIES = frozenset({"required", "important"})
_CLASSES = ("contrib", "non-free", "non-free-firmware")
# dpkg-source(1) drops these letters when it writes the field into a package: XB-Essential becomes Essential.
_USER_DEFINED = re.compile(r"x[bcs]*-(?=.)")
_NUMBER = re.compile(r"[0-9]+")
_SEPARATORS = re.compile(r"[-+.]")


def control_changes(old: Side | None, new: Side) -> Iterator[Change]:
    """Yield the changes of debian/control. Comments, order and blanks are none, and a missing `old` counts as empty."""
    before = _paragraphs(old)
    after = _paragraphs(new)
    own = _own_names(old) | _own_names(new)
    # libgreeting10 comes after libgreeting9.
    shapes = {_NUMBER.sub("#", name) for name in before if name}
    for name, paragraph in after.items():
        past = before.get(name)
        if past is None and name:
            yield _new_package(name, paragraph, new, shapes)
        yield from _paragraph_changes(past, paragraph, own, new.metadata.source)
    for name in before.keys() - after.keys():
        yield Change(Effect.BUILD, PATH, None, f"The package {name} is no longer built.")


def _paragraphs(side: Side | None) -> dict[str, Paragraph]:
    """Return the paragraphs by package; that of the source has no name."""
    if side is None or PATH not in side.tree:
        return {}
    text = side.tree[PATH].decode("utf-8", "replace")
    found: dict[str, Paragraph] = {}
    for number, paragraph in enumerate(read_paragraphs(text, Report(PATH))):
        found.setdefault(paragraph.value("Package") if number else "", paragraph)
    return found


def _own_names(side: Side | None) -> frozenset[str]:
    return frozenset({side.metadata.source, *(each.name for each in side.metadata.binaries)}) if side else frozenset()


def _new_package(name: str, paragraph: Paragraph, new: Side, shapes: Collection[str]) -> Change:
    """Return the change that a package brings by its name: apt takes it for a newer version of any other of that name."""
    line = paragraph.line_of("Package")
    if is_own_name(name, new.metadata.source) or _NUMBER.sub("#", name) in shapes:
        return Change(Effect.BUILD, PATH, line, f"The package {name} is new.")
    what = f"The package {name} is new and is not named for the recipe: it replaces any other package of that name."
    return Change(Effect.ROOT, PATH, line, what)


def is_own_name(name: str, source: str) -> bool:
    """Return whether a package's name says that it belongs to the source package: it has the source's name as whole words.

    libgreeting1, python3-greeting and greeting-data belong to greeting; sudo belongs neither to sud nor to sudo-tools.
    """
    own, words = _words(source), _words(name)
    for start in range(len(words) - len(own) + 1):
        if all(_is_word(word, wanted) for word, wanted in zip(words[start:], own, strict=False)):
            return True
    return False


def _words(name: str) -> list[str]:
    """Return the words of a package's name; python3 and python are one."""
    return ["python" if part == "python3" else part for part in _SEPARATORS.split(name)]


def _is_word(word: str, wanted: str) -> bool:
    """Return whether `word` is `wanted`, with lib before it and a number behind it or without."""
    bare = word.removeprefix("lib") if not wanted.startswith("lib") else word
    return wanted in {word, bare, word.rstrip("0123456789"), bare.rstrip("0123456789")}


def _paragraph_changes(old: Paragraph | None, new: Paragraph, own: Collection[str], source: str) -> Iterator[Change]:
    before = _fields(old)
    after = _fields(new)
    for name, field in after.items():
        past = before.get(name)
        if past is not None and past.value.split() == field.value.split():
            continue
        yield from _field_changes(name, past, field, own, source)
    for name in before.keys() - after.keys():
        yield from _gone(before[name], name, new.line)


def _fields(paragraph: Paragraph | None) -> Mapping[str, Field]:
    """Return the fields by lower-case name, without the letters that mark a field of one's own."""
    if paragraph is None:
        return {}
    return {_USER_DEFINED.sub("", name, count=1): field for name, field in paragraph.fields.items()}


def _field_changes(name: str, old: Field | None, new: Field, own: Collection[str], source: str) -> Iterator[Change]:
    value = new.value
    if name in {"source", "package"}:
        return
    if name in _VITAL:
        if value.lower() not in _NO:
            yield Change(
                Effect.ROOT, PATH, new.line, f"{new.name}: {_short(value)} makes apt treat the package as a part of the system."
            )
    elif name == "priority":
        effect = Effect.ROOT if value.lower() in _VITAL_PRIORITIES else Effect.INERT
        yield Change(effect, PATH, new.line, f"Priority is {_short(value)}.")
    elif name == "section" and _component(value) != _component(old.value if old else ""):
        worse = _component(value) > _component(old.value if old else "")
        yield Change(Effect.CLASS if worse else Effect.INERT, PATH, new.line, f"Section is {_short(value)}.")
    elif name == "pre-depends":
        yield Change(Effect.ROOT, PATH, new.line, "Pre-Depends changed: these packages are set up before this one is unpacked.")
    elif name in _TAKING:
        yield from _taken(old, new, own, source)
    elif name in _INERT or name.startswith("vcs-"):
        yield Change(Effect.INERT, PATH, new.line, f"{new.name} changed: only people and indexes read it.")
    else:
        yield Change(Effect.BUILD, PATH, new.line, f"{new.name} {'changed' if old else 'is new'}: {_build_reason(name)}")


def _taken(old: Field | None, new: Field, own: Collection[str], source: str) -> Iterator[Change]:
    """Yield a change for each relation that is new and names a package that is not the recipe's."""
    known = {relation.text for relation in read_relations(old, Report(PATH))} if old else set()
    found = False
    for relation in read_relations(new, Report(PATH)):
        if relation.text in known:
            continue
        others = [term.name for term in relation.alternatives if not _is_own_term(term, own, source)]
        if others:
            found = True
            what = f"{new.name}: {_short(relation.text)} concerns {', '.join(others)[:200]}, which this recipe does not build."
            yield Change(Effect.ROOT, PATH, new.line, what)
    if not found:
        yield Change(Effect.BUILD, PATH, new.line, f"{new.name} changed: it concerns the recipe's own packages.")


def _is_own_term(term: RelationTerm, own: Collection[str], source: str) -> bool:
    if term.name in own or is_own_name(term.name, source):
        return True
    # ${python3:Provides} and the like: filled in by the build, which is looked at by itself.
    return term.name.startswith("${")


def _gone(field: Field, name: str, line: int) -> Iterator[Change]:
    if name in _INERT or name.startswith("vcs-") or name in _VITAL or name == "priority":
        yield Change(Effect.INERT, PATH, line, f"{field.name} is gone.")
    else:
        yield Change(Effect.BUILD, PATH, line, f"{field.name} is gone: {_build_reason(name)}")


def _component(section: str) -> int:
    """Return 0 for main, and more for what is less free."""
    area = section.partition("/")[0].lower()
    return _CLASSES.index(area) + 1 if area in _CLASSES else 0


def _build_reason(name: str) -> str:
    if name.startswith("build-"):
        return "it decides what is installed, and runs, where the package is built."
    if name in {"depends", "recommends"}:
        return "it decides what is installed with the package."
    if name.startswith("testsuite"):
        return "tests run where the package is tried."
    return "it changes how the packages are built or installed."


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 120 else f"{plain[:119]}…"
