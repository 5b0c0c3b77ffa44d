"""Reading the catalogue: what pages and API ask for, each with a bounded number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import (
    Case,
    CharField,
    Count,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from recipes_app.cached_counts import kept
from recipes_app.limits import MAX_COUNTED_HITS, MAX_PAGE_SIZE
from recipes_app.models import BinaryPackage, Keyword, LintJob, PackageRelation, Recipe, Revision, SuiteBranch, User
from recipes_app.plain import kept_plain
from recipes_app.repos.push_rules import MAIN_BRANCH

from . import names, validators
from .summaries import COUNTED_BY

# A recipe that is another build of a package of the Debian archive says so in debian/dur.
_VARIANT_OF = KeyTextTransform("variant_of", "recipe__current__metadata")
# Reverse relations that a page shows; a popular library is required by more than anyone reads.
MAX_REQUIRED_BY = 200


def get_recipe(name: str) -> Recipe:
    """Return the living recipe with its current revision and its maintainer. One query.

    Added to it: `has_held_revision`, whether a revision waits for a reviewer; `has_team`, whether it has co-maintainers;
    `has_suite_branches`, whether it has branches beside `main`; and what changes whenever its branches, open requests, rulings
    or lint jobs do. Raises RecipeMoved, Recipe.DoesNotExist (`names.living`).
    """
    recipes = Recipe.objects.select_related("current", "maintainer")
    return names.living(name, recipes.annotate(**validators.RECIPE, **validators.lint("recipes_app_recipe.current_id")))


def get_row(name: str) -> Recipe:
    """Return the living recipe with its maintainer, without its revision. One query. Raises as `get_recipe` does."""
    return names.living(name, Recipe.objects.select_related("maintainer"))


def recent(limit: int, maintainer: User | None = None) -> list[Recipe]:
    """Return the `limit` recipes that were updated last, of `maintainer` where one is given. One query."""
    return list(_published(maintainer).order_by("-updated_at", "-id")[:limit])


def newest(limit: int) -> list[Recipe]:
    """Return the `limit` recipes that were made last, each with its maintainer. One query."""
    return list(_published(None).order_by("-created_at", "-id")[:limit])


def _published(maintainer: User | None) -> QuerySet[Recipe]:
    """What moderators have stopped is in no list; its own page says who did, when and why."""
    rows = Recipe.objects.filter(current__isnull=False, deleted_at=None, quarantined_at=None).select_related("maintainer")
    return rows if maintainer is None else rows.filter(maintainer=maintainer)


def history(recipe: Recipe) -> QuerySet[Revision]:
    """Return the revisions of `recipe`, newest first, without their metadata."""
    return recipe.revisions.select_related("pusher").defer("metadata", "findings").order_by("-pushed_at", "-id")


@dataclass(frozen=True)
class HistoryStamp:
    """How many revisions a recipe has, and what changes whenever one is added, held, released or taken out."""

    number: int
    newest: int | None
    held: int | None
    quarantined: int | None


def history_stamp(recipe: Recipe) -> HistoryStamp:
    """Return the stamp of a recipe's history. One query."""
    waiting, taken_out = (Q(review=review) for review in (Revision.Review.HELD, Revision.Review.QUARANTINED))
    sums = recipe.revisions.aggregate(
        number=Count("pk"), newest=Max("pk"), held=Sum("pk", filter=waiting), quarantined=Sum("pk", filter=taken_out)
    )
    return HistoryStamp(**sums)


def get_revision(recipe: Recipe, commit: str) -> Revision:
    """Return the revision of `recipe` at the full commit id. Raises Revision.DoesNotExist."""
    revision = recipe.revisions.select_related("pusher", "hold").get(commit=commit, purged_at=None)
    revision.recipe = recipe
    return revision


def find_revision(name: str, commit: str) -> Revision:
    """Return the revision of the living recipe `name` at the full commit id, with `stamps.lint`. One query.

    `reports_stamp` changes with any report of the recipe: each tells what came and went since the one before. Raises
    Revision.DoesNotExist, whichever of the two is not there.
    """
    others = LintJob.objects.filter(revision__recipe=OuterRef("recipe")).order_by().values("revision__recipe")
    last = Subquery(others.annotate(last=Max("finished_at")).values("last"))
    revisions = Revision.objects.annotate(**validators.lint("recipes_app_revision.id"), reports_stamp=last)
    living = revisions.select_related("recipe__maintainer", "hold").filter(recipe__deleted_at=None, purged_at=None)
    return living.get(recipe__name=name, commit=commit)


