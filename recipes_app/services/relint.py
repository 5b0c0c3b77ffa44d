"""Re-lint: a stage of every current revision once more, at the lowest priority, when a tool or its rules have changed.

Each recipe gets a job and a sandbox of its own. lintian is 1.5 to 1.8 times faster with eight packages in one process, but what
one recipe makes it do there could change what it says of the others, and one that cannot be unpacked takes all reports with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from ..lint.recipe_checks import tool_version
from ..lint.stages import Mode, Stage
from ..models import LintHint, LintJob, LintPriority, LintState, Recipe, Revision
from . import lint_queue
from .errors import Refused
from .lint_reading import COUNTING

STAGES = (Stage.RECIPE_CHECKS, Stage.SOURCE_LINT)
_VERDICTS = (LintState.PASSED, LintState.FAILED)
# Rows that one transaction writes: SQLite has no other writer meanwhile.
_BATCH = 500


@dataclass(frozen=True)
class Change:
    """What the newest re-lint of a stage changed about a recipe: its verdict before and now, tags that came and that went."""

    recipe: str
    stage: str
    before: str
    now: str
    came: tuple[str, ...]
    went: tuple[str, ...]


def queue(stage: Stage) -> int:
    """Queue `stage` for the current revisions that have a verdict and wait for none; return how many.

    Recipe checks of the version installed here are left out. Which lintian the runners have is not known here: a report of a
    version that has looked at the revision before is no second verdict, and cancels its job.
    """
    jobs = LintJob.objects.filter(revision=OuterRef("pk"), stage=stage)
    current = Recipe.objects.filter(deleted_at=None, current__isnull=False).values("current")
    revisions = Revision.objects.filter(
        Exists(jobs.filter(state__in=_VERDICTS)), ~Exists(jobs.filter(state__in=lint_queue.UNSETTLED)), pk__in=current
    ).exclude(Exists(jobs.filter(tool_version="")))
    if stage is Stage.RECIPE_CHECKS:
        revisions = revisions.exclude(Exists(jobs.filter(tool_version=tool_version())))
    keys = list(revisions.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(keys), _BATCH):
        with transaction.atomic():
            turn = lint_queue.first_turn(LintPriority.RELINT)
            LintJob.objects.bulk_create(
                LintJob(revision_id=key, stage=stage, mode=Mode.RECIPE_ONLY, priority=LintPriority.RELINT, turn=turn)
                for key in keys[begin : begin + _BATCH]
            )
    lint_queue.dispatch()
    return len(keys)


def named(stage: str) -> Stage:
    """Return the stage of that name. Raises Refused for one that is not run again for all."""
    if stage not in STAGES:
        raise Refused(f"{stage} is no stage that is run again for all: there are {', '.join(STAGES)}", code="no-stage")
    return Stage(stage)


def changes(stage: Stage) -> list[Change]:
    """Return, by recipe, where the newest verdict of a re-lint differs from the verdict before it. Two queries."""
    rows = LintJob.objects.filter(stage=stage, state__in=_VERDICTS, revision__recipe__current=F("revision"))
    verdicts: dict[str, list[LintJob]] = {}
    for job in rows.select_related("revision__recipe").defer("log", "revision__metadata").order_by("-id"):
        verdicts.setdefault(job.revision.recipe.name, []).append(job)
    pairs = {name: jobs[:2] for name, jobs in verdicts.items() if len(jobs) > 1 and jobs[0].priority == LintPriority.RELINT}
    tags: dict[int, set[str]] = {}
    wanted = [job.pk for pair in pairs.values() for job in pair]
    for job_id, tag in LintHint.objects.filter(COUNTING, job__in=wanted).values_list("job_id", "tag"):
        tags.setdefault(job_id, set()).add(tag)
    found = []
    for name, (new, old) in sorted(pairs.items()):
        now, then = tags.get(new.pk, set()), tags.get(old.pk, set())
        if now != then or new.state != old.state:
            found.append(Change(name, stage, old.state, new.state, tuple(sorted(now - then)), tuple(sorted(then - now))))
    return found
