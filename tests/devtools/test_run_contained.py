"""`./dev run` where the kernel refuses namespaces, and where it has no Landlock either: the portal is up all the same."""

from __future__ import annotations

import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest

from devtools.programs import free_port
from recipes_app.lint.sandbox import confined, levels

from .test_run import Run, answer, start

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("dev-run-contained")]
CONTAINED = (sys.executable, "-m", "tests.devtools.contained")


@pytest.fixture(scope="module")
def without_namespaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A portal in what looks like a container."""
    if reason := confined.why_not_confined():
        pytest.skip(reason)
    yield from running(tmp_path_factory, "namespaces")


@pytest.fixture(scope="module")
def without_anything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A portal in a container on an old kernel."""
    yield from running(tmp_path_factory, "namespaces,landlock")


def running(tmp_path_factory: pytest.TempPathFactory, refused: str) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("contained") / "var"
    run = start(folder, free_port(), before=(*CONTAINED, refused), **{levels.VARIABLE: levels.BEST})
    try:
        run.read_until("Ctrl-C stops everything")
        yield run
    finally:
        run.stop()


def commit_of(run: Run, name: str) -> str:
    commit: str = answer(f"{run.url}/api/v1/recipes/{name}/revisions/")["results"][0]["commit"]
    return commit


def page(run: Run, path: str) -> str:
    with urllib.request.urlopen(f"{run.url}{path}", timeout=10) as response:
        text: str = response.read().decode()
        return text


def test_without_namespaces_one_line_says_what_is_missing(without_namespaces: Run) -> None:
    [line] = [line for line in without_namespaces.output.splitlines() if "namespaces" in line]
    assert line.startswith("==> lint: the sandbox is of the level confined, and there are no trial builds: user namespaces are")
    assert "docs/operators.md" in line


def test_without_namespaces_recipes_are_linted_and_told_at_which_level(without_namespaces: Run) -> None:
    run = without_namespaces
    commit = commit_of(run, "lint-parade")
    deadline = time.monotonic() + 240
    report: dict = {"state": "queued"}
    while report["state"] in ("queued", "running") and time.monotonic() < deadline:
        time.sleep(1)
        report = answer(f"{run.url}/api/v1/recipes/lint-parade/revisions/{commit}/lint/")
    assert (report["state"], report["sandbox"], report["error"]) == ("failed", "confined", "")
    assert "debian-rules-missing-required-target" in {hint["tag"] for hint in report["hints"]}
    shown = page(run, f"/recipes/lint-parade/revisions/{commit}/lint/")
    assert "sandbox: confined" in shown
    assert "No lint runner is connected" not in shown


def test_without_any_sandbox_the_portal_is_up_and_one_line_says_why_it_lints_nothing(without_anything: Run) -> None:
    [line] = [line for line in without_anything.output.splitlines() if "namespaces" in line]
    assert line.startswith("dev: runner is not there (exit status 1): the runner does not start: user namespaces are refused")
    assert "it has no Landlock, or it is switched off" in line
    assert without_anything.process.poll() is None


def test_without_any_sandbox_pages_say_that_no_runner_is_connected(without_anything: Run) -> None:
    commit = commit_of(without_anything, "hello-moon")
    for path in (f"/recipes/hello-moon/revisions/{commit}/lint/", "/recipes/hello-moon/"):
        assert "No lint runner is connected: this waits until one is." in page(without_anything, path), path
