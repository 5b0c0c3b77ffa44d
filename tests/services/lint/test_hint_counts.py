"""How many hints a page says there are: what several reports have in common counts once."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintHint, LintJob, LintState, Revision
from recipes_app.services.lint import reports
from tests.api.rows import add_recipe

pytestmark = pytest.mark.django_db
SOURCE = {"severity": "warning", "tag": "no-manual-page", "package": "src:hello-dur", "path": "debian/control", "line": 3}
BINARY = {"severity": "error", "tag": "no-shlibs", "package": "hello-dur", "context": "usr/lib/x.so"}


def add(revision: Revision, stage: Stage, *hints: dict[str, object], suite: str = "", version: str = "1") -> LintJob:
    job = LintJob.objects.create(revision=revision, stage=stage, suite=suite, tool_version=version, state=LintState.PASSED)
    LintHint.objects.bulk_create(LintHint(job=job, position=number, **hint) for number, hint in enumerate(hints))
    return job


@pytest.fixture
def revision() -> Revision:
    """A revision whose source was linted alone and in the builds of two suites, one of which has a hint more."""
    current = add_recipe().current
    assert current is not None
    add(current, Stage.RECIPE_CHECKS, {**SOURCE, "tag": "DUR905"})
    add(current, Stage.SOURCE_LINT, SOURCE, {**SOURCE, "line": 9})
    add(current, Stage.TRIAL_BUILD, SOURCE, {**SOURCE, "line": 9}, BINARY, suite="bookworm")
    add(current, Stage.TRIAL_BUILD, SOURCE, {**SOURCE, "line": 9}, BINARY, {**BINARY, "context": "usr/lib/y.so"}, suite="trixie")
    return current


def both(revision: Revision) -> dict[str, int]:
    found = reports.lint_of(revision)
    assert found is not None
    counts = reports.numbers_of(revision).counts
    assert counts == reports.hint_counts(found.jobs)
    return counts


def test_a_hint_on_the_source_counts_once_however_many_suites_were_built(
    revision: Revision, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert both(revision) == {"warning": 3, "error": 2}
    with django_assert_num_queries(1):
        reports.numbers_of(revision)


def test_the_same_hint_twice_in_one_report_is_two_places(revision: Revision) -> None:
    add(revision, Stage.TRIAL_BUILD, BINARY, BINARY, BINARY, suite="forky")
    assert both(revision) == {"warning": 3, "error": 4}


def test_what_does_not_count_and_what_does_not_stand_is_left_out(revision: Revision) -> None:
    add(revision, Stage.TRIAL_BUILD, BINARY, {**BINARY, "context": "gone"}, suite="sid")
    aside = ({"overridden": True}, {"experimental": True}, {"reason": "the archive's"}, {"severity": "classification"})
    add(revision, Stage.TRIAL_BUILD, *({**BINARY, "context": "aside", **each} for each in aside), suite="sid", version="2")
    assert both(revision) == {"warning": 3, "error": 2}


def test_a_revision_without_hints_has_no_counts() -> None:
    current = add_recipe().current
    assert current is not None
    add(current, Stage.SOURCE_LINT)
    assert both(current) == {}
