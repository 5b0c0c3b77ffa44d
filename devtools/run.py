"""`./dev run`: the whole portal on this machine, with a demo catalogue, until Ctrl-C."""

import os
import sys

import django

from .bootstrap import own_suite, say
from .programs import CannotRun
from .supervisor import ProgramDied, interrupt_on_termination

SETTINGS = "portal.settings.embedded"


def run(arguments: list[str]) -> int:
    """Start everything and stay until Ctrl-C or until a program dies. Returns the exit status."""
    if [each for each in arguments if each != "--builds"]:
        print(
            "dev: run takes --builds and nothing else; "
            "PORTAL_PORT, PORTAL_SSH_PORT and PORTAL_DATA are read from the environment",
            file=sys.stderr,
        )
        return 2
    interrupt_on_termination()
    try:
        if arguments:
            os.environ.setdefault("TRIAL_BUILD_SUITES", own_suite())
        _choose_settings()
        from .portal import run_portal  # noqa: PLC0415 - models can be imported only when the settings are there

        run_portal(with_builds=bool(arguments))
    except (CannotRun, ProgramDied) as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1
    except PermissionError as error:
        # The data folder holds secrets: what one account has made, another cannot read, and the settings read it first.
        remedy = "another account has made it. Choose another folder: PORTAL_DATA=DIR ./dev run"
        print(f"dev: {error.filename} is closed to this account: {remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("stopped")
    return 0


def _choose_settings() -> None:
    """Set Django up with the embedded settings. Raises CannotRun for any other: the demo belongs to no real site."""
    chosen = os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if chosen != SETTINGS:
        raise CannotRun(f"DJANGO_SETTINGS_MODULE is {chosen!r}: `./dev run` is for {SETTINGS} only; unset it")
    django.setup()
