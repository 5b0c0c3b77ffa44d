"""What people are told, in the web inbox and by mail; and the mail that waits to leave the site."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .catalogue import Recipe
from .community import Comment
from .deliveries import Delivery


class MailTime(models.TextChoices):
    """When a notification is mailed: at once, once a day, or not at all (the web inbox has it all the same)."""

    AT_ONCE = "at-once", _("at once")
    DAILY = "daily", _("in the daily digest")
    NEVER = "never", _("not by mail")


class Notification(models.Model):
    """One message to one account. `mail` is what the account had chosen when it was written; `mailed_at`, when mail was made.

    The words of a comment are never copied here: they are read from `comment`, so that a hidden one is hidden here too.
    """

    class Kind(models.TextChoices):
        """What it is about; an account chooses by kind."""

        COMMENT = "comment", _("comments")
        MENTION = "mention", _("mentions of me")
        UPDATE = "update", _("new revisions")
        FLAG = "flag", _("flags")
        OWNERSHIP = "ownership", _("ownership and invitations")
        REQUEST = "request", _("requests")
        MODEL_CLASS = "model-class", _("changed model class")
        LINT = "lint", _("lint results")
        MODERATION = "moderation", _("decisions of moderators")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=12, choices=Kind)
    recipe = models.ForeignKey(Recipe, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=39, blank=True)
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(max_length=8, choices=MailTime, default=MailTime.AT_ONCE)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="inbox"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="inbox_unread"),
            models.Index(
                fields=["mail", "created_at"],
                condition=models.Q(mailed_at=None, mail__in=["at-once", "daily"]),
                name="notification_unmailed",
            ),
        ]

    def __str__(self) -> str:
        return f"to {self.user}: {self.text}"


class MailChoice(models.Model):
    """How an account wants one kind of notification by mail; a kind without a row follows the default."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_choices")
    kind = models.CharField(max_length=12, choices=Notification.Kind)
    how = models.CharField(max_length=8, choices=MailTime)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="mail_choice_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind} {self.how}"


class OutboxMail(Delivery):
    """A mail that the site owes somebody.

    `content` is the message as plain types and is emptied once it has left: it can hold the link that resets a password.
    `given_up_at` says that nobody tries any more.
    """

    content = models.JSONField()
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(sent_at=None, given_up_at=None), name="outbox_waiting")
        ]

    def __str__(self) -> str:
        state = "sent" if self.sent_at else "given up" if self.given_up_at else "waiting"
        return f"mail {self.pk} ({state})"
