"""The push benchmark: what it pushes, and when it says that a goal is missed."""

import subprocess

import pytest
from debian.debian_support import Version

from benchmarks import push
from benchmarks.push import Times
from recipes_app.formats.recipe import parse_recipe

QUICK = Times(push=[0.1, 0.1, 0.1], clone=[0.1, 0.1, 0.1])
# The first page is none of the goal's.
FEW = {"/": {10: 9, 1000: 9}, "/recipes/": {10: 3, 1000: 3}}


def test_goals_that_are_met_end_with_status_0(capsys):
    assert push.report(3, QUICK, QUICK, FEW) == 0
    assert "MISSED" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("portal", "queries", "line"),
    [
        (Times(push=[0.46] * 3, clone=QUICK.clone), FEW, "push: +360 ms against the peer, at most 350"),
        (Times(push=QUICK.push, clone=[0.12] * 3), FEW, "clone: 1.20 of the peer's time, at most 1.15"),
        (QUICK, {"/recipes/": {10: 3, 1000: 7}}, "queries: 7 for one answer, at most 6"),
    ],
    ids=["push", "clone", "queries"],
)
def test_a_goal_that_is_missed_is_named_and_ends_with_status_1(capsys, portal, queries, line):
    assert push.report(3, portal, QUICK, queries) == 1
    assert f"MISSED  {line}" in capsys.readouterr().out


def test_the_series_is_a_valid_recipe_with_rising_versions(tmp_path):
    work = push.make_series(tmp_path / "work", 3)
    versions = []
    for tag in ("1", "2", "3"):
        names = subprocess.run(["git", "ls-tree", "-r", "--name-only", tag], cwd=work, capture_output=True, text=True, check=True)
        tree = {
            path: subprocess.run(["git", "show", f"{tag}:{path}"], cwd=work, capture_output=True, check=True).stdout
            for path in names.stdout.splitlines()
        }
        parsed = parse_recipe(tree, expected_name=push.NAME)
        assert parsed.errors == ()
        versions.append(Version(parsed.metadata.version))
    assert versions == sorted(set(versions))


def test_both_servers_are_first_in_turns():
    one, two = push.Server("one", ""), push.Server("two", "")
    assert [push._in_turn(number, one, two)[0] for number in (1, 2, 3)] == [one, two, one]
