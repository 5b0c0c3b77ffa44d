"""One's own account: what it tells the public, what it gets by mail, and the token that is at hand."""

from __future__ import annotations

from dataclasses import replace

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import ApiToken, MailTime, Notification, User
from recipes_app.services.accounts import profiles, tokens
from recipes_app.services.core.permissions import Action, roles_of
from recipes_app.services.notifications import mail_choices

from ..framework.base import WRITE_PROBLEMS, PortalView, operation
from ..framework.problems import Problem
from ..schemas.account import MailChoicesSerializer, OwnAccountSerializer, TokenSerializer
from ..schemas.moderation import DoneSerializer
from ..schemas.requests import MailBody, ProfileBody


class AccountView(PortalView):
    """Who asks."""

    actions = {"GET": Action.READ, "PATCH": Action.EDIT_ACCOUNT}

    @operation("account", "Who one is here", OwnAccountSerializer)
    def get(self, request: Request) -> Response:
        """Return the account that asks, with its roles."""
        return self._shown(self.account(request))

    @operation("account_edit", "Change one's profile", OwnAccountSerializer, request=ProfileBody, problems=WRITE_PROBLEMS)
    def patch(self, request: Request) -> Response:
        """Change the members that are given."""
        user = self.account(request)
        profiles.update(user, replace(profiles.profile_of(user), **self.body(ProfileBody, request)))
        return self._shown(user)

    def _shown(self, user: User) -> Response:
        return Response(OwnAccountSerializer(user, context={"roles": sorted(roles_of(user))}).data)


class MailView(PortalView):
    """When one gets which kind of notification by mail."""

    actions = {"GET": Action.READ, "PUT": Action.EDIT_ACCOUNT}

    @operation("mail_choices", "Which notifications one gets by mail", MailChoicesSerializer)
    def get(self, request: Request) -> Response:
        """Return what is chosen, the default where nothing is."""
        return self._chosen(self.account(request))

    @operation(
        "mail_choose", "Choose which notifications one gets by mail", MailChoicesSerializer,
        request=MailBody, problems=WRITE_PROBLEMS,
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        """Set the kinds that are given; the others stay as they are."""
        user, body = self.account(request), self.body(MailBody, request)
        mail_choices.choose(user, {Notification.Kind(kind): MailTime(how) for kind, how in body["choices"].items()})
        return self._chosen(user)

    def _chosen(self, user: User) -> Response:
        chosen = {kind.value: how.value for kind, how in mail_choices.choices_of(user).items()}
        return Response(MailChoicesSerializer({"choices": chosen}).data)


class TokenView(PortalView):
    """The token that the request came with."""

    actions = {"GET": Action.READ, "DELETE": Action.READ}
    # Whoever holds a token may look at it and end it: a leak cannot wait for the right scope.
    any_token = True

    @operation("token", "What one's token is good for", TokenSerializer, problems=[404])
    def get(self, request: Request) -> Response:
        """Return scopes, reach and end of the token."""
        return Response(TokenSerializer(self._token(request)).data)

    @operation("token_revoke", "End one's token", DoneSerializer, problems=WRITE_PROBLEMS)
    def delete(self, request: Request) -> Response:
        """End the token: this is the last that it does."""
        token = self._token(request)
        return Response(DoneSerializer({"done": tokens.revoke(token.user, token.pk)}).data)

    def _token(self, request: Request) -> ApiToken:
        self.account(request)
        if not isinstance(request.auth, ApiToken):
            raise Problem("unknown-thing", "the request came by a session, without a token: end tokens on the account page")
        return request.auth


PATHS = [
    path("account/", AccountView.as_view(), name="account"),
    path("account/mail/", MailView.as_view(), name="mail_choices"),
    path("token/", TokenView.as_view(), name="token"),
]
