"""Comments on recipes. The words of a hidden comment leave the database only for those who may read hidden text.

Here they are written; who shows them takes them from `comment_reading`, who edits them, from `text_to_edit`.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.limits import COMMENT_WINDOW_MINUTES, MAX_COMMENTS_PER_WINDOW, MAX_MENTIONS, MAX_PINNED_COMMENTS
from recipes_app.models import Comment, Notification, Recipe, User

from ..audit import audit
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..core.retrying import retried
from ..notifications import follows, notify, webhooks
from . import markdown


@retried
def add(user: User, recipe: Recipe, text: str, *, parent: Comment | None = None, follow: bool = False) -> Comment:
    """Write a comment on `recipe`, in reply to `parent` where it is given; `follow` makes `user` hear of what follows.

    Tells who is mentioned, whom it answers, and who hears of the recipe: each once. Raises PermissionDenied, and Refused for
    a text that is empty or too long, too many comments in a short time, a deleted recipe, a parent that is elsewhere or hidden.
    """
    require(Action.COMMENT, user, recipe)
    words = _checked(text)
    _check_place(recipe, parent)
    with transaction.atomic():
        _check_rate(user)
        rendered = markdown.render_comment(words, recipe)
        comment = Comment.objects.create(
            recipe=recipe, author=user, author_name=user.username, parent=parent, text=words, html=rendered.html
        )
        if follow:
            follows.follow(user, recipe)
        _tell(comment, user, rendered.mentioned)
        facts = {"comment": comment.pk, "parent": comment.parent_id, "actor": user.username}
        webhooks.emit(recipe, webhooks.COMMENTED, {**facts, "url": f"{settings.PORTAL_URL}{address_of(comment)}"})
    return comment


def preview(user: User, recipe: Recipe, text: str) -> str:
    """Return the HTML that `text` would become, writing nothing. Raises PermissionDenied, Refused as `add` does."""
    require(Action.COMMENT, user, recipe)
    return markdown.render_comment(_checked(text), recipe).html


@retried
def edit(user: User, comment: Comment, text: str) -> Comment:
    """Change the words of one's own comment; it is marked as edited. Only accounts that were not mentioned before are told.

    Raises PermissionDenied, Refused for a hidden comment or a text that is empty or too long.
    """
    words = _checked(text)
    with transaction.atomic():
        comment = _locked(comment)
        before = set(markdown.render_comment(text_to_edit(user, comment), comment.recipe).mentioned)
        rendered = markdown.render_comment(words, comment.recipe)
        comment.text, comment.html = words, rendered.html
        comment.edited_at, comment.edited_by_name = timezone.now(), user.username
        comment.save(update_fields=["text", "html", "edited_at", "edited_by_name"])
        _tell_mentioned(comment, user, [each for each in rendered.mentioned if each not in before])
    return comment


def text_to_edit(user: User, comment: Comment) -> str:
    """Return the Markdown of `comment` for its edit form. Raises PermissionDenied for all but its author, Refused if hidden."""
    require(Action.EDIT_COMMENT, user, comment.recipe, author_id=comment.author_id)
    if comment.hidden_at is not None:
        raise Refused(_("This comment is deleted: restore it before you edit it."), code="hidden")
    return comment.text


@retried
def hide(user: User, comment: Comment) -> Comment:
    """Delete a comment softly: its words stay for moderators, and it can be restored. Logged; the author hears of it.

    A moderator can delete what its author has deleted himself, so that he cannot bring it back.
    Raises PermissionDenied, Refused where it is hidden already.
    """
    require(Action.HIDE_COMMENT, user, comment.recipe, author_id=comment.author_id)
    with transaction.atomic():
        comment = _locked(comment)
        taken_back = comment.hidden_by_name == comment.author_name != user.username
        if comment.hidden_at is not None and not taken_back:
            raise Refused(_("This comment is deleted already."), code="hidden")
        comment.hidden_at, comment.hidden_by_name = timezone.now(), user.username
        comment.pinned_at, comment.pinned_by_name = None, ""
        comment.save(update_fields=["hidden_at", "hidden_by_name", "pinned_at", "pinned_by_name"])
        _log(EventKind.COMMENT_HIDDEN, user, comment)
        _tell_author(comment, user, lambda: _("%(user)s deleted your comment on %(recipe)s."))
    return comment


@retried
def restore(user: User, comment: Comment) -> Comment:
    """Bring a hidden comment back. An author can restore what he hid himself; what a moderator hid, only moderators can.

    Raises PermissionDenied, Refused where it is not hidden.
    """
    require(Action.HIDE_COMMENT, user, comment.recipe, author_id=comment.author_id)
    with transaction.atomic():
        comment = _locked(comment)
        if comment.hidden_at is None:
            raise Refused(_("This comment is not deleted: there is nothing to restore."), code="not-hidden")
        if comment.hidden_by_name != user.username:
            require(Action.READ_HIDDEN, user, comment.recipe)
        comment.hidden_at, comment.hidden_by_name = None, ""
        comment.save(update_fields=["hidden_at", "hidden_by_name"])
        _log(EventKind.COMMENT_RESTORED, user, comment)
        _tell_author(comment, user, lambda: _("%(user)s restored your comment on %(recipe)s."))
    return comment


@retried
def pin(user: User, comment: Comment) -> Comment:
    """Show a comment above all others. Raises PermissionDenied, Refused for a hidden one or where the most are pinned already."""
    require(Action.PIN_COMMENT, user, comment.recipe)
    with transaction.atomic():
        Recipe.objects.select_for_update(no_key=True).only("pk").get(pk=comment.recipe_id)
        comment = _locked(comment)
        if comment.hidden_at is not None:
            raise Refused(_("This comment is deleted: restore it before you pin it."), code="hidden")
        others = Comment.objects.filter(recipe=comment.recipe_id).exclude(pinned_at=None).exclude(pk=comment.pk)
        if others.count() >= MAX_PINNED_COMMENTS:
            message = _("%(count)d comments are pinned already: take one down first.") % {"count": MAX_PINNED_COMMENTS}
            raise Refused(message, code="too-many-pinned")
        comment.pinned_at, comment.pinned_by_name = timezone.now(), user.username
        comment.save(update_fields=["pinned_at", "pinned_by_name"])
    return comment


def unpin(user: User, comment: Comment) -> Comment:
    """Take a pinned comment down to the others; one that is not pinned stays as it is. Raises PermissionDenied."""
    require(Action.PIN_COMMENT, user, comment.recipe)
    Comment.objects.filter(pk=comment.pk).update(pinned_at=None, pinned_by_name="")
    comment.pinned_at, comment.pinned_by_name = None, ""
    return comment


def _checked(text: str) -> str:
    words = texts.checked(text.replace("\r\n", "\n"), "text")
    if not words or "\0" in words:
        raise Refused(_("Write something: an empty comment says nothing."), field="text", code="empty")
    return words


def _check_place(recipe: Recipe, parent: Comment | None) -> None:
    if recipe.deleted_at is not None:
        raise Refused(_("%(recipe)s is deleted: nothing can be said on it.") % {"recipe": recipe.name}, code="deleted")
    if parent is not None and (parent.recipe_id != recipe.pk or parent.hidden_at is not None):
        message = _("The comment that you answer is deleted, or is not on %(recipe)s.") % {"recipe": recipe.name}
        raise Refused(message, field="parent", code="bad-parent")


def _check_rate(user: User) -> None:
    """Count what the account wrote in the last minutes, deleted or not, under its lock: two requests at once count each other."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    since = timezone.now() - timedelta(minutes=COMMENT_WINDOW_MINUTES)
    if Comment.objects.filter(author=user, created_at__gt=since).count() >= MAX_COMMENTS_PER_WINDOW:
        values = {"most": MAX_COMMENTS_PER_WINDOW, "minutes": COMMENT_WINDOW_MINUTES}
        message = _("You wrote %(most)d comments in %(minutes)d minutes: wait a little, then send it again.") % values
        raise Refused(message, code="too-fast")


