"""The quick ones of the examples, one of each kind, built in a fresh system by the lines of their pages, installed and checked.

`./dev examples` does all of them, on both releases.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.examples.catalogue import CHECKS, all_examples, load
from devtools.examples.page import fetch_page
from devtools.examples.run import Outcome, Walk, Way
from devtools.examples.serving import portal_of_examples
from devtools.examples.systems import WORK, System, fresh_system
from devtools.roots import why_not

RELEASE = "trixie"
MISSING = why_not()
# They share one system, so one worker runs them, in this order.
in_a_system = [
    pytest.mark.server,
    pytest.mark.examples,
    pytest.mark.xdist_group("examples"),
    pytest.mark.skipif(bool(MISSING), reason=f"no example was built: {MISSING}"),
]
# What each is an example of, and the shell that its lines are pasted into.
QUICK = {
    "hello-moon": ("a tarball of the archive (debian:)", "bash"),
    "nvidia-nvtx-cu12": ("a wheel (pypi:) under a licence that is accepted", "sh"),
    "python-plotille": ("a source tarball of a registry (pypi:)", "bash"),
    "data-palmer-penguins": ("a file that is wrapped into a component", "sh"),
    "eigen-matmul": ("several variants", "bash"),
    "greeting-cards": ("a recipe that needs another, to build and to run", "sh"),
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with portal_of_examples(tmp_path_factory.mktemp("portal")) as url:
        yield url


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with fresh_system(RELEASE) as made:
        yield made


def walk(system: System, portal: str, name: str, log: Path, way: Way) -> Outcome:
    outcome = Walk(system, portal, load(name), way).go(log)
    assert outcome.fault == ""
    return outcome


class TestInAFreshSystem:
    pytestmark = in_a_system

    def test_a_build_that_cannot_download_says_why_and_lays_nothing_down(self, system, portal, tmp_path):
        page = fetch_page(portal, "hello-moon")
        with system.terminal("sh", tmp_path / "log") as terminal:
            assert terminal.paste(page.block("get").text, 600).status == 0
            terminal.paste("export DEBIAN_MIRROR=http://127.0.0.1:1", 10)
            failed = terminal.paste(page.block("build").text, 600)
            assert failed.status != 0
            last = [line for line in failed.shown.splitlines() if line][-1]
            assert "cannot be downloaded: http://127.0.0.1:1/" in last
            assert list(system.outside(WORK / "hello-moon" / "files").iterdir()) == []
            assert not system.outside(WORK / "hello-moon" / "build").exists()
        # The next test builds in the same folder: the same blocks, pasted again, go on.

    @pytest.mark.parametrize("name", QUICK)
    def test_an_example_is_built_installed_and_does_what_it_is_for(self, system, portal, tmp_path, name):
        kind, shell = QUICK[name]
        # One meets the block that holds all others, one the block that takes everything back.
        way = Way(shell, at_once=name == "data-palmer-penguins", measure=False, undo=name == "hello-moon")
        outcome = walk(system, portal, name, tmp_path / "log", way)
        assert outcome.packages, kind
        assert outcome.said, kind

    def test_variants_have_versions_of_their_own(self, system, portal, tmp_path):
        page = fetch_page(portal, "eigen-matmul")
        with system.terminal("bash", tmp_path / "log") as terminal:
            for block in (page.block("get"), page.block("build"), page.block("build", "native"), page.block("install", "native")):
                assert terminal.paste(block.text, 600).status == 0
        built = system.outside(WORK / "eigen-matmul" / "build").glob("eigen-matmul_*.deb")
        assert sorted(path.name.split("_")[1].partition("+")[2] for path in built) == ["cdur1", "cdur1.native"]
        assert system.installed("eigen-matmul")[0].endswith("+cdur1.native")


@pytest.mark.parametrize("name", [name for name in all_examples() if name != "lint-parade"])
def test_every_example_has_a_check(name):
    assert load(name).check == CHECKS / f"{name}.sh"


def test_an_example_that_is_not_built_says_why():
    assert load("lint-parade").why_not("bookworm", large=True)
    assert "--large" in load("nvidia-cudnn-cu12").why_not("bookworm", large=False)
    assert load("nvidia-cudnn-cu12").why_not("bookworm", large=True) == ""
    assert load("hello-moon").why_not("bookworm", large=False) == ""


def test_every_quick_one_is_for_the_release():
    assert [name for name in QUICK if load(name).why_not(RELEASE, large=False)] == []
