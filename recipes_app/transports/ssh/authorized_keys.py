"""What sshd runs for every key that is offered (AuthorizedKeysCommand): the portal's database says whether it is known.

    python3 -I -S authorized_keys.py ENVIRONMENT_FILE FINGERPRINT KEY_TYPE BLOB

It prints one line of authorized_keys(5) for a known key and nothing for any other. Standard library only, and little of it:
each module costs time that every connection waits for. PostgreSQL is asked by its own `psql`, since to import a driver takes
longer than all the rest. Whether the account may do anything is the session's question, which can answer in words.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import syslog
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_QUERY = "SELECT id FROM recipes_app_sshkey WHERE fingerprint = {} AND key_type = {} AND blob = {}"
_NAMES = ("fingerprint", "key_type", "blob")
# sshd gives up a connection after LoginGraceTime; a database that takes longer than this is away.
_DATABASE_SECONDS = 10


def main(arguments: Sequence[str]) -> int:
    """Answer sshd; return the exit status. What goes wrong is told to syslog: sshd throws our standard error away."""
    environment_file, *key = arguments
    try:
        environment = read_environment(Path(environment_file))
        number = find_key(environment, key)
        if number is not None:
            sys.stdout.write(authorized_line(environment, environment_file, number, key))
    except Exception as error:  # noqa: BLE001 - whatever it is, the operator finds it in the log of logins
        syslog.syslog(syslog.LOG_AUTH | syslog.LOG_ERR, f"portal: the key {key[:1]} cannot be looked up: {error}")
        return 1
    return 0


def read_environment(path: Path) -> dict[str, str]:
    """Return the portal's environment from a file of NAME=VALUE lines, as systemd's EnvironmentFile takes it.

    Empty lines and comments are passed over, and one pair of quotes around a value is taken off. Raises OSError.
    """
    result = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith(("#", ";")):
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            result[name] = value[1:-1] if quoted else value
    return result


def find_key(environment: Mapping[str, str], key: Sequence[str]) -> int | None:
    """Return the number of the row whose fingerprint, type and blob are `key`; None where no account has that key."""
    url = environment.get("DATABASE_URL", "")
    if url.startswith(("postgres://", "postgresql://")):
        return _ask_postgresql(url, key)
    return _ask_sqlite(Path(environment.get("PORTAL_DATA") or ROOT / "var") / "portal.sqlite3", key)


def _ask_sqlite(database: Path, key: Sequence[str]) -> int | None:
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=_DATABASE_SECONDS)
    try:
        row = connection.execute(_QUERY.format("?", "?", "?"), list(key)).fetchone()
    finally:
        connection.close()
    return row[0] if row else None


def _ask_postgresql(url: str, key: Sequence[str]) -> int | None:
    """Ask by psql. The values are quoted by psql itself, and the password goes by the environment, which nobody else reads."""
    import subprocess  # noqa: PLC0415 - costs milliseconds that SQLite need not pay
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - as above

    parts = urlsplit(url)
    connection = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGCONNECT_TIMEOUT": str(_DATABASE_SECONDS),
    }
    variables = [word for name, value in zip(_NAMES, key, strict=True) for word in ("-v", f"{name}={value}")]
    answer = subprocess.run(
        [_psql(), "-XAtq", "-v", "ON_ERROR_STOP=1", *variables],
        input=_QUERY.format(*(f":'{name}'" for name in _NAMES)) + ";\n",
        env={"PATH": os.defpath, **{name: value for name, value in connection.items() if value}},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise OSError(answer.stderr.strip())
    return int(answer.stdout) if answer.stdout.strip() else None


def _psql() -> str:
    """Return the newest psql itself: the one on the PATH is Debian's wrapper, whose Perl takes 30 ms to choose it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"), key=lambda path: float(path.parents[1].name))
    return str(found[-1]) if found else "psql"


def authorized_line(environment: Mapping[str, str], environment_file: str, number: int, key: Sequence[str]) -> str:
    """Return the line of authorized_keys(5) that lets the key run the portal's session and nothing else."""
    from shlex import quote  # noqa: PLC0415 - an unknown key needs none

    python = environment.get("PORTAL_PYTHON") or str(ROOT / ".venv/bin/python")
    module = "recipes_app.transports.ssh"
    command = f"cd {quote(str(ROOT))} && exec {quote(python)} -m {module} {quote(environment_file)} {number}"
    escaped = command.replace('"', '\\"')
    return f'restrict,command="{escaped}" {key[1]} {key[2]}\n'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
