"""Gates over findings: at the push for the recipe checks, with the report for what only a runner knows."""

import os
import signal

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.models import Event, LintJob, LintPriority, LintState, Notification, QueueEntry, Rank, Revision
from recipes_app.services.gates import gate_table, lint_gates
from recipes_app.services.lint import jobs
from recipes_app.services.publishing import inspection, publish, report_gates
from recipes_app.tasks import lint as tasks
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db
REVIEW = Revision.Review
# A zero-width space, in a file that make reads.
HIDDEN = {"debian/rules": "#!/usr/bin/make -f\n%:\n\tdh $@ --with\N{ZERO WIDTH SPACE}=x\n"}
BAD = Hint(HintSeverity.ERROR, "some-tag", "src:hello-dur", context="is bad", path="debian/rules", line=2)
FAILED = LintReport(Outcome.FAILED, tool_version="2.1", hints=(BAD,)).to_json()


@pytest.fixture(autouse=True)
def settings_of_tests(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = gate_table.at_home()
    settings.STAFF_NEEDS_SECOND_FACTOR = False


@pytest.fixture
def ada():
    return make_user("ada")


def push(user, version, **files):
    return publish_recipe(recipe_tree(version=version, **files), user).revisions.get(version=version)


def report(revision, said=FAILED, **columns):
    """Let the report on a revision's source lint come, as the worker takes it; return the revision as it stands then."""
    job = LintJob.objects.get(revision=revision, stage="source-lint", state=LintState.QUEUED)
    LintJob.objects.filter(pk=job.pk).update(**columns)
    tasks.finished(job.pk, said)
    return Revision.objects.get(pk=revision.pk)


class TestAtThePush:
    def test_an_enforced_finding_holds_before_anybody_gets_the_revision(self, ada, settings):
        settings.LINT_GATES = {"security@error": "enforce"}
        push(ada, "1.0-1")
        held = push(ada, "1.1-1", **HIDDEN)
        assert held.review == REVIEW.HELD
        assert any(reason.startswith("debian/rules:3: DUR802") for reason in held.hold.reasons)
        held.recipe.refresh_from_db()
        assert held.recipe.current.version == "1.0-1"

    def test_an_observed_finding_is_written_down_and_holds_nothing(self, ada, settings):
        settings.LINT_GATES = {"hidden@error": "observe"}
        revision = push(ada, "1.0-1", **HIDDEN)
        assert (revision.review, revision.hold.reasons) == (REVIEW.PUBLISHED, [])
        assert revision.hold.observed

    def test_what_the_published_revision_has_already_holds_nothing_again(self, ada, settings):
        settings.LINT_GATES = {"security@error": "observe"}
        push(ada, "1.0-1", **HIDDEN)
        settings.LINT_GATES = {"security@error": "enforce"}
        assert push(ada, "1.1-1", **HIDDEN).review == REVIEW.PUBLISHED

    def test_what_was_not_looked_at_in_time_is_held(self, ada, settings, monkeypatch):
        push(ada, "1.0-1")
        monkeypatch.setattr(inspection, "INSPECTION_SECONDS", 0)
        assert push(ada, "1.1-1").hold.gates == ["not-looked-at"]

    @pytest.mark.parametrize("table", [{}, {"security": "off"}, {"some-tag": "enforce"}, {"patches": "enforce"}])
    def test_what_no_rule_is_about_holds_nothing(self, ada, settings, table):
        settings.LINT_GATES = table
        assert push(ada, "1.0-1", **HIDDEN).review == REVIEW.PUBLISHED

    def test_nothing_is_run_where_no_rule_is_about_a_check(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        assert not lint_gates.asks_for_checks()
        assert push(ada, "1.0-1", **HIDDEN).review == REVIEW.PUBLISHED


class TestWithTheReport:
    def test_an_enforced_tag_takes_the_revision_back_in_the_open(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        push(ada, "1.0-1")
        held = report(push(ada, "1.1-1"))
        assert (held.review, held.hold.reasons) == (REVIEW.HELD, ["debian/rules:2: some-tag: is bad"])
        held.recipe.refresh_from_db()
        assert held.recipe.current.version == "1.0-1"
        assert QueueEntry.objects.filter(kind=QueueEntry.Kind.HOLD, closed_at=None).count() == 1
        assert Event.objects.filter(kind="revision.held").count() == 1
        [told] = Notification.objects.filter(user=ada, kind=Notification.Kind.MODERATION)
        assert "is held for review: debian/rules:2: some-tag" in told.text

    def test_an_observed_tag_is_written_down(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "observe"}
        revision = report(push(ada, "1.0-1"))
        assert revision.review == REVIEW.PUBLISHED
        assert "debian/rules:2: some-tag: is bad" in revision.hold.observed

    def test_a_worker_that_died_after_the_report_leaves_no_gate_unasked(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        revision = push(ada, "1.0-1")
        job = LintJob.objects.get(revision=revision, stage="source-lint")
        assert jobs.record_report(job.pk, FAILED)
        assert Revision.objects.get().review == REVIEW.PUBLISHED
        report_gates.sweep()
        assert Revision.objects.get().review == REVIEW.HELD
        job.refresh_from_db()
        assert job.gates_asked_at is not None

    def test_the_second_delivery_of_a_report_asks_what_the_first_left(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        job = LintJob.objects.get(revision=push(ada, "1.0-1"), stage="source-lint")
        assert jobs.record_report(job.pk, FAILED)
        tasks.finished(job.pk, FAILED)
        assert Revision.objects.get().review == REVIEW.HELD

    def test_a_tag_that_the_published_revision_has_already_holds_nothing(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "observe"}
        report(push(ada, "1.0-1"))
        settings.LINT_GATES = {"some-tag": "enforce"}
        assert report(push(ada, "1.1-1")).review == REVIEW.PUBLISHED

    def test_a_relint_holds_nothing(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        revision = push(ada, "1.0-1")
        LintJob.objects.create(revision=revision, stage="source-lint", state=LintState.PASSED, tool_version="1.0")
        assert report(revision, priority=LintPriority.RELINT).review == REVIEW.PUBLISHED

    def test_the_first_verdict_is_asked_about_though_a_relint_brings_it(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        assert report(push(ada, "1.0-1"), priority=LintPriority.RELINT).review == REVIEW.HELD

    def test_what_a_reviewer_has_released_stays_released(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        revision = report(push(ada, "1.0-1"))
        publish.review(make_user("trusty", rank=Rank.TRUSTED), revision, release=True, decision="a false alarm")
        job = LintJob.objects.get(revision=revision, stage="source-lint")
        jobs.requeue(job)
        assert report(revision).review == REVIEW.PUBLISHED

    def test_a_hint_that_does_not_count_holds_nothing(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        overridden = Hint(HintSeverity.ERROR, "some-tag", "src:hello-dur", overridden=True)
        said = LintReport(Outcome.PASSED, tool_version="2.1", hints=(overridden,)).to_json()
        assert report(push(ada, "1.0-1"), said).review == REVIEW.PUBLISHED

    def test_asking_twice_changes_nothing(self, ada, settings):
        settings.LINT_GATES = {"some-tag": "enforce"}
        revision = report(push(ada, "1.0-1"))
        job = LintJob.objects.get(revision=revision, stage="source-lint")
        assert job.state == LintState.FAILED
        assert not report_gates.ask(job.pk)
        assert Event.objects.filter(kind="revision.held").count() == 1


@pytest.mark.parametrize("table", [{"security": "on"}, {"security@awful": "enforce"}])
def test_a_gate_that_is_none_is_refused_with_its_words(table):
    with pytest.raises(ImproperlyConfigured, match="is no gate: WHAT@SEVERITY="):
        lint_gates.rules(table)


def test_a_long_list_is_cut_and_says_so():
    many = [Hint(HintSeverity.ERROR, "some-tag", "x", context=str(number)) for number in range(30)]
    examination = lint_gates.judge(many, lint_gates.rules({"some-tag": "enforce"}))
    assert len(examination.held) == 21
    assert examination.held[-1].startswith("and 10 more")


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_between_report_and_gates_leaves_none_unasked(settings, monkeypatch):
    settings.LINT_GATES = {"some-tag": "enforce"}
    job = LintJob.objects.get(revision=push(make_user("ada"), "1.0-1"), stage="source-lint")
    connections.close_all()
    worker = os.fork()
    if not worker:
        monkeypatch.setattr(report_gates, "ask", lambda _job: os.kill(os.getpid(), signal.SIGKILL))
        try:
            tasks.finished(job.pk, FAILED)
        finally:
            os._exit(1)
    _, status = os.waitpid(worker, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    job.refresh_from_db()
    assert (job.state, job.gates_asked_at) == (LintState.FAILED, None)

    tasks.sweep_lint_jobs()

    assert Revision.objects.get().review == REVIEW.HELD
