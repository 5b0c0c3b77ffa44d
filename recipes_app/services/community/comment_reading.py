"""Comments as one account may see them: every page, feed and answer that shows comments takes them from here.

The words of a hidden comment are left out by the database itself for all who may not read them, so that no later step can
show them by mistake (aurweb's edit page did).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.utils.translation import gettext as _

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import Comment, Recipe, User

from ..core.errors import Refused
from ..core.permissions import Action, Role, roles_of

Reader = User | AnonymousUser | None


@dataclass(frozen=True)
class ShownComment:
    """A comment as one reader sees it, and what he may do with it. `text` and `html` are empty where he may not read them."""

    id: int
    author_name: str
    has_account: bool
    text: str
    html: str
    created_at: datetime
    edited_at: datetime | None
    hidden_at: datetime | None
    hidden_by_name: str
    pinned_at: datetime | None
    pinned_by_name: str
    parent_id: int | None
    parent_author_name: str
    may_edit: bool
    may_hide: bool
    may_restore: bool
    may_pin: bool


@dataclass(frozen=True)
class CommentPage:
    """Some comments, and where the older ones go on: the number to give as `before`, or None."""

    comments: list[ShownComment]
    older: int | None


def list_for(recipe: Recipe, reader: Reader, *, before: int | None = None, limit: int = PAGE_SIZE) -> CommentPage:
    """Return a page of the comments on `recipe` that `reader` may see: pinned ones first, then the newest.

    `before` goes on behind a page, and has no pinned ones. Deleted ones are seen by those who may read hidden text, and
    without their words by the author who deleted them, so that he can restore them. One query beside those for the roles.
    """
    roles = roles_of(reader, recipe)
    rows = _seen_by(recipe, reader, roles)
    if before is None:
        rows = rows.order_by(F("pinned_at").desc(nulls_last=True), "-id")
    else:
        rows = rows.filter(id__lt=before, pinned_at=None).order_by("-id")
    # Sorted by number first: the words of all the comments of a much discussed recipe would not fit into a sort's memory.
    chosen = rows.filter(pk__in=rows.values("pk")[: limit + 1])
    found = [_shown(row, reader, roles) for row in chosen]
    page = found[:limit]
    unpinned = [comment.id for comment in page if comment.pinned_at is None]
    more = len(found) > limit
    return CommentPage(page, min(unpinned) if more and unpinned else None)


def shown(recipe: Recipe, reader: Reader, comment_id: int) -> ShownComment:
    """Return one comment on `recipe` as `reader` may see it. Raises Refused where there is none for him."""
    roles = roles_of(reader, recipe)
    row = _seen_by(recipe, reader, roles).filter(pk=comment_id).first()
    if row is None:
        raise Refused(
            _("%(recipe)s has no comment %(comment_id)s, or it is deleted") % {"recipe": recipe.name, "comment_id": comment_id},
            code="no-comment",
        )
    return _shown(row, reader, roles)


def _seen_by(recipe: Recipe, reader: Reader, roles: frozenset[Role]) -> QuerySet[Comment]:
    """Return the rows that `reader` sees at all, with the words in `seen_text` and `seen_html` as far as he may read them."""
    rows = Comment.objects.filter(recipe=recipe).select_related("parent").defer("text", "html", "parent__text", "parent__html")
    if Action.READ_HIDDEN.is_open_to(roles):
        return rows.annotate(seen_text=F("text"), seen_html=F("html"))
    own = Q(author=reader.pk, hidden_by_name=reader.username) if isinstance(reader, User) else Q(pk=None)
    return rows.filter(Q(hidden_at=None) | own).annotate(seen_text=_unless_hidden("text"), seen_html=_unless_hidden("html"))


def _unless_hidden(column: str) -> Case:
    return Case(When(hidden_at=None, then=F(column)), default=Value(""), output_field=TextField())


def _shown(row: Comment, reader: Reader, roles: frozenset[Role]) -> ShownComment:
    own = isinstance(reader, User) and row.author_id == reader.pk and Role.USER in roles
    mine = roles | {Role.AUTHOR} if own else roles
    staff = Action.READ_HIDDEN.is_open_to(roles)
    hidden = row.hidden_at is not None
    hide = Action.HIDE_COMMENT.is_open_to(mine)
    hid_it = own and isinstance(reader, User) and row.hidden_by_name == reader.username
    return ShownComment(
        id=row.pk,
        author_name=row.author_name,
        has_account=row.author_id is not None,
        text=row.seen_text,  # type: ignore[attr-defined]  # an annotation
        html=row.seen_html,  # type: ignore[attr-defined]  # an annotation
        created_at=row.created_at,
        edited_at=row.edited_at,
        hidden_at=row.hidden_at,
        hidden_by_name=row.hidden_by_name,
        pinned_at=row.pinned_at,
        pinned_by_name=row.pinned_by_name,
        parent_id=row.parent_id,
        parent_author_name=row.parent.author_name if row.parent else "",
        may_edit=not hidden and Action.EDIT_COMMENT.is_open_to(mine),
        may_hide=not hidden and hide,
        may_restore=hidden and hide and (staff or hid_it),
        may_pin=not hidden and Action.PIN_COMMENT.is_open_to(mine),
    )
