"""What people do with lint jobs: run one again, cancel one, choose trial builds. Each asks the table of permissions first."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.translation import gettext as _

from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintJob, Recipe, Revision, TrialBuilds, User

from ..core.errors import Refused
from ..core.permissions import Action, require
from ..core.retrying import retried
from . import jobs, trial_builds


def retry_all(user: User | AnonymousUser | None, revision: Revision) -> list[LintJob]:
    """Run every stage of `revision` once more. Raises PermissionDenied."""
    require(Action.REQUEUE_LINT, user, revision.recipe)
    return jobs.requeue_revision(revision)


def retry(user: User | AnonymousUser | None, job: LintJob) -> LintJob:
    """Run a job once more, before every re-lint and after the pushes. Raises PermissionDenied, Refused where it is not over."""
    require(Action.REQUEUE_LINT, user, job.revision.recipe)
    if job.state not in jobs.SETTLED:
        raise Refused(_("this stage waits or runs already: its report will come"), code="not-settled")
    if job.stage == Stage.TRIAL_BUILD and (reason := trial_builds.why_not(job.revision)):
        raise Refused(reason, code="not-built")
    return jobs.requeue(job)


def cancel(user: User | AnonymousUser | None, job: LintJob) -> None:
    """Cancel a job that waits or runs. Raises PermissionDenied, Refused where it is over."""
    require(Action.CANCEL_LINT, user, job.revision.recipe)
    name = user.username if isinstance(user, User) else ""
    if not jobs.cancel(job, f"cancelled by {name}"):
        raise Refused(_("this stage is over: there is nothing to cancel"), code="settled")


@retried
def choose_trial_builds(user: User | AnonymousUser | None, recipe: Recipe, choice: TrialBuilds) -> Recipe:
    """Choose whether revisions of `recipe` are built; return it fresh. Raises PermissionDenied.

    The current revision is queued at once where it may be, and its builds are cancelled where none are wanted.
    """
    require(Action.CHOOSE_TRIAL_BUILDS, user, recipe)
    with transaction.atomic():
        locked = (
            Recipe.objects.select_for_update(no_key=True, of=("self",)).select_related("maintainer", "current").get(pk=recipe.pk)
        )
        locked.trial_builds = choice
        locked.save(update_fields=["trial_builds"])
        if locked.current is not None:
            locked.current.recipe = locked
            if trial_builds.wanted(locked):
                trial_builds.queue(locked.current)
            else:
                name = user.username if isinstance(user, User) else ""
                for build in trial_builds.unsettled(locked.current):
                    jobs.cancel(build, f"{name} has chosen that this recipe is not built")
    return locked
