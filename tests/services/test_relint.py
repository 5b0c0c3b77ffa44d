"""Re-lint: who is queued, after whom, and what is said to have changed."""

import pytest
from django.core.management import CommandError, call_command

from recipes_app.lint.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.lint.stages import Stage
from recipes_app.models import LintJob, LintPriority, LintState
from recipes_app.services import lint, lint_stages, relint
from tests.api.rows import add_recipe, add_report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("recipes_app.services.lint_queue.dispatch", list)


def test_a_verdict_is_asked_for_again_behind_everything(django_assert_max_num_queries):
    for number in range(5):
        add_report(add_recipe(f"recipe-{number}").current, {"tag": "old", "severity": "error"})
    with django_assert_max_num_queries(6):
        assert relint.queue(Stage.SOURCE_LINT) == 5
    assert set(LintJob.objects.filter(state="queued").values_list("priority", flat=True)) == {LintPriority.RELINT}
    assert relint.queue(Stage.SOURCE_LINT) == 0


def test_what_waits_or_was_never_linted_is_left():
    add_recipe("new")
    add_report(add_recipe("waiting").current, state=LintState.QUEUED)
    assert relint.queue(Stage.SOURCE_LINT) == 0


def test_the_old_verdict_stands_until_the_new_one_comes_and_the_two_are_compared(capsys):
    revision = add_recipe().current
    old = add_report(revision, {"tag": "gone", "severity": "error"}, {"tag": "kept", "severity": "warning"})
    relint.queue(Stage.SOURCE_LINT)
    assert lint_stages.standing(lint_stages.jobs_of(revision)) == [old]
    assert relint.changes(Stage.SOURCE_LINT) == []
    new = LintJob.objects.get(state="queued")
    hints = tuple(Hint(HintSeverity.WARNING, tag, "src:hello-dur") for tag in ("kept", "came"))
    assert lint.record_report(new.pk, LintReport(Outcome.PASSED, tool_version="9", hints=hints).to_json())
    call_command("relint", "source-lint", "--changes")
    assert capsys.readouterr().out == "hello-dur: failed -> passed +came -gone\n"


def test_a_stage_that_is_none_is_refused():
    with pytest.raises(CommandError, match="there are recipe-checks, source-lint"):
        call_command("relint", "lintian")