def _locked(comment: Comment) -> Comment:
    return Comment.objects.select_for_update(no_key=True, of=("self",)).select_related("recipe", "author").get(pk=comment.pk)


def address_of(comment: Comment) -> str:
    """Return the address at which `comment` is shown, whatever page of the list it stands on by now."""
    return reverse("comment", args=[comment.recipe.name, comment.pk])


def _tell(comment: Comment, user: User, mentioned: tuple[User, ...]) -> None:
    """Tell each person once, for the reason that concerns him most: a mention, an answer, a recipe that he hears of."""
    told = _tell_mentioned(comment, user, list(mentioned))
    values = {"user": user.username, "recipe": comment.recipe.name}
    answered = comment.parent.author if comment.parent is not None else None
    if answered is not None and answered not in told:
        notify.notify(
            Notification.Kind.COMMENT, [answered], recipe=comment.recipe, actor=user, comment=comment,
            text=lambda: _("%(user)s answered your comment on %(recipe)s.") % values, url=address_of(comment),
        )  # fmt: skip
        told.append(answered)
    notify.notify_followers(
        Notification.Kind.COMMENT, comment.recipe, actor=user, comment=comment, besides=told,
        text=lambda: _("%(user)s commented on %(recipe)s.") % values, url=address_of(comment),
    )  # fmt: skip


def _tell_mentioned(comment: Comment, user: User, mentioned: list[User]) -> list[User]:
    told = mentioned[:MAX_MENTIONS]
    values = {"user": user.username, "recipe": comment.recipe.name}
    notify.notify(
        Notification.Kind.MENTION, told, recipe=comment.recipe, actor=user, comment=comment,
        text=lambda: _("%(user)s mentioned you on %(recipe)s.") % values, url=address_of(comment),
    )  # fmt: skip
    return told


def _tell_author(comment: Comment, user: User, text: notify.Words) -> None:
    if comment.author is not None:
        values = {"user": user.username, "recipe": comment.recipe.name}
        notify.notify(
            Notification.Kind.MODERATION, [comment.author], recipe=comment.recipe, actor=user,
            text=lambda: text() % values, url=address_of(comment),
        )  # fmt: skip


def _log(kind: EventKind, user: User, comment: Comment) -> None:
    audit.record(kind, user, recipe=comment.recipe, account=comment.author, public={"comment": comment.pk})
