"""What the site's checks can say: tags, their explanations, and the recipes that draw them."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.services.core.pages import cut
from recipes_app.services.lint import tags

from ..framework.base import PortalView, list_answer, operation
from ..framework.links import absolute
from ..framework.parameters import PageParameters
from ..framework.problems import Problem
from ..schemas.lint import (
    DrawingRecipeSerializer,
    ExplainedTagSerializer,
    TagLineSerializer,
    TagListSerializer,
    TagPageSerializer,
    TagParameters,
)


def _unless_known(view: PortalView) -> None:
    """Spare the answer where nothing about lint has changed since the client asked. One query. Raises NotModified."""
    stamp = tags.stamp()
    if stamp is not None:
        view.unless_known(view.request, stamp)


class LintTagsView(PortalView):
    """All tags."""

    parameters = TagParameters

    @operation("lint_tags", "What the checks can say, with counts", TagListSerializer, parameters=TagParameters)
    def get(self, request: Request) -> Response:
        """Return a page of the tags, by name; the cursor is the last tag of the page before."""
        _unless_known(self)
        lines = tags.list_tags(severity=self.given["severity"], words=self.given["q"], drawn_only=self.given["drawn"])
        rest = [line for line in lines if line.tag > self.given["cursor"]]
        page, next_cursor = cut(rest, self.given["limit"], lambda line: line.tag)
        return list_answer(self, absolute("api:lint_tags"), TagLineSerializer(page, many=True).data, len(lines), next_cursor)


class LintTagView(PortalView):
    """One tag."""

    parameters = PageParameters

    @operation(
        "lint_tag", "What a tag means, and which recipes draw it", TagPageSerializer, parameters=PageParameters, problems=[404]
    )
    def get(self, request: Request, tag: str) -> Response:
        """Return the explanation of `tag` and a page of the recipes that draw it; the cursor is the last recipe before."""
        _unless_known(self)
        try:
            found = tags.get_tag(tag)
        except tags.UnknownTag as error:
            raise Problem("unknown-thing", str(error)) from error
        recipes = tags.recipes_with(tag)
        rows, next_cursor = cut(recipes.filter(name__gt=self.given["cursor"]), self.given["limit"], lambda recipe: recipe.name)
        results = DrawingRecipeSerializer(rows, many=True).data
        explained = ExplainedTagSerializer(found).data
        return list_answer(self, absolute("api:lint_tag", tag), results, found.line.recipes, next_cursor, tag=explained)


PATHS = [
    path("lint/tags/", LintTagsView.as_view(), name="lint_tags"),
    path("lint/tags/<rest:tag>/", LintTagView.as_view(), name="lint_tag"),
]
