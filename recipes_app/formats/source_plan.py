"""The plan from a recipe to its packages: what is downloaded, how it becomes a source package, and what is built from it.

The page's steps, the trial build and the client take every decision of this kind from here. Pure: the caller fills in the commit
and the recipes that it depends on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from .manifest_variants import version_suffix
from .metadata import BinaryPackage, Fetch, Model, RecipeMetadata, Relation, Variant
from .plain import reader, to_plain
from .vocabulary import AcceptanceKind, LicenceClass, ModelVerdict, Redistribution

PLAN_SCHEMA = 1
# Below `+deb13u1` (dpkg sorts `c` < `d`): a security update of Debian's wins over what was built at home from the same version.
_SUFFIX = "+cdur1"
# dpkg-source(1): the formats of original tarballs, and the alphabet of a component's name.
_TARBALL = re.compile(r"\.tar\.(?:gz|bz2|lzma|xz)$|\.tgz$")
_COMPONENT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*")
_RUN_TIME = ("Pre-Depends", "Depends")
_BUILD_TIME = ("Build-Depends", "Build-Depends-Indep", "Build-Depends-Arch")
_CONFLICTS = ("Build-Conflicts", "Build-Conflicts-Indep", "Build-Conflicts-Arch")


class PlanError(Exception):
    """The manifest describes no source package, or the plan is of a newer schema; the text says what to do."""


@dataclass(frozen=True)
class Download:
    """A file to download. `filename` is its name on disk; `url` is as in the manifest, `scheme` its first part.

    A git source has a commit in `url` instead of `sha256` and `size` (bytes), and becomes a tarball of that commit.
    """

    filename: str
    url: str
    scheme: str
    sha256: str = ""
    size: int | None = None
    licence: str = ""
    licence_class: str = LicenceClass.UNKNOWN


@dataclass(frozen=True)
class Tarball:
    """A tarball of the source package, under the name that dpkg-source(1) knows.

    `folder` is where it is unpacked in the source tree: empty for the original tarball itself, the component's name for a
    component. It is the download `download`, or, where that is empty, made of the downloads `members`, each at
    `FOLDER/PATH/FILENAME`; an original tarball of neither is empty.
    """

    filename: str
    folder: str
    download: str = ""
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Member:
    """A bare file in a tarball that is made: its path there, and the download that it is."""

    path: str
    download: str


@dataclass(frozen=True)
class Acceptance:
    """What the user is asked before anything is downloaded.

    For a `licence`: `subject` is the file that it covers, `sha256` the checksum of the text, which is the recipe's file
    `text_file` or, where that is empty, at `text_url`. For a `risk`: `subject` is a model, and `facts` say what is missing.
    """

    kind: str
    subject: str
    name: str
    sha256: str = ""
    text_file: str = ""
    text_url: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class NeededRecipe:
    """Another recipe of the site whose packages this one needs: to build, to run, or both."""

    name: str
    packages: tuple[str, ...]
    to_build: bool
    to_run: bool


@dataclass(frozen=True)
class SourcePlan:
    """Everything between a recipe's commit and its installed packages, for one variant.

    `version` has the suffix of what is built at home, `recipe_version` is that of debian/changelog. `components` are archive
    components besides main. `build_depends` and `build_conflicts` are relations as dpkg reads them (Debian Policy 7.7), with the
    variant's own. `flags` go to DEB_CFLAGS_APPEND and DEB_CXXFLAGS_APPEND (dpkg-buildflags(1)). `fields` are written into each
    binary package's stanza. `packages` are the binary packages that result, `architectures` those that they are for.
    """

    recipe: str
    commit: str
    recipe_version: str
    version: str
    native: bool
    variant: str = ""
    portability: str = "any"
    requires_hardware: str = ""
    redistribution: str = Redistribution.UNKNOWN
    suites: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    recipes: tuple[NeededRecipe, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    downloads: tuple[Download, ...] = ()
    tarballs: tuple[Tarball, ...] = ()
    extras: tuple[str, ...] = ()
    build_depends: tuple[str, ...] = ()
    build_depends_extra: tuple[str, ...] = ()
    build_conflicts: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    flags: str = ""
    fields: Mapping[str, str] | None = None
    packages: tuple[str, ...] = ()
    schema: int = PLAN_SCHEMA

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types: what the API shows and the client reads."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the plan that `to_json` wrote. Raises PlanError where a newer program wrote it."""
        schema = data.get("schema")
        if not isinstance(schema, int) or not 1 <= schema <= PLAN_SCHEMA:
            raise PlanError(f"the plan has the schema {schema!r}, and this program reads 1 to {PLAN_SCHEMA}: upgrade it")
        found: Self = reader(cls)(data)
        return found


