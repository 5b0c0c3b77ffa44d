"""The listing of a binary package: its control fields, scripts and files, as `lint.build.deb_probe` prints it.

The probe reads hostile packages inside the sandbox, so `listings_from_json` believes nothing of what it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FILE, FOLDER, LINK, HARD_LINK, OTHER = "f", "d", "l", "h", "o"
# What is listed of one package: Debian's largest have over 100,000 files; beyond this the listing says that it is cut.
MAX_ENTRIES = 60_000
MAX_LISTINGS = 200
_MAX_TEXT = 4_096
_MAX_LINES = 1_000
RELATIONS = ("Pre-Depends", "Depends", "Recommends", "Breaks", "Conflicts", "Replaces", "Provides")
SCRIPTS = ("config", "preinst", "postinst", "prerm", "postrm")
# What control characters, direction marks and lone surrogates of a stranger's file name become.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_HEX = re.compile(r"[0-9a-f]{64}|")
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{1,127}")


class ListingError(Exception):
    """What the probe printed is no listing; the text says where."""


@dataclass(frozen=True)
class Entry:
    """A member of a package's data archive. `path` is absolute; `target` is a link's, `sha256` a regular file's."""

    path: str
    kind: str
    mode: int
    owner: str
    size: int
    sha256: str = ""
    target: str = ""
    mtime: int = 0


@dataclass(frozen=True)
class Script:
    """A maintainer script: its checksum, and which programs of weight it names."""

    sha256: str
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A binary package. `sha256` is that of the whole file."""

    file: str
    sha256: str
    name: str
    version: str
    architecture: str
    installed_kib: int
    relations: Mapping[str, str]
    scripts: Mapping[str, Script]
    triggers: tuple[str, ...]
    conffiles: tuple[str, ...]
    entries: tuple[Entry, ...]
    is_cut: bool

    @property
    def is_installable(self) -> bool:
        """Whether a user would install it: no debug symbols, no package of the installer's."""
        return not self.name.endswith("-dbgsym") and not self.file.endswith(".udeb")


def listings_from_json(data: object) -> tuple[Listing, ...]:
    """Return the listings that the probe printed. Raises ListingError for any other shape."""
    return tuple(_listing(each) for each in _list(data, MAX_LISTINGS))


def _listing(data: object) -> Listing:
    members = _object(data)
    name = _text(members, "name")
    if not _NAME.fullmatch(name):
        raise ListingError(f"{name!r} is no name of a package")
    scripts = _object(members.get("scripts"))
    relations = _object(members.get("relations"))
    return Listing(
        file=_text(members, "file"),
        sha256=_digest(members),
        name=name,
        version=_text(members, "version"),
        architecture=_text(members, "architecture"),
        installed_kib=_number(members, "installed_kib"),
        relations={field: _text(relations, field) for field in RELATIONS if field in relations},
        scripts={each: _script(scripts[each]) for each in SCRIPTS if each in scripts},
        triggers=_lines(members, "triggers"),
        conffiles=_lines(members, "conffiles"),
        entries=tuple(_entry(each) for each in _list(members.get("entries"), MAX_ENTRIES)),
        is_cut=members.get("is_cut") is True,
    )


def _script(data: object) -> Script:
    members = _object(data)
    return Script(_digest(members), _lines(members, "calls"))


def _entry(data: object) -> Entry:
    if not isinstance(data, list) or len(data) != 8:
        raise ListingError("an entry is no list of eight")
    members = dict(zip(("path", "kind", "mode", "owner", "size", "sha256", "target", "mtime"), data, strict=True))
    kind = _text(members, "kind")
    if kind not in (FILE, FOLDER, LINK, HARD_LINK, OTHER):
        raise ListingError(f"an entry is of the kind {kind!r}")
    return Entry(
        path=_text(members, "path"),
        kind=kind,
        mode=_number(members, "mode") & 0o7777,
        owner=_text(members, "owner")[:80],
        size=_number(members, "size"),
        sha256=_digest(members),
        target=_text(members, "target"),
        mtime=_number(members, "mtime"),
    )


def _object(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ListingError("an object was expected")
    return data


def _list(data: object, limit: int) -> Sequence[object]:
    if not isinstance(data, list) or len(data) > limit:
        raise ListingError(f"a list of at most {limit} entries was expected")
    return data


def _lines(members: Mapping[str, object], name: str) -> tuple[str, ...]:
    return tuple(_clean(each) for each in _list(members.get(name), _MAX_LINES))


def _text(members: Mapping[str, object], name: str) -> str:
    return _clean(members.get(name))


def _clean(value: object) -> str:
    if not isinstance(value, str):
        raise ListingError("a text was expected")
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value[:_MAX_TEXT])


def _digest(members: Mapping[str, object]) -> str:
    value = _text(members, "sha256")
    if not _HEX.fullmatch(value):
        raise ListingError(f"{value!r} is no SHA256")
    return value


def _number(members: Mapping[str, object], name: str) -> int:
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise ListingError(f"{name} is {value!r}, a number was expected")
    return value


def differing_files(first: Sequence[Listing], second: Sequence[Listing]) -> tuple[str, ...]:
    """Return in words what differs between two builds of the same packages; empty where each file is the same, bit by bit."""
    old, new = {each.file: each for each in first}, {each.file: each for each in second}
    said = [f"{name}: only in the first build" for name in sorted(old.keys() - new.keys())]
    said += [f"{name}: only in the second build" for name in sorted(new.keys() - old.keys())]
    for name in sorted(old.keys() & new.keys()):
        if old[name].sha256 != new[name].sha256:
            said += [f"{name}: {each}" for each in _differences(old[name], new[name])] or [f"{name}: the archive itself"]
    return tuple(said)


def _differences(first: Listing, second: Listing) -> list[str]:
    """Return in words what differs between two packages whose bytes do."""
    old, new = {each.path: each for each in first.entries}, {each.path: each for each in second.entries}
    found = [
        _told(path, old.get(path), new.get(path)) for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)
    ]
    found += [f"the script {name}" for name in SCRIPTS if first.scripts.get(name) != second.scripts.get(name)]
    whole: tuple[tuple[str, Callable[[Listing], object]], ...] = (
        ("the control fields", lambda each: (each.version, each.installed_kib, each.relations)),
        ("the list of configuration files", lambda each: each.conffiles),
        ("the triggers", lambda each: each.triggers),
    )
    return found + [words for words, part in whole if part(first) != part(second)]


def _told(path: str, old: Entry | None, new: Entry | None) -> str:
    """Return the path of a file that differs, with the reason where its contents are the same."""
    if old is None or new is None:
        return f"{path} (in one of them)"
    if old.sha256 != new.sha256 or old.kind != new.kind or old.target != new.target:
        return path
    if (old.mode, old.owner) != (new.mode, new.owner):
        return f"{path} (mode or owner)"
    return f"{path} (date)"