def get_revisions(recipe: Recipe, commits: Iterable[str], *, metadata: bool = False) -> dict[str, Revision]:
    """Return those of `commits` that are revisions of `recipe`, by commit; their `metadata` where it is asked for. One query."""
    rows = recipe.revisions.defer("findings") if metadata else recipe.revisions.defer("metadata", "findings")
    found = rows.filter(commit__in=set(commits), purged_at=None)
    return {revision.commit: revision for revision in found}


def pushed_order(recipe: Recipe) -> list[Revision]:
    """Return every revision of `recipe` in the order of its pushes, oldest first, without metadata. One query."""
    return list(recipe.revisions.defer("metadata", "findings").order_by("pushed_at", "id"))


def previous_revision(revision: Revision) -> Revision | None:
    """Return what was pushed to the same branch before `revision`, without its metadata, or None. One query."""
    return history(revision.recipe).filter(revision.pushed_before(), branch=revision.branch).first()


def published_before(revision: Revision) -> Revision | None:
    """Return the published revision that `revision` would follow, without its metadata, or None. One query.

    That is the newest of its branch before it, or for the first one of a branch, the newest of main (`inspection.would_follow`).
    """
    rows = history(revision.recipe).filter(revision.pushed_before(), review=Revision.Review.PUBLISHED)
    newest = rows.filter(branch__in={revision.branch, MAIN_BRANCH})
    other = Case(When(branch=revision.branch, then=0), default=1)
    return newest.order_by(other, "-pushed_at", "-id").first()


def pushed_by(user: User, limit: int) -> list[Revision]:
    """Return the `limit` revisions that `user` pushed last, each with its recipe, without their metadata. One query."""
    pushed = Revision.objects.filter(pusher=user).select_related("recipe").defer("metadata", "findings")
    return list(pushed.order_by("-pushed_at", "-id")[:limit])


def branches(recipe: Recipe) -> list[SuiteBranch]:
    """Return the branches of `recipe` with the revision at each tip, `main` first.

    One query; none where `get_recipe` has seen that there is `main` alone, whose tip is the current revision.
    """
    if not getattr(recipe, "has_suite_branches", True):
        return [SuiteBranch(recipe=recipe, name=MAIN_BRANCH, revision=recipe.current)] if recipe.current else []
    found = recipe.branches.select_related("revision").defer("revision__metadata", "revision__findings")
    return sorted(found, key=lambda branch: (branch.name != MAIN_BRANCH, branch.name))


@dataclass(frozen=True)
class ReverseRelation:
    """Somebody else's relation to one of a recipe's binary packages."""

    recipe_name: str
    binary: str
    kind: str
    target: str
    text: str


@dataclass(frozen=True)
class Surroundings:
    """How other recipes stand to one: their relations to its packages, and who builds the packages that it names.

    `providers` has every recipe that builds a package of a name; `sources` leaves out those that are variants of a package of the
    Debian archive, since the archive has that name as well.
    """

    required_by: list[ReverseRelation]
    providers: dict[str, str]
    sources: dict[str, str]


def surroundings(recipe: Recipe, names: Iterable[str]) -> Surroundings:
    """Return how other recipes relate to the packages of `recipe`, and which recipes build those of `names`. One query.

    At most MAX_REQUIRED_BY relations. Both are asked for by every page of a recipe, so they are one statement.
    """
    columns = ("recipe__name", "binary", "kind", "target", "text")
    first = relations_to(recipe).order_by(*columns[:4]).values("pk")[:MAX_REQUIRED_BY]
    related = PackageRelation.objects.filter(pk__in=first).order_by().values_list(Value(1), *columns)
    none = Value("", output_field=CharField())
    variant_of = Cast(_VARIANT_OF, CharField())
    offered = _builders(names).order_by().values_list(Value(0), "recipe__name", "name", variant_of, none, none)
    relations, built_by, sources = [], {}, {}
    for is_relation, *row in sorted(related.union(offered, all=True), reverse=True):
        if is_relation:
            relations.append(ReverseRelation(*row))
        else:
            built_by[row[1]] = row[0]
            if not row[2]:
                sources[row[1]] = row[0]
    return Surroundings(relations[::-1], built_by, sources)


