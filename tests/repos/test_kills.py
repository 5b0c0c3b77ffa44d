"""kill -9 between any two steps of every act on database and git: one sweep later both agree (tests/repos/killing.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.repos.killing import ACTS
from tests.servers.portal import PortalServer

pytestmark = pytest.mark.server

_PREPARE = """
from tests.factories import make_user
from tests.repos import killing
make_user("ada")
make_user("mod", rank="moderator")
killing.push("1.0-1")
killing.push("1.1-1")
"""
# A push, a review and a quarantine take many processes: a group of acts each, so that they can run beside each other.
GROUPS = [list(ACTS)[number::4] for number in range(4)]


@pytest.fixture
def portal_folder(tmp_path: Path) -> PortalServer:
    """A portal that does not run, with two published revisions of one recipe."""
    server = PortalServer(tmp_path, {})
    server.manage("migrate", "--verbosity", "0")
    server.manage("shell", "--no-imports", "-c", _PREPARE)
    return server


@pytest.mark.parametrize("acts", GROUPS, ids=lambda acts: "+".join(acts).replace(" ", "-"))
def test_act_that_is_killed_anywhere_is_made_up_for_by_one_sweep(portal_folder: PortalServer, acts: list[str]) -> None:
    command = f"from tests.repos import killing; killing.run({acts!r})"
    lines = portal_folder.manage("shell", "--no-imports", "-c", command).splitlines()
    results = [json.loads(line) for line in lines if line.startswith("{")]
    assert [each["act"] for each in results] == acts
    assert [wrong for each in results for wrong in each["wrong"]] == []
    # Each act was really killed at several places.
    assert all(each["steps"] > 5 for each in results), results
