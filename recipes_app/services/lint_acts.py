"""What people do with lint jobs: run one again, cancel one. Each asks the table of permissions first."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from ..models import LintJob, Revision, User
from . import lint
from .errors import Refused
from .permissions import Action, require


def retry_all(user: User | AnonymousUser | None, revision: Revision) -> list[LintJob]:
    """Run every stage of `revision` once more. Raises PermissionDenied."""
    require(Action.REQUEUE_LINT, user, revision.recipe)
    return lint.requeue_revision(revision)


def retry(user: User | AnonymousUser | None, job: LintJob) -> LintJob:
    """Run a job once more, before every re-lint and after the pushes. Raises PermissionDenied, Refused where it is not over."""
    require(Action.REQUEUE_LINT, user, job.revision.recipe)
    if job.state not in lint.SETTLED:
        raise Refused("this stage waits or runs already: its report will come", code="not-settled")
    return lint.requeue(job)


def cancel(user: User | AnonymousUser | None, job: LintJob) -> None:
    """Cancel a job that waits or runs. Raises PermissionDenied, Refused where it is over."""
    require(Action.CANCEL_LINT, user, job.revision.recipe)
    name = user.username if isinstance(user, User) else ""
    if not lint.cancel(job, f"cancelled by {name}"):
        raise Refused("this stage is over: there is nothing to cancel", code="settled")
