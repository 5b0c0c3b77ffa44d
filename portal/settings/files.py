"""What the embedded and the test settings keep in a file: the secret key. The broker has its own (lint/protocol/broker.py)."""

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
