"""News: what moderators tell everybody. All read them; moderators publish and withdraw them."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import News, User
from recipes_app.services.core.permissions import Action
from recipes_app.services.moderation import news

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, operation
from ..framework.links import absolute
from ..framework.paging import newest_first
from ..framework.parameters import PageParameters
from ..schemas.moderation import NewsListSerializer, NewsSerializer
from ..schemas.requests import NewsBody


class NewsView(PortalView):
    """What moderators tell everybody."""

    parameters = PageParameters
    actions = {"POST": Action.WRITE_NEWS}

    @operation("news", "What moderators tell everybody, newest first", NewsListSerializer, parameters=PageParameters)
    def get(self, request: Request) -> Response:
        """Return a page of the news that stand."""
        return newest_first(self, absolute("api:news"), news.published(), NewsSerializer)

    @operation(
        "news_publish", "Publish news on the first page", NewsSerializer, request=NewsBody, problems=WRITE_PROBLEMS, status=201
    )
    def post(self, request: Request) -> Response:
        """Publish news."""
        user, body = self.account(request), self.body(NewsBody, request)
        return Response(NewsSerializer(news.publish(user, body["title"], body["text"])).data, status=201)


def _withdraw(user: User, item: News, _body: dict[str, Any]) -> News:
    news.withdraw(user, item)
    return item


_WITHDRAWAL = Act(
    "news_withdraw", "news/<int:news_id>/withdraw/", "Take news from the first page",
    Action.WRITE_NEWS, lookups.news_item, _withdraw, NewsSerializer,
)  # fmt: skip
PATHS = [path("news/", NewsView.as_view(), name="news"), act_path(_WITHDRAWAL)]
