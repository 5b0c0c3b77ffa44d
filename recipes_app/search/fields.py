"""The fields of the search box: one line a field. No Django.

A field is one of three kinds, and the kind says where its values are looked up (see `matching`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..formats.vocabulary import UNKNOWN_MODEL_CLASS, Authorship, Category, LicenceClass, ModelVerdict, Redistribution

# What a field's value may stand for beside itself; `arch:amd64` also finds what is built for every architecture.
Expansion = Callable[[str], tuple[str, ...]]


def _itself(value: str) -> tuple[str, ...]:
    return (value,)


def covering(value: str) -> tuple[str, ...]:
    """Return what in an Architecture field covers `value`: itself, the wildcards (Debian Policy 11.1.1) and `all`."""
    if value in {"all", "any", "source"} or value.endswith("-any"):
        return (value,)
    if value.startswith(("hurd-", "kfreebsd-")):
        kernel, _, processor = value.partition("-")
        return (value, f"{kernel}-any", f"any-{processor}", "any", "all")
    return (value, "linux-any", f"any-{value}", "any", "all")


@dataclass(frozen=True)
class TagField:
    """Values are tags of the search document; `prefix*` works."""

    expand: Expansion = _itself


@dataclass(frozen=True)
class ColumnField:
    """Values are those of a column of the recipe, because they change without a push. `choices` empty: any value."""

    column: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class StateField:
    """Values are whether a time stands in a column of the recipe: yes, no or any; without the field it is `no`."""

    column: str
    choices: tuple[str, ...] = ("no", "yes", "any")


@dataclass(frozen=True)
class PersonField:
    """Values are a person's name or address in debian/control, or, with `by_account`, the account that maintains here."""

    by_account: bool = False


Field = TagField | ColumnField | StateField | PersonField

FIELDS: dict[str, Field] = {
    "name": TagField(),
    "binary": TagField(),
    "provides": TagField(),
    "depends": TagField(),
    "recommends": TagField(),
    "builddepends": TagField(),
    "keyword": TagField(),
    "suite": TagField(),
    "arch": TagField(covering),
    "licence": TagField(),
    "maintainer": PersonField(by_account=True),
    "uploader": PersonField(),
    "submitter": ColumnField("submitter_name"),
    "class": ColumnField("licence_class", tuple(LicenceClass)),
    "model": ColumnField("model_class", (*ModelVerdict, UNKNOWN_MODEL_CLASS)),
    "lint": ColumnField("lint_state", ("queued", "running", "passed", "failed", "error")),
    "category": ColumnField("category", tuple(Category)),
    "redistribution": ColumnField("redistribution", tuple(Redistribution)),
    "provenance": ColumnField("provenance", tuple(Authorship)),
    # What moderators have stopped is in no list unless it is asked for.
    "quarantined": StateField("quarantined_at"),
}
# Other spellings that people try.
ALIASES = {
    "license": "licence",
    "package": "binary",
    "keywords": "keyword",
    "architecture": "arch",
    "build-depends": "builddepends",
    "distribution": "suite",
}
