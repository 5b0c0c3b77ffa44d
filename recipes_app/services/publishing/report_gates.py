"""Gates asked when a report comes: `lint_gates` says what they are about, this holds the revision.

A report is written with `gates_asked_at` empty, in one commit; asking fills it, in one commit with what follows. So a worker that
dies between the two leaves a row that says so, which a second delivery of the report or the sweep takes up.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from recipes_app.formats.confirmation import Confirmations
from recipes_app.models import LintHint, LintJob, LintPriority, LintState, Revision

from ..catalogue import catalogue
from ..gates import holds
from ..gates.gate_table import Decision
from ..gates.gates import Examination, passes_confirmed, set_by_mode
from ..gates.lint_gates import judge, rules
from ..lint import jobs
from ..lint.reading import COUNTING
from .publish import acting, release_confirmed

logger = logging.getLogger(__name__)

_CONTRADICTED = "contradicted"
_VERDICTS = (LintState.PASSED, LintState.FAILED)
# What one sweep asks about; the next one goes on.
_SWEEP_SIZE = 200


def finish(job_id: int, report: object, message: object = "") -> None:
    """Write a runner's report and ask the gates about it. One that comes twice is written once, and asked about if it was not."""
    jobs.record_report(job_id, report, message)
    ask(job_id)


def sweep(now: datetime | None = None) -> jobs.Swept:
    """See to lost jobs (`lint.sweep`), and ask about the reports whose worker died before it had asked. One stops no other."""
    swept = jobs.sweep(now)
    unasked = LintJob.objects.filter(state__in=_VERDICTS, gates_asked_at=None).order_by("pk")
    for job_id in list(unasked.values_list("pk", flat=True)[:_SWEEP_SIZE]):
        try:
            ask(job_id)
        except Exception:
            logger.exception("lint job %d: its gates could not be asked; the next sweep tries again", job_id)
    return swept


def ask(job_id: int) -> bool:
    """Ask the rules about the report that has come for a job; return whether it holds the revision now. Idempotent.

    A revision that a reviewer has decided on is left as decided, and what the published revision before it has already holds
    nothing again. A re-lint holds nothing, but where it brings the first verdict: the rules have not been asked about it yet.
    """
    job = LintJob.objects.select_related("revision__recipe").filter(pk=job_id, gates_asked_at=None).first()
    if job is None or job.state not in _VERDICTS:
        return False
    examination = _examine(job) + _contradicted(job)
    held = False
    if examination.held or examination.observed:
        with acting(job.revision.recipe.storage_name), transaction.atomic():
            rows = Revision.objects.select_for_update(no_key=True, of=("self",)).select_related("recipe", "pusher")
            held = holds.add(rows.get(pk=job.revision_id), examination)
            if examination.held:
                _note_asked(job)
    if not examination.held:
        _confirm(job)
        _note_asked(job)
    return held


def _examine(job: LintJob) -> Examination:
    asked = rules()
    if not asked or (job.priority == LintPriority.RELINT and _had_verdict(job)):
        return Examination()
    findings = list(job.hints.filter(COUNTING).order_by("position"))
    found = judge(findings, asked)
    before = catalogue.published_before(job.revision) if found.held else None
    if before is None:
        return found
    return judge(findings, asked, known=LintHint.objects.filter(COUNTING, job__revision=before, job__stage=job.stage))


def _contradicted(job: LintJob) -> Examination:
    """Return what a witness holds against the files of the revision: other bytes than it pins. A re-lint holds nothing."""
    if job.confirmations is None or job.priority == LintPriority.RELINT:
        return Examination()
    reasons = [f"{each.filename}: {each.said}" for each in Confirmations.from_json(job.confirmations).contradictions]
    found = [verdict for reason in reasons for verdict in set_by_mode(_CONTRADICTED, Decision.HOLD, reason)]
    return Examination(
        held=tuple(each.reason for each in found if not each.observed),
        observed=tuple(each.reason for each in found if each.observed),
        gates=(_CONTRADICTED,) if any(not each.observed for each in found) else (),
    )


def _confirm(job: LintJob) -> None:
    """Publish a plain bump that waits for nothing but a witness, where the report has one for each of its files."""
    if job.confirmations is None:
        return
    revision = Revision.objects.select_related("recipe", "pusher").get(pk=job.revision_id)
    if revision.review != Revision.Review.HELD:
        return
    witnesses = Confirmations.from_json(job.confirmations).confirmed_by(revision.data.fetches)
    if witnesses and passes_confirmed(revision):
        release_confirmed(revision, witnesses)


def _note_asked(job: LintJob) -> None:
    """Note that the report was asked about, unless another one has come meanwhile."""
    same = LintJob.objects.filter(pk=job.pk, state=job.state, finished_at=job.finished_at)
    same.update(gates_asked_at=timezone.now())


def _had_verdict(job: LintJob) -> bool:
    others = LintJob.objects.filter(revision=job.revision_id, stage=job.stage, suite=job.suite, state__in=_VERDICTS)
    return others.exclude(pk=job.pk).exists()
