"""Which revisions are built for trial, for which suites, and what keeps one from it.

A build runs what the recipe says, and takes minutes: it is queued only after the recipe checks, where they found nothing that may
harm a machine, and goes after every push. `lint` calls this when the checks are over, `lint_acts` when somebody chooses.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from recipes_app.lint.protocol.stages import Mode, Stage
from recipes_app.lint.recipe_checks import is_security_error
from recipes_app.models import LintHint, LintJob, LintPriority, LintState, Rank, Recipe, Revision, SuiteBranch, TrialBuilds

from . import queue as lint_queue
from . import stages
from .reading import COUNTING

_TRUSTED = frozenset({Rank.TRUSTED, Rank.MODERATOR, Rank.ADMINISTRATOR})
_VERDICTS = (LintState.PASSED, LintState.FAILED)
_SUITE_BRANCH = "debian/"


def wanted(recipe: Recipe) -> bool:
    """Return whether revisions of `recipe` are built: as was chosen, or else by settings.TRIAL_BUILD_TRUSTED and rank."""
    if recipe.trial_builds != TrialBuilds.DEFAULT:
        return recipe.trial_builds == TrialBuilds.ALWAYS
    keeper = recipe.maintainer
    return bool(settings.TRIAL_BUILD_TRUSTED) and keeper is not None and keeper.frozen_at is None and keeper.rank in _TRUSTED


def suites_of(revision: Revision) -> tuple[str, ...]:
    """Return the suites that `revision` is built for: of settings.TRIAL_BUILD_SUITES, those that its branch or manifest names.

    A recipe that names none is for all of them.
    """
    offered = tuple(settings.TRIAL_BUILD_SUITES)
    if revision.branch.startswith(_SUITE_BRANCH):
        named: tuple[str, ...] = (revision.branch.removeprefix(_SUITE_BRANCH),)
    else:
        named = revision.data.suites
    return tuple(suite for suite in offered if suite in named) if named else offered


def why_not(revision: Revision) -> str:
    """Return what keeps `revision` from being built; empty where nothing does. Two queries.

    Recipe checks that still run keep it from nothing: the queue lets a build wait for them.
    """
    if revision.recipe.quarantined_at or revision.recipe.deleted_at or revision.review == Revision.Review.QUARANTINED:
        return _("the recipe is not offered at the moment: nothing of it is built")
    checks = stages.standing(LintJob.objects.filter(revision=revision, stage=Stage.RECIPE_CHECKS).defer("log", "effects"))
    if not checks or checks[0].state in (LintState.ERROR, LintState.CANCELLED):
        return _("the recipe checks have no verdict: run them again, and the build follows")
    tags = LintHint.objects.filter(COUNTING, job=checks[0]).values_list("severity", "tag")
    if harmful := sorted({tag for severity, tag in tags if is_security_error(severity, tag)}):
        return _("the recipe checks found what may harm a machine (%(tags)s): push a revision without it") % {
            "tags": ", ".join(harmful)
        }
    return ""


def queue(revision: Revision) -> list[str]:
    """Queue a build of `revision` for each suite that has none yet, in the caller's transaction; return these suites.

    Idempotent. Nothing is queued where no build is wanted, where `why_not` says so, before the recipe checks have a verdict, and
    for a revision that a newer push has superseded.
    """
    if not wanted(revision.recipe):
        return []
    jobs = stages.jobs_of(revision)
    checked = any(job.stage == Stage.RECIPE_CHECKS and job.state in _VERDICTS for job in stages.standing(jobs))
    if not checked or _is_superseded(revision) or why_not(revision):
        return []
    known = {job.suite for job in jobs if job.stage == Stage.TRIAL_BUILD}
    missing = [suite for suite in suites_of(revision) if suite not in known]
    for suite in missing:
        # After the pushes: who pushes waits for seconds, and a build takes minutes.
        job = LintJob(revision=revision, stage=Stage.TRIAL_BUILD, mode=Mode.BUILT, suite=suite, priority=LintPriority.RETRY)
        lint_queue.give_turn(job)
        # Who chose and the checks' report may come here at the same moment: the key lets one of them in.
        LintJob.objects.bulk_create([job], ignore_conflicts=True)
    if missing:
        lint_queue.dispatch_on_commit()
    return missing


def unsettled(revision: Revision) -> list[LintJob]:
    """Return the builds of `revision` that wait or run, locked. One query."""
    jobs = LintJob.objects.filter(revision=revision, stage=Stage.TRIAL_BUILD, state__in=lint_queue.UNSETTLED)
    return list(jobs.select_for_update(no_key=True, of=("self",)).select_related("revision"))


def _is_superseded(revision: Revision) -> bool:
    """Return whether a newer push makes the answer useless; users still get the revision at the tip of a branch. Two queries."""
    if SuiteBranch.objects.filter(recipe=revision.recipe_id, revision=revision).exists():
        return False
    newer = Revision.objects.filter(revision.pushed_after(), recipe=revision.recipe_id, branch=revision.branch)
    return newer.exists()
