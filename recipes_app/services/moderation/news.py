"""News: what moderators tell everybody on the first page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import News, User

from ..community import markdown
from ..core import texts
from ..core.permissions import Action, require

_TITLE = 120
_TEXT = 4_000
_SHOWN = 3


def shown(limit: int = _SHOWN) -> list[News]:
    """Return the newest news that were not withdrawn. One query."""
    return list(published()[:limit])


def published() -> QuerySet[News]:
    """Return all news that were not withdrawn."""
    return News.objects.filter(withdrawn_at=None)


def publish(user: User, title: str, text: str) -> News:
    """Publish news; `text` is Markdown. Raises PermissionDenied, Refused with the field that is wrong."""
    require(Action.WRITE_NEWS, user)
    title, text = _checked(title, text)
    return News.objects.create(
        title=title,
        text=text,
        html=markdown.render_comment(text).html,
        published_at=timezone.now(),
        author_name=user.username,
    )


def edit(user: User, item: News, title: str, text: str) -> None:
    """Change the words of published news; when they were published stays, and who changed them is shown beside.

    Raises PermissionDenied, Refused with the field that is wrong.
    """
    require(Action.WRITE_NEWS, user)
    title, text = _checked(title, text)
    item.title, item.text, item.html = title, text, markdown.render_comment(text).html
    item.changed_at, item.changed_by_name = timezone.now(), user.username
    item.save(update_fields=["title", "text", "html", "changed_at", "changed_by_name"])


def _checked(title: str, text: str) -> tuple[str, str]:
    return (
        texts.checked(title, "title", blank=_("a title has 1 to %(most)s characters") % {"most": _TITLE}, most=_TITLE),
        texts.checked(text, "text", blank=_("a text has 1 to %(most)s characters") % {"most": _TEXT}, most=_TEXT),
    )


def withdraw(user: User, item: News) -> None:
    """Take news from the first page; the row stays. Raises PermissionDenied."""
    require(Action.WRITE_NEWS, user)
    item.withdrawn_at = timezone.now()
    item.save(update_fields=["withdrawn_at"])
