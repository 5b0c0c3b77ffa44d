"""The figures of `./dev bench api` and `pages`: when a goal is missed, and where they are written."""

from pathlib import Path
from types import MappingProxyType

import pytest

from benchmarks import api, figures, site
from benchmarks.figures import Figure
from benchmarks.wrk import Measured

QUICK = Measured(
    rate=1_000, p50=3.0, p99=9.0, bytes=4_000, processor=MappingProxyType({"web": 1.0, "database": 0.2, "redis": 0.1}),
    others=0.02, requests=8_000,
)  # fmt: skip


def figure(name: str = "detail", goal: float = 900, queries: int = 5, unchanged: int | None = 1, **changes) -> Figure:
    fresh = Measured(**{**vars(QUICK), **changes})
    return Figure(name, goal, QUICK, fresh, QUICK, queries, unchanged)


def test_a_goal_that_is_met_is_no_miss():
    assert figures.missed([figure()]) == []


def test_a_goal_that_is_missed_is_named():
    assert figures.missed([figure(rate=800)]) == ["detail: 800 requests a second, at least 900"]


def test_a_miss_beside_other_work_says_so():
    assert "other work took 30%: run again at rest" in figures.missed([figure(rate=800, others=0.3)])[0]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"queries": 7}, "detail: 7 queries, at most 6"),
        ({"unchanged": 3}, "detail: 3 queries for a 304, at most 2"),
        ({"name": "lookup-1000", "queries": 5}, "lookup-1000: 5 queries, at most 4"),
    ],
    ids=["queries", "304", "lookup"],
)
def test_too_many_queries_are_a_miss(changes, line):
    assert api._too_many_queries([figure(**changes)]) == [line]


def test_the_table_has_a_cell_for_each_column():
    head, rule, row = figures.table([figure()])
    assert head.count("|") == rule.count("|") == row.count("|")
    assert "| detail | 900 | 1,000 | 1,000 | 1,000 | 3.0 | 9.0 | 4,000 | 5 | 1 | 1.00 | 0.20 | 0.10 | 2% |" in row


def test_the_block_of_the_document_is_replaced_and_nothing_else(tmp_path, monkeypatch):
    document = tmp_path / "performance.md"
    document.write_text("before\n<!-- a: begin -->\nold\n<!-- a: end -->\nafter\n", encoding="utf-8")
    monkeypatch.setattr(figures, "DOCUMENT", document)
    figures.write("a", ["new"])
    assert document.read_text(encoding="utf-8") == "before\n<!-- a: begin -->\n\nnew\n\n<!-- a: end -->\nafter\n"
    with pytest.raises(ValueError, match="has no block"):
        figures.write("b", ["new"])


def test_the_document_has_a_place_for_each_measurement():
    text = figures.DOCUMENT.read_text(encoding="utf-8")
    assert all(f"<!-- bench {name}: {edge} -->" in text for name in ("api", "pages") for edge in ("begin", "end"))


def test_gunicorn_is_started_as_the_unit_starts_it():
    command = site.gunicorn("portal.wsgi", 12345)
    assert command[command.index("--bind") + 1] == "127.0.0.1:12345"
    unit = Path("deploy/dur-web.service").read_text(encoding="utf-8")
    assert f"--workers {command[command.index('--workers') + 1]} " in unit


def test_a_kept_catalogue_of_another_size_is_refused(tmp_path):
    (tmp_path / "catalogue.json").write_text('{"recipes": 1}', encoding="utf-8")
    with pytest.raises(site.CannotMeasure, match="another size"):
        site._check_kept(tmp_path, site.Size.of(10))
