"""What holds for every check: its id, its words and its examples."""

import re

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.limits import MAX_FINDINGS_PER_CHECK
from recipes_app.lint.checks.base import EXAMPLE_DAY, NUMBERS, Check, CheckContext
from recipes_app.lint.checks.examples import DUR, example_tree
from recipes_app.lint.checks.registry import _MODULES, CHECKS, CHECKS_VERSION, run_checks
from tests.lint.checks.helpers import CONTEXT, found


@pytest.fixture(params=CHECKS)
def about(request):
    return CHECKS[request.param].about


def test_the_failing_example_gets_this_finding_alone_at_a_line_that_exists(about):
    tree = example_tree(about.failing)
    findings = run_checks(tree, about.context)
    assert {finding.id for finding in findings} == {about.id}
    for finding in findings:
        assert finding.severity is about.severity
        assert finding.path in tree
        assert finding.line is None or 1 <= finding.line <= tree[finding.path].count(b"\n") + 1


def test_the_mending_example_gets_no_finding(about):
    assert run_checks(example_tree(about.mending), about.mending_context or about.context) == []


def test_an_id_stands_in_the_range_of_its_family(about):
    assert re.fullmatch(r"DUR[1-9][0-9]{2}", about.id)
    assert int(about.id.removeprefix("DUR")) in NUMBERS[about.family]


def test_a_check_explains_itself(about):
    assert len(about.title) <= 80
    assert not about.title.endswith(".")
    assert len(about.explanation.split()) >= 15
    assert about.explanation.endswith(".")
    assert about.remedy
    assert not about.remedy.endswith(".")


def test_no_id_is_given_twice():
    checks = [value for module in _MODULES for value in vars(module).values() if isinstance(value, Check)]
    assert len(checks) == len({check.about.id for check in checks}) == len(CHECKS)


def test_nothing_is_found_in_the_base_recipe():
    assert run_checks(example_tree({}), CONTEXT) == []


def test_the_version_is_a_short_word():
    assert re.fullmatch(r"[0-9a-f]{12}", CHECKS_VERSION)


def test_errors_come_first_then_path_and_line():
    tree = example_tree({"debian/dur": DUR.replace("Size: 725946\n", "")})
    findings = run_checks(tree, CheckContext(previous_version="2.0-1", now=EXAMPLE_DAY.replace(year=2020)))
    assert [(each.severity, each.id, each.line) for each in findings] == [
        (Severity.ERROR, "DUR101", 7),
        (Severity.WARNING, "DUR401", 1),
        (Severity.WARNING, "DUR402", 5),
    ]


def test_a_check_stops_at_its_limit():
    fetches = "".join(f"\nFetch: file{number}.tar.gz\nURL: https://example.org/{number}\n" for number in range(50))
    assert len(found({"debian/dur": DUR + fetches}, "DUR101")) == MAX_FINDINGS_PER_CHECK


@pytest.mark.parametrize("content", [b"", b"\0", b"\xff\xfe", b"\n" * 1000, b":" * 1000])
def test_no_content_makes_the_checks_fall(content):
    tree = dict.fromkeys(example_tree({}), content)
    assert isinstance(run_checks(tree, CONTEXT), list)
    assert run_checks({}, CONTEXT) == run_checks({}, CONTEXT)
