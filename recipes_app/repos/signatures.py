"""Who signed a commit: SSH signatures are checked, of others only their kind is known. No Django.

A signature covers the commit object without its own header (git's gitformat-signature). `ssh-keygen -Y check-novalidate` says
whether it fits and names no owner: whose key it is, the fingerprint says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .gitconfig import environment
from .objects import ObjectError
from .repository import objects_of

_HEADER = b"gpgsig "
_MAX_SIGNATURE = 16 * 1024
_SSH, _PGP, _X509 = b"-----BEGIN SSH SIGNATURE-----", b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN SIGNED MESSAGE-----"
_SECONDS = 5


@dataclass(frozen=True)
class Signature:
    """A commit's signature: its kind, the key's fingerprint where it is known, and whether it was checked and fits."""

    kind: str
    fingerprint: str = ""
    fits: bool = False

    def __str__(self) -> str:
        if self.kind == "ssh" and self.fits:
            return f"ssh {self.fingerprint}"
        return f"{self.kind} ({'does not fit' if self.kind == 'ssh' else 'not checked'})"


def signature_of(repository: Path, commit: str) -> Signature | None:
    """Return the signature of `commit`, None where it has none or git cannot read it."""
    try:
        with objects_of(repository) as reader:
            payload, armour = split(reader.commit(commit))
    except ObjectError:
        return None
    if not armour or len(armour) > _MAX_SIGNATURE:
        return None
    if armour.startswith(_SSH):
        fingerprint = _fingerprint(armour)
        return Signature("ssh", fingerprint, bool(fingerprint) and _fits(payload, armour))
    if armour.startswith(_PGP):
        return Signature("openpgp")
    return Signature("x509") if armour.startswith(_X509) else None


def split(commit: bytes) -> tuple[bytes, bytes]:
    """Return a commit object without its signature, and the signature; continued lines begin with a blank."""
    head, gap, message = commit.partition(b"\n\n")
    kept, armour, inside = [], [], False
    for line in head.split(b"\n"):
        if line.startswith(_HEADER):
            inside = True
            armour.append(line.removeprefix(_HEADER))
        elif inside and line.startswith(b" "):
            armour.append(line[1:])
        else:
            inside = False
            kept.append(line)
    return b"\n".join(kept) + gap + message, b"\n".join(armour)


def _fingerprint(armour: bytes) -> str:
    """Return the fingerprint of the key in an SSH signature (OpenSSH's PROTOCOL.sshsig); empty where it cannot be read."""
    body = b"".join(line for line in armour.split(b"\n") if line and not line.startswith(b"-----"))
    try:
        blob = base64.b64decode(body, validate=True)
    except binascii.Error:
        return ""
    length = int.from_bytes(blob[10:14], "big")
    if blob[:6] != b"SSHSIG" or not 0 < length <= len(blob) - 14:
        return ""
    digest = hashlib.sha256(blob[14 : 14 + length]).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _fits(payload: bytes, armour: bytes) -> bool:
    """Return whether ssh-keygen says that the signature is one of the payload."""
    with tempfile.NamedTemporaryFile(prefix="portal-signature-") as file:
        file.write(armour + b"\n")
        file.flush()
        command = ["ssh-keygen", "-Y", "check-novalidate", "-n", "git", "-s", file.name]
        try:
            done = subprocess.run(
                command, input=payload, env=environment(), capture_output=True, check=False, cwd="/", timeout=_SECONDS
            )
        except (FileNotFoundError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0
