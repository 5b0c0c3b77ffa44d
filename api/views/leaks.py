"""Leaked tokens: whoever finds one, a person or a secret scanner, ends it here."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.limits import LEAK_REPORTS_PER_ADDRESS, LEAK_REPORTS_SECONDS, MAX_LEAKED_TOKENS
from recipes_app.services.accounts import tokens
from recipes_app.services.core import pace

from ..framework.base import PortalView, operation
from ..framework.parameters import BoundedListField, StrictSerializer, StringField
from ..schemas.moderation import DoneSerializer

_LONGEST = 200


class LeakedTokensBody(StrictSerializer):
    """Tokens that were found where they do not belong."""

    tokens = BoundedListField(
        child=StringField(max_length=_LONGEST), min_length=1, max_length=MAX_LEAKED_TOKENS,
        help_text="The secrets, as they were found: `dur_…`.",
    )  # fmt: skip


class LeakedTokensView(PortalView):
    """Leaked tokens."""

    @operation(
        "tokens_leaked", "End tokens that have leaked: for anybody", DoneSerializer,
        request=LeakedTokensBody, problems=[403, 411, 413, 415],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """End those that are tokens here, and tell their owners. The answer is the same whether there were any."""
        address = pace.network_of(get_adapter().get_client_ip(request._request) or "")
        words = (
            f"at most {LEAK_REPORTS_PER_ADDRESS} reports an hour are taken from one address, each of up to {MAX_LEAKED_TOKENS}"
        )
        pace.spend(f"leaks:{address}", LEAK_REPORTS_PER_ADDRESS, LEAK_REPORTS_SECONDS, words)
        body = LeakedTokensBody(data=request.data)
        body.is_valid(raise_exception=True)
        tokens.end_leaked(body.validated_data["tokens"])
        return Response(DoneSerializer({"done": True}).data)


PATHS = [path("tokens/leaked/", LeakedTokensView.as_view(), name="tokens_leaked")]
