"""The check of a key: what sshd is told, by whose database, and that it needs neither Django nor a driver."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from recipes_app.transports.ssh import authorized_keys
from tests.servers.postgres import PostgresServer
from tests.ssh.workspace import Work, moderate, newcomer

KEY = ("SHA256:abc", "ssh-ed25519", "AAAAC3Nz")


def check(environment_file: Path, *key: str) -> subprocess.CompletedProcess[str]:
    """Run the program as sshd does."""
    command = ["/usr/bin/python3", "-I", "-S", authorized_keys.__file__, str(environment_file), *key]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.server
def test_unknown_key_is_not_let_in(work: Work) -> None:
    work.server.make_key("stranger")
    result = work.server.ssh("stranger", "help")
    assert (result.status, result.output) == (255, "")
    assert "Permission denied" in result.errors


@pytest.mark.server
def test_removed_key_opens_nothing_any_more(work: Work) -> None:
    leaver = newcomer(work.server)
    assert work.server.ssh(leaver, "help").status == 0
    moderate(work.server, "User.objects.get(username=leaver).ssh_keys.all().delete()", leaver=leaver)
    assert work.server.ssh(leaver, "help").status == 255


@pytest.mark.server
def test_frozen_account_is_told_so(work: Work) -> None:
    culprit = newcomer(work.server)
    moderate(work.server, "sanctions.freeze(mod, User.objects.get(username=culprit), 'sold')", culprit=culprit)
    result = work.server.ssh(culprit, "list-repos")
    assert (result.status, result.output) == (1, "")
    assert "frozen" in result.errors


@pytest.mark.server
def test_postgresql_is_asked_by_psql_and_values_are_quoted(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = postgres_server.url.rsplit("/", 1)[0] + "/postgres"
    hostile = ("SHA256:x' OR '1'='1", "ssh-ed25519", "it''s; DROP TABLE recipes_app_sshkey --")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE recipes_app_sshkey (id integer, fingerprint text, key_type text, blob text)")
        connection.execute("INSERT INTO recipes_app_sshkey VALUES (7, %s, %s, %s), (8, %s, %s, %s)", (*KEY, *hostile))
    environment_file = tmp_path / "environment"
    environment_file.write_text(f'# the portal\nDATABASE_URL="{url}"\n')

    def found(*key: str) -> int | None:
        return authorized_keys.find_key(authorized_keys.read_environment(environment_file), key)

    assert found(*KEY) == 7
    assert found(*hostile) == 8
    assert found("SHA256:y' OR '1'='1", *KEY[1:]) is None


def test_database_that_is_away_lets_nobody_in_and_says_nothing_to_the_client(tmp_path: Path) -> None:
    environment_file = tmp_path / "environment"
    environment_file.write_text(f"PORTAL_DATA={tmp_path / 'nowhere'}\n")
    result = check(environment_file, *KEY)
    assert (result.returncode, result.stdout) == (1, "")


def test_line_runs_the_session_and_nothing_else(tmp_path: Path) -> None:
    line = authorized_keys.authorized_line({"PORTAL_PYTHON": "/opt/a b/python"}, "/etc/dur/portal.env", 7, KEY)
    assert line.startswith('restrict,command="cd ')
    assert "exec '/opt/a b/python' -m recipes_app.transports.ssh /etc/dur/portal.env 7" in line
    assert line.endswith('" ssh-ed25519 AAAAC3Nz\n')


def test_only_quick_modules_of_the_standard_library_are_imported_at_the_start() -> None:
    """Every connection waits for them; `./dev bench ssh` measures the whole check."""
    tree = ast.parse(Path(authorized_keys.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert not names & {"subprocess", "urllib.parse", "shlex", "json", "re", "logging"}
