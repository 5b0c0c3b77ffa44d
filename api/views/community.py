"""What one account does for itself about a recipe: its vote, what it hears of, and its inbox."""

from __future__ import annotations

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import Notification, Recipe, User
from recipes_app.services.catalogue import votes
from recipes_app.services.core.permissions import Action
from recipes_app.services.notifications import follows, inbox

from ..framework import lookups
from ..framework.base import WRITE_PROBLEMS, PortalView, operation
from ..framework.links import absolute
from ..framework.paging import newest_first
from ..framework.parameters import PageParameters
from ..schemas.community import (
    FollowSerializer,
    NotificationListSerializer,
    NotificationSerializer,
    ReadSerializer,
    VoteSerializer,
)
from ..schemas.requests import MutedBody, ReadBody


class VoteView(PortalView):
    """The account's vote for a recipe."""

    actions = {"GET": Action.READ, "PUT": Action.VOTE, "DELETE": Action.VOTE}

    @operation("vote", "Whether one has voted for a recipe", VoteSerializer, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return the account's vote and the votes of all."""
        return self._standing(self.account(request), lookups.recipe_row(name))

    @operation("vote_give", "Vote for a recipe; a second time changes nothing", VoteSerializer, problems=WRITE_PROBLEMS)
    def put(self, request: Request, name: str) -> Response:
        """Give the account's vote."""
        recipe = lookups.recipe_row(name)
        votes.vote(self.account(request), recipe)
        return self._standing(self.account(request), recipe)

    @operation("vote_take_back", "Take one's vote back", VoteSerializer, problems=WRITE_PROBLEMS)
    def delete(self, request: Request, name: str) -> Response:
        """Take the account's vote back."""
        recipe = lookups.recipe_row(name)
        votes.unvote(self.account(request), recipe)
        return self._standing(self.account(request), recipe)

    def _standing(self, user: User, recipe: Recipe) -> Response:
        standing = {
            "voted": votes.has_voted(user, recipe),
            "votes": recipe.vote_count,
            "popularity": votes.popularity(recipe.vote_weight),
        }
        return Response(VoteSerializer(standing).data)


class FollowView(PortalView):
    """Whether the account hears of a recipe."""

    actions = {"GET": Action.READ, "PUT": Action.FOLLOW, "DELETE": Action.FOLLOW}

    @operation("follow", "Whether one follows a recipe", FollowSerializer, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return whether the account follows, and what it muted."""
        return self._standing(self.account(request), lookups.recipe_row(name))

    @operation(
        "follow_start", "Follow a recipe, and say what to mute", FollowSerializer, request=MutedBody, problems=WRITE_PROBLEMS
    )
    def put(self, request: Request, name: str) -> Response:
        """Follow the recipe."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        body = self.body(MutedBody, request)
        if "muted" in body:
            follows.set_muted(user, recipe, body["muted"])
        else:
            follows.follow(user, recipe)
        return self._standing(user, recipe)

    @operation("follow_stop", "Stop following a recipe", FollowSerializer, problems=WRITE_PROBLEMS)
    def delete(self, request: Request, name: str) -> Response:
        """Stop following the recipe."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        follows.unfollow(user, recipe)
        return self._standing(user, recipe)

    def _standing(self, user: User, recipe: Recipe) -> Response:
        muted = follows.muted_kinds(user, recipe)
        return Response(FollowSerializer({"following": muted is not None, "muted": muted or []}).data)


class InboxParameters(PageParameters):
    """What narrows the inbox down."""

    unread = serializers.BooleanField(required=False, default=False, help_text="Only messages that are not read.")
    kind = serializers.ChoiceField(required=False, default="", choices=Notification.Kind.choices)


class NotificationsView(PortalView):
    """The account's inbox."""

    parameters = InboxParameters
    actions = {"GET": Action.READ}

    @operation("notifications_list", "One's inbox, newest first", NotificationListSerializer, parameters=InboxParameters)
    def get(self, request: Request) -> Response:
        """Return a page of what the account was told."""
        user = self.account(request)
        messages = inbox.messages_of(user, unread_only=self.given["unread"], kind=self.given["kind"])
        answer = newest_first(self, absolute("api:notifications"), messages, NotificationSerializer)
        answer.data["unread"] = inbox.unread_count(user)
        return answer


class ReadView(PortalView):
    """Marking messages as read."""

    actions = {"POST": Action.EDIT_ACCOUNT}

    @operation("notifications_read", "Mark messages as read", ReadSerializer, request=ReadBody, problems=WRITE_PROBLEMS)
    def post(self, request: Request) -> Response:
        """Mark the messages that are given, or all."""
        user, body = self.account(request), self.body(ReadBody, request)
        marked = inbox.mark_read(user, body["ids"]) if "ids" in body else inbox.mark_all_read(user)
        return Response(ReadSerializer({"marked": marked}).data)


PATHS = [
    path("recipes/<str:name>/vote/", VoteView.as_view(), name="vote"),
    path("recipes/<str:name>/follow/", FollowView.as_view(), name="follow"),
    path("notifications/", NotificationsView.as_view(), name="notifications"),
    path("notifications/read/", ReadView.as_view(), name="notifications_read"),
]
