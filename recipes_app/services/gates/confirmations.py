"""Who else says that the files of a revision are upstream's: what the runners' reports say, for gates and pages. No writes."""

from __future__ import annotations

from collections.abc import Iterable

from recipes_app.formats.confirmation import Confirmations
from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintJob, Revision


def confirmations_of(revision: Revision) -> Confirmations | None:
    """Return what the newest report says that asked anybody; None where nobody was asked yet. One query."""
    jobs = LintJob.objects.filter(revision=revision, stage=Stage.SOURCE_LINT, confirmations__isnull=False)
    found = jobs.order_by("-pk").values_list("confirmations", flat=True).first()
    return Confirmations.from_json(found) if found is not None else None


def newest_of(jobs: Iterable[LintJob]) -> Confirmations | None:
    """Return what the newest of `jobs`, a revision's, says that asked anybody. No query."""
    found = [job for job in jobs if job.stage == Stage.SOURCE_LINT and job.confirmations is not None]
    return Confirmations.from_json(max(found, key=lambda job: job.pk).confirmations) if found else None


def confirmed_by(revision: Revision) -> tuple[str, ...]:
    """Return who together confirms every file that the revision fetches (`formats.confirmation.Witness`); none where one lacks.

    A revision that fetches nothing has nothing to confirm, and nobody confirms it. One query.
    """
    found = confirmations_of(revision)
    return found.confirmed_by(revision.data.fetches) if found else ()
