"""The forced command of every SSH session: `python -m recipes_app.transports.ssh ENVIRONMENT_FILE KEY_NUMBER`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .authorized_keys import ROOT, read_environment


def main() -> int:
    """Start Django with the portal's environment, serve one session, and return its exit status."""
    environment_file, key_number = sys.argv[1:]
    os.environ.update(read_environment(Path(environment_file)))
    user_errors = _log_to_file()

    import django  # noqa: PLC0415 - reads the environment that is there only now

    django.setup()
    from .session import Session  # noqa: PLC0415 - imports models

    return Session(int(key_number), errors=user_errors).serve(
        os.environ.get("SSH_ORIGINAL_COMMAND", ""), os.environ.get("GIT_PROTOCOL", "")
    )


def _log_to_file() -> int:
    """Let what the portal and git log go to a file; return the descriptor of the user's own standard error."""
    data = Path(os.environ.get("PORTAL_DATA") or ROOT / "var")
    log = Path(os.environ.get("PORTAL_SSH_LOG") or data / "log" / "ssh.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    user_errors = os.dup(2)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    return user_errors


if __name__ == "__main__":
    sys.exit(main())
