"""What moderators work with: the queue, rulings, reports, holds, name rules, switches; and the public log."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..limits import MAX_NAME_LENGTH
from .catalogue import Recipe, Revision


class QueueEntry(models.Model):
    """One thing that waits for a moderator or reviewer, whatever its kind: the queue is one table, so it opens with few queries.

    `subject_id` is the id of the flag, request, hold or report; services write and close the entry with the thing itself.
    """

    class Kind(models.TextChoices):
        """What waits."""

        FLAG = "flag", _("flag")
        REQUEST = "request", _("request")
        HOLD = "hold", _("held revision")
        REPORT = "report", _("report")
        NAME = "name", _("new name")

    kind = models.CharField(max_length=8, choices=Kind)
    subject_id = models.BigIntegerField()
    recipe = models.ForeignKey(Recipe, null=True, blank=True, on_delete=models.CASCADE, related_name="queue_entries")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="queue_entries"
    )
    summary = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="claimed_entries"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="queue_once")]
        indexes = [
            models.Index(fields=["created_at", "id"], condition=models.Q(closed_at=None), name="queue_open"),
            models.Index(fields=["kind", "created_at"], condition=models.Q(closed_at=None), name="queue_open_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.summary}"


class Hold(models.Model):
    """Why a revision waits. `reasons` are the sentences shown word by word; `observed` ones held nothing.

    `gates` are the ids of the gates that hold or delay it. With `release_at` it is delayed: it becomes current then by itself.
    `approved_at` is when a member of the team approved what was pushed to a recipe with staging.
    """

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="hold")
    reasons = models.JSONField(default=list)
    observed = models.JSONField(default=list)
    gates = models.JSONField(default=list)
    release_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by_name = models.CharField(max_length=39, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=39, blank=True)
    released = models.BooleanField(null=True)
    decision = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["release_at"], condition=models.Q(decided_at=None), name="hold_due"),
            models.Index(fields=["created_at"], condition=models.Q(decided_at=None), name="hold_waiting"),
        ]

    def __str__(self) -> str:
        return f"hold of {self.revision}"

    @property
    def is_delayed(self) -> bool:
        """Whether it waits for its time alone."""
        return self.decided_at is None and self.release_at is not None


class ModelRuling(models.Model):
    """A moderator's word on a model's class. It overrides the computed one until the facts, kept as a digest, change."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="rulings")
    model_name = models.CharField(max_length=200)
    value = models.CharField(max_length=20)
    reason = models.TextField()
    facts_digest = models.CharField(max_length=64)
    ruled_by_name = models.CharField(max_length=39)
    ruled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-ruled_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipe", "model_name"], condition=models.Q(ended_at=None), name="ruling_in_force_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.recipe}: {self.model_name} is {self.value}"


class Report(models.Model):
    """Somebody reports abuse: malware in a recipe, a comment, an account. Not public, unlike a flag."""

    class Kind(models.TextChoices):
        """What is reported."""

        MALWARE = "malware", _("malware")
        ABUSE = "abuse", _("abuse")
        SPAM = "spam", _("spam")
        OTHER = "other", _("other")

    kind = models.CharField(max_length=8, choices=Kind)
    recipe = models.ForeignKey(Recipe, null=True, blank=True, on_delete=models.CASCADE, related_name="reports")
    # What people got when it was filed: the report is about that revision.
    revision = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    comment = models.ForeignKey("Comment", null=True, blank=True, on_delete=models.CASCADE, related_name="reports")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="reports_about"
    )
    text = models.TextField()
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="reports_made"
    )
    reporter_name = models.CharField(max_length=39)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=39, blank=True)
    upheld = models.BooleanField(null=True)
    decision = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.reporter_name}"


class News(models.Model):
    """What moderators tell everybody, on the first page. `html` is made from `text` when it is written, and cleaned then."""

    title = models.CharField(max_length=120)
    text = models.TextField()
    html = models.TextField()
    published_at = models.DateTimeField()
    author_name = models.CharField(max_length=39)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by_name = models.CharField(max_length=39, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-published_at", "-id"]
        verbose_name_plural = "news"
        indexes = [models.Index(fields=["-published_at", "-id"], condition=models.Q(withdrawn_at=None), name="news_shown")]

    def __str__(self) -> str:
        return self.title


class NameRule(models.Model):
    """A pattern for names of recipes, shell-style (`linux-image-*`), and what happens to a new one that fits it."""

    class Effect(models.TextChoices):
        """Refuse the name, or let a moderator look at it."""

        REFUSE = "refuse", _("refuse")
        REVIEW = "review", _("review")

    pattern = models.CharField(max_length=MAX_NAME_LENGTH, unique=True)
    effect = models.CharField(max_length=8, choices=Effect)
    reason = models.CharField(max_length=300)
    created_by_name = models.CharField(max_length=39)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pattern"]

    def __str__(self) -> str:
        return f"{self.effect} {self.pattern}"


class Switch(models.Model):
    """Something that moderators can turn off for all, each with the message that people get instead."""

    class Name(models.TextChoices):
        """What can be turned off; `writes` is maintenance mode: every entrance is read-only."""

        WRITES = "writes", _("all writes (maintenance)")
        SIGN_UP = "sign-up", _("sign-up")
        NEW_RECIPES = "new-recipes", _("new recipes")
        PUSHES = "pushes", _("pushes")
        ADOPTION = "adoption", _("adoption")

    name = models.CharField(max_length=16, choices=Name, primary_key=True)
    off = models.BooleanField(default=False)
    message = models.CharField(max_length=300, blank=True)
    changed_by_name = models.CharField(max_length=39, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name}: {'off' if self.off else 'on'}"


class IncidentNotice(models.Model):
    """A change of the site's incident level: the newest is in force (`services.gates.incident`)."""

    level = models.CharField(max_length=8)
    words = models.CharField(max_length=500, blank=True)
    changed_by_name = models.CharField(max_length=39)
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.level} since {self.changed_at:%Y-%m-%d %H:%M}"


class Event(models.Model):
    """A line of the public log: append-only, each with the hash of the line before (`services.audit.audit`).

    `private` is shown to moderators only; the chain holds its digest, so that it can be erased without breaking the chain.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=40, db_index=True)
    actor_name = models.CharField(max_length=39, blank=True)
    recipe_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True, db_index=True)
    account_name = models.CharField(max_length=39, blank=True, db_index=True)
    public = models.JSONField(default=dict)
    private = models.JSONField(default=dict)
    private_digest = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"
