"""What is read out of lint reports beside the hints themselves."""

import itertools

import pytest

from recipes_app.limits import TREND_REVISIONS
from recipes_app.lint.protocol.report import HintSeverity, counts
from recipes_app.models import LintHint, LintState
from recipes_app.services.lint import reading
from tests.views.pages import add_report, add_revision, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipe():
    return make_page()


def history(job):
    return reading.history_of(job, list(job.hints.order_by("position")))


def test_the_database_counts_as_the_report_does(recipe):
    job = add_report(
        recipe.current,
        *(
            {"severity": severity, "overridden": overridden, "experimental": experimental, "reason": reason}
            for severity, overridden, experimental, reason in itertools.product(
                HintSeverity, (True, False), (True, False), ("", "Why.")
            )
        ),
    )
    counted = set(LintHint.objects.filter(reading.COUNTING).values_list("pk", flat=True))
    assert counted == {hint.pk for hint in job.hints.all() if counts(hint)}
    assert len(counted) == len(HintSeverity) - 1


@pytest.mark.parametrize("column", ["tool_version", "mode", "profile", "tool", "stage"])
def test_only_the_same_tool_mode_and_profile_are_compared(recipe, column):
    add_report(recipe.current, {"tag": "old"}, **{column: "other"})
    job = add_report(add_revision(recipe, "b" * 40, "1.0-2"), {"tag": "new"})
    assert history(job).changes is None
    assert [point.version for point in history(job).points] == ["1.0-2"]


@pytest.mark.parametrize("state", [LintState.ERROR, LintState.QUEUED, LintState.RUNNING])
def test_a_report_without_a_verdict_is_compared_with_nothing(recipe, state):
    add_report(recipe.current, {"tag": "old"})
    job = add_report(add_revision(recipe, "b" * 40, "1.0-2"), state=state)
    assert history(job) == reading.History()


def test_a_report_without_a_verdict_in_between_is_passed_over(recipe):
    add_report(recipe.current, {"tag": "kept"})
    add_report(add_revision(recipe, "b" * 40, "1.0-2"), state=LintState.ERROR)
    job = add_report(add_revision(recipe, "c" * 40, "1.0-3"), {"tag": "kept"})
    changes = history(job).changes
    assert (changes.before.revision.version, changes.new, changes.gone) == ("1.0-1", (), ())


def test_another_branch_is_another_history(recipe):
    add_report(recipe.current, {"tag": "old"})
    job = add_report(add_revision(recipe, "b" * 40, "1.0-2", branch="debian/bookworm"), {"tag": "new"})
    assert history(job).changes is None


def test_a_second_hint_of_the_same_words_is_new(recipe):
    add_report(recipe.current, {"tag": "twice"})
    job = add_report(add_revision(recipe, "b" * 40, "1.0-2"), {"tag": "twice"}, {"tag": "twice"})
    assert [hint.tag for hint in history(job).changes.new] == ["twice"]


def test_facts_are_no_changes(recipe):
    add_report(recipe.current, {"severity": "classification", "tag": "standards-version", "context": "4.6.1"})
    newer = add_revision(recipe, "b" * 40, "1.0-2")
    job = add_report(newer, {"severity": "classification", "tag": "standards-version", "context": "4.6.2"})
    assert (history(job).changes.new, history(job).changes.gone) == ((), ())


def test_an_older_report_is_not_compared_with_newer_ones(recipe):
    first = add_report(recipe.current, {"tag": "old"})
    add_report(add_revision(recipe, "b" * 40, "1.0-2"), {"tag": "new"})
    assert history(first).changes is None


def test_a_trend_is_bounded_and_ends_with_the_report_itself(recipe):
    for number in range(TREND_REVISIONS + 3):
        job = add_report(add_revision(recipe, f"{number:040x}", f"1.0-{number + 1}"), {"tag": "a"})
    points = history(job).points
    assert len(points) == TREND_REVISIONS
    assert points[-1].commit == job.revision.commit


def test_facets_are_those_of_every_package_once(recipe):
    job = add_report(
        recipe.current,
        {"severity": "classification", "tag": "debhelper-compat-level", "context": "13"},
        {"severity": "classification", "tag": "source-format", "context": "3.0 (native)"},
        {"severity": "classification", "tag": "source-format", "context": "3.0 (native)"},
        {"severity": "classification", "tag": "no-facet", "context": "x"},
        {"severity": "warning", "tag": "patch-system", "context": "not a fact"},
    )
    assert reading.facets(job.hints.all()) == {"source-format": ("3.0 (native)",), "debhelper-compat-level": ("13",)}
