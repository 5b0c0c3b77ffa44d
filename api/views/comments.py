"""Comments: the list, one of them, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import Comment, User
from recipes_app.services.community import comment_reading, comments
from recipes_app.services.community.comment_reading import ShownComment
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import Action

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, list_answer, operation
from ..framework.links import absolute
from ..framework.paging import number_given
from ..framework.parameters import PageParameters
from ..framework.problems import Problem
from ..schemas.community import CommentListSerializer, CommentSerializer
from ..schemas.requests import CommentBody, TextBody


class CommentsView(PortalView):
    """The comments on a recipe."""

    parameters = PageParameters
    actions = {"POST": Action.COMMENT}

    @operation("comments_list", "The comments on a recipe", CommentListSerializer, parameters=PageParameters, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return a page of the comments that the reader may see."""
        recipe = lookups.recipe_row(name)
        page = comment_reading.list_for(recipe, request.user, before=number_given(self), limit=self.given["limit"])
        self.unless_known(request, recipe.name, page)
        results = CommentSerializer(page.comments, many=True).data
        return list_answer(self, absolute("api:comments", recipe.name), results, None, page.older)

    @operation("comment_add", "Comment on a recipe", CommentSerializer, request=CommentBody, problems=WRITE_PROBLEMS, status=201)
    def post(self, request: Request, name: str) -> Response:
        """Write a comment."""
        user, recipe, body = self.account(request), lookups.recipe_row(name), self.body(CommentBody, request)
        parent = lookups.comment(name, body["parent"]) if body["parent"] is not None else None
        written = comments.add(user, recipe, body["text"], parent=parent, follow=body["follow"])
        return Response(CommentSerializer(_shown(user, written)).data, status=201)


class CommentView(PortalView):
    """One comment."""

    actions = {"PATCH": Action.EDIT_COMMENT}

    @operation("comment", "One comment", CommentSerializer, problems=[404])
    def get(self, request: Request, name: str, comment_id: int) -> Response:
        """Return the comment as the reader may see it."""
        try:
            shown = comment_reading.shown(lookups.recipe_row(name), request.user, comment_id)
        except Refused as error:
            raise Problem("unknown-thing", str(error)) from error
        self.unless_known(request, shown)
        return Response(CommentSerializer(shown).data)

    @operation("comment_edit", "Change one's comment", CommentSerializer, request=TextBody, problems=WRITE_PROBLEMS)
    def patch(self, request: Request, name: str, comment_id: int) -> Response:
        """Change the words; the comment is marked as edited."""
        user, found = self.account(request), lookups.comment(name, comment_id)
        comments.edit(user, found, self.body(TextBody, request)["text"])
        return Response(CommentSerializer(_shown(user, found)).data)


def _shown(user: User, comment: Comment) -> ShownComment:
    return comment_reading.shown(comment.recipe, user, comment.pk)


def _act(verb: str, summary: str, action: Action, service: Callable[[User, Comment], Comment]) -> Act:
    """Return the act `verb` on a comment, answered by the comment as who did it sees it then."""

    def run(user: User, comment: Comment, _body: dict[str, Any]) -> ShownComment:
        return _shown(user, service(user, comment))

    address = f"recipes/<str:name>/comments/<int:comment_id>/{verb}/"
    return Act(f"comment_{verb}", address, summary, action, lookups.comment, run, CommentSerializer)


_ACTS = (
    _act("hide", "Delete a comment: it can be restored", Action.HIDE_COMMENT, comments.hide),
    _act("restore", "Bring a deleted comment back", Action.HIDE_COMMENT, comments.restore),
    _act("pin", "Show a comment above all others", Action.PIN_COMMENT, comments.pin),
    _act("unpin", "Take a pinned comment down", Action.PIN_COMMENT, comments.unpin),
)
PATHS = [
    path("recipes/<str:name>/comments/", CommentsView.as_view(), name="comments"),
    path("recipes/<str:name>/comments/<int:comment_id>/", CommentView.as_view(), name="comment"),
    *map(act_path, _ACTS),
]
