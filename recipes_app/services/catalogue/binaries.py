"""Binary packages across recipes: who builds, or provides, a name, for a suite and an architecture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet, Subquery

from recipes_app.models import BinaryPackage, PackageRelation, SuiteBranch
from recipes_app.search.engine import tagged
from recipes_app.search.fields import covering
from recipes_app.search.index import suites_of

from ..core.pages import cut

PROVIDES = "Provides"


class _HasAny(Func):
    """Whether the JSON list in a column has one of some texts as a member. Each database has words of its own for it."""

    output_field = BooleanField()

    def __init__(self, column: str, values: Iterable[str]) -> None:
        super().__init__(F(column))
        self.values = list(values)

    def as_sqlite(self, compiler: Any, connection: Any, **extra_context: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition for SQLite, which walks the list."""
        return self._compiled(compiler, "EXISTS (SELECT 1 FROM json_each({}) WHERE value IN ({}))")

    def as_postgresql(self, compiler: Any, connection: Any, **extra_context: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition for PostgreSQL, which has an operator for it."""
        return self._compiled(compiler, "({} ?| ARRAY[{}])")

    def _compiled(self, compiler: Any, form: str) -> tuple[str, tuple[Any, ...]]:
        column, parameters = compiler.compile(self.source_expressions[0])
        return form.format(column, ", ".join(["%s"] * len(self.values))), (*parameters, *self.values)


@dataclass(frozen=True)
class Offer:
    """A binary package that fits what was asked for.

    `provides` are the relations by which it provides the name; none where it bears it. `tip` is the suite's own branch, if the
    recipe has one for the suite that was asked for.
    """

    package: BinaryPackage
    suites: tuple[str, ...]
    provides: tuple[str, ...]
    tip: SuiteBranch | None


@dataclass(frozen=True)
class Asked:
    """A name that packages bear or provide, and what they have to be for; empty: for anything."""

    name: str
    suite: str = ""
    architecture: str = ""


@dataclass(frozen=True)
class BinaryPage:
    """Some packages, oldest first, and the last one's number where more follow."""

    packages: list[BinaryPackage]
    next_after: int | None


def find(asked: Asked, *, after: int | None = None, limit: int) -> BinaryPage:
    """Return who builds a binary package of the name, or one that provides it, oldest first. One query.

    A suite leaves those that are for it, by their manifest, changelog, or a branch of its name; an architecture leaves what is
    built for it (Debian Policy 11.1: wildcards and `all` cover it).
    """
    rows = _named(asked.name)
    if asked.suite:
        branches = SuiteBranch.objects.filter(name=f"debian/{asked.suite}")
        tip = branches.filter(recipe=OuterRef("recipe")).values("revision")
        rows = rows.annotate(tip=Subquery(tip)).filter(
            Q(recipe_id__in=tagged("suite", asked.suite)) | Q(recipe_id__in=branches.values("recipe_id"))
        )
    if asked.architecture:
        rows = rows.filter(_HasAny("architectures", covering(asked.architecture)))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return BinaryPage(*cut(rows.order_by("pk"), limit, lambda row: row.pk))


def offers(asked: Asked, found: BinaryPage) -> list[Offer]:
    """Return what is to be said of the packages that were found. Two queries at most."""
    provided = _provided_by(found.packages, asked.name)
    tips = _tips(found.packages, asked.suite)
    return [
        Offer(
            package=row,
            suites=suites_of(row.named_suites or (), row.distributions or ()),  # type: ignore[attr-defined]  # annotations
            provides=tuple(provided.get((row.recipe_id, row.name), ())),
            tip=tips.get(row.recipe_id),
        )
        for row in found.packages
    ]


def _named(name: str) -> QuerySet[BinaryPackage]:
    """Return the packages of living recipes that are called `name` or provide it. Each half is a look-up in an index."""
    called = BinaryPackage.objects.filter(name=name)
    providing = BinaryPackage.objects.filter(
        recipe__package_relations__kind=PROVIDES,
        recipe__package_relations__target=name,
        recipe__package_relations__binary=F("name"),
    )
    living = BinaryPackage.objects.filter(recipe__deleted_at=None, recipe__current__isnull=False)
    return (
        living.filter(pk__in=called.order_by().values("pk").union(providing.order_by().values("pk")))
        .select_related("recipe__maintainer", "recipe__current")
        .defer("recipe__current__metadata", "recipe__current__findings")
        .annotate(
            named_suites=F("recipe__current__metadata__suites"),
            distributions=F("recipe__current__metadata__changelog__distributions"),
        )
    )


def _provided_by(page: Sequence[BinaryPackage], name: str) -> dict[tuple[int, str], list[str]]:
    others = {row.recipe_id for row in page if row.name != name}
    if not others:
        return {}
    found: dict[tuple[int, str], list[str]] = {}
    relations = PackageRelation.objects.filter(recipe_id__in=others, kind=PROVIDES, target=name).order_by("pk")
    for recipe_id, binary, text in relations.values_list("recipe_id", "binary", "text"):
        found.setdefault((recipe_id, binary), []).append(text)
    return found


def _tips(page: Sequence[BinaryPackage], suite: str) -> dict[int, SuiteBranch]:
    if not suite or not page:
        return {}
    branches = SuiteBranch.objects.filter(recipe_id__in={row.recipe_id for row in page}, name=f"debian/{suite}")
    chosen = branches.select_related("revision").defer("revision__metadata", "revision__findings")
    return {branch.recipe_id: branch for branch in chosen}
