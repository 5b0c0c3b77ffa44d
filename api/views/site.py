"""What moderators do for the whole site: accounts, name rules, switches; and the public log of it all."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ListSerializer as ManySerializer

from recipes_app.limits import MAX_NAME_LENGTH
from recipes_app.models import NameRule, Rank, User
from recipes_app.services.audit import log_reading
from recipes_app.services.audit.audit import EventKind
from recipes_app.services.core.permissions import Action, require
from recipes_app.services.gates import incident
from recipes_app.services.gates.gate_table import Incident
from recipes_app.services.moderation import sanctions, site

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, list_answer, operation
from ..framework.links import absolute
from ..framework.paging import newest_first, number_given
from ..framework.parameters import PageParameters
from ..schemas.moderation import (
    AccountSerializer,
    IncidentSerializer,
    LogLineSerializer,
    LogSerializer,
    NameRuleListSerializer,
    NameRuleSerializer,
    RolledBackSerializer,
    SwitchSerializer,
)
from ..schemas.requests import IncidentBody, NameRuleBody, RankBody, ReasonBody, RollBackBody, SwitchBody


class NameRulesView(PortalView):
    """The rules for new names."""

    parameters = PageParameters
    actions = {"GET": Action.NAME_RULES, "POST": Action.NAME_RULES}

    @operation("name_rules", "The rules for new names", NameRuleListSerializer, parameters=PageParameters, problems=[403])
    def get(self, request: Request) -> Response:
        """Return a page of the rules, newest first."""
        require(Action.NAME_RULES, self.account(request))
        return newest_first(self, absolute("api:name_rules"), NameRule.objects.all(), NameRuleSerializer)

    @operation(
        "name_rule_add", "Add a rule for new names", NameRuleSerializer, request=NameRuleBody, problems=WRITE_PROBLEMS, status=201
    )
    def post(self, request: Request) -> Response:
        """Add a rule."""
        user, body = self.account(request), self.body(NameRuleBody, request)
        rule = site.add_name_rule(user, body["pattern"], NameRule.Effect(body["effect"]), body["reason"])
        return Response(NameRuleSerializer(rule).data, status=201)


class NameRuleView(PortalView):
    """One rule for new names."""

    actions = {"DELETE": Action.NAME_RULES}

    @operation("name_rule_remove", "Remove a rule for new names", NameRuleSerializer, problems=WRITE_PROBLEMS)
    def delete(self, request: Request, rule_id: int) -> Response:
        """Remove the rule; the answer shows what it was."""
        user = self.account(request)
        require(Action.NAME_RULES, user)
        rule = lookups.name_rule(rule_id)
        site.remove_name_rule(user, rule)
        return Response(NameRuleSerializer(rule).data)


class SwitchesView(PortalView):
    """All switches: everybody may see what is off."""

    @operation("switches", "What is turned off", ManySerializer(child=SwitchSerializer()))
    def get(self, request: Request) -> Response:
        """Return every switch, those that were never turned too."""
        switches = site.switches()
        self.unless_known(request, switches)
        return Response(SwitchSerializer(switches, many=True).data)


class SwitchView(PortalView):
    """One switch."""

    actions = {"PUT": Action.SWITCH}

    @operation("switch_turn", "Turn a switch", SwitchSerializer, request=SwitchBody, problems=WRITE_PROBLEMS)
    def put(self, request: Request, switch_name: str) -> Response:
        """Turn it off, with a message, or on."""
        user, switch, body = self.account(request), lookups.switch(switch_name), self.body(SwitchBody, request)
        turned = site.turn(user, switch, off=body["off"], message=body["message"])
        return Response(SwitchSerializer(turned).data)


class IncidentView(PortalView):
    """The site's incident level."""

    actions = {"PUT": Action.SET_INCIDENT_LEVEL}

    @operation("incident", "The site's incident level", IncidentSerializer)
    def get(self, request: Request) -> Response:
        """Return the level in force, and what every page says of it."""
        found = incident.in_force()
        self.unless_known(request, found)
        return Response(IncidentSerializer(found).data)

    @operation("incident_set", "Set the site's incident level", IncidentSerializer, request=IncidentBody, problems=WRITE_PROBLEMS)
    def put(self, request: Request) -> Response:
        """Set it, with words."""
        user, body = self.account(request), self.body(IncidentBody, request)
        return Response(IncidentSerializer(incident.set_level(user, Incident(body["level"]), body["words"])).data)


class LogParameters(PageParameters):
    """What narrows the log down."""

    kind = serializers.ChoiceField(required=False, default="", choices=[(kind.value, kind.value) for kind in EventKind])
    recipe = serializers.CharField(required=False, default="", max_length=MAX_NAME_LENGTH)
    account = serializers.CharField(
        required=False, default="", max_length=MAX_NAME_LENGTH, help_text="Who acted, or whom it was done to."
    )


class LogView(PortalView):
    """The public log."""

    parameters = LogParameters

    @operation("log", "The public log, newest first", LogSerializer, parameters=LogParameters)
    def get(self, request: Request) -> Response:
        """Return a page of the log; moderators read the private fields too."""
        wanted = {key: self.given[key] for key in ("kind", "recipe", "account")}
        page = log_reading.read(request.user, before=number_given(self), limit=self.given["limit"], **wanted)
        self.unless_known(request, page)
        return list_answer(self, absolute("api:log"), LogLineSerializer(page.lines, many=True).data, None, page.older)


def _freeze(user: User, account: User, body: dict[str, Any]) -> User:
    sanctions.freeze(user, account, body["reason"])
    return lookups.account(account.username)


def _thaw(user: User, account: User, body: dict[str, Any]) -> User:
    sanctions.thaw(user, account, body["reason"])
    return lookups.account(account.username)


def _rank(user: User, account: User, body: dict[str, Any]) -> User:
    sanctions.set_rank(user, account, Rank(body["rank"]))
    return lookups.account(account.username)


def _roll_back(user: User, account: User, body: dict[str, Any]) -> sanctions.RolledBack:
    return sanctions.roll_back(user, account, body["since"], body["reason"])


_ACCOUNT = "accounts/<str:username>/"
_ACTS = (
    Act(
        "freeze", f"{_ACCOUNT}freeze/", "Freeze an account: it reads, and writes nothing",
        Action.FREEZE_ACCOUNT, lookups.account, _freeze, AccountSerializer, ReasonBody,
    ),
    Act(
        "thaw", f"{_ACCOUNT}thaw/", "Give a frozen account back what it could do",
        Action.FREEZE_ACCOUNT, lookups.account, _thaw, AccountSerializer, ReasonBody,
    ),
    Act(
        "roll_back", f"{_ACCOUNT}roll-back/", "Take out all that an account pushed since a time",
        Action.FREEZE_ACCOUNT, lookups.account, _roll_back, RolledBackSerializer, RollBackBody,
    ),
    Act(
        "rank", f"{_ACCOUNT}rank/", "Set an account's rank",
        Action.SET_RANK, lookups.account, _rank, AccountSerializer, RankBody,
    ),
)  # fmt: skip
PATHS = [
    path("name-rules/", NameRulesView.as_view(), name="name_rules"),
    path("name-rules/<int:rule_id>/", NameRuleView.as_view(), name="name_rule"),
    path("switches/", SwitchesView.as_view(), name="switches"),
    path("switches/<str:switch_name>/", SwitchView.as_view(), name="switch"),
    path("incident/", IncidentView.as_view(), name="incident"),
    path("log/", LogView.as_view(), name="log"),
    *map(act_path, _ACTS),
]
