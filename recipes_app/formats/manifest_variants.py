"""The Variant paragraphs of debian/dur: ways to build the same recipe."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .deb822 import Paragraph
from .manifest_fields import VARIANT, choice
from .metadata import Variant
from .relations import read_relations
from .report import Report, quoted
from .tree import Tree

_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*")
_PROFILE = re.compile(r"[a-z0-9][a-z0-9+.-]*")
_PORTABILITY = re.compile(r"any|build-host|isa:[a-z0-9][a-z0-9._+-]*")
# Flags end in the environment of a build. What a compiler takes is in here, what a shell would run is not.
_FLAGS = re.compile(r"[A-Za-z0-9 \t\n=+,.:/_@%^-]*")
_MAX_NAME = 64


def read_variants(paragraphs: Sequence[Paragraph], source: str, tree: Tree, report: Report) -> tuple[Variant, ...]:
    """Return the variants; `source` is the recipe's name, `tree` holds the benchmarks that they may point at."""
    found: dict[str, Variant] = {}
    by_suffix: dict[str, Variant] = {}
    for paragraph in paragraphs:
        name = paragraph.value("Variant")
        line = paragraph.line_of("Variant")
        if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
            message = f"Variant: {quoted(name)} was found, expected lower-case letters, digits and + . -"
            report.error("manifest-variant-name", line, message, "choose a short name such as native")
        elif name in found:
            message = f"Variant {name} was found a second time, the first stands in line {found[name].line}"
            report.error("manifest-duplicate", line, message, "rename or remove one of the two")
        elif twin := by_suffix.get(version_suffix(name)):
            message = f"Variant {name} differs from {twin.name} in line {twin.line} by punctuation alone"
            remedy = "rename one of the two: their packages would have the same version"
            report.error("manifest-variant-twin", line, message, remedy)
        else:
            found[name] = by_suffix[version_suffix(name)] = _read_variant(name, paragraph, source, tree, report)
    defaults = [variant for variant in found.values() if variant.default]
    for variant in defaults[1:]:
        message = f"Variant {variant.name} is the default, but {defaults[0].name} in line {defaults[0].line} is already"
        report.error("manifest-two-defaults", variant.line, message, "keep Default: yes in one variant")
    return tuple(found.values())


def version_suffix(name: str) -> str:
    """Return how a variant's name is written in a version, where a Debian revision has no room for `-` (Debian Policy 5.6.12)."""
    return re.sub("[^a-z0-9]", ".", name)


def _read_variant(name: str, paragraph: Paragraph, source: str, tree: Tree, report: Report) -> Variant:
    extra = paragraph.get("Build-Depends-Extra")
    return Variant(
        name=name,
        line=paragraph.line_of("Variant"),
        default=paragraph.value("Default") == "yes",
        profiles=_profiles(paragraph, source, report),
        flags=_matching(paragraph, "Flags", _FLAGS, "compiler flags without quotes, $, ; and the like", report),
        portability=_matching(paragraph, "Portability", _PORTABILITY, "any, build-host or isa:NAME", report) or "any",
        build_depends_extra=read_relations(extra, report) if extra else (),
        requires_hardware=paragraph.value("Requires-Hardware"),
        licence_effect=choice(paragraph, "License-Effect", VARIANT, "none"),
        benchmark=_benchmark(paragraph, tree, report),
    )


def _matching(paragraph: Paragraph, name: str, pattern: re.Pattern[str], expected: str, report: Report) -> str:
    """Return the value of field `name` where `pattern` takes it; otherwise nothing, with an error."""
    value = paragraph.value(name)
    if not value or pattern.fullmatch(value):
        return " ".join(value.split())
    message = f"{name}: {quoted(value)} was found, expected {expected}"
    report.error(f"manifest-{name.lower()}", paragraph.line_of(name), message, "see the recipe format, Variant")
    return ""


def _profiles(paragraph: Paragraph, source: str, report: Report) -> tuple[str, ...]:
    """Return the build profiles; one of the recipe's own is named pkg.SOURCE.NAME, so that it means nothing elsewhere."""
    words = tuple(paragraph.value("Profiles").replace(",", " ").split())
    for word in words:
        if not _PROFILE.fullmatch(word) or (word.startswith("pkg.") and not word.startswith(f"pkg.{source}.")):
            message = f"Profiles: {quoted(word)} was found, expected pkg.{source}.NAME or a registered build profile"
            report.error(
                "manifest-profile", paragraph.line_of("Profiles"), message, "rename the profile here and in debian/rules"
            )
    return words


def _benchmark(paragraph: Paragraph, tree: Tree, report: Report) -> str:
    path = paragraph.value("Benchmark")
    if not path or (path.startswith("debian/benchmarks/") and path in tree):
        return path
    message = f"Benchmark: {quoted(path)} was found, expected a file of this recipe below debian/benchmarks/"
    report.error("manifest-benchmark", paragraph.line_of("Benchmark"), message, "add the file, or correct the path")
    return ""
