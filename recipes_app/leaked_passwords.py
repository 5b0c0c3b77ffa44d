"""Passwords that are known to have leaked, looked up in a file of the operator's: none is shipped, and none leaves the machine.

Each line begins with the SHA-1 of a password in hexadecimal digits, whole or at least its first ten; what follows a colon is not
read. The lines are sorted, so that a look-up reads some thirty of them: as `sort` writes them, all in one case. That is the form
in which the list of Have I Been Pwned can be downloaded.
"""

from __future__ import annotations

import hashlib
import io
import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

_SHORTEST = 10
# A line is 40 digits, a colon and a number; what is longer is another file.
_LONGEST = 100


def is_known(password: str, file: io.BufferedIOBase) -> bool:
    """Return whether the sorted list in `file` has the SHA-1 of `password`, or its beginning."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    low, high = 0, file.seek(0, io.SEEK_END)
    # The last line that begins before `high` and is not behind the digest is at `low` or behind it.
    while low < high:
        middle = (low + high) // 2
        start, line = _line_after(file, middle)
        if start >= high or not line:
            high = middle
        elif _key(line) <= digest[: len(_key(line))]:
            if digest.startswith(_key(line)) and len(_key(line)) >= _SHORTEST:
                return True
            low = start + len(line)
        else:
            high = middle
    return False


def _line_after(file: io.BufferedIOBase, offset: int) -> tuple[int, bytes]:
    """Return the first line that begins at `offset` or behind it, and where it does."""
    if offset:
        file.seek(offset - 1)
        offset += len(file.readline(_LONGEST)) - 1
    file.seek(offset)
    return offset, file.readline(_LONGEST)


def _key(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().upper()


class LeakedPasswordValidator:
    """A validator of AUTH_PASSWORD_VALIDATORS, where LEAKED_PASSWORDS_FILE is set."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError for a password that is in the list. A list that cannot be read stops nobody, and is logged."""
        try:
            with Path(settings.LEAKED_PASSWORDS_FILE).open("rb") as file:
                found = is_known(password, file)
        except OSError:
            logger.exception("LEAKED_PASSWORDS_FILE cannot be read: passwords are not looked up")
            return
        if found:
            raise ValidationError(
                _("This password has leaked from some site and stands in lists that attackers try: choose another one."),
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        """Return what the form says of it."""
        return _("Your password can’t be one that is known to have leaked.")


@register("security")
def check_file(**_facts: Any) -> list[Error]:
    """Say at the start that the list cannot be read, or is none."""
    if not settings.LEAKED_PASSWORDS_FILE:
        return []
    try:
        with Path(settings.LEAKED_PASSWORDS_FILE).open("rb") as file:
            lines = [file.readline(_LONGEST), file.readline(_LONGEST)]
    except OSError as error:
        return [Error(f"LEAKED_PASSWORDS_FILE cannot be read: {error}", id="recipes_app.E001")]
    if any(not _is_digest(line) for line in lines if line) or _key(lines[0]) > _key(lines[1] or lines[0]):
        hint = "sort it with `LC_ALL=C sort`"
        return [Error("LEAKED_PASSWORDS_FILE is no sorted list of SHA-1 digests, one a line", hint=hint, id="recipes_app.E002")]
    return []


def _is_digest(line: bytes) -> bool:
    key = _key(line)
    return _SHORTEST <= len(key) <= 40 and all(digit in b"0123456789ABCDEF" for digit in key)
