"""Each hostile case at each of its entrances: the line that is said, nothing left behind, and the runner alive.

Cases that take more than ten seconds are asked by `./dev bench hostile` alone, which holds them to the same expectations.
"""

from __future__ import annotations

import contextlib
import itertools
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recipes_app.limits import GIT_MEMORY_BYTES, LINT_MEMORY_BYTES, MIB
from recipes_app.lint.build.bases import FOLDER_VARIABLE
from recipes_app.lint.protocol.report import Outcome
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.sandbox.sandbox import job_user, run_sandboxed
from tests.factories import recipe_tree

from .builds import CASES as BUILDS
from .builds import BuildCase
from .case import CANARY, Case, lines_of
from .corpus import CASES, look
from .entrances import run_direct
from .traces import leaves_nothing

# lintian and dpkg-source are real here; what is refused before them needs git alone.
_LINTED = {case.name for case in CASES if case.push in ("", None)}


@pytest.fixture
def clean(tmp_path: Path) -> Iterator[None]:
    """Nothing is left of what the test does, and a run in the sandbox goes well afterwards."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with leaves_nothing(scratch):
        yield
    assert run_sandboxed(["echo", "alive"]).stdout == b"alive\n"


def parameters() -> Iterator[object]:
    for case in CASES:
        if not case.slow:
            yield pytest.param(case, id=case.name, marks=pytest.mark.server if case.name in _LINTED else ())


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("case", list(parameters()))
def test_a_hostile_recipe_gets_its_line_and_leaves_nothing(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    seen = list(look(case, folder))
    assert seen
    assert [(each.entrance, each.said) for each in seen if not each.expected] == []
    assert max(each.spent.programs for each in seen) < max(LINT_MEMORY_BYTES, GIT_MEMORY_BYTES)
    assert max(each.spent.own for each in seen) < 250 * MIB


@pytest.mark.server
def test_the_recipe_that_all_cases_are_made_of_passes() -> None:
    """Else every refusal above could be for something else."""
    assert run_direct(recipe_tree(), Stage.SOURCE_LINT).state is Outcome.PASSED


@pytest.mark.server
@pytest.mark.xdist_group("trial-build")
@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in BUILDS if not case.slow])
def test_a_hostile_build_is_stopped_and_leaves_nothing(
    case: BuildCase, bases_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(bases_folder))
    report = case.run()
    assert case.says.fits(report), lines_of(report)


def test_names_are_told_apart() -> None:
    assert [name for name, same in itertools.groupby(sorted(case.name for case in CASES)) if len(list(same)) > 1] == []


def _leave_file(scratch: Path) -> None:
    (scratch / "x").touch()


def _leave_canary(scratch: Path) -> None:
    (scratch.parent / f"{CANARY}.txt").touch()


def _leave_daemon(scratch: Path) -> None:
    subprocess.run(["sh", "-c", "setsid sleep 5 <&- >&- 2>&- &"], check=True)


def _leave_user(scratch: Path) -> None:
    _LEFT.enter_context(job_user())


_LEFT = contextlib.ExitStack()


@pytest.mark.parametrize(
    ("leave", "words"),
    [
        (_leave_file, "a file is left"),
        (_leave_canary, "written outside"),
        (_leave_daemon, "a process is left"),
        (_leave_user, "an open file is left"),
    ],
)
def test_what_is_left_behind_is_noticed(leave: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    """A look that finds nothing proves nothing: here it has something to find."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with _LEFT, pytest.raises(AssertionError, match=words), leaves_nothing(scratch):
        leave(scratch)
