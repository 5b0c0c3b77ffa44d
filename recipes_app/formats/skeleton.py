"""A recipe's first files, from the answers to a handful of questions; and the answer that a finding in them goes back to.

What is written here passes the recipe checks and lintian without a warning, so that whatever is found comes from an answer.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from .findings import Finding
from .licence_texts import LICENCE_TEXTS, LicenceText
from .licences import read_licence
from .vocabulary import Category, LicenceClass, Redistribution

# The newest that the lintian of every suite we lint for knows (Debian Policy, upgrading checklist).
_STANDARDS_VERSION = "4.6.2"
_WIDTH = 78
# What dpkg-source takes for an .orig tarball (dpkg-source(1), "3.0 (quilt)"), by the suffix of an address.
TARBALL_SUFFIXES: Mapping[str, str] = {
    ".tar.gz": ".tar.gz", ".tgz": ".tar.gz", ".tar.xz": ".tar.xz", ".tar.bz2": ".tar.bz2",
}  # fmt: skip
OTHER_LICENCE = "other"
EXECUTABLE = "debian/rules"


@dataclass(frozen=True)
class BuildSystem:
    """What debhelper calls a build system (debhelper(7), build system options), and what building by it needs."""

    name: str
    build_depends: tuple[str, ...] = ()
    depends: str = ""
    section: str = "misc"
    compiles: bool = True


BUILD_SYSTEMS: Mapping[str, BuildSystem] = {
    "autoconf": BuildSystem("autoconf"),
    "makefile": BuildSystem("makefile"),
    "cmake": BuildSystem("cmake", ("cmake",)),
    "meson": BuildSystem("meson", ("meson",)),
    "pybuild": BuildSystem(
        "pybuild", ("dh-sequence-python3", "pybuild-plugin-pyproject", "python3-all", "python3-setuptools"),
        "${python3:Depends}", "python", compiles=False,
    ),
    "perl": BuildSystem("perl_makemaker", ("perl",), "${perl:Depends}", "perl", compiles=False),
    "none": BuildSystem("none", compiles=False),
}  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """What somebody says of a program that he wants to package. Empty is what he leaves unsaid.

    `licence` is an identifier of LICENCE_TEXTS, or OTHER_LICENCE with name and text; `architecture` is `any` or `all`.
    """

    name: str
    version: str
    synopsis: str
    description: str
    source_url: str
    sha256: str
    size: str
    licence: str
    holders: str
    build_system: str
    maintainer: str
    email: str
    architecture: str = "any"
    homepage: str = ""
    suites: tuple[str, ...] = ()
    provenance: str = ""
    licence_name: str = ""
    licence_text: str = ""


def is_tarball(address: str) -> bool:
    """Return whether `address` ends as an upstream tarball does that dpkg-source takes."""
    return address.endswith(tuple(TARBALL_SUFFIXES))


def binary_name(answers: Answers) -> str:
    """Return the binary package's name: the source's, but python3-NAME for python-NAME (Debian Python Policy, 4.3)."""
    name = _line(answers.name)
    return f"python3-{name.removeprefix('python-')}" if name.startswith("python-") else name


def skeleton(answers: Answers, at: datetime) -> dict[str, bytes]:
    """Return the files of a recipe by path, its changelog dated `at`. Whatever is typed, each answer stays within its field."""
    texts = {
        "debian/changelog": _changelog(answers, at),
        "debian/control": _control(answers),
        "debian/copyright": _copyright(answers, at.year),
        "debian/dur": _manifest(answers),
        "debian/rules": _rules(answers),
        "debian/source/format": "3.0 (quilt)\n",
    }
    if answers.build_system == "none":
        texts["debian/install"] = "# FILE FOLDER, a line each: what of the source is installed, and where to (dh_install(1)).\n"
    return {path: text.encode("utf-8") for path, text in texts.items()}


def _line(text: str) -> str:
    """Return `text` on one line: an answer cannot begin another field."""
    return " ".join(text.split())


def _person(answers: Answers) -> str:
    return f"{_line(answers.maintainer)} <{_line(answers.email)}>"


def _fields(*fields: tuple[str, str]) -> str:
    """Return a deb822 paragraph of the fields that have a value; several lines of one are set in by a space."""
    return "".join(f"{name}:{'' if value.startswith(chr(10)) else ' '}{value}\n" for name, value in fields if value)


def _below(text: str) -> str:
    """Return prose as the lines that follow a field's first (Debian Policy 5.6.13): wrapped, set in, empty ones as a dot."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines += ["", *textwrap.wrap(paragraph, _WIDTH, break_on_hyphens=False, break_long_words=False)]
    return "".join(f"\n {line or '.'}" for line in lines[1:])


def _changelog(answers: Answers, at: datetime) -> str:
    heading = f"{_line(answers.name)} ({_line(answers.version)}-1) unstable; urgency=medium"
    return f"{heading}\n\n  * First version of this recipe.\n\n -- {_person(answers)}  {format_datetime(at)}\n"


