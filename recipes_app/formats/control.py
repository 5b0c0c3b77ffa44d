"""debian/control of a source package (Debian Policy 5.2): the source paragraph and a paragraph for each binary package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from .deb822 import Field, Paragraph, read_paragraphs
from .metadata import BINARY_RELATIONS, SOURCE_RELATIONS, BinaryPackage, Person, Relation
from .names import check_package_name, read_people, read_person
from .relations import read_relations
from .report import Report, quoted
from .text import decode

PATH = "debian/control"
# Debian Policy 5.6.26, with the spelling that the API gives back.
_VCS = ("Arch", "Browser", "Bzr", "Cvs", "Darcs", "Git", "Hg", "Mtn", "Svn")
# An architecture or a wildcard such as `linux-any` (Debian Policy 11.1), as dpkg-source checks it.
_ARCHITECTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_WEB_SCHEMES = ("https://", "http://")


class Control(NamedTuple):
    """What debian/control says; `line` is the line of Source."""

    source: str
    line: int
    maintainer: Person
    uploaders: tuple[Person, ...]
    section: str
    priority: str
    homepage: str
    vcs: Mapping[str, str]
    standards_version: str
    rules_requires_root: str
    testsuite: str
    debhelper_compat: str
    relations: Mapping[str, tuple[Relation, ...]]
    binaries: tuple[BinaryPackage, ...]


def parse_control(data: bytes, report: Report) -> Control | None:
    """Return what the control file `data` says, or None with an error where it names no source package."""
    text = decode(data, report)
    if text is None:
        return None
    paragraphs = read_paragraphs(text, report)
    if not paragraphs:
        report.error("control-empty", 1, "the file holds no field, expected a paragraph with Source", "see Debian Policy 5.2")
        return None
    head, packages = paragraphs[0], paragraphs[1:]
    source = head.value("Source")
    if not source:
        remedy = "name the source package there (Debian Policy 5.2)"
        report.error("control-no-source", head.line, "the first paragraph has no field Source", remedy)
        return None
    if not check_package_name(source, "Source", head.line_of("Source"), report):
        return None
    if not packages:
        remedy = "add a paragraph with Package, Architecture and Description (Debian Policy 5.2)"
        report.error("control-no-binary", head.line, "no binary package was found, expected at least one", remedy)
    relations = _relations(head, SOURCE_RELATIONS, report)
    return Control(
        source=source,
        line=head.line_of("Source"),
        maintainer=_maintainer(head, report),
        uploaders=read_people(" ".join(head.value("Uploaders").split())),
        section=head.value("Section"),
        priority=head.value("Priority"),
        homepage=_web_address(head, "Homepage", report),
        vcs=_vcs(head, report),
        standards_version=head.value("Standards-Version"),
        rules_requires_root=head.value("Rules-Requires-Root"),
        testsuite=head.value("Testsuite"),
        debhelper_compat=_debhelper_compat(head, relations),
        relations=relations,
        binaries=_binaries(head, packages, report),
    )


def _maintainer(head: Paragraph, report: Report) -> Person:
    """Return the maintainer. His absence is a warning only: dpkg-source builds the package none the less."""
    person = read_person(head.value("Maintainer"))
    if not person.name or "@" not in person.email:
        report.warning(
            "control-maintainer",
            head.line_of("Maintainer"),
            f"Maintainer: {quoted(head.value('Maintainer'))} was found, expected Name <address>",
            "say who maintains the packaging (Debian Policy 5.6.2)",
        )
    return person


def _web_address(head: Paragraph, name: str, report: Report) -> str:
    """Return the web address in field `name`; empty with a warning where it is none, since pages make links of it."""
    value = head.value(name)
    if not value:
        return ""
    if value.lower().startswith(_WEB_SCHEMES) and len(value.split()) == 1 and value.isprintable():
        return value
    message = f"{name}: {quoted(value)} was found, expected an address with https: or http:"
    report.warning("control-address", head.line_of(name), message, "give one address and nothing else (Debian Policy 5.6.23)")
    return ""


def _vcs(head: Paragraph, report: Report) -> dict[str, str]:
    """Return the Vcs fields by what follows `Vcs-`; `Browser` is a web address or missing."""
    values = {name: head.value(f"Vcs-{name}") for name in _VCS if name != "Browser"}
    values["Browser"] = _web_address(head, "Vcs-Browser", report)
    return {name: values[name] for name in _VCS if values[name]}


def _relations(paragraph: Paragraph, names: tuple[str, ...], report: Report) -> dict[str, tuple[Relation, ...]]:
    """Return the relation fields of `paragraph` that hold a relation, by their canonical names."""
    found: dict[str, tuple[Relation, ...]] = {}
    for name in names:
        field = paragraph.get(name)
        if field is not None and (relations := read_relations(field, report)):
            found[name] = relations
    return found


def _debhelper_compat(head: Paragraph, relations: Mapping[str, tuple[Relation, ...]]) -> str:
    """Return the compat level that Build-Depends on debhelper-compat (debhelper(7)) or `X-DH-Compat` gives, or nothing."""
    for name in ("Build-Depends", "Build-Depends-Indep", "Build-Depends-Arch"):
        for relation in relations.get(name, ()):
            term = relation.alternatives[0]
            if term.name == "debhelper-compat" and term.operator == "=":
                return term.version or ""
    return head.value("X-DH-Compat")


def _binaries(head: Paragraph, packages: list[Paragraph], report: Report) -> tuple[BinaryPackage, ...]:
    """Return the binary packages, without those whose name is missing, wrong or taken; each such is an error."""
    found: dict[str, BinaryPackage] = {}
    for paragraph in packages:
        name = paragraph.value("Package")
        if not name:
            message = "a paragraph without field Package was found, expected a binary package"
            report.error("control-no-package", paragraph.line, message, "name the package, or remove the blank line above")
        elif name in found:
            message = f"binary package {name} was found a second time"
            report.error("control-duplicate-package", paragraph.line_of("Package"), message, "rename or remove one of the two")
        elif check_package_name(name, "Package", paragraph.line_of("Package"), report):
            found[name] = _binary(name, head, paragraph, report)
    return tuple(found.values())


def _binary(name: str, head: Paragraph, paragraph: Paragraph, report: Report) -> BinaryPackage:
    """Return one binary package; section and priority come from the source paragraph where it has none (dpkg does so)."""
    synopsis, description = _description(name, paragraph, report)
    return BinaryPackage(
        name=name,
        architectures=_architectures(name, paragraph, report),
        section=paragraph.value("Section") or head.value("Section"),
        priority=paragraph.value("Priority") or head.value("Priority"),
        multi_arch=paragraph.value("Multi-Arch"),
        essential=paragraph.value("Essential").lower() == "yes",
        synopsis=synopsis,
        description=description,
        package_type=paragraph.value("Package-Type") or paragraph.value("XC-Package-Type"),
        build_profiles=" ".join(paragraph.value("Build-Profiles").split()),
        relations=_relations(paragraph, BINARY_RELATIONS, report),
    )


def _architectures(name: str, paragraph: Paragraph, report: Report) -> tuple[str, ...]:
    """Return the architectures; none at all is an error, since no tool of Debian can build such a package."""
    field = paragraph.get("Architecture")
    if field is None or not field.words:
        remedy = "write `Architecture: any`, `all` or a list (Debian Policy 5.6.8)"
        report.error("control-no-architecture", paragraph.line_of("Architecture"), f"package {name} has no Architecture", remedy)
        return ()
    for word in field.words:
        if not _ARCHITECTURE.fullmatch(word):
            message = f"Architecture: {quoted(word)} was found, expected a name such as amd64, linux-any, any or all"
            report.error("control-unknown-architecture", field.line, message, "see dpkg-architecture -L")
    return field.words


def _description(name: str, paragraph: Paragraph, report: Report) -> tuple[str, str]:
    """Return synopsis and long description (Debian Policy 5.6.13); lines that start with a blank are meant verbatim."""
    field = paragraph.get("Description")
    if field is None or not field.rows[0].text:
        remedy = "say in a line what the package is (Debian Policy 3.4)"
        report.warning("control-no-description", paragraph.line_of("Description"), f"package {name} has no synopsis", remedy)
    if field is None:
        return "", ""
    return field.rows[0].text, long_text(field)


def long_text(field: Field) -> str:
    """Return the continuation lines of `field` without their first blank; a line with a single full stop is empty."""
    lines = [row.text[1:] for row in field.rows[1:]]
    return "\n".join("" if line.strip() == "." else line for line in lines)
