"""What the packages of a revision's trial build result in, and how that differs from the last revision's. Reading alone."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from recipes_app.formats.package_effects import Difference, Effect, Effects, EffectsError, Kind, difference
from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintJob, Revision

from ..lint import stages

logger = logging.getLogger(__name__)

# Facts of one kind that a page lists; the API has all.
SHOWN = 200


@dataclass(frozen=True)
class Installed:
    """What a build installs. `before` is the revision that it is compared with, None where no earlier one was built so."""

    suite: str
    effects: Effects
    before: Revision | None = None
    changes: Difference = field(default_factory=Difference)

    @property
    def facts(self) -> tuple[Effect, ...]:
        """Everything but relations and sizes, which a page shows elsewhere; as many as a page can hold."""
        return tuple(each for each in self.effects.effects if each.kind not in (Kind.RELATION, Kind.SIZE))[:SHOWN]

    @property
    def sizes(self) -> tuple[Effect, ...]:
        """How large each package is once installed."""
        return tuple(each for each in self.effects.effects if each.kind is Kind.SIZE)


def installed_by(revision: Revision, jobs: Iterable[LintJob]) -> Installed | None:
    """Return what a trial build among the `jobs` of `revision` installs, of the first suite that has one. Two queries at most."""
    builds = [job for job in stages.standing(jobs) if job.stage == Stage.TRIAL_BUILD and job.steps]
    if not builds:
        return None
    kept = dict(LintJob.objects.filter(pk__in=[job.pk for job in builds], effects__isnull=False).values_list("pk", "effects"))
    job = next((job for job in builds if job.pk in kept), None)
    if job is None:
        return None
    effects = _read(kept[job.pk])
    if effects is None:
        return None
    before = _before(revision, job)
    old = _read(before.effects) if before else None
    if before is None or old is None:
        return Installed(job.suite, effects)
    return Installed(job.suite, effects, before.revision, difference(old, effects))


def _before(revision: Revision, job: LintJob) -> LintJob | None:
    """Return the newest build of a revision before `revision` for the same suite. One query."""
    earlier = LintJob.objects.filter(
        revision.pushed_before("revision__"), revision__recipe=revision.recipe_id, revision__branch=revision.branch,
        revision__review=Revision.Review.PUBLISHED, stage=Stage.TRIAL_BUILD, suite=job.suite, effects__isnull=False,
    )  # fmt: skip
    rows = earlier.select_related("revision").defer("log", "revision__metadata", "revision__findings")
    return rows.order_by("-revision__pushed_at", "-pk").first()


def _read(data: object) -> Effects | None:
    """Return stored effects; None, with a line in the log, for those that an older release wrote."""
    try:
        return Effects.from_json(data)
    except EffectsError as error:
        logger.warning("the effects of a build cannot be read: %s", error)
        return None
