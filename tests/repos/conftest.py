"""Accounts on the test portal and fresh working repositories."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.repos.workspace import Workspace
from tests.servers.portal import PortalServer

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def ada(portal_server: PortalServer) -> str:
    """The token of `ada`, who may create recipes."""
    return portal_server.create_account("ada")


@pytest.fixture(scope="session")
def moderator(portal_server: PortalServer) -> str:
    """The token of `mod`, a moderator."""
    return portal_server.create_account("mod", rank="moderator")


@pytest.fixture
def workspace(portal_server: PortalServer, ada: str, tmp_path: Path) -> Workspace:
    """A working repository of ada's for a recipe that does not exist yet."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Workspace(portal_server, folder, f"recipe-{next(_numbers)}", "ada", ada)
