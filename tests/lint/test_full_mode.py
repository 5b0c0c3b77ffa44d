"""The source lint in the mode full: what the runner fetches from a real server, and what it does where it cannot."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from recipes_app.limits import LINT_FULL_BYTES
from recipes_app.lint.build.fetching import Fetcher
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.protocol.stages import Mode, Stage
from recipes_app.lint.runner import FetchedRecipe, run_stage
from tests.factories import recipe_tree
from tests.lint.serving import Server
from tests.lint.source.test_upstream import tarball

pytestmark = pytest.mark.server

ORIG = tarball(**{"main.c": "one\n", "long.c": "x" * 3_000 + "\n"})


def lint(served: Server, fetcher: Fetcher, *, mode: Mode = Mode.FULL, **changes: str | int) -> LintReport:
    """The report on a recipe whose upstream is at `served`; `changes` are other values of the manifest's paragraph."""
    served.answers["/hello-1.0.tar.gz"] = (200, {}, ORIG)
    fields = {
        "Fetch": "hello-1.0.tar.gz", "URL": served.url("/hello-1.0.tar.gz"), "SHA256": hashlib.sha256(ORIG).hexdigest(),
        "Size": len(ORIG), "Role": "orig", **changes,
    }  # fmt: skip
    paragraph = "".join(f"{name}: {value}\n" for name, value in fields.items())
    tree = recipe_tree(**{"debian/dur": f"Format: 1\nSource: hello-dur\n\n{paragraph}"})
    return run_stage(Stage.SOURCE_LINT, FetchedRecipe(tree, frozenset({"debian/rules"})), facts={}, mode=mode, fetcher=fetcher)


def test_upstream_s_files_are_fetched_and_the_whole_source_is_looked_at(server: Server, fetcher: Fetcher) -> None:
    report = lint(server, fetcher)
    assert (report.error, report.mode, server.asked) == ("", "full", ["/hello-1.0.tar.gz"])
    assert "long.c" in {hint.path for hint in report.hints}
    assert report.log.startswith("Upstream's files: fetched\n")


def test_nothing_is_fetched_where_the_portal_does_not_ask_for_it(server: Server, fetcher: Fetcher) -> None:
    report = lint(server, fetcher, mode=Mode.RECIPE_ONLY)
    assert (report.mode, server.asked) == ("recipe-only", [])
    assert "were not fetched" not in report.log


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SHA256": "0" * 64}, "has the SHA256"),
        ({"Role": "extra"}, "the manifest fetches no file of the role orig"),
        ({"Size": LINT_FULL_BYTES + 1}, "the whole source is looked at up to"),
        ({"URL": "https://localhost:9/x.tar.gz"}, "could not be fetched"),
        ({"Acceptance": "explicit"}, "the portal accepts none for its users"),
    ],
    ids=["another file", "no orig", "too large", "no answer", "needs acceptance"],
)
def test_where_a_file_cannot_be_had_the_recipe_alone_is_looked_at_and_the_log_says_why(
    changes: dict[str, str | int],
    words: str,
    server: Server,
    fetcher: Fetcher,
) -> None:
    report = lint(server, fetcher, **changes)
    assert (report.error, report.mode) == ("", "recipe-only")
    assert report.state in (Outcome.PASSED, Outcome.FAILED)
    first = report.log.splitlines()[0]
    assert first.startswith("Upstream's files were not fetched: ")
    assert words in first


def test_a_cache_that_cannot_be_written_is_said_and_stops_nothing(
    server: Server,
    fetcher: Fetcher,
    tmp_path: Path,
) -> None:
    (tmp_path / "a-file").write_text("x")
    report = lint(server, replace(fetcher, folder=tmp_path / "a-file"))
    assert (report.error, report.mode) == ("", "recipe-only")
    assert "a-file" in report.log.splitlines()[0]
