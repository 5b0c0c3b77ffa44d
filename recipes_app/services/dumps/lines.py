"""What the dumps say of one recipe: a line of recipes.jsonl, one of recipes-full.jsonl, and a paragraph of Sources.

Nothing in them depends on the time of reading: `vote_weight` stands for popularity, which falls by the day. JSON is canonical:
sorted keys, no blanks, UTF-8, no floating point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from django.conf import settings
from django.db.models import F, TextField
from django.db.models.functions import Cast

from ...formats.metadata import SCHEMA_VERSION, RecipeMetadata
from ...models import Recipe
from ..catalogue.summaries import COLUMNS, Row

_FULL = {
    "submitter_name": "submitter",
    "maintainer_since": "maintainer_since",
    "ownership_changed_at": "ownership_changed_at",
    "previous_maintainer_name": "previous_maintainer",
    "quarantine_reason": "quarantine_reason",
}
# Popularity falls by the day: `vote_weight` stands for it.
_SUMMARY = tuple(each for each in COLUMNS if each.name != "popularity")
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
# Debian Policy 5.6.2 to 5.6.19, in the order in which the archive's own Sources has them.
_BUILD_FIELDS = (
    "Build-Depends", "Build-Depends-Indep", "Build-Depends-Arch",
    "Build-Conflicts", "Build-Conflicts-Indep", "Build-Conflicts-Arch",
)  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """What the dumps say of the recipe `name`, each with its line ends."""

    name: str
    summary: bytes
    full: bytes
    paragraph: bytes

    @property
    def digest(self) -> bytes:
        """The SHA-256 of all of it."""
        return sha256(self.full + self.paragraph).digest()


def living_names() -> list[tuple[str, int]]:
    """Return name and id of each recipe that the dumps have, by name. One query."""
    living = Recipe.objects.filter(deleted_at=None, current__isnull=False)
    # Sorted here: databases have collations of their own, and the same catalogue is to give the same bytes on each.
    return sorted(living.order_by().values_list("name", "id"))


def rows_of(ids: Sequence[int]) -> list[Row]:
    """Return what `lines_of` makes lines from, of the recipes `ids`; one that has gone meanwhile is left out. One query."""
    rows = Recipe.objects.filter(pk__in=ids, deleted_at=None).order_by()
    rows = rows.annotate(
        head_commit=F("current__commit"),
        head_pushed_at=F("current__pushed_at"),
        last_pusher=F("current__pusher_name"),
        # As text: orjson reads it several times quicker than the driver.
        said=Cast("current__metadata", TextField()),
    )
    columns = (
        "head_commit", "head_pushed_at", "last_pusher", "said", "vote_weight", *(each.path for each in _SUMMARY), *_FULL,
    )  # fmt: skip
    return list(rows.values(*columns))


def lines_of(rows: Iterable[Row]) -> list[Lines]:
    """Return what is said of the recipes of `rows`, by name. It asks the database nothing, so that any thread can do it."""
    return sorted((_lines(row) for row in rows if row["said"]), key=lambda lines: lines.name)


def _lines(row: Row) -> Lines:
    metadata = _metadata(row["said"])
    summary = _summary(row, metadata)
    full = {
        **summary,
        **{ours: row[column] for column, ours in _FULL.items()},
        "head_pushed_at": row["head_pushed_at"],
        "last_pusher": row["last_pusher"],
        "metadata": metadata,
    }
    return Lines(row["name"], _line(summary), _line(full), "".join(_paragraph(summary, metadata)).encode())


def _metadata(text: str) -> dict[str, Any]:
    """Return what the current revision says, in the present schema."""
    stored: dict[str, Any] = orjson.loads(text)
    return stored if stored.get("schema") == SCHEMA_VERSION else RecipeMetadata.from_json(stored).to_json()


def _summary(row: Row, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is searched, and what a client needs to decide whether to fetch more."""
    binaries = metadata["binaries"]
    return {
        **{each.name: row[each.path] for each in _SUMMARY},
        "quarantined": row["quarantined_at"] is not None,
        "head_commit": row["head_commit"],
        # Nine digits as text: more than any count of votes has, and the same in every language's JSON.
        "vote_weight": f"{row['vote_weight']:.9g}",
        "binaries": [package["name"] for package in binaries],
        "provides": sorted({name for package in binaries for name in _targets(package["relations"].get("Provides", ()))}),
        "architectures": sorted({each for package in binaries for each in package["architectures"]}),
        "suites": metadata["suites"],
        "keywords": metadata["keywords"],
        "licences": sorted({licence["spdx"] or licence["name"] for licence in metadata["licences"]}),
    }


def _targets(relations: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for relation in relations:
        yield from (term["name"] for term in relation["alternatives"] if "$" not in term["name"])


def _line(facts: Mapping[str, Any]) -> bytes:
    return orjson.dumps(facts, option=_CANONICAL) + b"\n"


def _paragraph(summary: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields of the recipe's paragraph, as deb822(5): those of the archive's Sources, then ours."""
    relations = metadata["relations"]
    fields = [
        ("Package", summary["name"]),
        ("Binary", ", ".join(summary["binaries"])),
        ("Version", summary["version"]),
        ("Maintainer", _person(metadata["maintainer"])),
        ("Uploaders", ", ".join(map(_person, metadata["uploaders"]))),
        *((name, ", ".join(relation["text"] for relation in relations.get(name, ()))) for name in _BUILD_FIELDS),
        ("Architecture", " ".join(summary["architectures"])),
        ("Standards-Version", metadata["standards_version"]),
        ("Format", metadata["source_format"]),
        *((f"Vcs-{name}", address) for name, address in sorted(metadata["vcs"].items())),
        ("Testsuite", metadata["testsuite"]),
        ("Homepage", metadata["homepage"]),
        ("Section", metadata["section"]),
        ("Priority", metadata["priority"]),
        ("Dur-Clone", f"{settings.PORTAL_URL}/git/{summary['name']}.git"),
        ("Dur-Commit", summary["head_commit"]),
        ("Dur-Account", summary["maintainer"] or ""),
        ("Dur-Category", summary["category"]),
        ("Dur-Suites", " ".join(summary["suites"])),
        ("Dur-Licences", ", ".join(summary["licences"])),
        ("Dur-Licence-Class", summary["licence_class"]),
        ("Dur-Redistribution", summary["redistribution"]),
        ("Dur-Model-Class", summary["model_class"]),
        ("Dur-Quarantined", "yes" if summary["quarantined"] else ""),
    ]
    for name, value in fields:
        # One line each, whatever white space the recipe's own field was folded with.
        if one_line := " ".join(value.split()):
            yield f"{name}: {one_line}\n"
    yield "\n"


def _person(person: Mapping[str, str]) -> str:
    return f"{person['name']} <{person['email']}>" if person["email"] else person["name"]
