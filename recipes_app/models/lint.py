"""Lint jobs, what they found, and lintian's explanations of its tags."""

from __future__ import annotations

from django.db import models

from .catalogue import Revision
from .relint import RelintRun


class LintState(models.TextChoices):
    """The states of a job. The row is the truth; the broker only carries messages."""

    QUEUED = "queued"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    CANCELLED = "cancelled"


class LintPriority(models.IntegerChoices):
    """Which jobs go first: somebody who has just pushed waits for the answer, a new lintian does not."""

    PUSH = 0
    RETRY = 1
    RELINT = 2


class LintJob(models.Model):
    """One stage of validation of one revision: its state, its attempts, its report.

    `passed` and `failed` are verdicts over the recipe; `error` means that no verdict could be reached, `cancelled` that none is
    wanted any more, and the column `error` says why. The key is (revision, stage, mode, suite, tool version, profile): a job of a
    new tool is a row of its own, so that what the old one said can be compared.

    The queue's order is (priority, turn, id): `services.lint.queue`. `sent_at` is when the job was handed to the broker, and
    null while it waits here; `message` is that message's id.

    `steps` and `effects` are a trial build's: how each step ended (`lint.protocol.build_report.Step`), and what its packages
    result in (`formats.package_effects.Effects`; null where it is not known).
    `confirmations` are a source lint's that fetched the files (`formats.confirmation.Confirmations`; null where nobody was
    asked).
    `sandbox` is the level of the sandbox that the report was made in, empty where it is not known (`lint.sandbox.levels`).

    `relint` is the run that asked for it. `first_run` is what the first of its two runs said, where it was not what the old
    verdict says (`services.lint.confirm`).
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="lint_jobs")
    stage = models.CharField(max_length=20, default="source-lint")
    mode = models.CharField(max_length=20, default="recipe-only")
    suite = models.CharField(max_length=40, blank=True)
    sandbox = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=LintState, default=LintState.QUEUED)
    priority = models.PositiveSmallIntegerField(choices=LintPriority, default=LintPriority.PUSH)
    turn = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    message = models.CharField(max_length=36, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    tool = models.CharField(max_length=40, blank=True)
    tool_version = models.CharField(max_length=40, blank=True)
    profile = models.CharField(max_length=80, blank=True)
    error = models.TextField(blank=True)
    log = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    steps = models.JSONField(default=list, blank=True)
    effects = models.JSONField(null=True, blank=True)
    confirmations = models.JSONField(null=True, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # When the gates over findings were asked about this report; null: they still have to be (`services.publishing.report_gates`).
    gates_asked_at = models.DateTimeField(null=True, blank=True)
    relint = models.ForeignKey(RelintRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs")
    first_run = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "stage", "mode", "suite", "tool_version", "profile"], name="lint_job_once"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "priority", "turn", "id"], name="lint_job_queue"),
            models.Index(fields=["state", "heartbeat_at"], name="lint_job_waiting"),
            models.Index(
                fields=["id"], condition=models.Q(gates_asked_at=None, state__in=("passed", "failed")), name="lint_gates_unasked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.revision}: {self.state}"

    @property
    def is_unstable(self) -> bool:
        """Whether two runs of a re-lint did not agree: the verdict before stands, and `error` says what they said."""
        return self.state == LintState.ERROR and self.first_run is not None


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


class LintRunner(models.Model):
    """A runner by the name that it gives itself, the level of its sandbox, and when it last told that it is there."""

    name = models.CharField(max_length=120, unique=True)
    sandbox = models.CharField(max_length=10)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.sandbox})"


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
