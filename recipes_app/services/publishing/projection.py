"""What is copied from a recipe's current revision so that lists, look-ups and search need not open its JSON.

Rows are compared and changed where they differ, never thrown away and written anew: a row's id stays while its fact stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recipes_app.formats.metadata import RecipeMetadata, Relation
from recipes_app.limits import MAX_NAME_LENGTH
from recipes_app.models import BinaryPackage, LintJob, PackageRelation, Recipe
from recipes_app.search.index import index_recipe, suites_of

from ..catalogue import summaries
from ..lint import stages
from ..ownership import model_class

_SYNOPSIS = 400
_SECTION = 80
_TEXT = 400
_WORDS = 400


def project_current(recipe: Recipe) -> None:
    """Write columns, binary packages, relations and the search row of `recipe` from its current revision.

    Called inside the transaction that moved `current`. A recipe without a current revision is left as it is.
    """
    if recipe.current is None:
        return
    metadata = recipe.current.data
    _copy_columns(recipe, metadata)
    model_class.refresh(recipe)
    _write_binaries(recipe, metadata)
    _write_relations(recipe, metadata)
    index_recipe(recipe, metadata)


def columns_of(metadata: RecipeMetadata) -> dict[str, Any]:
    """Return the columns of a recipe that say what its current revision says."""
    return {
        **summaries.copied(metadata),
        "suites": _words(suites_of(metadata.suites, metadata.changelog.distributions)),
        "architectures": _words(name for package in metadata.binaries for name in package.architectures),
    }


def binaries_of(metadata: RecipeMetadata) -> dict[str, dict[str, Any]]:
    """Return the columns of each binary package that is looked up, by its name."""
    return {
        package.name: {
            "architectures": list(package.architectures),
            "section": package.section[:_SECTION],
            "synopsis": package.synopsis[:_SYNOPSIS],
            "position": position,
        }
        for position, package in enumerate(metadata.binaries)
    }


def relations_of(metadata: RecipeMetadata) -> set[tuple[str, str, str, str]]:
    """Return (binary, kind, target, text) for each alternative of each relation; the binary is empty for a build relation."""
    return set(_relation_keys(metadata))


def _words(values: Iterable[str]) -> str:
    """Return the values once each, sorted, with a blank between them; what the column cannot hold is left out whole."""
    kept: list[str] = []
    for value in sorted(set(values)):
        if len(" ".join((*kept, value))) > _WORDS:
            break
        kept.append(value)
    return " ".join(kept)


def _copy_columns(recipe: Recipe, metadata: RecipeMetadata) -> None:
    for column, value in columns_of(metadata).items():
        setattr(recipe, column, value)
    recipe.lint_state = stages.overall(LintJob.objects.filter(revision=recipe.current).defer("log", "effects"))
    recipe.save()


def _write_binaries(recipe: Recipe, metadata: RecipeMetadata) -> None:
    wanted = binaries_of(metadata)
    for row in recipe.binary_packages.all():
        values = wanted.pop(row.name, None)
        if values is None:
            row.delete()
        elif any(getattr(row, column) != value for column, value in values.items()):
            for column, value in values.items():
                setattr(row, column, value)
            row.save()
    BinaryPackage.objects.bulk_create(BinaryPackage(recipe=recipe, name=name, **values) for name, values in wanted.items())


def _write_relations(recipe: Recipe, metadata: RecipeMetadata) -> None:
    wanted = relations_of(metadata)
    gone = []
    for row in recipe.package_relations.all():
        key = (row.binary, row.kind, row.target, row.text)
        if key in wanted:
            wanted.remove(key)
        else:
            gone.append(row.pk)
    PackageRelation.objects.filter(pk__in=gone).delete()
    PackageRelation.objects.bulk_create(
        PackageRelation(recipe=recipe, binary=binary, kind=kind, target=target, text=text)
        for binary, kind, target, text in sorted(wanted)
    )


def _relation_keys(metadata: RecipeMetadata) -> Iterator[tuple[str, str, str, str]]:
    """Yield (binary, kind, target, text) for each alternative of each relation; substitution variables are no packages."""
    for kind, relations in metadata.relations.items():
        yield from _targets("", kind, relations)
    for package in metadata.binaries:
        for kind, relations in package.relations.items():
            yield from _targets(package.name, kind, relations)


def _targets(binary: str, kind: str, relations: tuple[Relation, ...]) -> Iterator[tuple[str, str, str, str]]:
    for relation in relations:
        for term in relation.alternatives:
            if term.name and "$" not in term.name and len(term.name) <= MAX_NAME_LENGTH:
                yield binary, kind, term.name, relation.text[:_TEXT]
