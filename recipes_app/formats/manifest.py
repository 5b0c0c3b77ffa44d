"""debian/dur, the manifest of a recipe: what Debian's own files have no place for. A recipe may do without it."""

from __future__ import annotations

from typing import NamedTuple

from .deb822 import Paragraph, read_paragraphs
from .manifest_fetch import read_fetch
from .manifest_fields import HEADER, KINDS, check_fields, choice
from .manifest_models import read_models
from .manifest_variants import read_variants
from .metadata import Fetch, Model, Variant
from .names import is_package_name
from .report import Report, quoted
from .text import decode
from .tree import Tree

PATH = "debian/dur"
# Debian Policy 2.2; main is always there. non-free-firmware holds nothing that a package is built with.
COMPONENTS = ("contrib", "non-free")


class Header(NamedTuple):
    """The first paragraph; what it does not say is empty."""

    source: str = ""
    source_line: int = 1
    category: str = ""
    suites: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    redistribution: str = ""
    redistribution_line: int = 1
    variant_of: str = ""
    provenance: str = ""


class Manifest(NamedTuple):
    """Everything that debian/dur says; a recipe without one has an empty manifest."""

    header: Header = Header()
    fetches: tuple[Fetch, ...] = ()
    models: tuple[Model, ...] = ()
    variants: tuple[Variant, ...] = ()


def parse_manifest(tree: Tree, source: str, report: Report) -> Manifest:
    """Return the manifest of `tree`. Every fault of it is an error: nothing else reads the file and would notice.

    `source` is the name in debian/control, which the profiles of variants contain.
    """
    text = decode(tree.get(PATH, b""), report)
    if text is None or PATH not in tree:
        return Manifest()
    paragraphs = read_paragraphs(text, report)
    if not paragraphs:
        report.error("manifest-empty", 1, "the file holds no field, expected Format: 1 and Source", "fill it, or remove the file")
        return Manifest()
    check_fields(paragraphs[0], HEADER, report)
    kinds = _sort(paragraphs[1:], report)
    fetches = _fetches(kinds["Fetch"], tree, report)
    return Manifest(
        header=_header(paragraphs[0], report),
        fetches=fetches,
        models=read_models(kinds["Model"], kinds["Dataset"], {fetch.filename for fetch in fetches}, report),
        variants=read_variants(kinds["Variant"], source, tree, report),
    )


def _header(paragraph: Paragraph, report: Report) -> Header:
    return Header(
        source=paragraph.value("Source"),
        source_line=paragraph.line_of("Source"),
        category=choice(paragraph, "Category", HEADER, ""),
        suites=_suites(paragraph, report),
        components=_components(paragraph, report),
        keywords=tuple(
            dict.fromkeys(word for part in paragraph.value("Keywords").split(",") if (word := " ".join(part.split())))
        ),
        redistribution=choice(paragraph, "Redistribution", HEADER, ""),
        redistribution_line=paragraph.line_of("Redistribution"),
        variant_of=_variant_of(paragraph, report),
        provenance=choice(paragraph, "Provenance", HEADER, ""),
    )


def _suites(paragraph: Paragraph, report: Report) -> tuple[str, ...]:
    suites = tuple(paragraph.value("Suites").replace(",", " ").split())
    for suite in suites:
        if not is_package_name(suite):
            message = f"Suites: {quoted(suite)} was found, expected names such as trixie or bookworm-backports"
            report.error("manifest-suite", paragraph.line_of("Suites"), message, "write suites separated by blanks")
    return suites


def _components(paragraph: Paragraph, report: Report) -> tuple[str, ...]:
    """Return the archive components besides main (Debian Policy 2.2), in the order of their names."""
    words = paragraph.value("Components").replace(",", " ").split()
    for word in words:
        if word not in COMPONENTS:
            message = f"Components: {quoted(word)} was found, expected {', '.join(COMPONENTS)}"
            report.error("manifest-components", paragraph.line_of("Components"), message, "name the components besides main")
    return tuple(each for each in COMPONENTS if each in words)


def _variant_of(paragraph: Paragraph, report: Report) -> str:
    value = paragraph.value("Variant-Of")
    if value and not (value.startswith("debian:") and is_package_name(value.removeprefix("debian:"))):
        message = f"Variant-Of: {quoted(value)} was found, expected debian:NAME"
        report.error("manifest-variant-of", paragraph.line_of("Variant-Of"), message, "name the source package of the archive")
        return ""
    return value


def _sort(paragraphs: list[Paragraph], report: Report) -> dict[str, list[Paragraph]]:
    """Return the paragraphs by kind, their fields checked; one of no kind or of two is an error and left out."""
    sorted_out: dict[str, list[Paragraph]] = {kind: [] for kind in KINDS}
    for paragraph in paragraphs:
        kinds = [kind for kind in KINDS if paragraph.get(kind)]
        if len(kinds) != 1:
            found = " and ".join(kinds) or f"only {', '.join(field.name for field in list(paragraph.fields.values())[:5])}"
            message = f"a paragraph was found with {quoted(found)}, expected one of {', '.join(KINDS)}"
            report.error("manifest-paragraph", paragraph.line, message, "start each paragraph with the field that says its kind")
            continue
        check_fields(paragraph, KINDS[kinds[0]], report)
        sorted_out[kinds[0]].append(paragraph)
    return sorted_out


def _fetches(paragraphs: list[Paragraph], tree: Tree, report: Report) -> tuple[Fetch, ...]:
    found: dict[str, Fetch] = {}
    for paragraph in paragraphs:
        fetch = read_fetch(paragraph, tree, report)
        if fetch is None:
            continue
        if fetch.filename in found:
            message = f"Fetch {fetch.filename} was found a second time, the first stands in line {found[fetch.filename].line}"
            report.error("manifest-duplicate", fetch.line, message, "give each file its own name")
            continue
        found[fetch.filename] = fetch
    return tuple(found.values())
