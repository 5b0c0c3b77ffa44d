"""What a recipe says, as typed data: the contract between the parser and everything that shows, stores or searches it.

Written once for each revision and kept as JSON; a change that readers would notice raises `SCHEMA_VERSION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from .plain import reader, to_plain
from .redistribution import is_nonfree_section
from .vocabulary import UNKNOWN_MODEL_CLASS, Category, LicenceClass, Osaid, Redistribution

SCHEMA_VERSION = 2

# deb822 fields that hold relations to other packages: Debian Policy 7.1 and 7.7.
BINARY_RELATIONS = (
    "Pre-Depends", "Depends", "Recommends", "Suggests", "Enhances", "Breaks", "Conflicts", "Replaces", "Provides",
    "Built-Using", "Static-Built-Using",
)  # fmt: skip
SOURCE_RELATIONS = (
    "Build-Depends", "Build-Depends-Indep", "Build-Depends-Arch",
    "Build-Conflicts", "Build-Conflicts-Indep", "Build-Conflicts-Arch",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A maintainer or uploader: `Name <address>`, Debian Policy 5.6.2."""

    name: str
    email: str


@dataclass(frozen=True)
class RelationTerm:
    """One alternative of a relation: `name:qualifier (op version) [architectures] <profiles>`."""

    name: str
    qualifier: str | None = None
    operator: str | None = None
    version: str | None = None
    architectures: tuple[str, ...] = ()
    profiles: str = ""


@dataclass(frozen=True)
class Relation:
    """One comma-separated member of a relation field: alternatives, any of which satisfies it; and the text as written."""

    alternatives: tuple[RelationTerm, ...]
    text: str


@dataclass(frozen=True)
class ChangelogEntry:
    """The newest entry of debian/changelog. `date` is ISO 8601 with offset, or None where it cannot be read."""

    version: str
    distributions: tuple[str, ...]
    urgency: str
    author: Person
    date: str | None
    changes: str


@dataclass(frozen=True)
class BinaryPackage:
    """One binary package paragraph of debian/control."""

    name: str
    architectures: tuple[str, ...]
    section: str
    priority: str
    multi_arch: str
    essential: bool
    synopsis: str
    description: str
    package_type: str
    build_profiles: str
    relations: Mapping[str, tuple[Relation, ...]]


@dataclass(frozen=True)
class LicenceTag:
    """A licence that the recipe names: SPDX id where known, its class, and where it came from.

    `licence_class` is one of dfsg-free, nonfree, nonfree-noredist, unknown; `origin` is `copyright` or `manifest`.
    """

    name: str
    spdx: str
    licence_class: str
    origin: str


@dataclass(frozen=True)
class Fetch:
    """A file that the build needs and that the user fetches; pinned by checksum and size, or by a git commit.

    `licence_file` is the path in the recipe of the text whose SHA-256 is `licence_sha256`; where it is empty, that text is at
    `licence_url`.
    """

    filename: str
    url: str
    line: int
    sha256: str = ""
    size: int | None = None
    role: str = "orig"
    wrap: str = ""
    architectures: tuple[str, ...] = ()
    licence: str = ""
    licence_class: str = LicenceClass.UNKNOWN
    licence_url: str = ""
    licence_sha256: str = ""
    licence_file: str = ""
    acceptance: str = "none"


@dataclass(frozen=True)
class Verdict:
    """A computed class with the sentences that say which facts led to it."""

    value: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A dataset or simulator that a model was trained with."""

    name: str
    for_model: str
    line: int
    access: str = "unknown"
    licence: str = ""
    licence_class: str = LicenceClass.UNKNOWN
    url: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Model:
    """The facts about a machine-learning model, and the classes computed from them (ML-Policy; OSAID 1.0)."""

    name: str
    line: int
    files: tuple[str, ...] = ()
    base_model: str = ""
    weights_licence: str = ""
    weights_licence_class: str = LicenceClass.UNKNOWN
    format: str = ""
    training_program: str = ""
    training_program_licence: str = ""
    training_program_completeness: str = "unknown"
    inference_program: str = ""
    reproducibility: str = ""
    critical_use: str = "no"
    claimed_class: str = ""
    computed: Verdict = Verdict(UNKNOWN_MODEL_CLASS)
    osaid: Verdict = Verdict(Osaid.UNKNOWN)
    datasets: tuple[Dataset, ...] = ()


@dataclass(frozen=True)
class Variant:
    """A way to build the same recipe."""

    name: str
    line: int
    default: bool = False
    profiles: tuple[str, ...] = ()
    flags: str = ""
    portability: str = "any"
    build_depends_extra: tuple[Relation, ...] = ()
    requires_hardware: str = ""
    licence_effect: str = "none"
    benchmark: str = ""


@dataclass(frozen=True)
class RecipeMetadata:
    """Everything that one revision of a recipe says.

    `licence_class` is the worst of `licences`; `model_class` the worst of `models`, empty where there is none;
    `redistribution` is permitted, unknown, binaries-forbidden or forbidden; `category`, `suites`, `keywords` as in debian/dur;
    `components` are the archive components that the build needs besides main.
    """

    source: str
    version: str
    maintainer: Person
    binaries: tuple[BinaryPackage, ...]
    changelog: ChangelogEntry
    uploaders: tuple[Person, ...] = ()
    section: str = ""
    priority: str = ""
    homepage: str = ""
    vcs: Mapping[str, str] = field(default_factory=dict)
    standards_version: str = ""
    rules_requires_root: str = ""
    source_format: str = "1.0"
    debhelper_compat: str = ""
    testsuite: str = ""
    relations: Mapping[str, tuple[Relation, ...]] = field(default_factory=dict)
    licences: tuple[LicenceTag, ...] = ()
    licence_class: str = LicenceClass.UNKNOWN
    redistribution: str = Redistribution.UNKNOWN
    needs_acceptance: bool = False
    category: str = Category.SOURCE
    suites: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    variant_of: str = ""
    provenance: str = ""
    fetches: tuple[Fetch, ...] = ()
    models: tuple[Model, ...] = ()
    variants: tuple[Variant, ...] = ()
    model_class: str = ""
    osaid_class: str = ""
    patches: tuple[str, ...] = ()
    readme_path: str = ""
    schema: int = SCHEMA_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types: what the database keeps and the API shows."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the metadata that `to_json` wrote, now or under an older schema."""
        found: Self = reader(cls)(data if data.get("schema") == SCHEMA_VERSION else _brought_up(data))
        return found

    @property
    def synopsis(self) -> str:
        """The synopsis of the first binary package: what a list shows for the recipe."""
        return self.binaries[0].synopsis if self.binaries else ""


def _brought_up(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON of an older schema in the present one. Schema 1 called permitted what nobody had said anything of."""
    said = data.get("redistribution", Redistribution.PERMITTED)
    if said == Redistribution.PERMITTED and (
        data.get("licence_class") != LicenceClass.DFSG_FREE or is_nonfree_section(str(data.get("section", "")))
    ):
        said = Redistribution.UNKNOWN
    return {**data, "redistribution": said, "schema": SCHEMA_VERSION}
