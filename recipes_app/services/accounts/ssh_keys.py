"""SSH keys of accounts: parsed strictly, told apart by OpenSSH's fingerprint, and each the key of one account only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from recipes_app.limits import MAX_SSH_KEYS, MIN_RSA_BITS
from recipes_app.models import SshKey, User

from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require
from . import security_history, security_mail
from .security_history import SecurityKind

_NAME = 80
_POINT_BYTES = {"nistp256": 65, "nistp384": 97, "nistp521": 133}
_UNCOMPRESSED = 4


@dataclass(frozen=True)
class PublicKey:
    """A public key as authorized_keys and ssh write it. `fingerprint` is what `ssh-keygen -l` prints."""

    key_type: str
    blob: str
    comment: str
    fingerprint: str


def parse(text: str) -> PublicKey:
    """Return the one public key that `text` holds: TYPE BASE64 [COMMENT], nothing before the type.

    Raises Refused for anything else: options of authorized_keys, private keys, two keys, types that OpenSSH has given up or
    that are too weak (DSA; RSA under MIN_RSA_BITS), and data that does not say what the type says (RFC 4253, 6.6; RFC 5656, 3.1).
    """
    if "PRIVATE KEY" in text:
        raise _wrong(_("this is a private key: keep it to yourself, make a new pair, and paste the file that ends in .pub"))
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if len(lines) != 1:
        raise _wrong(_("paste one key, in one line; this has %(number)s lines") % {"number": len(lines)})
    words = lines[0].split(None, 2)
    if words[0] not in _CHECKS:
        raise _wrong(
            _("%(word)r is no type of key that is taken here; the line must begin with one of: %(choices)s")
            % {"word": words[0][:40], "choices": ", ".join(_CHECKS)}
        )
    if len(words) < 2:
        raise _wrong(_("the key itself is missing after its type"))
    try:
        data = base64.b64decode(words[1], validate=True)
        fields = _fields(data)
    except (binascii.Error, ValueError, struct.error) as error:
        raise _wrong(_("the part after the type is not whole: copy the whole line again")) from error
    if not fields or fields[0] != words[0].encode():
        raise _wrong(_("the key is of another type than the line says"))
    if not _CHECKS[words[0]](fields[1:]):
        raise _wrong(_("the key's data do not fit its type: copy the whole line again"))
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    comment = words[2].strip() if len(words) > 2 else ""
    return PublicKey(words[0], base64.b64encode(data).decode(), texts.shortened(comment, _NAME), f"SHA256:{digest}")


def add(user: User, name: str, text: str) -> SshKey:
    """Let the key in `text` stand for `user`; without a name it is called by its comment or its fingerprint.

    Raises PermissionDenied, Refused. Whether the key is somebody else's is not told: only that it is taken.
    """
    require(Action.EDIT_ACCOUNT, user)
    key = parse(text)
    try:
        with transaction.atomic():
            if User.objects.select_for_update(no_key=True).get(pk=user.pk).ssh_keys.count() >= MAX_SSH_KEYS:
                raise _wrong(_("an account has at most %(most)s keys: remove one that you use no more") % {"most": MAX_SSH_KEYS})
            row = SshKey.objects.create(
                user=user, name=texts.checked(name, "name", most=_NAME) or key.comment or key.fingerprint,
                key_type=key.key_type, blob=key.blob, fingerprint=key.fingerprint,
            )  # fmt: skip
            security_history.record(user, SecurityKind.KEY_ADDED, f"{row.name} {row.fingerprint}")
            security_mail.tell(user, lambda: _("An SSH key was added to your account."), f"{row.name} {row.fingerprint}")
    except IntegrityError as error:
        words = _("this key is in use here already: a key belongs to one account, so make a new pair for this one")
        raise _wrong(words) from error
    return row


def remove(user: User, key_id: int) -> bool:
    """Take the key `key_id` of `user` away; return whether there was one. Raises PermissionDenied in read-only mode."""
    require(Action.EDIT_ACCOUNT, user)
    with transaction.atomic():
        key = SshKey.objects.filter(user=user, pk=key_id).first()
        if key is None:
            return False
        key.delete()
        security_history.record(user, SecurityKind.KEY_REMOVED, f"{key.name} {key.fingerprint}")
    return True


def _wrong(message: str) -> Refused:
    return Refused(message, field="key", code="bad-key")


def _fields(data: bytes) -> list[bytes]:
    """Return the strings of RFC 4251, 5 that `data` is made of. Raises ValueError or struct.error where it is not."""
    fields, offset = [], 0
    while offset < len(data):
        (length,) = struct.unpack_from(">I", data, offset)
        field = data[offset + 4 : offset + 4 + length]
        if len(field) != length:
            raise ValueError("a field is longer than the data")
        fields.append(field)
        offset += 4 + length
    return fields


def _is_ed25519(fields: list[bytes]) -> bool:
    return len(fields) == 1 and len(fields[0]) == 32


def _is_security_key(fields: list[bytes]) -> bool:
    """A key on a FIDO token: its point, and the application, which starts with `ssh:` (OpenSSH's PROTOCOL.u2f)."""
    return len(fields) == 2 and len(fields[0]) == 32 and fields[1].startswith(b"ssh:")


def _is_rsa(fields: list[bytes]) -> bool:
    if len(fields) != 2:
        return False
    exponent, modulus = (int.from_bytes(field) for field in fields)
    if modulus.bit_length() < MIN_RSA_BITS:
        raise _wrong(
            _("this RSA key has %(bits)s bits, and %(least)s is the least: ssh-keygen -t ed25519 makes one")
            % {"bits": modulus.bit_length(), "least": MIN_RSA_BITS}
        )
    return exponent >= 3 and exponent % 2 == 1 and modulus % 2 == 1


def _is_ecdsa_on(curve: str) -> Callable[[list[bytes]], bool]:
    """Return the check for a point on `curve`, uncompressed, as OpenSSH writes it."""

    def check(fields: list[bytes]) -> bool:
        if len(fields) != 2 or fields[0] != curve.encode():
            return False
        return len(fields[1]) == _POINT_BYTES[curve] and fields[1][0] == _UNCOMPRESSED

    return check


_CHECKS: Mapping[str, Callable[[list[bytes]], bool]] = MappingProxyType(
    {
        "ssh-ed25519": _is_ed25519,
        "sk-ssh-ed25519@openssh.com": _is_security_key,
        **{f"ecdsa-sha2-{curve}": _is_ecdsa_on(curve) for curve in _POINT_BYTES},
        "ssh-rsa": _is_rsa,
    }
)
