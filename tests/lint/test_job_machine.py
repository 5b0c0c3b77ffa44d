"""Lint jobs under anything that can happen: messages lost, doubled, late; runners killed at any point; people who act meanwhile.

Two things hold at every step: a verdict that was reached does not change unless somebody asks for another run, and when the
trouble is over, no job is stuck.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portal.celery import app as portal_app
from recipes_app.limits import LINT_LOST_SECONDS, LINT_MAX_ATTEMPTS, LINT_MESSAGE_SECONDS
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.models import LintJob, LintState, Recipe, Revision
from recipes_app.services.lint import jobs as lint
from recipes_app.services.lint import queue
from tests.factories import make_recipe

_FINAL = (LintState.PASSED, LintState.FAILED, LintState.ERROR, LintState.CANCELLED)


class Machine(RuleBasedStateMachine):
    """A portal, a broker that forgets and repeats, and runners that die."""

    broker: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.now = timezone.now()
        self.running: list[int] = []
        self.late: list[tuple[int, dict[str, Any]]] = []
        self.settled: dict[int, tuple[str, str]] = {}
        self.pushed = 0
        Machine.broker = []
        Recipe.objects.all().delete()
        self.recipe = make_recipe()

    def act(self, call: Any, *arguments: Any) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return call(*arguments)

    @precondition(lambda self: self.pushed < 3)
    @rule()
    def push(self) -> None:
        self.pushed += 1
        revision = Revision.objects.create(
            recipe=self.recipe, commit=f"{self.pushed:040x}", version=f"{self.pushed}", pushed_at=self.now, pusher_name="ada",
            metadata={},
        )  # fmt: skip
        self.act(lint.enqueue, revision)

    @precondition(lambda self: self.broker)
    @rule(data=st.data(), told=st.booleans(), kept=st.booleans())
    def runner_takes(self, data: Any, told: bool, kept: bool) -> None:
        """A runner takes a message: its start may never be heard of, and the broker may keep a copy."""
        job_id = data.draw(st.sampled_from(self.broker))
        if not kept:
            self.broker.remove(job_id)
        if told:
            self.act(lint.start, job_id)
        self.running.append(job_id)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), outcome=st.sampled_from(list(Outcome)), fate=st.sampled_from(["heard", "lost", "late", "twice"]))
    def runner_reports(self, data: Any, outcome: Outcome, fate: str) -> None:
        job_id = data.draw(st.sampled_from(self.running))
        self.running.remove(job_id)
        stage = LintJob.objects.get(pk=job_id).stage
        version = data.draw(st.sampled_from(["1", "2"]))
        report = LintReport(outcome, stage=stage, tool=stage, tool_version=version).to_json()
        if fate in ("heard", "twice"):
            self.act(lint.record_report, job_id, report)
        if fate in ("late", "twice"):
            self.late.append((job_id, report))

    @precondition(lambda self: self.late)
    @rule()
    def late_report_comes(self) -> None:
        self.act(lint.record_report, *self.late.pop())

    @precondition(lambda self: self.running)
    @rule(data=st.data(), told=st.booleans())
    def runner_dies(self, data: Any, told: bool) -> None:
        job_id = data.draw(st.sampled_from(self.running))
        self.running.remove(job_id)
        if told:
            self.act(lint.stopped, job_id)

    @precondition(lambda self: self.broker)
    @rule()
    def broker_forgets(self) -> None:
        self.broker.clear()

    @rule()
    def heartbeats_come(self) -> None:
        for job_id in self.running:
            self.act(lint.heartbeat, job_id)

    @rule(seconds=st.sampled_from([1, LINT_LOST_SECONDS + 1, LINT_MESSAGE_SECONDS + 1]))
    def time_passes(self, seconds: int) -> None:
        """Clocks of rows are set back instead of the clock forward."""
        for job in LintJob.objects.all():
            for column in ("heartbeat_at", "sent_at"):
                if getattr(job, column) is not None:
                    setattr(job, column, getattr(job, column) - timedelta(seconds=seconds))
            job.save(update_fields=["heartbeat_at", "sent_at"])
        self.act(lint.sweep)

    @rule(data=st.data(), how=st.sampled_from(["again", "cancel"]))
    def somebody_acts(self, data: Any, how: str) -> None:
        jobs = list(LintJob.objects.order_by("id"))
        if not jobs:
            return
        job = data.draw(st.sampled_from(jobs))
        if how == "again":
            self.settled.pop(job.pk, None)
            self.act(lint.requeue, job)
        else:
            self.act(lint.cancel, job, "cancelled by ada")

    @invariant()
    def a_verdict_stands(self) -> None:
        for job in LintJob.objects.filter(state__in=_FINAL):
            assert self.settled.setdefault(job.pk, (job.state, job.tool_version)) == (job.state, job.tool_version)

    @invariant()
    def no_two_verdicts_on_the_same_thing(self) -> None:
        keys = list(LintJob.objects.exclude(tool_version="").values_list("revision", "stage", "suite", "tool_version"))
        assert len(keys) == len(set(keys))

    @invariant()
    def nobody_tries_for_ever(self) -> None:
        assert not LintJob.objects.filter(attempts__gt=LINT_MAX_ATTEMPTS).exists()

    def teardown(self) -> None:
        """The trouble is over: one honest runner, a sweep now and then."""
        self.running.clear()
        for _ in range(40):
            self.time_passes(LINT_MESSAGE_SECONDS + 1)
            for job_id in dict.fromkeys(self.broker):
                job = LintJob.objects.get(pk=job_id)
                if self.act(lint.start, job_id):
                    report = LintReport(Outcome.PASSED, stage=job.stage, tool=job.stage, tool_version="3").to_json()
                    self.act(lint.record_report, job_id, report)
            self.broker.clear()
        stuck = LintJob.objects.exclude(state__in=_FINAL)
        assert not stuck.exists(), list(stuck.values())
        assert not queue.ready().exists()


@pytest.mark.django_db
def test_no_job_is_stuck_and_no_verdict_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        portal_app, "send_task", lambda name, args=(), **_: name == "lint.run" and Machine.broker.append(args[0]["job"])
    )
    monkeypatch.setattr(portal_app.control, "revoke", lambda *_, **__: None)
    health = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=health)
    )
