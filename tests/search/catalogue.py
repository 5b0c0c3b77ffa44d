"""A small catalogue for search tests, made from parsed metadata without git: what the index is given by publishing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from recipes_app.formats.metadata import BinaryPackage, ChangelogEntry, Person, RecipeMetadata, Relation, RelationTerm
from recipes_app.models import BinaryPackage as BinaryRow
from recipes_app.models import Recipe, Revision
from recipes_app.search.engine import SearchPage, search
from recipes_app.search.index import index_recipe
from recipes_app.search.query import parse_query

ADA = Person("Ada Lovelace", "ada@example.org")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def relations(**fields: Sequence[str]) -> dict[str, tuple[Relation, ...]]:
    """Return relation fields: `relations(Depends=["libc6"])`."""
    return {field: tuple(Relation((RelationTerm(name),), name) for name in names) for field, names in fields.items()}


def binary(name: str, synopsis: str = "tool for tests", description: str = "", **changes: Any) -> BinaryPackage:
    """Return a binary package."""
    package = BinaryPackage(
        name=name, architectures=("any",), section="utils", priority="optional", multi_arch="", essential=False,
        synopsis=synopsis, description=description, package_type="deb", build_profiles="", relations={},
    )  # fmt: skip
    return replace(package, **changes)


def metadata(name: str, *binaries: BinaryPackage, **changes: Any) -> RecipeMetadata:
    """Return what a recipe says; without binaries it builds one of its own name."""
    return RecipeMetadata(
        **{
            "source": name,
            "version": "1.0-1",
            "maintainer": ADA,
            "binaries": binaries or (binary(name),),
            "changelog": ChangelogEntry("1.0-1", ("unstable",), "medium", ADA, None, "* A release."),
            **changes,
        }
    )


def add_recipe(name: str, *binaries: BinaryPackage, row: dict[str, Any] | None = None, **changes: Any) -> Recipe:
    """Put a recipe into the catalogue and the index. `row` sets columns of the recipe, `changes` fields of its metadata."""
    said = metadata(name, *binaries, **changes)
    moment = EPOCH + timedelta(days=Recipe.objects.count())
    columns = {"submitter_name": "ada", "created_at": moment, "updated_at": moment, **(row or {})}
    recipe = Recipe.objects.create(name=name, storage_name=name, **columns)
    recipe.current = Revision.objects.create(
        recipe=recipe,
        commit=f"{recipe.pk:040x}",
        version=said.version,
        pushed_at=moment,
        pusher_name="ada",
        metadata=said.to_json(),
    )
    recipe.save()
    BinaryRow.objects.bulk_create(
        BinaryRow(recipe=recipe, name=package.name, position=position) for position, package in enumerate(said.binaries)
    )
    index_recipe(recipe, said)
    return recipe


def page(text: str, sort: str = "", filters: Mapping[str, Any] | None = None, **options: Any) -> SearchPage:
    """Return the page that the search box's text and filters bring."""
    return search(parse_query(text, sort, filters), **options)


def found(text: str, sort: str = "") -> list[str]:
    """Return the names of the first page's recipes, in order."""
    return [recipe.name for recipe in page(text, sort).hits]
