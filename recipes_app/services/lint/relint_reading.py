"""What re-lints did: the runs, and what differs between before and after. No writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Q

from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintTool, RelintChange, RelintRun

from . import versions
from .relint import STAGES, UNFINISHED

_KIND = RelintChange.Kind


@dataclass(frozen=True)
class StageStand:
    """How a stage stands: the tool that the catalogue should have been looked at by, and the run that is not finished."""

    stage: Stage
    tool: LintTool | None
    unfinished: RelintRun | None


@dataclass(frozen=True)
class TagChange:
    """Over how many recipes a tag came and went by a run."""

    stage: str
    tag: str
    came: int
    went: int


@dataclass(frozen=True)
class Verdicts:
    """How many recipes' verdicts a run turned."""

    now_passed: int = 0
    now_failed: int = 0


@dataclass(frozen=True)
class RecipeChange:
    """What a run changed about one recipe; `verdict` is the new one where it is another."""

    recipe: str
    verdict: str
    came: tuple[str, ...]
    went: tuple[str, ...]


def stands() -> list[StageStand]:
    """Return each stage that is run again for all. Three queries."""
    runs = {run.stage: run for run in RelintRun.objects.filter(state__in=UNFINISHED)}
    return [StageStand(stage, versions.newest(stage), runs.get(stage)) for stage in STAGES]


def last_run(stage: Stage) -> RelintRun | None:
    """Return the newest run of `stage`, or None. One query."""
    return RelintRun.objects.filter(stage=stage).order_by("-pk").first()


def tag_changes(run: RelintRun) -> list[TagChange]:
    """Return the tags that came or went by `run`, those of the most recipes first. One query."""
    rows = run.changes.exclude(tag="").order_by().values_list("tag")
    numbers = rows.annotate(came=Count("pk", filter=Q(kind=_KIND.CAME)), went=Count("pk", filter=Q(kind=_KIND.WENT)))
    found = [TagChange(run.stage, tag, came, went) for tag, came, went in numbers]
    return sorted(found, key=lambda change: (-change.came - change.went, change.tag))


def verdicts(run: RelintRun) -> Verdicts:
    """Return how many verdicts `run` turned. One query."""
    numbers = run.changes.aggregate(
        now_passed=Count("pk", filter=Q(kind=_KIND.NOW_PASSED)), now_failed=Count("pk", filter=Q(kind=_KIND.NOW_FAILED))
    )
    return Verdicts(**numbers)


def recipe_changes(run: RelintRun) -> Iterator[RecipeChange]:
    """Yield what `run` changed, recipe by recipe, by name. One query, read in pieces."""
    rows = run.changes.order_by("revision__recipe__name", "tag").values_list("revision__recipe__name", "kind", "tag")
    for name, members in groupby(rows.iterator(), key=lambda row: row[0]):
        found = [(kind, tag) for _, kind, tag in members]
        verdict = next((kind for kind, tag in found if not tag), "")
        came = tuple(tag for kind, tag in found if kind == _KIND.CAME)
        went = tuple(tag for kind, tag in found if kind == _KIND.WENT)
        yield RecipeChange(name, verdict, came, went)
