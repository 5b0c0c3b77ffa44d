"""Accounts with keys on the test portal, and fresh working repositories."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.servers.sshd import SshServer
from tests.ssh.workspace import Work

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def grace(ssh_server: SshServer) -> str:
    """`grace`, who may create recipes."""
    ssh_server.create_accounts("grace")
    return "grace"


@pytest.fixture(scope="session", autouse=True)
def ssh_moderator(ssh_server: SshServer) -> str:
    """`ssh-moderator`, in whose name `moderate` acts."""
    ssh_server.create_accounts("ssh-moderator", rank="moderator")
    return "ssh-moderator"


@pytest.fixture
def work(ssh_server: SshServer, grace: str, tmp_path: Path) -> Work:
    """A working repository of grace's for a recipe that does not exist yet."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Work(ssh_server, folder, f"over-ssh-{next(_numbers)}", grace)
