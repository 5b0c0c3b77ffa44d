"""What a commit is to change, before it is made. No Django, no GitPython: uploads are read in a process that starts quickly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class NewFile:
    """A file as a commit is to hold it."""

    content: bytes
    is_executable: bool = False


@dataclass(frozen=True)
class Draft:
    """What a commit changes on its parent: `removed` folders or files go first, then `files` are laid down.

    Paths are relative to the recipe's top, without empty, `.` and `..` parts; whether they are allowed is for the push rules.
    """

    message: str
    files: Mapping[str, NewFile]
    removed: tuple[str, ...] = ()
