"""Lint jobs, what they found, and lintian's explanations of its tags."""

from __future__ import annotations

from django.db import models

from .catalogue import Revision


class LintState(models.TextChoices):
    """The states of a job. The row is the truth; the broker only carries messages."""

    QUEUED = "queued"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


class LintJob(models.Model):
    """One stage of validation of one revision: its state, its attempts, its report.

    `passed` and `failed` are verdicts over the recipe; `error` means that no verdict could be reached, and `error` says why.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="lint_jobs")
    stage = models.CharField(max_length=20, default="lintian")
    mode = models.CharField(max_length=20, default="recipe-only")
    state = models.CharField(max_length=10, choices=LintState, default=LintState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    tool = models.CharField(max_length=40, blank=True)
    tool_version = models.CharField(max_length=40, blank=True)
    profile = models.CharField(max_length=80, blank=True)
    error = models.TextField(blank=True)
    log = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["revision", "stage", "mode"], name="lint_job_once")]
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="lint_job_waiting")]

    def __str__(self) -> str:
        return f"{self.stage} of {self.revision}: {self.state}"


class LintHint(models.Model):
    """One hint of a report. `path` and `line` are the pointer; they are empty where the tool gave none.

    `reason` says why the profile does not count it, and is empty where it does.
    """

    job = models.ForeignKey(LintJob, on_delete=models.CASCADE, related_name="hints")
    position = models.PositiveIntegerField()
    severity = models.CharField(max_length=16)
    tag = models.CharField(max_length=120, db_index=True)
    package = models.CharField(max_length=128, blank=True)
    context = models.TextField(blank=True)
    path = models.CharField(max_length=1024, blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    origin = models.CharField(max_length=20, default="lintian")
    experimental = models.BooleanField(default=False)
    overridden = models.BooleanField(default=False)
    justification = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="hint_once")]

    def __str__(self) -> str:
        return f"{self.severity}: {self.tag} {self.context}"


class LintTag(models.Model):
    """What a version of a tool says about one of its tags. `explanation` is HTML, cleaned when it was stored.

    `renamed_from` are the names that the tag had in older versions.
    A tag that is shown always (`show_always`) cannot be overridden.
    """

    tool = models.CharField(max_length=40)
    tool_version = models.CharField(max_length=40)
    tag = models.CharField(max_length=120)
    severity = models.CharField(max_length=16)
    explanation = models.TextField()
    see_also = models.JSONField(default=list)
    experimental = models.BooleanField(default=False)
    check_name = models.CharField(max_length=120, blank=True)
    show_always = models.BooleanField(default=False)
    renamed_from = models.JSONField(default=list)

    class Meta:
        ordering = ["tag"]
        constraints = [models.UniqueConstraint(fields=["tool", "tool_version", "tag"], name="lint_tag_once")]

    def __str__(self) -> str:
        return self.tag
