"""`python -m devtools.examples.serving`: a portal on loopback that holds the examples, until it is asked to end.

It has no workers and no runner: pages and git are all that the readers of these pages need.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..bootstrap import ROOT
from ..programs import ADDRESS, CannotRun, free_port
from ..supervisor import ProgramDied, Supervisor, interrupt_on_termination, tail

SETTINGS = "portal.settings.embedded"
READY = "ready: every example has a page"
_START_SECONDS = 60.0


@contextmanager
def portal_of_examples(data: Path) -> Iterator[str]:
    """Give the address of a portal with the examples in the folder `data`; it ends with the context. Raises CannotRun."""
    port = free_port()
    # Nothing of ours is inherited: a developer's PORTAL_URL would stand in every line to paste.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "GIT_", "DJANGO_", "COV_"))}
    chosen = {
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "PORTAL_DATA": str(data),
        "PORTAL_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    data.mkdir(parents=True, exist_ok=True)
    log = data / "examples.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", sys.executable, "-m", "devtools.examples.serving"],
            cwd=ROOT,
            env={**inherited, **chosen},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        )
    try:
        if not any(line.strip() == READY for line in process.stdout or ()):
            raise CannotRun(f"the portal with the examples did not start\n{tail(log)}")
        yield f"http://{ADDRESS}:{port}"
    finally:
        process.terminate()
        process.communicate()


def serve() -> None:
    """Serve the examples until interrupted. Raises CannotRun, ProgramDied."""
    import django  # noqa: PLC0415 - the settings are chosen by who starts us

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    from .. import demo, programs  # noqa: PLC0415

    data = Path(settings.PORTAL_DATA)
    call_command("migrate", verbosity=0, interactive=False)
    account = demo.ensure_accounts(data)[0]
    connections.close_all()
    with Supervisor(data / "log", working_folder=ROOT) as supervisor:
        supervisor.start(programs.web(settings.PORTAL_PORT))
        supervisor.wait_until_ready(_START_SECONDS)
        for name in demo.waiting_examples(data):
            demo.push_example(name, data, account, settings.PORTAL_URL)
        print(READY, flush=True)
        supervisor.watch()


def main() -> int:
    """Serve, and return 1 with one line where that is not possible."""
    interrupt_on_termination()
    try:
        serve()
    except (CannotRun, ProgramDied) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
