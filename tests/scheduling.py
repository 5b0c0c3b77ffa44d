"""Which worker of pytest-xdist runs what: the tests of a group stay on one worker, and the heaviest groups start first.

pytest-xdist 3.8 hands the groups over inside of node ids, which pytest 9 does not let it change. So the first worker writes
the groups into a file, and the scheduler reads them there.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling

# About how many seconds a group takes on two cores, or one test of a module.
WEIGHTS = {
    "trial-build": 300,
    "fresh-system": 280,
    "examples": 260,
    "dev-run": 200,
    "dev-run-contained": 180,
    "tests/repos/test_kills.py": 90,
    "browser-pages-visitor": 80,
    "browser-pages-account": 80,
    "browser-account": 70,
    "doors": 70,
    "attacks": 60,
    "outages": 60,
    "production": 60,
    "tests/test_postgresql.py": 50,
    "browser-journeys": 50,
    "browser-first-visit": 40,
    "browser-account-elsewhere": 30,
    "tests/lint/test_job_machine.py": 30,
    "tests/lint/test_killed_worker.py": 20,
    "tests/hostile/test_hostile.py": 10,
}
# Between the groups and the tests that take milliseconds, which fill up what is left at the end.
_SERVER_WEIGHT = 1
_FOLDER = pytest.StashKey[Path]()


class Scheduling(LoadGroupScheduling):
    """Hands out a group at once, and other tests one by one, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        """Keep the order of the collection: xdist would begin with the groups of the most tests."""
        config.option.loadscopereorder = False
        super().__init__(config, log)
        self._groups: dict[str, str] | None = None

    def _split_scope(self, nodeid: str) -> str:
        if self._groups is None:
            self._groups = json.loads((self.config.stash[_FOLDER] / "groups.json").read_text(encoding="utf-8"))
        return self._groups.get(nodeid, nodeid)


def group_of(item: pytest.Item) -> str:
    """Return the group of a test; empty for one that may run anywhere."""
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else ""


def weight_of(item: pytest.Item) -> int:
    """Return how early a test is to start: the seconds of its group, or its own."""
    group = group_of(item)
    usual = _SERVER_WEIGHT if group or item.get_closest_marker("server") else 0
    return WEIGHTS.get(group or item.nodeid.partition("::")[0], usual)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the heaviest groups first, on workers alone: who runs one process reads the files in order."""
    if hasattr(config, "workerinput"):
        items.sort(key=weight_of, reverse=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the groups, before xdist tells the controller that the collection is there."""
    given = getattr(session.config, "workerinput", None)
    if given and given["workerid"] == "gw0":
        groups = {item.nodeid: group_of(item) for item in session.items if group_of(item)}
        Path(given["groups_folder"], "groups.json").write_text(json.dumps(groups), encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the groups go."""
    if _FOLDER not in node.config.stash:
        node.config.stash[_FOLDER] = Path(tempfile.mkdtemp(prefix="portal-groups-"))
    node.workerinput["groups_folder"] = str(node.config.stash[_FOLDER])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Take ours where groups are asked for."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder of the groups."""
    if _FOLDER in config.stash:
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)