def _control(answers: Answers) -> str:
    system = BUILD_SYSTEMS[answers.build_system]
    shlibs = "${shlibs:Depends}" if answers.architecture != "all" else ""
    source = _fields(
        ("Source", _line(answers.name)),
        ("Section", system.section),
        ("Priority", "optional"),
        ("Maintainer", _person(answers)),
        ("Build-Depends", ", ".join(("debhelper-compat (= 13)", *system.build_depends))),
        ("Standards-Version", _STANDARDS_VERSION),
        ("Rules-Requires-Root", "no"),
        ("Homepage", _line(answers.homepage)),
    )
    binary = _fields(
        ("Package", binary_name(answers)),
        ("Architecture", answers.architecture),
        ("Depends", ", ".join(filter(None, ("${misc:Depends}", shlibs, system.depends)))),
        ("Description", _line(answers.synopsis) + _below(answers.description)),
    )
    return f"{source}\n{binary}"


def _licence(answers: Answers) -> LicenceText:
    if answers.licence == OTHER_LICENCE:
        return LicenceText(_line(answers.licence_name), answers.licence_text)
    return LICENCE_TEXTS[answers.licence]


def _spdx(answers: Answers) -> str:
    return _line(answers.licence_name) if answers.licence == OTHER_LICENCE else answers.licence


def _copyright(answers: Answers, year: int) -> str:
    licence = _licence(answers)
    # Packaging is under the program's licence, so that patches can go upstream; under a free one where that is not in the table.
    packaging = licence if answers.licence != OTHER_LICENCE else LICENCE_TEXTS["MIT"]
    holders = [_line(line) for line in answers.holders.splitlines() if line.strip()]
    head = _fields(
        ("Format", "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"),
        ("Upstream-Name", _line(answers.name)),
        ("Source", _line(answers.homepage or answers.source_url)),
    )
    paragraphs = [
        head,
        _fields(("Files", "*"), ("Copyright", "\n           ".join(holders)), ("License", licence.short_name)),
        _fields(("Files", "debian/*"), ("Copyright", f"{year} {_person(answers)}"), ("License", packaging.short_name)),
        *(_fields(("License", each.short_name + _below(each.text))) for each in dict.fromkeys((licence, packaging))),
    ]
    return "\n".join(paragraphs)


def _manifest(answers: Answers) -> str:
    address = _line(answers.source_url)
    suffix = next((kept for seen, kept in TARBALL_SUFFIXES.items() if address.endswith(seen)), "")
    licence_class = read_licence(_spdx(answers)).licence_class
    head = _fields(
        ("Format", "1"),
        ("Source", _line(answers.name)),
        ("Category", Category.SOURCE),
        ("Suites", ", ".join(answers.suites)),
        ("Redistribution", Redistribution.PERMITTED if licence_class == LicenceClass.DFSG_FREE else ""),
        ("Provenance", answers.provenance),
    )
    fetch = _fields(
        ("Fetch", f"{_line(answers.name)}_{_line(answers.version)}.orig{suffix}"),
        ("URL", address),
        ("SHA256", _line(answers.sha256)),
        ("Size", _line(answers.size)),
        ("Role", "orig"),
        ("License", _spdx(answers)),
        ("License-Class", licence_class),
    )
    return f"{head}\n{fetch}"


def _rules(answers: Answers) -> str:
    system = BUILD_SYSTEMS[answers.build_system]
    lines = ["#!/usr/bin/make -f", ""]
    if system.compiles:
        lines += ["export DEB_BUILD_MAINT_OPTIONS = hardening=+all", ""]
    if system.name == "pybuild":
        lines += [f"export PYBUILD_NAME = {binary_name(answers).removeprefix('python3-')}", ""]
    return "\n".join([*lines, "%:", f"\tdh $@ --buildsystem={system.name}", ""])


# Which answer stands behind a field of a file; a file's remaining lines go to the answer of the field "".
_BEHIND: Mapping[str, Mapping[str, str]] = {
    "debian/changelog": {"": "version", "--": "email"},
    "debian/control": {
        "Source": "name", "Package": "name", "Maintainer": "email", "Homepage": "homepage", "Description": "synopsis",
        "Description ": "description", "Architecture": "architecture", "Build-Depends": "build_system", "Depends": "build_system",
    },
    "debian/copyright": {
        "": "licence", "Source": "homepage", "Copyright": "holders", "License": "licence_name", "License ": "licence_text",
    },
    "debian/dur": {
        "": "source_url", "Source": "name", "Suites": "suites", "Fetch": "source_url", "SHA256": "sha256", "Size": "size",
        "License": "licence_name", "License-Class": "licence_name", "Redistribution": "licence",
    },
    "debian/rules": {"": "build_system"},
    "debian/install": {"": "build_system"},
}  # fmt: skip


def answer_behind(finding: Finding, files: Mapping[str, bytes]) -> str:
    """Return the name of the answer that `finding`, about the skeleton `files`, goes back to; empty where it is about none."""
    fields = _BEHIND.get(finding.path, {})
    lines = files.get(finding.path, b"").decode("utf-8").splitlines()
    for name in _fields_above(lines, finding.line):
        if name in fields:
            return fields[name]
    return fields.get("", "")


def _fields_above(lines: list[str], number: int | None) -> Iterator[str]:
    """Yield the field that the line of this number belongs to, first with a space behind it where it is a later line of it."""
    later = False
    for line in reversed(lines[:number] if number else []):
        if line.startswith(" -- "):
            yield "--"
            return
        if not line.startswith((" ", "\t")):
            name = line.partition(":")[0]
            yield from ([f"{name} ", name] if later else [name])
            return
        later = True