def source_plan(
    metadata: RecipeMetadata,
    *,
    variant: str | None = None,
    commit: str = "",
    providers: Mapping[str, str] | None = None,
) -> SourcePlan:
    """Return the plan of a recipe's `metadata` for `variant`; without one, for the default variant, or the first of them.

    `commit` is the one that is built, 40 hexadecimal digits. `providers` names the recipe for packages that other recipes build.
    Raises PlanError where there is no such variant, and where the files of the manifest fit no source package.
    """
    chosen = _chosen(metadata.variants, variant)
    native = is_native(metadata)
    tarballs = () if native else tuple(tarballs_of(metadata.source, metadata.version, metadata.fetches))
    laid_down = {name for each in tarballs for name in (each.download, *(member.download for member in each.members))}
    downloads = tuple(_download(fetch) for fetch in metadata.fetches)
    packages = tuple(_built(metadata.binaries, chosen.profiles if chosen else ()))
    return SourcePlan(
        recipe=metadata.source,
        commit=commit,
        recipe_version=metadata.version,
        version=metadata.version + suffix_of(chosen),
        native=native,
        variant=chosen.name if chosen else "",
        portability=chosen.portability if chosen else "any",
        requires_hardware=chosen.requires_hardware if chosen else "",
        redistribution=metadata.redistribution,
        suites=metadata.suites,
        architectures=tuple(dict.fromkeys(name for package in packages for name in package.architectures)),
        components=metadata.components,
        recipes=tuple(_needed(metadata, chosen, packages, providers or {})),
        acceptances=(*_licences(metadata.fetches), *_risks(metadata)),
        downloads=downloads,
        tarballs=tarballs,
        extras=tuple(each.filename for each in downloads if each.filename not in laid_down),
        build_depends=_relations(metadata, _BUILD_TIME),
        build_depends_extra=tuple(each.text for each in chosen.build_depends_extra) if chosen else (),
        build_conflicts=_relations(metadata, _CONFLICTS),
        profiles=chosen.profiles if chosen else (),
        flags=chosen.flags if chosen else "",
        fields=_fields(metadata, chosen, commit),
        packages=tuple(package.name for package in packages),
    )


def default_variant(variants: Sequence[Variant]) -> Variant | None:
    """Return the variant that is built where none is chosen: the default one, or the first; None where there is none."""
    return next((each for each in variants if each.default), variants[0] if variants else None)


def suffix_of(variant: Variant | None) -> str:
    """Return what the version of packages built at home ends in; each variant that is not the default has one of its own.

    What its name has besides letters and digits becomes a dot; two variants whose suffix would be the same are an error.
    """
    return _SUFFIX if variant is None or variant.default else f"{_SUFFIX}.{version_suffix(variant.name)}"


def is_native(metadata: RecipeMetadata) -> bool:
    """Return whether the source package has no original tarball (Debian Policy 5.6.12, dpkg-source(1))."""
    return "native" in metadata.source_format or "-" not in metadata.version


def _chosen(variants: Sequence[Variant], name: str | None) -> Variant | None:
    if name is None:
        return default_variant(variants)
    for each in variants:
        if each.name == name:
            return each
    raise PlanError(f"there is no variant {name}; choose one of: {', '.join(each.name for each in variants) or 'none'}")


def _fields(metadata: RecipeMetadata, variant: Variant | None, commit: str) -> dict[str, str]:
    fields = {"Dur-Recipe": f"{metadata.source} {commit}".strip()}
    if variant is not None:
        fields |= {"Dur-Variant": variant.name, "Dur-Portability": variant.portability}
    if metadata.redistribution != Redistribution.PERMITTED:
        fields["Dur-Redistribution"] = metadata.redistribution
    return fields


def _download(fetch: Fetch) -> Download:
    scheme = fetch.url.partition(":")[0]
    # A commit has no file name; as a tarball it has to end as one.
    ending = ".tar.gz" if scheme == "git+https" and not _TARBALL.search(fetch.filename) else ""
    return Download(
        filename=fetch.filename + ending,
        url=fetch.url,
        scheme=scheme,
        sha256=fetch.sha256,
        size=fetch.size,
        licence=fetch.licence,
        licence_class=fetch.licence_class,
    )