def relations_to(recipe: Recipe) -> QuerySet[PackageRelation]:
    """Return how other living recipes relate to the binary packages of `recipe`, each with its recipe."""
    names = BinaryPackage.objects.filter(recipe=recipe).values("name")
    others = PackageRelation.objects.filter(target__in=names, recipe__deleted_at=None).exclude(recipe=recipe)
    return others.select_related("recipe")


def providers(names: Iterable[str]) -> dict[str, str]:
    """Return, for those of `names` that a recipe here builds as a binary package, the recipe's name. One query."""
    return dict(_builders(names).order_by("-recipe__name").values_list("name", "recipe__name"))


def sources_of(names: Iterable[str]) -> dict[str, str]:
    """Return, for those of `names` that only recipes here build, the recipe's name. One query."""
    rows = (
        _builders(names)
        .annotate(variant_of=_VARIANT_OF)
        .order_by("-recipe__name")
        .values_list("name", "recipe__name", "variant_of")
    )
    return {name: recipe for name, recipe, variant_of in rows if not variant_of}


def _builders(names: Iterable[str]) -> QuerySet[BinaryPackage]:
    return BinaryPackage.objects.filter(name__in=set(names), recipe__deleted_at=None)


def keyword_counts(beginning: str = "", after: str = "", limit: int = MAX_PAGE_SIZE) -> list[tuple[str, int]]:
    """Return the keywords that begin so and come `after` one, each with how many living recipes have it. One query."""
    rows = Keyword.objects.filter(recipe__deleted_at=None, word__startswith=beginning, word__gt=after)
    return list(rows.values_list("word").annotate(number=Count("id")).order_by("word")[:limit])


def account_of(username: str) -> User:
    """Return the active account with the number of recipes that it maintains as `recipe_count`. One query.

    Raises User.DoesNotExist, also for an account that was deleted: only its name stands on.
    """
    living = Count("maintained_recipes", filter=Q(maintained_recipes__deleted_at=None))
    return User.objects.annotate(recipe_count=living).get(username=username, is_active=True)


def maintained_by(user: User) -> list[Recipe]:
    """Return the living recipes that `user` maintains, by name; quarantined ones are among them. One query."""
    return list(user.maintained_recipes.filter(deleted_at=None).order_by("name"))


@kept_plain
@dataclass(frozen=True)
class Statistics:
    """Counts for the home page."""

    recipes: int
    maintainers: int
    orphans: int
    revisions: int


def statistics() -> Statistics:
    """Return the site's counts. Two queries."""
    row = Recipe.objects.aggregate(
        recipes=Count("id"), maintainers=Count("maintainer", distinct=True), orphans=Count("id", filter=Q(maintainer=None))
    )
    return Statistics(**row, revisions=Revision.objects.count())


def counted() -> Statistics:
    """Return the site's counts; those of a large catalogue as they were some minutes ago (`counts.kept`).

    Two queries, each of which reads a whole table, or the cache.
    """
    return kept("statistics", statistics, is_worth_it=lambda found: found.recipes > MAX_COUNTED_HITS)


def counted_by() -> dict[str, dict[str, int]]:
    """Return `breakdown` as it was some minutes ago. One query, or the cache."""
    return kept("breakdown", breakdown)


def breakdown() -> dict[str, dict[str, int]]:
    """Return how many living recipes have each value of each of COUNTED_BY; "" is: none, or not said. One query."""
    rows = Recipe.objects.filter(deleted_at=None).order_by().values(*COUNTED_BY).annotate(number=Count("id"))
    counts: dict[str, dict[str, int]] = {column: {} for column in COUNTED_BY}
    for row in rows:
        for column, values in counts.items():
            values[row[column]] = values.get(row[column], 0) + row["number"]
    return counts
