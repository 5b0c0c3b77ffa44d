"""Re-lint: what begins a run, who is queued, what is confirmed, and what is said to have changed."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from recipes_app.lint.checks.registry import CHECKS_VERSION
from recipes_app.lint.protocol import profile
from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome, verdict
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.tools import Tool
from recipes_app.models import LintJob, LintPriority, LintState, LintTool, Rank, RelintChange, RelintRun, Switch
from recipes_app.services.core.errors import Refused
from recipes_app.services.lint import actions, jobs, queue, relint, relint_reading, stages, versions
from recipes_app.services.lint import reports as lint_reports
from tests.api.rows import add_recipe, add_report
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NEW = "2.122.0"
DISPATCH = queue.dispatch


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("recipes_app.services.lint.queue.dispatch", lambda *_: [])


@pytest.fixture
def moderator(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    return make_user("mira", rank=Rank.MODERATOR)


def upgraded(version=NEW, profile_name=profile.NAME):
    """A runner starts with this lintian."""
    assert versions.told([Tool(Stage.SOURCE_LINT, "lintian", version, profile_name).to_json()]) == 1


def said(*tags, version=NEW, **members):
    """Return a report of the new lintian with these tags, an error each."""
    hints = tuple(Hint(HintSeverity.ERROR, tag, "src:hello-dur") for tag in tags)
    found = LintReport(verdict(hints), tool_version=version, profile=profile.NAME, hints=hints).to_json()
    return {**found, **members}


def relinted(*reports):
    """The one waiting job is run as often as there are reports; return it."""
    job = LintJob.objects.get(state=LintState.QUEUED)
    for report in reports:
        assert jobs.start(job.pk)
        assert jobs.record_report(job.pk, report)
    job.refresh_from_db()
    return job


class TestStart:
    def test_a_new_lintian_begins_a_run_by_itself(self):
        for number in range(3):
            add_report(add_recipe(f"recipe-{number}").current, {"tag": "old", "severity": "error"})
        upgraded()
        [run] = relint.go_on()
        assert (run.stage, run.tool_version, run.was_version, run.started_by_name) == ("source-lint", NEW, "2.116.3", "")
        waiting = LintJob.objects.filter(state=LintState.QUEUED)
        assert set(waiting.values_list("priority", "relint")) == {(LintPriority.RELINT, run.pk)}
        run.refresh_from_db()
        assert (waiting.count(), run.total, run.done, run.state) == (3, 3, 0, "running")
        assert relint.go_on() == []

    def test_a_new_profile_or_new_checks_do_so_too_and_those_of_another_release_do_not(self):
        revision = add_recipe().current
        add_report(revision)
        LintJob.objects.create(revision=revision, stage="recipe-checks", state="passed", tool="recipe-checks", tool_version="0")
        versions.note("recipe-checks", "recipe-checks", "another release", "")
        upgraded("9999", "another profile")
        assert relint.go_on() == []
        versions.note("recipe-checks", "recipe-checks", CHECKS_VERSION, "")
        assert versions.newest(Stage.RECIPE_CHECKS) is None
        versions.note("recipe-checks", "recipe-checks", f"{CHECKS_VERSION}, shellcheck 0.9.0", "")
        upgraded("2.116.3")
        assert {(run.stage, run.profile) for run in relint.go_on()} == {("recipe-checks", ""), ("source-lint", profile.NAME)}

    def test_an_older_lintian_of_a_runner_that_lags_begins_nothing(self):
        upgraded()
        relint.go_on()
        add_report(add_recipe().current)
        upgraded("2.99.0")
        assert relint.go_on() == []
        assert versions.newest(Stage.SOURCE_LINT).tool_version == NEW

    def test_a_report_tells_of_its_tool(self):
        job = LintJob.objects.create(revision=add_recipe().current)
        assert jobs.record_report(job.pk, said("bad"))
        assert LintTool.objects.get().tool_version == NEW
        assert relint.go_on() == []

    def test_nothing_begins_in_maintenance_mode(self):
        add_report(add_recipe().current)
        upgraded()
        Switch.objects.create(name=Switch.Name.WRITES, off=True)
        assert relint.go_on() == []
        Switch.objects.all().delete()
        assert len(relint.go_on()) == 1

    @pytest.mark.parametrize(
        "told", ["lintian", [{"tool": "lintian"}], [{**Tool(Stage.SOURCE_LINT, "x", "1").to_json(), "stage": "y"}]]
    )
    def test_a_runner_that_tells_nonsense_is_not_believed(self, told):
        assert versions.told(told) == 0
        assert not LintTool.objects.exists()

    def test_a_moderator_begins_one_where_there_is_something_to_do(self, moderator):
        add_report(add_recipe().current)
        with pytest.raises(Refused, match="no runner has told"):
            relint.start(moderator, Stage.SOURCE_LINT)
        upgraded()
        run = relint.start(moderator, Stage.SOURCE_LINT)
        assert (run.started_by_name, run.total) == ("mira", 1)
        with pytest.raises(Refused, match="goes on already"):
            relint.start(moderator, Stage.SOURCE_LINT)
        relinted(said("bad"), said("bad"))
        relint.go_on()
        run.refresh_from_db()
        assert (run.state, run.done, run.total) == ("finished", 1, 1)
        with pytest.raises(Refused, match="has looked at every recipe"):
            relint.start(moderator, Stage.SOURCE_LINT)

    def test_a_still_newer_tool_takes_the_run_over_and_its_pause(self, moderator):
        add_report(add_recipe().current)
        upgraded()
        [old] = relint.go_on()
        relint.pause(moderator, old)
        upgraded("2.200.0")
        [new] = relint.go_on()
        old.refresh_from_db()
        assert (old.state, new.state) == ("finished", "paused")
        assert LintJob.objects.get(state=LintState.QUEUED).relint == new


class TestQueue:
    def test_portions_are_small_and_the_number_of_queries_does_not_grow(self, monkeypatch, django_assert_max_num_queries):
        monkeypatch.setattr(relint, "RELINT_PORTION", 4)
        for number in range(6):
            add_report(add_recipe(f"recipe-{number}").current)
        upgraded()
        with django_assert_max_num_queries(30):
            [run] = relint.go_on()
        waiting = LintJob.objects.filter(state=LintState.QUEUED)
        assert waiting.count() == 4
        assert RelintRun.objects.get().total == 6
        for job in waiting[:3]:
            jobs.cancel(job, "enough")
        with django_assert_max_num_queries(14):
            relint.go_on_with(run)
        assert waiting.count() == 3
        run.refresh_from_db()
        assert (run.total, run.done) == (6, 3)

    def test_what_waits_or_was_never_linted_is_left(self):
        add_recipe("new")
        add_report(add_recipe("waiting").current, state=LintState.QUEUED)
        add_report(add_recipe("cancelled").current, state=LintState.CANCELLED)
        upgraded()
        assert relint.go_on() == []

    def test_what_ended_without_a_verdict_gets_another_try_in_the_same_job(self):
        revision = add_recipe().current
        broken = LintJob.objects.create(revision=revision, state=LintState.ERROR, error="the sandbox ended", attempts=3)
        upgraded()
        [run] = relint.go_on()
        broken.refresh_from_db()
        assert (broken.state, broken.priority, broken.attempts, broken.relint) == ("queued", LintPriority.RELINT, 0, run)
        job = relinted(said("bad"))
        assert (job.pk, job.state, job.tool_version) == (broken.pk, "failed", NEW)
        assert not RelintChange.objects.exists()

    def test_a_cancelled_job_without_a_version_does_not_bar_the_next_run(self):
        revision = add_recipe().current
        add_report(revision)
        cancelled = LintJob.objects.create(revision=revision, state=LintState.CANCELLED)
        upgraded()
        relint.go_on()
        assert LintJob.objects.get(state=LintState.QUEUED) == cancelled

    def test_a_paused_run_hands_out_nothing_and_a_push_is_not_kept(self, moderator, monkeypatch):
        sent = []
        monkeypatch.setattr(
            "recipes_app.services.lint.queue.current_app.send_task", lambda _name, args, **_: sent.append(args[0]["job"])
        )
        add_report(add_recipe("old").current)
        upgraded()
        [run] = relint.go_on()
        relint.pause(moderator, run)
        push = LintJob.objects.create(revision=add_recipe("new").current)
        DISPATCH()
        assert sent == [push.pk]
        with pytest.raises(Refused, match="this run is paused"):
            relint.pause(moderator, run)
        assert relint.resume(moderator, run).changed_by_name == "mira"
        DISPATCH()
        assert sent == [push.pk, LintJob.objects.get(relint=run).pk]


class TestConfirmation:
    @pytest.fixture
    def revision(self):
        revision = add_recipe().current
        add_report(revision, {"tag": "gone", "severity": "error"}, {"tag": "kept", "severity": "error"})
        upgraded()
        relint.go_on()
        return revision

    def test_the_same_verdict_counts_at_once(self, revision):
        assert relinted(said("gone", "kept")).state == LintState.FAILED
        assert not RelintChange.objects.exists()

    def test_another_counts_when_a_second_run_says_the_same(self, revision):
        old = LintJob.objects.get(tool_version="2.116.3")
        job = relinted(said("kept", "came"))
        assert (job.state, job.priority, job.tool_version, job.hints.count()) == ("queued", LintPriority.RELINT, "", 0)
        assert stages.standing(stages.jobs_of(revision)) == [old]
        job = relinted(said("kept", "came"))
        assert (job.state, job.tool_version) == ("failed", NEW)
        assert stages.standing(stages.jobs_of(revision)) == [job]
        assert set(RelintChange.objects.values_list("kind", "tag")) == {("came", "came"), ("went", "gone")}

    def test_the_first_report_that_comes_twice_is_no_second_run(self, revision):
        job = LintJob.objects.get(state=LintState.QUEUED)
        assert jobs.start(job.pk)
        assert jobs.record_report(job.pk, said("came"), "first message")
        assert not jobs.record_report(job.pk, said("came"), "first message")
        assert jobs.start(job.pk)
        assert not jobs.record_report(job.pk, said("came"), "first message")
        job.refresh_from_db()
        assert job.state == LintState.RUNNING
        assert jobs.record_report(job.pk, said("came"), "second message")

    @pytest.mark.parametrize(
        ("second", "words"),
        [
            (
                said("kept", "other"),
                "the first said failed, the second failed; only the first has came; only the second has other",
            ),
            (said(), "the first said failed, the second passed; only the first has came, kept"),
            (said(state="error", error="it crashed"), "the first said failed, the second had no verdict: it crashed"),
        ],
    )
    def test_two_runs_that_do_not_agree_change_nothing_and_say_so(self, revision, second, words, client):
        old = LintJob.objects.get(tool_version="2.116.3")
        LintJob.objects.filter(pk=old.pk).update(finished_at="2026-01-01T00:00Z")
        job = relinted(said("kept", "came"), second)
        assert (job.state, job.is_unstable, job.tool_version) == ("error", True, "")
        assert job.error == f"two runs did not agree, so the verdict before stands: {words}"
        found = lint_reports.lint_of(revision)
        assert (found.state, found.jobs, found.unconfirmed) == ("failed", (old,), (job,))
        assert not RelintChange.objects.exists()
        relint.go_on()
        assert RelintRun.objects.get().unstable == 1
        page = client.get(f"{revision.get_absolute_url()}lint/").content.decode()
        assert words in page
        [told] = client.get(f"/api/v1/recipes/hello-dur/revisions/{revision.commit}/lint/").json()["unconfirmed"]
        assert told["error"] == job.error

    def test_who_runs_the_stage_again_after_that_gets_the_new_verdict(self, revision):
        relinted(said("came"), said())
        keeper = make_user("keeper")
        revision.recipe.maintainer = keeper
        revision.recipe.save()
        old = LintJob.objects.select_related("revision__recipe").get(tool_version="2.116.3")
        actions.retry(keeper, old)
        assert relinted(said("came")).tool_version == NEW
        found = lint_reports.lint_of(revision)
        assert (found.state, found.unconfirmed) == ("failed", ())

    def test_a_runner_that_lags_behind_brings_no_second_verdict(self, revision):
        job = relinted(said("came", version="2.116.3", profile="debian/main"))
        assert (job.state, job.first_run) == ("cancelled", None)
        relint.go_on()
        assert RelintRun.objects.get().state == RelintRun.State.FINISHED


class TestReading:
    def test_before_and_after_by_tag_by_recipe_and_by_the_command(self, capsys, django_assert_num_queries):
        for name in ("one", "two"):
            add_report(add_recipe(name).current, {"tag": "gone", "severity": "error"}, {"tag": "kept", "severity": "warning"})
        upgraded()
        [run] = relint.go_on()
        for job in LintJob.objects.filter(state=LintState.QUEUED):
            hints = tuple(
                Hint(HintSeverity.WARNING, tag, "src:x") for tag in ("kept", "came")[: 1 + (job.revision.recipe.name == "one")]
            )
            for _ in range(2):
                jobs.start(job.pk)
                report = LintReport(Outcome.PASSED, tool_version=NEW, profile=profile.NAME, hints=hints)
                assert jobs.record_report(job.pk, report.to_json())
        with django_assert_num_queries(1):
            changes = [(each.tag, each.came, each.went) for each in relint_reading.tag_changes(run)]
        assert changes == [("gone", 0, 2), ("came", 1, 0)]
        assert relint_reading.verdicts(run) == relint_reading.Verdicts(now_passed=2)
        call_command("relint", "source-lint", "--changes")
        assert capsys.readouterr().out == "one: now passed +came -gone\ntwo: now passed -gone\n"

    def test_the_command_begins_a_run_and_says_why_not(self, capsys):
        add_report(add_recipe().current)
        upgraded()
        call_command("relint", "source-lint")
        assert capsys.readouterr().out == f"run {RelintRun.objects.get().pk} for lintian {NEW}: 1 recipes\n"
        with pytest.raises(CommandError, match="goes on already"):
            call_command("relint", "source-lint")
        with pytest.raises(CommandError, match="there are recipe-checks, source-lint"):
            call_command("relint", "lintian")

    def test_a_run_of_which_nobody_heard_changed_nothing(self, capsys):
        call_command("relint", "recipe-checks", "--changes")
        assert capsys.readouterr().out == ""

    def test_two_who_begin_at_once_begin_one(self, monkeypatch):
        add_report(add_recipe().current)
        upgraded()
        relint.begin(Stage.SOURCE_LINT)
        hidden = RelintRun.objects.none()
        with transaction.atomic(), monkeypatch.context() as patch:
            patch.setattr(RelintRun.objects, "select_for_update", lambda **_: hidden, raising=False)
            add_report(add_recipe("other").current)
            with pytest.raises(Refused, match="goes on already"):
                relint.begin(Stage.SOURCE_LINT)