def tarballs_of(source: str, version: str, fetches: Sequence[Fetch]) -> Iterator[Tarball]:
    """Yield the tarballs of the source package `source` at `version`, the main one first. Raises PlanError."""
    upstream = version.partition(":")[2] or version
    stem = f"{source}_{upstream.rpartition('-')[0]}.orig"
    mains = [each for each in fetches if each.role == "orig"]
    if len(mains) > 1:
        names = ", ".join(each.filename for each in mains)
        raise PlanError(
            f"debian/dur: {names} have the Role orig, and a source package has one; give the others the Role component"
        )
    if mains:
        if mains[0].wrap:
            raise PlanError(f"debian/dur: {mains[0].filename} has a Wrap, and is no component; give it the Role component")
        file = _download(mains[0])
        yield Tarball(f"{stem}{_ending(file.filename)}", "", file.filename)
    else:
        yield Tarball(f"{stem}.tar.gz", "")
    wrapped: dict[str, list[Member]] = {}
    for fetch in fetches:
        if fetch.role != "component":
            continue
        filename = _download(fetch).filename
        if fetch.wrap:
            name, _, below = fetch.wrap.strip("/").partition("/")
            wrapped.setdefault(_component(name), []).append(Member(f"{below}/{filename}" if below else filename, filename))
        else:
            name = _component(_TARBALL.sub("", filename).rpartition(".orig-")[2])
            yield Tarball(f"{stem}-{name}{_ending(filename)}", name, filename)
    for name, members in wrapped.items():
        yield Tarball(f"{stem}-{name}.tar.gz", name, members=tuple(members))


def _ending(filename: str) -> str:
    match = _TARBALL.search(filename)
    if match is None:
        raise PlanError(
            f"debian/dur: {filename} is no tarball that dpkg-source reads; give it the Role component and the field Wrap"
        )
    return ".tar.gz" if match[0] == ".tgz" else match[0]


def _component(name: str) -> str:
    if not _COMPONENT.fullmatch(name) or name == "debian":
        raise PlanError(f"debian/dur: {name!r} is no name of a component; use letters, digits and -, and not debian")
    return name


def _relations(metadata: RecipeMetadata, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(each.text for name in names for each in metadata.relations.get(name, ()))


def _built(binaries: Sequence[BinaryPackage], profiles: Sequence[str]) -> Iterator[BinaryPackage]:
    """Yield the packages that a build with `profiles` makes for users; installer packages are none."""
    for package in binaries:
        if package.package_type != "udeb" and _fits(package.build_profiles, frozenset(profiles)):
            yield package


def _fits(formula: str, profiles: frozenset[str]) -> bool:
    """Return whether a restriction formula holds: `<a !b> <c>` is (a and not b) or c (Debian Policy 7.1)."""
    lists = re.findall(r"<([^<>]*)>", formula)
    return not lists or any(
        all((term.lstrip("!") in profiles) != term.startswith("!") for term in each.split()) for each in lists
    )


def _needed(
    metadata: RecipeMetadata, variant: Variant | None, packages: Sequence[BinaryPackage], providers: Mapping[str, str]
) -> Iterator[NeededRecipe]:
    """Yield the recipes that build what is needed, by name. The first alternative of a relation is what gets installed."""
    own = {each.name for each in metadata.binaries}
    to_build = [each for name in _BUILD_TIME for each in metadata.relations.get(name, ())]
    to_build += variant.build_depends_extra if variant else ()
    to_run = [each for package in packages for name in _RUN_TIME for each in package.relations.get(name, ())]
    found: dict[str, dict[str, set[str]]] = {}
    for kind, relations in (("build", to_build), ("run", to_run)):
        for name in _first_names(relations):
            if name in providers and name not in own and providers[name] != metadata.source:
                found.setdefault(providers[name], {}).setdefault(kind, set()).add(name)
    for recipe, kinds in sorted(found.items()):
        yield NeededRecipe(recipe, tuple(sorted(set().union(*kinds.values()))), "build" in kinds, "run" in kinds)


def _first_names(relations: Sequence[Relation]) -> set[str]:
    return {each.alternatives[0].name for each in relations}


def _licences(fetches: Sequence[Fetch]) -> Iterator[Acceptance]:
    for fetch in fetches:
        if fetch.acceptance == AcceptanceKind.EXPLICIT:
            yield Acceptance(
                "licence",
                _download(fetch).filename,
                fetch.licence,
                sha256=fetch.licence_sha256,
                text_file=fetch.licence_file,
                text_url="" if fetch.licence_file else fetch.licence_url,
            )


def _risks(metadata: RecipeMetadata) -> Iterator[Acceptance]:
    """Yield the risk of each model that nobody can rebuild (ML-Policy: ToxicCandy), with the facts."""
    asked = {fetch.filename for fetch in metadata.fetches if fetch.acceptance == AcceptanceKind.RISK_TOXIC_CANDY}
    for model in metadata.models:
        if model.computed.value == ModelVerdict.TOXIC_CANDY or asked & set(model.files):
            yield Acceptance("risk", model.name, model.computed.value, facts=tuple(_facts(model)))


def _facts(model: Model) -> Iterator[str]:
    yield from model.computed.reasons
    if model.critical_use != "no":
        yield f"it is meant for {model.critical_use}"
