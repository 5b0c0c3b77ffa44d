"""What is told of the outcomes."""

import pytest

from devtools.examples import table
from devtools.examples.run import Outcome, Step


def outcome(recipe: str = "moon", release: str = "bookworm", **changes) -> Outcome:
    steps = [Step("get", 1.2), Step("build", 30.4, 2), Step("install", 3.0), Step("check", 0.4), Step("undo", 5.2)]
    known = {"shell": "bash", "steps": steps, "packages": ("moon 1.0+cdur1",), "said": "Hello, moon!"}
    return Outcome(recipe, release, "2026-01-02", **{**known, **changes})


FAILED = outcome(
    "sun", "trixie", fault="build: status 2\nno compiler", steps=[Step("get", 1), Step("build", 2)], packages=(), said=""
)
SKIPPED = outcome("star", skipped="only with --large: it is big", steps=[], packages=(), said="", shell="")
MEASURED = outcome("fast", benchmarks={"plain": [1.0, 3.0, 2.0], "native": [0.5, 0.4, 0.6]})


def test_the_table_has_seconds_of_each_step_and_what_is_installed():
    assert "moon    12      bash   1 s  30 s   3 s      0 s    5 s   moon 1.0+cdur1" in table.text([outcome()])


def test_what_the_check_says_is_told():
    assert "moon on Debian 12:\n    Hello, moon!" in table.text([outcome()])


def test_a_failed_step_is_named_and_its_words_are_told():
    assert table.cells(FAILED) == ["1 s", "failed", "–", "–", "–"]
    assert "    no compiler" in table.text([FAILED])


def test_what_was_not_tried_says_why():
    assert "not tried: only with --large: it is big" in table.text([SKIPPED])


def test_a_ratio_is_that_of_the_medians_to_the_first_variant():
    assert MEASURED.ratios() == {"plain": (2.0, 1.0), "native": (0.5, 4.0)}
    assert "native: median 0.500 s of 3 runs, 4.00 × the first" in table.text([MEASURED])


@pytest.mark.parametrize(
    "line",
    [
        "| `moon` | 12 | bash | 1 s | 30 s | 3 s | 0 s | 5 s | moon 1.0+cdur1 |",
        "| `sun` | 13 | bash | 1 s | failed | – | – | – | FAILED |",
        "| `fast` | 12 | native | 0.500 | 4.00 × |",
        "    no compiler",
        "`moon`, Debian 12:\n\n    Hello, moon!",
    ],
)
def test_the_document_tells_it_all(line):
    assert line in table.document([MEASURED, outcome(), SKIPPED, FAILED])


def test_the_document_names_no_machine():
    said = table.machine()
    assert "cores" in said
    assert "/" not in said.replace("GNU/Linux", "")


@pytest.mark.parametrize(("load", "told"), [(0.9, False), (7.6, True)])
def test_other_work_on_the_machine_is_told(load, told):
    said = " ".join(table.document([outcome(load=load)]).split())
    assert ("up to 8 processes wanted each core" in said) is told


def test_outcomes_are_kept_and_replaced(tmp_path):
    path = tmp_path / "examples" / "results.json"
    table.keep([outcome(), FAILED], path)
    again = outcome(said="Hello again")
    assert table.keep([again, MEASURED], path) == [MEASURED, again, FAILED]
    assert table.keep([], path) == [MEASURED, again, FAILED]


def test_outcomes_of_another_version_are_forgotten(tmp_path):
    path = tmp_path / "results.json"
    path.write_text('[{"recipe": "moon"}]')
    assert table.keep([], path) == []
