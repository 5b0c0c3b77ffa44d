"""What packages hold, read inside the sandbox, and what they changed about rights once they were installed. No Django here."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from recipes_app import limits as rules
from recipes_app.formats.package_effects import Effect, Kind
from recipes_app.formats.package_listing import Listing, ListingError, listings_from_json

from ..protocol.report import clean_text
from ..sandbox.levels import SandboxUnavailable
from ..sandbox.sandbox import Room, SandboxLimits, run_sandboxed
from .build_room import FOLDER, BuildRoom
from .trial_compile import OUTPUT

_PROBE = Path(__file__).with_name("deb_probe.py")
_LIMITS = replace(SandboxLimits(), address_bytes=4096 * rules.MIB)
_CAPABILITY = "security.capability"


def list_packages(room: BuildRoom, names: Sequence[str], user: int | None) -> tuple[Listing, ...]:
    """Return the listings of the binary packages `names` that a build left in `room`. Raises SandboxUnavailable."""
    command = ["/usr/bin/python3", "-I", "-S", "-c", _PROBE.read_text(encoding="utf-8"), *(f"/packages/{each}" for each in names)]
    sandbox_room = Room(binds=("--ro-bind", str(OUTPUT), "/packages"), entrance=room.entrance)
    result = run_sandboxed(command, limits=_LIMITS, room=sandbox_room, user=user)
    if result.limit_hit or result.exit_status != 0:
        said = result.limit_hit or (result.stderr_tail.strip().splitlines() or ["it said nothing"])[-1]
        raise SandboxUnavailable(f"the packages could not be listed: {clean_text(said, 300)}")
    try:
        return listings_from_json(json.loads(result.stdout))
    except (ValueError, ListingError) as error:
        raise SandboxUnavailable(f"the packages could not be listed: {clean_text(str(error), 300)}") from error


def files_with_rights(room: BuildRoom) -> frozenset[Effect]:
    """Return the files with setuid, setgid or capabilities that were made or changed since the room was new, by path.

    Looks at the upper layer of the room's overlay, by names alone, while nothing runs in the room; links are not followed.
    """
    top = str(room.path(FOLDER / "upper"))
    found: set[Effect] = set()
    seen = 0
    for parent, _, names in os.walk(top):
        for name in names:
            seen += 1
            if seen > rules.BUILD_MAX_INSTALLED:
                raise SandboxUnavailable(f"more than {rules.BUILD_MAX_INSTALLED} files were installed")
            path = f"{parent}/{name}"
            shown = clean_text(os.fsencode(path.removeprefix(top)).decode("utf-8", "replace"), 1_000)
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode):
                continue
            mode = stat.S_IMODE(status.st_mode)
            for bit, kind in ((stat.S_ISUID, Kind.SETUID), (stat.S_ISGID, Kind.SETGID)):
                if mode & bit:
                    found.add(Effect(kind, "", shown, f"{mode:04o}"))
            if _CAPABILITY in os.listxattr(path, follow_symlinks=False):
                found.add(Effect(Kind.CAPABILITIES, "", shown, os.getxattr(path, _CAPABILITY, follow_symlinks=False)[:12].hex()))
    return frozenset(found)
