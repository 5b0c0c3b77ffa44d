"""The three programs that make a portal on one machine: web, worker with beat, lint runner. Benchmarks start them too."""

from __future__ import annotations

import errno
import os
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

from recipes_app.lint.sandbox import levels, sandbox

from .supervisor import Program

ADDRESS = "127.0.0.1"
# Requests wait for git, not for the processor: threads of one process serve them, and share one cache.
WEB_THREADS = 8
# A push of the largest size over a slow line is not to be cut off; a hung git has a limit of its own.
WEB_TIMEOUT = 900


class CannotRun(Exception):
    """Something keeps the portal from being started; the text says what to do."""


def require_free_port(port: int, variable: str) -> None:
    """Raise CannotRun if something listens on the loopback port already; `variable` is what chooses another one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise CannotRun(
                f"port {port} is in use: end the program that listens there, or choose another: {variable}={port + 1} ./dev run"
            ) from error


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Return whether something listens on the loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex((ADDRESS, port)) == 0


def answers(url: str) -> bool:
    """Return whether a web server answers there, whatever it says."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own loopback address
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True


def web(port: int) -> Program:
    """Return the web server on the loopback address."""
    command = (
        sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"{ADDRESS}:{port}",
        "--worker-class", "gthread", "--workers", "1", "--threads", str(WEB_THREADS),
        "--timeout", str(WEB_TIMEOUT), "--graceful-timeout", "5", "--no-control-socket", "--access-logfile", "-",
    )  # fmt: skip
    return Program(
        "web", command, {"WEB_THREADS": str(WEB_THREADS)}, ready=lambda log: answers(f"http://{ADDRESS}:{port}/api/v1/")
    )


# One machine, one worker of each kind: what they would tell each other costs a second at the start and says nothing.
_ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")


def worker(data: Path) -> Program:
    """Return the portal's Celery worker, with the beat that sends what is periodic.

    It takes the runner's reports, too: on one machine the runner is no stranger. In production `take_reports` does (deploy/).
    """
    command = (
        sys.executable, "-m", "celery", "--app", "portal.celery", "worker", "--queues", "portal,reports", "--concurrency", "1",
        "--beat", "--schedule", str(data / "celerybeat-schedule"), "--hostname", "portal@%h", *_ALONE,
    )  # fmt: skip
    return Program("worker", command, ready=_celery_is_ready)


def hooks() -> Program:
    """Return the worker that tells webhooks: it waits for other machines, so threads do. Nothing at the start waits for it."""
    command = (
        sys.executable, "-m", "celery", "--app", "portal.celery", "worker", "--queues", "webhooks", "--pool", "threads",
        "--concurrency", "4", "--hostname", "webhooks@%h", *_ALONE,
    )  # fmt: skip
    return Program("webhooks", command)


def runner() -> Program:
    """Return the lint runner: one lint at a time, on a machine that serves the web as well.

    Its sandbox is the best that this machine can keep; where it can keep none, the portal runs without it.
    """
    command = (
        sys.executable, "-m", "celery", "--app", "recipes_app.lint.runner_app", "worker", "--queues", "lint",
        "--concurrency", "1", "--hostname", "lint@%h", *_ALONE,
    )  # fmt: skip
    level = os.environ.get(levels.VARIABLE) or levels.BEST
    return Program("runner", command, {levels.VARIABLE: level}, ready=_celery_is_ready, optional=True)


def missing_sandbox() -> str:
    """Return in one line what the runner does without where this machine has no user namespaces; empty where it has all.

    Where there is no sandbox at all, the runner says it when it ends.
    """
    os.environ.setdefault(levels.VARIABLE, levels.BEST)
    try:
        if sandbox.chosen_level() is levels.Level.NAMESPACES:
            return ""
    except levels.SandboxUnavailable:
        return ""
    return f"lint: the sandbox is of the level confined, and there are no trial builds: {sandbox.why_no_namespaces()}"


def _celery_is_ready(log: str) -> bool:
    return any(line.endswith(" ready.") for line in log.splitlines())
