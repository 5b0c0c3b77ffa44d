"""The signature of a dump's checksums, made by OpenSSH (ssh-keygen(1), -Y): every Debian can check it, and no agent runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from django.conf import settings

# What the signature is for, and whose it is, in the words of ssh-keygen -Y verify -n NAMESPACE -I SIGNER.
NAMESPACE = "dumps"
SIGNER = "dumps"


class CannotSign(Exception):
    """ssh-keygen is missing or failed; the text says which."""


def key() -> Path:
    """Return the private key's path; the key is made where there is none yet. Raises CannotSign."""
    path: Path = settings.PORTAL_DATA / "keys" / "dumps"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _run("-q", "-t", "ed25519", "-N", "", "-C", f"{settings.SITE_NAME} dumps", "-f", str(path))
    return path


def allowed_signers() -> str:
    """Return the line by which anybody checks a signature: the file that `ssh-keygen -Y verify -f` takes. Raises CannotSign."""
    key_type, blob, *_ = Path(f"{key()}.pub").read_text(encoding="utf-8").split()
    return f'{SIGNER} namespaces="{NAMESPACE}" {key_type} {blob}\n'


def sign(path: Path) -> Path:
    """Write the signature of the file `path` beside it and return its path. Raises CannotSign."""
    _run("-q", "-Y", "sign", "-f", str(key()), "-n", NAMESPACE, str(path))
    return path.with_name(f"{path.name}.sig")


def _run(*arguments: str) -> None:
    try:
        result = subprocess.run(
            ["ssh-keygen", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotSign(f"ssh-keygen cannot be run ({error}): install openssh-client") from error
    if result.returncode != 0:
        raise CannotSign(f"ssh-keygen {arguments[0]} ended with status {result.returncode}: {result.stderr.strip()}")
