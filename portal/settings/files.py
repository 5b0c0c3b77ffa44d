"""What the embedded and the test settings keep in files: the secret key and the broker's folders."""

import os
import secrets
from pathlib import Path


def persistent_secret(path: Path) -> str:
    """Return the secret kept in `path`, made at the first call. Readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    secret = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secret)
    return secret


def filesystem_broker(folder: Path) -> tuple[str, dict[str, object]]:
    """Return broker URL and transport options of kombu's filesystem transport, which needs no server.

    A message that was taken and not finished is forgotten by this transport; the sweep of lint jobs repairs that.
    """
    messages, control = folder / "messages", folder / "control"
    for each in (messages, control):
        each.mkdir(parents=True, exist_ok=True)
    options: dict[str, object] = {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": 0.2,
    }
    return "filesystem://", options
