"""The whole portal on this machine: what is brought up to date, what is started, and what is printed about it."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from . import builds, demo, programs, sshd
from .bootstrap import ROOT, say
from .programs import CannotRun
from .supervisor import Supervisor

START_SECONDS = 60.0


def run_portal(*, with_builds: bool = False) -> None:
    """Start everything, print where it is, and stay until KeyboardInterrupt. Raises CannotRun or ProgramDied.

    `with_builds`: the demo catalogue is built for trial, beside all else.
    """
    started = time.monotonic()
    port, ssh_port, data = settings.PORTAL_PORT, sshd.chosen_port(), Path(settings.PORTAL_DATA)
    os.environ.setdefault("PORTAL_SSH_URL", sshd.address(ssh_port))
    with _folder_of_our_own(data), Supervisor(data / "log", working_folder=ROOT) as supervisor:
        programs.require_free_port(port, "PORTAL_PORT")
        programs.require_free_port(ssh_port, "PORTAL_SSH_PORT")
        say("database: bringing it to the newest schema")
        call_command("migrate", verbosity=0, interactive=False)
        say("static files: collecting")
        call_command("collectstatic", verbosity=0, interactive=False)
        accounts = demo.ensure_accounts(data)
        connections.close_all()
        if missing := programs.missing_sandbox():
            say(missing)
        say("starting web server, workers, lint runner and SSH server")
        ssh = sshd.program(sshd.configure(data / "ssh", ssh_port, _environment()))
        for program in (programs.web(port), programs.worker(data), programs.runner(), ssh, programs.hooks()):
            supervisor.start(program)
        supervisor.wait_until_ready(START_SECONDS)
        _push_examples(data, accounts, f"http://{programs.ADDRESS}:{port}")
        say(f"ready after {time.monotonic() - started:.1f} s")
        print(_summary(data, accounts, ssh_port), flush=True)
        if with_builds:
            builds.start(accounts[0])
        try:
            supervisor.watch()
        finally:
            say("stopping web server, workers, lint runner and SSH server")


def _folder_of_our_own(data: Path) -> IO[str]:
    """Return a handle that locks the data folder against a second `./dev run`. Raises CannotRun where there is one."""
    data.mkdir(parents=True, exist_ok=True)
    handle = (data / "run.lock").open("a", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise CannotRun(f"another ./dev run uses {data}: end it, or choose another folder: PORTAL_DATA=DIR ./dev run") from None
    return handle


def _push_examples(data: Path, accounts: list[demo.Account], url: str) -> None:
    """Push the examples that were never pushed. One that is refused is told, and the portal runs on without it."""
    for name in demo.waiting_examples(data):
        say(f"demo: pushing {name}")
        try:
            demo.push_example(name, data, accounts[0], url)
        except demo.DemoError as error:
            print(f"dev: {error}", file=sys.stderr, flush=True)


def _environment() -> dict[str, str]:
    """Return what an SSH session needs to see the portal as the web server does."""
    chosen = {
        "PORTAL_DATA": str(settings.PORTAL_DATA),
        "PORTAL_PORT": str(settings.PORTAL_PORT),
        "PORTAL_URL": settings.PORTAL_URL,
    }
    return {**os.environ, **chosen}


def _summary(data: Path, accounts: list[demo.Account], ssh_port: int) -> str:
    maintainer = accounts[0]
    remote = settings.PORTAL_URL.replace("://", f"://{maintainer.username}:{maintainer.token}@", 1)
    lines = [
        "",
        f"  {settings.SITE_NAME} is at  {settings.PORTAL_URL}/",
        "",
        *(f"  {each.username:10} password {each.password}   token {each.token}" for each in accounts),
        "",
        f"  push:  git push {remote}/git/NAME.git HEAD:main",
        f"  ssh:   git clone {sshd.address(ssh_port)}/NAME.git   and: ssh -p {ssh_port} {sshd.login()}@{programs.ADDRESS} help",
        "         (give one of the accounts your public key first, on its account page)",
        f"  data:  {data}   logs, and the mail that would be sent: {data / 'log'}",
        "  Ctrl-C stops everything.",
        "",
    ]
    return "\n".join(lines)
