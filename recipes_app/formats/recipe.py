"""The door of `formats`: a tree of files in, metadata and findings out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

from .changelog import PATH as CHANGELOG_PATH
from .changelog import Newest, parse_changelog
from .control import PATH as CONTROL_PATH
from .control import Control, parse_control
from .copyright import PATH as COPYRIGHT_PATH
from .copyright import parse_copyright
from .findings import Finding, Severity
from .licences import read_licence, worst_class
from .manifest import PATH as MANIFEST_PATH
from .manifest import Header, Manifest, parse_manifest
from .metadata import LicenceTag, RecipeMetadata
from .model_policy import worst_model_class, worst_osaid
from .redistribution import redistribution_of
from .report import Report, quoted
from .source_files import FORMAT_PATH, RULES_PATH, read_compat, read_patches, read_source_format, readme_path, series_path
from .source_plan import PlanError, source_plan
from .tree import Tree
from .vocabulary import AcceptanceKind, Category, ModelVerdict, Redistribution

# What the metadata say as the header does; the others depend on more than the header.
_AS_IN_HEADER = {each.name for each in fields(RecipeMetadata)} & {*Header._fields} - {"source", "category", "redistribution"}


@dataclass(frozen=True)
class ParsedRecipe:
    """What a tree says. `metadata` is None only where an error-level finding makes it impossible to give."""

    metadata: RecipeMetadata | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse a push."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


class _Reports(dict[str, Report]):
    """A report for each file, made when it is first asked for."""

    def __missing__(self, path: str) -> Report:
        self[path] = Report(path)
        return self[path]

    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for report in self.values() for finding in report.findings())


class _Parts(NamedTuple):
    """What the files of a recipe say, each read for itself."""

    control: Control
    newest: Newest
    manifest: Manifest
    licences: tuple[LicenceTag, ...]


def parse_recipe(tree: Tree, *, expected_name: str | None = None) -> ParsedRecipe:
    """Parse a recipe's files. Never raises for any content of `tree`: what is wrong becomes a finding.

    `expected_name` is the repository's name; it has to be the Source of debian/control (docs/recipe-format.md).
    """
    reports = _Reports()
    control = newest = None
    if _is_there(tree, CONTROL_PATH, "it names the source package and its binary packages", reports):
        control = parse_control(tree[CONTROL_PATH], reports[CONTROL_PATH])
    if _is_there(tree, CHANGELOG_PATH, "it gives the version", reports):
        newest = parse_changelog(tree[CHANGELOG_PATH], reports[CHANGELOG_PATH])
    manifest = parse_manifest(tree, control.source if control else "", reports[MANIFEST_PATH])
    licences = _licences(tree, manifest, reports)
    if RULES_PATH not in tree:
        reports[RULES_PATH].warning("rules-missing", None, "the file is missing, so that nothing builds", "add one that calls dh")
    patches = read_patches(tree, reports[series_path(tree)])
    if control is not None:
        _compare_names(control, newest, manifest, expected_name, reports)
    if control is None or newest is None:
        return ParsedRecipe(None, reports.findings())
    source_format = read_source_format(tree, newest.entry.version, reports[FORMAT_PATH])
    metadata = _metadata(_Parts(control, newest, manifest, licences), tree, patches, source_format, reports[MANIFEST_PATH])
    try:
        source_plan(metadata)
    except PlanError as error:
        # The same rule that page and trial build follow: what cannot be planned cannot be built anywhere.
        said = str(error).removeprefix(f"{MANIFEST_PATH}: ").partition("; ")
        reports[MANIFEST_PATH].warning("manifest-source-package", None, said[0], said[2])
    return ParsedRecipe(metadata, reports.findings())


def _is_there(tree: Tree, path: str, why: str, reports: _Reports) -> bool:
    if path in tree:
        return True
    reports[path].error(
        "file-missing", None, f"the file is missing; {why}", "push the packaging directory itself, with debian/ at its top"
    )
    return False


def _licences(tree: Tree, manifest: Manifest, reports: _Reports) -> tuple[LicenceTag, ...]:
    """Return the tags of debian/copyright, then those that the manifest adds for fetched files, weights and datasets."""
    tags: tuple[LicenceTag, ...] = ()
    if COPYRIGHT_PATH in tree:
        tags = parse_copyright(tree[COPYRIGHT_PATH], reports[COPYRIGHT_PATH])
    else:
        message = "the file is missing, so that no licence can be told"
        reports[COPYRIGHT_PATH].warning("copyright-missing", None, message, "write one (Debian Policy 12.5)")
    stated = [(fetch.licence, fetch.licence_class) for fetch in manifest.fetches]
    stated += [(model.weights_licence, model.weights_licence_class) for model in manifest.models]
    stated += [(dataset.licence, dataset.licence_class) for model in manifest.models for dataset in model.datasets]
    named = dict.fromkeys((licence, licence_class) for licence, licence_class in stated if licence)
    return tags + tuple(LicenceTag(licence, licence, licence_class, "manifest") for licence, licence_class in named)


def _compare_names(
    control: Control, newest: Newest | None, manifest: Manifest, expected_name: str | None, reports: _Reports
) -> None:
    """Record an error for each place that names another source package than debian/control does."""
    remedy = (
        "one recipe is one source package: the same name in debian/control, debian/changelog, debian/dur and of the repository"
    )
    name = control.source
    if expected_name is not None and name != expected_name:
        message = f"Source: {name} was found, but the repository is named {quoted(expected_name)}"
        reports[CONTROL_PATH].error("name-mismatch", control.line, message, remedy)
    if newest is not None and newest.source != name:
        message = f"the newest entry is about {newest.source}, but debian/control:{control.line} says Source: {name}"
        reports[CHANGELOG_PATH].error("name-mismatch", newest.line, message, remedy)
    header = manifest.header
    if header.source and header.source != name:
        message = f"Source: {quoted(header.source)} was found, but debian/control:{control.line} says {name}"
        reports[MANIFEST_PATH].error("name-mismatch", header.source_line, message, remedy)


def _metadata(parts: _Parts, tree: Tree, patches: tuple[str, ...], source_format: str, report: Report) -> RecipeMetadata:
    """Return everything that the recipe says; `report` takes what the manifest and the licences say against each other."""
    control, newest, manifest, licences = parts
    header = manifest.header
    licence_class = worst_class(tag.licence_class for tag in licences)
    return RecipeMetadata(
        source=control.source,
        version=newest.entry.version,
        maintainer=control.maintainer,
        binaries=control.binaries,
        changelog=newest.entry,
        uploaders=control.uploaders,
        section=control.section,
        priority=control.priority,
        homepage=control.homepage,
        vcs=control.vcs,
        standards_version=control.standards_version,
        rules_requires_root=control.rules_requires_root,
        source_format=source_format,
        debhelper_compat=control.debhelper_compat or read_compat(tree),
        testsuite=control.testsuite,
        relations=control.relations,
        licences=licences,
        licence_class=licence_class,
        redistribution=_redistribution(parts, tree, report),
        needs_acceptance=_needs_acceptance(manifest, report),
        category=header.category or (Category.MODEL if manifest.models else Category.SOURCE),
        **{name: getattr(header, name) for name in _AS_IN_HEADER},
        fetches=manifest.fetches,
        models=manifest.models,
        variants=manifest.variants,
        model_class=worst_model_class(model.computed.value for model in manifest.models),
        osaid_class=worst_osaid(model.osaid.value for model in manifest.models),
        patches=patches,
        readme_path=readme_path(tree),
    )


def _known_class(licences: tuple[LicenceTag, ...]) -> str:
    """Return the worst class of `licences` as their names are known here.

    A class that the manifest claims makes a licence worse and never better: nobody knows what a name means by being told.
    """
    return worst_class(worst_class((tag.licence_class, read_licence(tag.name).licence_class)) for tag in licences)


def _redistribution(parts: _Parts, tree: Tree, report: Report) -> str:
    """Return what may be done with the built packages, `unknown` where neither licences nor the manifest say it."""
    header = parts.manifest.header
    sections = (parts.control.section, *(binary.section for binary in parts.control.binaries))
    copyright_text = tree.get(COPYRIGHT_PATH, b"").decode("utf-8", "replace")
    found = redistribution_of(_known_class(parts.licences), header.redistribution, sections, copyright_text)
    if header.redistribution == Redistribution.PERMITTED and found != Redistribution.PERMITTED:
        message = "Redistribution: permitted was found, but a licence of the recipe forbids to pass copies on"
        remedy = "write forbidden or binaries-forbidden, or correct the licence's class"
        report.warning("manifest-redistribution", header.redistribution_line, message, remedy)
    return found


def _needs_acceptance(manifest: Manifest, report: Report) -> bool:
    """Return whether a user must accept something: a licence's text, or the risk of a model that nobody can rebuild."""
    accepted = {fetch.filename: fetch.acceptance for fetch in manifest.fetches}
    risky = [model for model in manifest.models if model.computed.value == ModelVerdict.TOXIC_CANDY]
    for model in risky:
        if all(accepted[name] != AcceptanceKind.RISK_TOXIC_CANDY for name in model.files):
            message = f"model {model.name} is of class toxic-candy, and no file of it has Acceptance: risk-toxiccandy"
            report.warning("manifest-risk", model.line, message, "add it to the Fetch, so that clients ask the user")
    return bool(risky) or any(acceptance != "none" for acceptance in accepted.values())
