"""Re-lints of the whole catalogue: how far they are, what they changed, and the moderators' acts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import RelintRun, User
from recipes_app.services.core.permissions import Action, require
from recipes_app.services.lint import relint, relint_reading

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, list_answer, operation
from ..framework.links import absolute
from ..framework.paging import newest_first, number_given
from ..framework.parameters import PageParameters
from ..schemas.relint import RelintListSerializer, RelintRunPageSerializer, RelintRunSerializer, TagChangeSerializer
from ..schemas.requests import RelintBody


class RelintView(PortalView):
    """The runs."""

    parameters = PageParameters
    actions = {"GET": Action.READ_QUEUE, "POST": Action.RELINT}

    @operation("relints", "Re-lints of the whole catalogue", RelintListSerializer, parameters=PageParameters, problems=[403])
    def get(self, request: Request) -> Response:
        """Return a page of the runs, newest first."""
        require(Action.READ_QUEUE, self.account(request))
        return newest_first(self, absolute("api:relint"), RelintRun.objects.all(), RelintRunSerializer)

    @operation(
        "relint_start",
        "Lint the whole catalogue again",
        RelintRunSerializer,
        request=RelintBody,
        problems=WRITE_PROBLEMS,
        status=201,
    )
    def post(self, request: Request) -> Response:
        """Begin a run for what the newest tool of the stage has not looked at."""
        user, body = self.account(request), self.body(RelintBody, request)
        require(Action.RELINT, user)
        return Response(RelintRunSerializer(relint.start(user, relint.named(body["stage"]))).data, status=201)


class RelintRunView(PortalView):
    """One run."""

    parameters = PageParameters
    actions = {"GET": Action.READ_QUEUE}

    @operation(
        "relint_run", "A re-lint, and what it changed", RelintRunPageSerializer, parameters=PageParameters, problems=[403, 404]
    )
    def get(self, request: Request, run_id: int) -> Response:
        """Return the run and a page of the tags that came or went; the cursor is how many came before."""
        require(Action.READ_QUEUE, self.account(request))
        run = lookups.relint_run(run_id)
        changes, verdicts = relint_reading.tag_changes(run), relint_reading.verdicts(run)
        self.unless_known(request, run, changes, verdicts)
        first = number_given(self) or 0
        behind = first + self.given["limit"]
        results = TagChangeSerializer(changes[first:behind], many=True).data
        next_cursor = behind if behind < len(changes) else None
        address = absolute("api:relint_run", str(run.pk))
        return list_answer(
            self, address, results, len(changes), next_cursor, run=RelintRunSerializer(run).data, **asdict(verdicts)
        )


def _pause(user: User, run: RelintRun, _body: dict[str, Any]) -> RelintRun:
    return relint.pause(user, run)


def _resume(user: User, run: RelintRun, _body: dict[str, Any]) -> RelintRun:
    return relint.resume(user, run)


_RUN = "relint/<int:run_id>/"
_ACTS = (
    Act(
        "relint_pause", f"{_RUN}pause/", "Hand out no more jobs of a re-lint",
        Action.RELINT, lookups.relint_run, _pause, RelintRunSerializer,
    ),
    Act(
        "relint_resume", f"{_RUN}resume/", "Go on with a paused re-lint",
        Action.RELINT, lookups.relint_run, _resume, RelintRunSerializer,
    ),
)  # fmt: skip
PATHS = [
    path("relint/", RelintView.as_view(), name="relint"),
    path(_RUN, RelintRunView.as_view(), name="relint_run"),
    *map(act_path, _ACTS),
]
