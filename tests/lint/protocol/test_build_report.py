"""The steps of a trial build: their times and states, whatever ends them."""

from __future__ import annotations

import time

import pytest

from recipes_app.lint.build.trial_compile import BuildFailed
from recipes_app.lint.protocol.build_report import MAX_DETAILS, Step, StepName, Steps, StepState, steps_from_json, steps_to_json
from recipes_app.lint.protocol.report import clean_text


def test_a_step_passes_where_nothing_is_raised_and_its_time_is_taken() -> None:
    steps = Steps()
    with steps.timed(StepName.BUILD):
        time.sleep(0.01)
    (found,) = steps.done
    assert (found.name, found.state, found.line) == (StepName.BUILD, StepState.PASSED, "")
    assert found.duration_ms >= 10


@pytest.mark.parametrize(
    ("error", "state"), [(BuildFailed("t", "the recipe's"), StepState.FAILED), (OSError("the machine's"), StepState.ERROR)]
)
def test_who_is_at_fault_says_the_state(error: Exception, state: StepState) -> None:
    steps = Steps()
    with pytest.raises(type(error)), steps.timed(StepName.BUILD):
        raise error
    assert [(each.state, each.line) for each in steps.done] == [(state, str(error))]


def test_what_was_noted_inside_stands_also_where_something_is_raised() -> None:
    steps = Steps()

    def run() -> None:
        with steps.timed(StepName.TESTS):
            steps.note(StepName.TESTS, StepState.FAILED, "1 of 2 tests passed", ("a: passed", "b: failed"))
            raise BuildFailed("t", "b: failed")

    with pytest.raises(BuildFailed):
        run()
    assert [(each.line, each.details) for each in steps.done] == [("1 of 2 tests passed", ("a: passed", "b: failed"))]


def test_steps_stand_in_their_order_and_are_bounded() -> None:
    steps = Steps()
    steps.note(StepName.REBUILD, StepState.SKIPPED, "x" * 10_000, ("y" * 10_000,) * 1_000)
    steps.note(StepName.FETCH, StepState.PASSED)
    assert [each.name for each in steps.done] == [StepName.FETCH, StepName.REBUILD]
    last = steps.done[1]
    assert (len(last.line), len(last.details), len(last.details[0])) == (500, MAX_DETAILS, 500)
    assert steps_from_json(steps_to_json(steps.done), clean_text) == steps.done


@pytest.mark.parametrize(
    "odd",
    [
        None, "x", [1], [{}], [{"name": "build"}], steps_to_json((Step(StepName.BUILD, StepState.PASSED),) * 20),
        [{"name": "other", "state": "passed", "duration_ms": 1, "line": "", "details": []}],
        [{"name": "build", "state": "fine", "duration_ms": 1, "line": "", "details": []}],
        [{"name": "build", "state": "passed", "duration_ms": -1, "line": "", "details": []}],
        [{"name": "build", "state": "passed", "duration_ms": True, "line": "", "details": []}],
        [{"name": "build", "state": "passed", "duration_ms": 1, "line": 1, "details": []}],
        [{"name": "build", "state": "passed", "duration_ms": 1, "line": "", "details": [1]}],
    ],
)  # fmt: skip
def test_what_are_no_steps_is_refused(odd: object) -> None:
    with pytest.raises(ValueError, match=r"(?i)step"):
        steps_from_json(odd, clean_text)
