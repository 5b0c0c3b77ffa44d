"""What people say about a recipe: votes, comments, flags; and who follows it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipes_app.formats.vocabulary import LicenceClass, ModelVerdict

from .catalogue import Recipe


class Vote(models.Model):
    """One account's vote for one recipe. `weight` is 0.98^-(days since EPOCH): see `services.catalogue.votes`."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="votes")
    at = models.DateTimeField()
    weight = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipe", "user"], name="vote_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="vote_of_user"),
            models.Index(fields=["-at"], name="vote_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.recipe}"


class Comment(models.Model):
    """A comment. `html` is made from `text` when it is written, and cleaned then. A hidden comment keeps its text for moderators.

    `author_name` and `hidden_by_name` stay when the account goes, so that a deleted account takes no one else's words away.
    """

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="comments"
    )
    author_name = models.CharField(max_length=39)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies")
    text = models.TextField()
    html = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by_name = models.CharField(max_length=39, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by_name = models.CharField(max_length=39, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    pinned_by_name = models.CharField(max_length=39, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipe", "-created_at"], name="comment_of_recipe"),
            models.Index(fields=["author", "-created_at"], name="comment_of_author"),
        ]

    def __str__(self) -> str:
        return f"{self.author_name} on {self.recipe}"


class Flag(models.Model):
    """Somebody says that something is wrong with a recipe. Each flag has its own life: open, answered, resolved or rejected."""

    class Kind(models.TextChoices):
        """What is said to be wrong."""

        OUT_OF_DATE = "out-of-date", _("out of date")
        BROKEN = "broken", _("broken")
        LICENCE = "licence", _("licence")
        TOXIC_CANDY = "toxic-candy", _("ToxicCandy")
        MALICIOUS = "malicious", _("malicious")

        @property
        def is_ruled(self) -> bool:
            """Whether moderators alone close it; it opens an entry of their queue."""
            return self in (Flag.Kind.LICENCE, Flag.Kind.TOXIC_CANDY, Flag.Kind.MALICIOUS)

        @property
        def classes(self) -> tuple[str, ...]:
            """What a flagger can think right; empty for a kind that is not about a class."""
            known: dict[str, tuple[str, ...]] = {
                Flag.Kind.LICENCE: tuple(LicenceClass), Flag.Kind.TOXIC_CANDY: tuple(ModelVerdict),
            }  # fmt: skip
            return known.get(self, ())

    class State(models.TextChoices):
        """Where the flag stands."""

        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        RESOLVED = "resolved", _("resolved")
        REJECTED = "rejected", _("rejected")

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="flags")
    revision = models.ForeignKey("Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    # For a licence or ToxicCandy flag: the model or the file, and the class that the flagger thinks right.
    subject = models.CharField(max_length=200, blank=True)
    proposed_class = models.CharField(max_length=20, blank=True)
    text = models.TextField()
    evidence = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="flags")
    author_name = models.CharField(max_length=39)
    created_at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(blank=True)
    answered_by_name = models.CharField(max_length=39, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True)
    decided_by_name = models.CharField(max_length=39, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["recipe", "state"], name="flag_of_recipe")]
        constraints = [
            # One account says one thing once: a second flag of the same kind waits until the first is closed.
            models.UniqueConstraint(
                fields=["recipe", "kind", "author", "subject"],
                condition=models.Q(state__in=["open", "answered"]),
                name="flag_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.recipe}: {self.kind} ({self.state})"


class Follow(models.Model):
    """An account that wants to hear of a recipe. `muted` are kinds of notification that it does not want for this one."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="follows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    muted = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipe", "user"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.user} follows {self.recipe}"
