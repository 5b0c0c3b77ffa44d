"""What people are told, in the web inbox and by mail."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .catalogue import Recipe


class Notification(models.Model):
    """One message to one account. Mail is queued from it, at once or in the daily digest; `mailed_at` says when."""

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
    actor_name = models.CharField(max_length=39, blank=True)
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="inbox"),
            models.Index(fields=["created_at"], condition=models.Q(mailed_at=None), name="notification_unmailed"),
        ]

    def __str__(self) -> str:
        return f"to {self.user}: {self.text}"


class MailChoice(models.Model):
    """How an account wants one kind of notification by mail; a kind without a row follows the default."""

    class How(models.TextChoices):
        """At once, once a day, or not at all (the web inbox has it all the same)."""

        AT_ONCE = "at-once", _("at once")
        DAILY = "daily", _("in the daily digest")
        NEVER = "never", _("not by mail")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_choices")
    kind = models.CharField(max_length=12, choices=Notification.Kind)
    how = models.CharField(max_length=8, choices=How)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="mail_choice_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind} {self.how}"
