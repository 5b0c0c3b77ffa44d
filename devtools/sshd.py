"""An OpenSSH server of one's own on a high loopback port: its folder, host key, configuration, and how it is started."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .bootstrap import ROOT
from .programs import ADDRESS, CannotRun
from .supervisor import Program

SSHD = Path("/usr/sbin/sshd")
AUTHORIZED_KEYS = ROOT / "recipes_app" / "transports" / "ssh" / "authorized_keys.py"
# What the settings read from the environment: a session has to see the portal as the web server does.
_PREFIXES = ("PORTAL_", "REVIEW_", "LINT_GATES", "STAFF_", "SITE_", "DATABASE_", "DJANGO_SETTINGS_MODULE")
# sshd, started as root, gives its unprivileged half this folder (sshd(8)); as another account it has no such half.
_EMPTY_FOLDER = Path("/run/sshd")


def chosen_port() -> int:
    """Return the port that PORTAL_SSH_PORT names, 2222 without it. Raises CannotRun where that is no port."""
    wish = os.environ.get("PORTAL_SSH_PORT", "2222")
    if not wish.isascii() or not wish.isdigit() or not 0 < int(wish) < 65_536:
        raise CannotRun(f"PORTAL_SSH_PORT is {wish!r}: a number from 1 to 65535 is expected")
    return int(wish)


def login() -> str:
    """Return the account under which one signs in: sshd without root's rights can serve none but its own."""
    return pwd.getpwuid(os.geteuid()).pw_name


def address(port: int) -> str:
    """Return what a clone URL begins with."""
    return f"ssh://{login()}@{ADDRESS}:{port}"


def configure(folder: Path, port: int, environment: Mapping[str, str]) -> Path:
    """Write host key, environment and configuration into `folder`, which is ours alone; return the configuration's path.

    A host key that is there stays, so that clients know the server again. Raises CannotRun where sshd is missing.
    """
    if not SSHD.exists():
        raise CannotRun("sshd is missing: apt-get install openssh-server")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    host_key = folder / "host_key"
    if not host_key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "portal", "-f", str(host_key)], check=True)
    environment_file = folder / "environment"
    wanted = {name: value for name, value in environment.items() if name.startswith(_PREFIXES) and "\n" not in value}
    lines = [f"{name}={value}\n" for name, value in sorted({**wanted, "PORTAL_PYTHON": sys.executable}.items())]
    environment_file.touch(mode=0o600)
    environment_file.write_text("".join(lines), encoding="utf-8")
    configuration = folder / "sshd_config"
    configuration.write_text(_configuration(folder, port, environment_file), encoding="utf-8")
    if os.geteuid() == 0:
        _EMPTY_FOLDER.mkdir(mode=0o755, exist_ok=True)
    return configuration


def program(configuration: Path) -> Program:
    """Return sshd with this configuration, logging to its standard error."""
    command = (str(SSHD), "-D", "-e", "-f", str(configuration))
    return Program("sshd", command, ready=lambda log: "Server listening on" in log)


def _configuration(folder: Path, port: int, environment_file: Path) -> str:
    """Return sshd_config(5). The program of AuthorizedKeysCommand must belong to root; what it is given need not."""
    keys_command = f"/usr/bin/python3 -I -S {shlex.quote(str(AUTHORIZED_KEYS))} {shlex.quote(str(environment_file))} %f %t %k"
    settings = {
        "ListenAddress": f"{ADDRESS}:{port}",
        "HostKey": folder / "host_key",
        "PidFile": "none",
        "AllowUsers": login(),
        "AuthorizedKeysCommand": keys_command,
        "AuthorizedKeysCommandUser": login(),
        "AuthorizedKeysFile": "none",
        "AuthenticationMethods": "publickey",
        "PermitRootLogin": "forced-commands-only",
        "UsePAM": "no",
        "PermitUserRC": "no",
        "PermitTTY": "no",
        "DisableForwarding": "yes",
        "AcceptEnv": "GIT_PROTOCOL",
        "PrintMotd": "no",
        "LoginGraceTime": 30,
        "ClientAliveInterval": 60,
        "ClientAliveCountMax": 3,
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())
