"""The moderators' and reviewers' work: the queue, held revisions, quarantine, rulings."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.limits import MAX_NAME_LENGTH
from recipes_app.models import Hold, ModelRuling, QueueEntry, Recipe, Revision, User
from recipes_app.services.audit import moderation_queue
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import Action
from recipes_app.services.moderation import quarantine, revisions, site
from recipes_app.services.ownership import model_class
from recipes_app.services.publishing import publish

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, list_answer, operation
from ..framework.links import absolute
from ..framework.paging import newest_first, number_given
from ..framework.parameters import PageParameters
from ..schemas.moderation import (
    HeldRevisionListSerializer,
    HeldRevisionSerializer,
    PurgedSerializer,
    QueueEntrySerializer,
    QueueSerializer,
)
from ..schemas.ownership import RulingListSerializer, RulingSerializer, StandingSerializer
from ..schemas.recipes import RevisionSummarySerializer
from ..schemas.requests import ModelBody, ReasonBody, ReviewBody, RulingBody


class QueueParameters(PageParameters):
    """What narrows the queue down."""

    kind = serializers.ChoiceField(required=False, default="", choices=QueueEntry.Kind.choices)
    recipe = serializers.CharField(required=False, default="", max_length=MAX_NAME_LENGTH)
    account = serializers.CharField(required=False, default="", max_length=MAX_NAME_LENGTH)
    mine = serializers.BooleanField(required=False, default=False, help_text="Only what one has claimed.")


class QueueView(PortalView):
    """All that waits for a moderator or reviewer."""

    parameters = QueueParameters
    actions = {"GET": Action.READ_QUEUE}

    @operation(
        "queue", "What waits for one's decision, oldest first", QueueSerializer, parameters=QueueParameters, problems=[403]
    )
    def get(self, request: Request) -> Response:
        """Return a page of the queue."""
        narrowed = moderation_queue.Narrowed(**{key: self.given[key] for key in ("kind", "recipe", "account", "mine")})
        page = moderation_queue.read(self.account(request), narrowed, after=number_given(self), limit=self.given["limit"])
        results = QueueEntrySerializer(page.entries, many=True).data
        return list_answer(self, absolute("api:queue"), results, None, page.next_after, waiting=page.waiting)


class HeldParameters(PageParameters):
    """What narrows the held revisions down."""

    recipe = serializers.CharField(required=False, default="", max_length=MAX_NAME_LENGTH)


class HeldView(PortalView):
    """Revisions that wait for a reviewer. Everybody may see that they wait, and why."""

    parameters = HeldParameters

    @operation("holds", "Revisions that wait for a reviewer", HeldRevisionListSerializer, parameters=HeldParameters)
    def get(self, request: Request) -> Response:
        """Return a page of the held revisions, newest first."""
        rows = Revision.objects.filter(review=Revision.Review.HELD, recipe__deleted_at=None, hold__isnull=False)
        if self.given["recipe"]:
            rows = rows.filter(recipe__name=self.given["recipe"])
        rows = rows.select_related("recipe", "hold").defer("metadata", "findings")
        return newest_first(self, absolute("api:holds"), rows, HeldRevisionSerializer)


class RulingsView(PortalView):
    """The rulings on a recipe's models."""

    parameters = PageParameters
    actions = {"POST": Action.RULE_MODEL}

    @operation("rulings", "The rulings on a recipe's models", RulingListSerializer, parameters=PageParameters, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return a page of the rulings, ended ones too."""
        recipe = lookups.recipe_row(name)
        return newest_first(self, absolute("api:rulings", recipe.name), recipe.rulings.all(), RulingSerializer)

    @operation(
        "rule", "Overrule a model's computed class", RulingSerializer, request=RulingBody, problems=WRITE_PROBLEMS, status=201
    )
    def post(self, request: Request, name: str) -> Response:
        """Set the class that counts until the facts change."""
        user, recipe, body = self.account(request), lookups.recipe_row(name), self.body(RulingBody, request)
        ruling = model_class.rule(user, recipe, body["model"], body["value"], body["reason"])
        return Response(RulingSerializer(ruling).data, status=201)


def _claim(user: User, entry_id: int, _body: dict[str, Any]) -> QueueEntry:
    return QueueEntry.objects.select_related("recipe", "account", "claimed_by").get(pk=moderation_queue.claim(user, entry_id).pk)


def _unclaim(user: User, entry_id: int, _body: dict[str, Any]) -> QueueEntry:
    moderation_queue.unclaim(user, entry_id)
    return moderation_queue.entry_for(user, entry_id)


def _review(user: User, revision: Revision, body: dict[str, Any]) -> Revision:
    publish.review(user, revision, release=body["release"], decision=body["decision"])
    return Revision.objects.select_related("recipe", "hold").get(pk=revision.pk)


def _decide_delayed(user: User, revision: Revision, body: dict[str, Any]) -> Revision:
    if not Hold.objects.filter(revision=revision, decided_at=None, release_at__isnull=False).exists():
        raise Refused(_("this revision is not delayed"), code="not-delayed")
    return _review(user, revision, body)


def _take_out(user: User, revision: Revision, body: dict[str, Any]) -> Revision:
    revisions.take_out(user, revision, body["reason"])
    return Revision.objects.select_related("recipe").get(pk=revision.pk)


def _bring_back(user: User, revision: Revision, body: dict[str, Any]) -> Revision:
    revisions.bring_back(user, revision, body["reason"])
    return Revision.objects.select_related("recipe").get(pk=revision.pk)


def _purge(user: User, revision: Revision, body: dict[str, Any]) -> dict[str, Any]:
    return {"commits": revisions.purge(user, revision, body["reason"])}


def _quarantine(user: User, recipe: Recipe, body: dict[str, Any]) -> Recipe:
    quarantine.quarantine(user, recipe, body["reason"])
    return lookups.recipe_row(recipe.name)


def _release(user: User, recipe: Recipe, body: dict[str, Any]) -> Recipe:
    quarantine.release(user, recipe, body["reason"])
    return lookups.recipe_row(recipe.name)


def _end_ruling(user: User, recipe: Recipe, body: dict[str, Any]) -> ModelRuling:
    model_class.withdraw_ruling(user, recipe, body["model"])
    return recipe.rulings.filter(model_name=body["model"]).latest("ended_at")


def _accept_name(user: User, recipe: Recipe, _body: dict[str, Any]) -> Recipe:
    site.accept_name(user, recipe)
    return recipe


_RECIPE = "recipes/<str:name>/"
_REVISION = f"{_RECIPE}revisions/<str:commit>/"
_ACTS = (
    Act(
        "queue_claim", "queue/<int:entry_id>/claim/", "Claim an entry, so that two do not work on it",
        Action.READ_QUEUE, lookups.queue_entry, _claim, QueueEntrySerializer,
    ),
    Act(
        "queue_unclaim", "queue/<int:entry_id>/unclaim/", "Give a claimed entry back to all",
        Action.READ_QUEUE, lookups.queue_entry, _unclaim, QueueEntrySerializer,
    ),
    Act(
        "review", f"{_REVISION}review/", "Release or reject a held revision",
        Action.RELEASE_HOLD, lookups.revision, _review, HeldRevisionSerializer, ReviewBody,
    ),
    Act(
        "delayed_decide", f"{_REVISION}delayed/", "Release a delayed revision early, or stop it, as one of its team",
        Action.DECIDE_DELAYED, lookups.revision, _decide_delayed, HeldRevisionSerializer, ReviewBody,
    ),
    Act(
        "revision_quarantine", f"{_REVISION}quarantine/", "Take a revision out: its branch goes back to the one before",
        Action.QUARANTINE, lookups.revision, _take_out, RevisionSummarySerializer, ReasonBody,
    ),
    Act(
        "revision_release", f"{_REVISION}release/", "Publish a quarantined revision again",
        Action.QUARANTINE, lookups.revision, _bring_back, RevisionSummarySerializer, ReasonBody,
    ),
    Act(
        "revision_purge", f"{_REVISION}purge/", "Remove a rejected or quarantined revision for good: a leaked secret",
        Action.PURGE, lookups.revision, _purge, PurgedSerializer, ReasonBody,
    ),
    Act(
        "quarantine", f"{_RECIPE}quarantine/", "Quarantine a recipe",
        Action.QUARANTINE, lookups.recipe_row, _quarantine, StandingSerializer, ReasonBody,
    ),
    Act(
        "release", f"{_RECIPE}release/", "End a recipe's quarantine",
        Action.QUARANTINE, lookups.recipe_row, _release, StandingSerializer, ReasonBody,
    ),
    Act(
        "ruling_end", f"{_RECIPE}rulings/end/", "End a ruling, so that the computed class counts again",
        Action.RULE_MODEL, lookups.recipe_row, _end_ruling, RulingSerializer, ModelBody,
    ),
    Act(
        "accept_name", f"{_RECIPE}accept-name/", "Let a new name that waited stand",
        Action.NAME_RULES, lookups.recipe_row, _accept_name, StandingSerializer,
    ),
)  # fmt: skip
PATHS = [
    path("queue/", QueueView.as_view(), name="queue"),
    path("holds/", HeldView.as_view(), name="holds"),
    path(f"{_RECIPE}rulings/", RulingsView.as_view(), name="rulings"),
    *map(act_path, _ACTS),
]
