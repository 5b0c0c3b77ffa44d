"""A recipe's history, one revision of it, and what lint says of that."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import LintJob, Revision, User
from recipes_app.services.builds import build_effects, lights
from recipes_app.services.catalogue import catalogue
from recipes_app.services.core.pages import cut
from recipes_app.services.core.permissions import Action, require
from recipes_app.services.lint import actions as lint_acts
from recipes_app.services.lint import reports

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, list_answer, operation
from ..framework.links import absolute
from ..framework.paging import wrong_cursor
from ..framework.parameters import PageParameters
from ..framework.problems import Problem
from ..schemas.lint_reports import LintReportSerializer, StageSerializer
from ..schemas.quick import lint_summary
from ..schemas.recipes import RevisionListSerializer, RevisionSerializer, RevisionSummarySerializer


class RevisionsView(PortalView):
    """A recipe's history."""

    parameters = PageParameters

    @operation(
        "revisions_list", "A recipe's history, newest first", RevisionListSerializer, parameters=PageParameters, problems=[404]
    )
    def get(self, request: Request, name: str) -> Response:
        """Return a page of the revisions of the recipe `name`.

        The cursor is the last commit of the page before: revisions never change their place, so nothing is missed or shown twice.
        """
        recipe = lookups.recipe_row(name)
        stamp = catalogue.history_stamp(recipe)
        self.unless_known(request, recipe.name, stamp)
        history = catalogue.history(recipe)
        rest = history
        if cursor := self.given["cursor"]:
            last = history.filter(commit=cursor).values_list("pushed_at", "pk").first()
            if last is None:
                raise wrong_cursor()
            rest = history.filter(Q(pushed_at__lt=last[0]) | Q(pushed_at=last[0], pk__lt=last[1]))
        page, next_cursor = cut(rest, self.given["limit"], lambda revision: revision.commit)
        results = RevisionSummarySerializer(page, many=True).data
        return list_answer(self, absolute("api:revisions", recipe.name), results, stamp.number, next_cursor)


class RevisionView(PortalView):
    """One revision."""

    @operation("revision", "One revision, with everything that its files say", RevisionSerializer, problems=[404])
    def get(self, request: Request, name: str, commit: str) -> Response:
        """Return the revision of the recipe `name` at `commit`."""
        revision = lookups.revision(name, commit)
        self.unless_known(request, revision, getattr(revision, "hold", None), modified=revision.pushed_at)
        return Response(RevisionSerializer(revision, context={"lint_summary": lint_summary(revision)}).data)


class LintView(PortalView):
    """The lint report of one revision."""

    actions = {"POST": Action.REQUEUE_LINT}

    @operation("lint", "What lint says of a revision", LintReportSerializer, problems=[404])
    def get(self, request: Request, name: str, commit: str) -> Response:
        """Return the stages of the revision at `commit`, with their hints."""
        revision = lookups.revision(name, commit)
        self.unless_known(request, revision, modified=revision.lint_finished)  # type: ignore[attr-defined]  # an annotation
        return _report(revision)

    @operation("lint_again", "Lint a revision once more", LintReportSerializer, problems=WRITE_PROBLEMS)
    def post(self, request: Request, name: str, commit: str) -> Response:
        """Queue every stage of the revision again; the old reports stand until the new ones come."""
        revision = lookups.revision(name, commit)
        account = self.account(request)
        require(Action.REQUEUE_LINT, account, revision.recipe)
        lint_acts.retry_all(account, revision)
        return _report(revision)


def _report(revision: Revision) -> Response:
    found = reports.lint_of(revision)
    if found is None:
        raise Problem("not-linted", f"{revision.commit} was not linted: only the tip of each push is")
    hints = reports.hints_with_explanations(found.jobs)
    context = {
        "hints": hints,
        "history": found.history(hints),
        "lights": lights.rows_of(revision, found.jobs),
        "installs": build_effects.installed_by(revision, found.jobs),
    }
    return Response(LintReportSerializer(found, context=context).data)


def _retry(user: User, job: LintJob, _body: dict[str, Any]) -> LintJob:
    return lint_acts.retry(user, job)


def _cancel(user: User, job: LintJob, _body: dict[str, Any]) -> LintJob:
    lint_acts.cancel(user, job)
    return LintJob.objects.defer("log", "effects").get(pk=job.pk)


_REVISIONS = "recipes/<str:name>/revisions/"
_LINT = f"{_REVISIONS}<str:commit>/lint/"
_ACTS = (
    Act(
        "lint_retry", f"{_LINT}<int:job_id>/retry/", "Run one stage once more; the old report stands until the new one comes",
        Action.REQUEUE_LINT, lookups.lint_job, _retry, StageSerializer,
    ),
    Act(
        "lint_cancel", f"{_LINT}<int:job_id>/cancel/", "Cancel a stage that waits or runs",
        Action.CANCEL_LINT, lookups.lint_job, _cancel, StageSerializer,
    ),
)  # fmt: skip
PATHS = [
    path(_REVISIONS, RevisionsView.as_view(), name="revisions"),
    path(f"{_REVISIONS}<str:commit>/", RevisionView.as_view(), name="revision"),
    path(_LINT, LintView.as_view(), name="lint"),
    *map(act_path, _ACTS),
]
