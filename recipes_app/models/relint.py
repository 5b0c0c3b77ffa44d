"""Re-lints of the whole catalogue: the versions of the tools that runners have, the runs, and what each run changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .catalogue import Revision


class LintTool(models.Model):
    """A version of a stage's tool with its profile, as a runner told it when it started or in a report.

    `considered_at` is null until it was looked at whether it asks for a re-lint: `services.lint.relint.tick`.
    """

    stage = models.CharField(max_length=20)
    tool = models.CharField(max_length=40)
    tool_version = models.CharField(max_length=40)
    profile = models.CharField(max_length=80, blank=True)
    seen_at = models.DateTimeField(auto_now_add=True)
    considered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["stage", "tool_version", "profile"], name="lint_tool_once")]

    def __str__(self) -> str:
        return f"{self.tool} {self.tool_version}"


class RelintRun(models.Model):
    """One stage of every current revision once more, because its tool or the tool's profile has changed.

    `was_version` and `was_profile` are what most recipes had been looked at by. Nobody's name in `started_by_name`: the site
    began by itself. `total`, `done` and `unstable` are counted each minute while it is not finished, and then stand.
    """

    class State(models.TextChoices):
        """Where a run stands. A paused one hands out no job; those that run already end."""

        RUNNING = "running"
        PAUSED = "paused"
        FINISHED = "finished"

    stage = models.CharField(max_length=20)
    tool = models.CharField(max_length=40)
    tool_version = models.CharField(max_length=40)
    profile = models.CharField(max_length=80, blank=True)
    was_version = models.CharField(max_length=40, blank=True)
    was_profile = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    unstable = models.PositiveIntegerField(default=0)
    started_by_name = models.CharField(max_length=39, blank=True)
    changed_by_name = models.CharField(max_length=39, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage"], condition=Q(state__in=("running", "paused")), name="relint_one_unfinished_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} by {self.tool} {self.tool_version}: {self.state}"


class RelintChange(models.Model):
    """One thing that a run changed about a revision: a tag that counts came or went, or the verdict turned.

    `tag` is empty for a verdict.
    """

    class Kind(models.TextChoices):
        """What changed."""

        CAME = "came"
        WENT = "went"
        NOW_PASSED = "passed"
        NOW_FAILED = "failed"

    run = models.ForeignKey(RelintRun, on_delete=models.CASCADE, related_name="changes")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    tag = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "tag", "kind", "revision"], name="relint_change_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.tag}".rstrip()
