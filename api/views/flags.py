"""Flags, which are public, and reports, which are not."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import Comment, Flag, Report, User
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import Action, require
from recipes_app.services.moderation import flags, reports

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, operation
from ..framework.links import absolute
from ..framework.paging import newest_first
from ..framework.parameters import PageParameters
from ..framework.problems import Problem
from ..schemas.community import FlagListSerializer, FlagSerializer, ReportListSerializer, ReportSerializer
from ..schemas.requests import DecisionBody, FlagBody, ReportBody, TextBody, UpholdBody


class FlagParameters(PageParameters):
    """What narrows the flags down."""

    state = serializers.ChoiceField(required=False, default="", choices=Flag.State.choices)
    kind = serializers.ChoiceField(required=False, default="", choices=Flag.Kind.choices)


class FlagsView(PortalView):
    """The flags on a recipe."""

    parameters = FlagParameters
    actions = {"POST": Action.FLAG}

    @operation("flags_list", "The flags on a recipe, newest first", FlagListSerializer, parameters=FlagParameters, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return a page of the recipe's flags, closed ones too."""
        recipe = lookups.recipe_row(name)
        wanted = {key: self.given[key] for key in ("state", "kind") if self.given[key]}
        rows = recipe.flags.select_related("recipe", "revision").filter(**wanted)
        return newest_first(self, absolute("api:flags", recipe.name), rows, FlagSerializer)

    @operation("flag_raise", "Flag a recipe", FlagSerializer, request=FlagBody, problems=WRITE_PROBLEMS, status=201)
    def post(self, request: Request, name: str) -> Response:
        """Say that something is wrong with the recipe."""
        user, recipe, body = self.account(request), lookups.recipe_row(name), self.body(FlagBody, request)
        kind = Flag.Kind(body.pop("kind"))
        flag = flags.raise_flag(user, recipe, kind, flags.FlagText(**body))
        return Response(FlagSerializer(flag).data, status=201)


class FlagView(PortalView):
    """One flag."""

    @operation("flag", "One flag", FlagSerializer, problems=[404])
    def get(self, request: Request, flag_id: int) -> Response:
        """Return the flag."""
        flag = lookups.flag(flag_id)
        self.unless_known(request, flag)
        return Response(FlagSerializer(flag).data)


def _answer(user: User, flag: Flag, body: dict[str, Any]) -> Flag:
    flags.answer(user, flag, body["text"])
    return lookups.flag(flag.pk)


def _withdraw(user: User, flag: Flag, _body: dict[str, Any]) -> Flag:
    flags.withdraw(user, flag)
    return lookups.flag(flag.pk)


def _close(user: User, flag: Flag, body: dict[str, Any]) -> Flag:
    """Close a flag about packaging: one that is ruled on takes another scope of the token, so it has another address."""
    if Flag.Kind(flag.kind).is_ruled:
        require(Action.RULE_FLAG, user, flag.recipe)
        raise Refused(f"a flag of the kind {flag.kind} is ruled on: use {absolute('api:flag_rule', str(flag.pk))}", code="ruled")
    flags.close(user, flag, resolved=body["resolved"], decision=body["decision"])
    return lookups.flag(flag.pk)


def _rule(user: User, flag: Flag, body: dict[str, Any]) -> Flag:
    flags.close(user, flag, resolved=body["resolved"], decision=body["decision"])
    return lookups.flag(flag.pk)


class ReportsView(PortalView):
    """Reports to the moderators."""

    parameters = PageParameters
    actions = {"GET": Action.DECIDE_REPORT, "POST": Action.REPORT}

    @operation(
        "reports_list",
        "The reports, newest first: for moderators",
        ReportListSerializer,
        parameters=PageParameters,
        problems=[403],
    )
    def get(self, request: Request) -> Response:
        """Return a page of the reports."""
        require(Action.DECIDE_REPORT, self.account(request))
        rows = Report.objects.select_related("recipe", "account")
        return newest_first(self, absolute("api:reports"), rows, ReportSerializer)

    @operation(
        "report_file", "Report malware, abuse or spam", ReportSerializer, request=ReportBody, problems=WRITE_PROBLEMS, status=201
    )
    def post(self, request: Request) -> Response:
        """Tell the moderators, and nobody else."""
        user, body = self.account(request), self.body(ReportBody, request)
        report = reports.file(user, Report.Kind(body["kind"]), _subject(body), body["text"])
        return Response(ReportSerializer(report).data, status=201)


def _subject(body: dict[str, Any]) -> reports.Subject:
    """Return what a report is about. Raises Problem where there is no such thing, or more than one is named."""
    if sum(bool(body[key]) for key in ("recipe", "comment", "account")) > 1:
        raise Problem("invalid-body", "name one thing: a recipe, a comment or an account", field="recipe")
    if body["comment"]:
        comment = Comment.objects.select_related("recipe").filter(pk=body["comment"], recipe__deleted_at=None).first()
        if comment is None:
            raise Problem("unknown-thing", f"there is no comment {body['comment']}")
        return reports.Subject(comment=comment)
    if body["account"]:
        return reports.Subject(account=lookups.account(body["account"]))
    return reports.Subject(recipe=lookups.recipe_row(body["recipe"]) if body["recipe"] else None)


def _decide_report(user: User, report: Report, body: dict[str, Any]) -> Report:
    reports.decide(user, report, uphold=body["uphold"], decision=body["decision"])
    return lookups.report(report.pk)


_ACTS = (
    Act(
        "flag_answer", "flags/<int:flag_id>/answer/", "Answer a flag, for the maintainers",
        Action.ANSWER_FLAG, lookups.flag, _answer, FlagSerializer, TextBody,
    ),
    Act(
        "flag_close", "flags/<int:flag_id>/close/", "Resolve or reject a flag about packaging",
        Action.CLOSE_FLAG, lookups.flag, _close, FlagSerializer, DecisionBody,
    ),
    Act(
        "flag_rule", "flags/<int:flag_id>/rule/", "Resolve or reject any flag, as a moderator",
        Action.RULE_FLAG, lookups.flag, _rule, FlagSerializer, DecisionBody,
    ),
    Act(
        "flag_withdraw", "flags/<int:flag_id>/withdraw/", "Take one's flag back",
        Action.WITHDRAW_FLAG, lookups.flag, _withdraw, FlagSerializer,
    ),
    Act(
        "report_decide", "reports/<int:report_id>/decide/", "Uphold or reject a report",
        Action.DECIDE_REPORT, lookups.report, _decide_report, ReportSerializer, UpholdBody,
    ),
)  # fmt: skip
PATHS = [
    path("recipes/<str:name>/flags/", FlagsView.as_view(), name="flags"),
    path("flags/<int:flag_id>/", FlagView.as_view(), name="flag"),
    path("reports/", ReportsView.as_view(), name="reports"),
    *map(act_path, _ACTS),
]
