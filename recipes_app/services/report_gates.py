"""Gates asked when a report comes: `lint_gates` says what they are about, this holds the revision."""

from __future__ import annotations

from django.db import transaction

from ..models import LintJob, LintPriority, LintState, Revision
from . import holds
from .lint_gates import judge, rules
from .lint_reading import COUNTING
from .publish import acting

_VERDICTS = (LintState.PASSED, LintState.FAILED)


def ask(job_id: int) -> bool:
    """Ask the rules about the report that has come for a job; return whether it holds the revision now. Idempotent.

    A revision that a reviewer has decided on is left as decided. A re-lint holds nothing, but where it brings the first verdict:
    the rules have not been asked about it yet.
    """
    job = LintJob.objects.select_related("revision__recipe").filter(pk=job_id).first()
    asked = rules()
    if job is None or not asked or job.state not in _VERDICTS:
        return False
    if job.priority == LintPriority.RELINT and _had_verdict(job):
        return False
    examination = judge(job.hints.filter(COUNTING).order_by("position"), asked)
    if not examination.held and not examination.observed:
        return False
    storage_name = job.revision.recipe.storage_name
    with acting(storage_name), transaction.atomic():
        revision = Revision.objects.select_for_update(of=("self",)).select_related("recipe", "pusher").get(pk=job.revision_id)
        return holds.add(revision, examination)


def _had_verdict(job: LintJob) -> bool:
    others = LintJob.objects.filter(revision=job.revision_id, stage=job.stage, suite=job.suite, state__in=_VERDICTS)
    return others.exclude(pk=job.pk).exists()
