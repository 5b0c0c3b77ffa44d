"""Who looks after a recipe: co-maintainers, invitations, requests, and the names that redirect."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..limits import MAX_NAME_LENGTH
from .catalogue import Recipe


class CoRole(models.TextChoices):
    """What a co-maintainer may do: everything but giving the recipe away; push; or answer flags and tidy comments."""

    MAINTAIN = "maintain", _("maintain")
    PUSH = "push", _("push")
    TRIAGE = "triage", _("triage")


class CoMaintainer(models.Model):
    """A co-maintainer. `position` is the order in which a disowned recipe is passed on."""

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="co_maintainers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="co_maintained")
    role = models.CharField(max_length=8, choices=CoRole, default=CoRole.PUSH)
    position = models.PositiveSmallIntegerField()
    since = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["recipe", "user"], name="co_maintainer_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role}) of {self.recipe}"


class Invitation(models.Model):
    """An offer to co-maintain, or to take over (`transfer`). Nobody is added unasked; an unanswered offer runs out."""

    TRANSFER = "transfer"

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=8)
    # The place in the order of succession that the invitation was given with; None: behind all others.
    position = models.PositiveSmallIntegerField(null=True, blank=True)
    invited_by_name = models.CharField(max_length=39)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["recipe", "user"], name="invitation_once")]

    def __str__(self) -> str:
        return f"{self.user} to {self.role} {self.recipe}"


class OwnershipRequest(models.Model):
    """A request to delete, orphan, merge or adopt a recipe: one state machine (`services.moderation.requests`)."""

    class Kind(models.TextChoices):
        """What is asked for."""

        DELETION = "deletion", _("deletion")
        ORPHAN = "orphan", _("orphan")
        MERGE = "merge", _("merge")
        ADOPTION = "adoption", _("adoption")

    class State(models.TextChoices):
        """Where the request stands."""

        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        STALE = "stale", _("stale")

    recipe = models.ForeignKey(Recipe, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests")
    recipe_name = models.CharField(max_length=MAX_NAME_LENGTH)
    target_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests"
    )
    requester_name = models.CharField(max_length=39)
    text = models.TextField()
    created_at = models.DateTimeField()
    # Not decided before this, so that a maintainer can object; None where nobody has to be waited for.
    waits_until = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=39, blank=True)
    decision = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["state", "created_at"], name="request_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["recipe", "kind", "requester"], condition=models.Q(state="open"), name="request_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.recipe_name} ({self.state})"


class NameRedirect(models.Model):
    """A name that a recipe had before it was renamed or merged: pages, API and git lead on from it."""

    name = models.CharField(max_length=MAX_NAME_LENGTH, unique=True)
    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="former_names")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.name} → {self.recipe.name}"
