"""The tags that the site's tools can say: what each means, how many recipes draw it now, and which.

Tags are those of the newest explanations that each tool gave; counts are of the newest report of each stage of every living
recipe's current revision. However large the catalogue, a list takes three queries and a tag four.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Length

from recipes_app.lint.protocol import profile
from recipes_app.lint.protocol.report import HintSeverity
from recipes_app.models import LintHint, LintJob, LintState, LintTag, Recipe

from . import explanations

_VERDICTS = (LintState.PASSED, LintState.FAILED)
_COLUMNS = ("tag", "severity", "tool", "tool_version", "experimental")


@dataclass(frozen=True)
class TagLine:
    """A tag in a list. `recipes` draw it now, overridden ones not among them; `reason` says why it does not count here."""

    tag: str
    severity: str
    tool: str
    tool_version: str
    experimental: bool
    recipes: int
    reason: str

    @property
    def counts(self) -> bool:
        """Whether a verdict may be taken from it."""
        return not (self.reason or self.experimental or self.severity == HintSeverity.CLASSIFICATION)


@dataclass(frozen=True)
class TagPage:
    """All about one tag. `explained` is None where no tool's explanations name it, though a report does."""

    line: TagLine
    explained: LintTag | None


class UnknownTag(Exception):
    """No tool explains the tag and no report has it; `renamed_to` is what it is called today, or empty."""

    def __init__(self, tag: str, renamed_to: str = "") -> None:
        super().__init__(f"there is no tag {tag!r}" + (f": it is called {renamed_to} now" if renamed_to else ""))
        self.renamed_to = renamed_to


def stamp() -> object | None:
    """Return what changes whenever a tag, a report or the recipes' current revisions do; None without tags. One query."""
    jobs, recipes = LintJob.objects.order_by().annotate(all=Value(1)).values("all"), Recipe.objects.filter(deleted_at=None)
    living = recipes.order_by().annotate(all=Value(1)).values("all")
    stamps = {
        "last_job": Subquery(jobs.annotate(stamp=Max("pk")).values("stamp")),
        "finished": Subquery(jobs.annotate(stamp=Max("finished_at")).values("stamp")),
        "settled": Subquery(jobs.annotate(stamp=Count("finished_at")).values("stamp")),
        "current": Subquery(living.annotate(stamp=Sum("current_id")).values("stamp")),
        "renamed": Subquery(living.annotate(stamp=Sum(Length("name"))).values("stamp")),
    }
    return LintTag.objects.order_by("-pk").annotate(**stamps).values_list("pk", *stamps).first()


def list_tags(*, severity: str = "", words: str = "", drawn_only: bool = False) -> list[TagLine]:
    """Return the tags of `severity` (all where empty) whose name holds each of `words`, by name. Three queries.

    With `drawn_only`, those that a recipe draws now. A tag of a report that no explanation names is listed, too.
    """
    numbers = {tag: (worst, number) for tag, worst, number in _numbers(_hints().filter(overridden=False))}
    lines = [_line(*row, recipes=numbers.get(row[0], ("", 0))[1]) for row in _newest().values_list(*_COLUMNS)]
    known = {line.tag for line in lines}
    lines += [
        _line(tag, worst, explanations.origin_of(tag), recipes=number)
        for tag, (worst, number) in numbers.items()
        if tag not in known
    ]
    wanted = words.lower().split()
    return sorted(
        (
            line
            for line in lines
            if severity in ("", line.severity)
            and all(word in line.tag.lower() for word in wanted)
            and (line.recipes or not drawn_only)
        ),
        key=lambda line: line.tag,
    )


def get_tag(tag: str) -> TagPage:
    """Return all about `tag` but its recipes. Raises UnknownTag. Three queries."""
    if "\0" in tag:
        # PostgreSQL takes no such text, not even to find nothing.
        raise UnknownTag(tag)
    explained = _newest().filter(tag=tag).order_by("tool").first() or explanations.of_own(tag)
    numbers = _numbers(_hints().filter(tag=tag))
    if numbers and explained and explained.pk is None:
        # What the portal explains itself has one text, and the severity that the reports give it.
        explained.severity = numbers[0][1]
    if explained is None and not numbers:
        explained = _of_older_versions(tag)
    drawn = sum(number for _, _, number in _numbers(_hints().filter(tag=tag, overridden=False)))
    if explained is None:
        return TagPage(_line(tag, numbers[0][1], recipes=drawn), None)
    row = (getattr(explained, column) for column in _COLUMNS)
    return TagPage(_line(*row, recipes=drawn), explained)


def recipes_with(tag: str) -> QuerySet[Recipe]:
    """Return the recipes whose current revision draws `tag` and does not override it everywhere, by name."""
    drawing = _hints().filter(tag=tag, overridden=False).values("job__revision")
    return Recipe.objects.filter(deleted_at=None, current__in=drawing).select_related("current").order_by("name")


def _newest() -> QuerySet[LintTag]:
    """Return the tags of the version of each tool whose explanations came last. One query, and one when it is evaluated."""
    last = LintTag.objects.order_by().values_list("tool", "tool_version").annotate(last=Max("pk"))
    versions: dict[str, tuple[int, str]] = {}
    for tool, version, key in last:
        versions[tool] = max(versions.get(tool, (0, "")), (key, version))
    of_each = Q(pk__in=[])
    for tool, (_, version) in versions.items():
        of_each |= Q(tool=tool, tool_version=version)
    return LintTag.objects.filter(of_each)


def _hints() -> QuerySet[LintHint]:
    """Return the hints of the newest verdict of each stage on the current revision of every living recipe."""
    current = Recipe.objects.filter(deleted_at=None, current__isnull=False).values("current")
    newer = LintJob.objects.filter(
        revision=OuterRef("job__revision"), stage=OuterRef("job__stage"), suite=OuterRef("job__suite"), state__in=_VERDICTS,
        pk__gt=OuterRef("job_id"),
    )  # fmt: skip
    return LintHint.objects.filter(~Exists(newer), job__revision__in=current, job__state__in=_VERDICTS)


def _numbers(hints: QuerySet[LintHint]) -> list[tuple[str, str, int]]:
    """Return tag, severity and number of recipes for each tag of `hints`. One query."""
    rows = hints.order_by().values_list("tag")
    return list(rows.annotate(worst=Max("severity"), number=Count("job__revision__recipe", distinct=True)))


def _line(
    tag: str, severity: str, tool: str = "", tool_version: str = "", experimental: bool = False, *, recipes: int
) -> TagLine:
    return TagLine(tag, severity, tool, tool_version, experimental, recipes, profile.NOT_COUNTED.get(tag, ""))


def _of_older_versions(tag: str) -> LintTag:
    """Return what the last version that had `tag` said of it. Raises UnknownTag where none had, or it has another name now."""
    renamed = _renamed_to(tag)
    older = None if renamed else LintTag.objects.filter(tag=tag).order_by("-pk").first()
    if older is None:
        raise UnknownTag(tag, renamed)
    return older


def _renamed_to(tag: str) -> str:
    """Return what `tag` is called in the newest explanations, or an empty text. Read only where the name is not known."""
    rows: Iterable[tuple[str, list[str]]] = _newest().values_list("tag", "renamed_from")
    return next((name for name, former in rows if tag in former), "")
