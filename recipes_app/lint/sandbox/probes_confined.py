"""The promises of the level `confined` that stand in place of the namespaces': as `probes`. No Django here."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from recipes_app.limits import MIB

from .confined import DEVICES
from .levels import Level
from .probing import SMALL, Probe, attack, inside

_ATTACKS = Path(__file__).with_name("breakout_confined.py")
_CONFINED_ALONE = frozenset({Level.CONFINED})
_FILES = ["/etc/shadow", "/etc/passwd", "/etc/hostname", "/proc/version", "/proc/net/dev", "/proc/self/status", "/proc/cpuinfo"]
_FOLDERS = [
    "/",
    "/dev",
    "/etc",
    "/home",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/srv",
    "/sys",
    "/tmp",  # noqa: S108
    "/usr/local",
    "/var",
    "/var/lib",
]
# What the watch needs: two looks, and a moment for a busy machine.
_SEEN_SECONDS = 4.0


def _unread_files() -> list[str]:
    with tempfile.NamedTemporaryFile(prefix="recipe-lint-bait-") as bait:
        # For everyone to read: only the wall stands before it, not its mode.
        Path(bait.name).chmod(0o644)
        return attack("read_files", source=_ATTACKS, files=[bait.name, *_FILES], folders=_FOLDERS)


def _unchanged_files() -> list[str]:
    """A file of the runner's user: without root the run has the same, and only filter and Landlock stand between."""
    with tempfile.TemporaryDirectory(prefix="recipe-lint-bait-") as folder:
        Path(folder).chmod(0o777)
        bait, other = Path(folder, "file"), Path(folder, "other")
        for each in (bait, other):
            each.write_text("bait")
            each.chmod(0o646)
        before = bait.stat()
        broken = attack("change_file", source=_ATTACKS, path=str(bait), other=str(other))
        if not other.exists():
            broken.append("it was renamed or removed")
        after = bait.stat()
        names = ("st_mode", "st_uid", "st_gid", "st_size", "st_mtime_ns", "st_ctime_ns")
        return broken + [f"its {name} was changed" for name in names if getattr(before, name) != getattr(after, name)]


def _untouched_processes() -> list[str]:
    token = f"recipe-lint-{secrets.token_hex(8)}"
    # The runner's user: a run has one of its own or, without root, the very same: then filter and Landlock alone stand between.
    with subprocess.Popen([token, "60"], executable="/usr/bin/sleep", env={"TOKEN": token}) as bait:
        paths = [f"/proc/{pid}/{name}" for pid in (bait.pid, os.getpid()) for name in ("cmdline", "environ", "status", "maps")]
        try:
            return attack("touch_process", source=_ATTACKS, pid=bait.pid, paths=paths)
        finally:
            bait.kill()


def _unopened_devices() -> list[str]:
    devices = [
        path for path in Path("/dev").iterdir() if not path.is_symlink() and (path.is_char_device() or path.is_block_device())
    ]
    return attack("open_devices", source=_ATTACKS, names=sorted(path.name for path in devices if str(path) not in DEVICES))


def _watched_disk() -> list[str]:
    broken = []
    for hidden in (False, True):
        # What is hidden shows in the free space alone, where other programs' writing shows too.
        size = SMALL.tmpfs_bytes + (48 if hidden else 8) * MIB
        limits = replace(SMALL, others_bytes=16 * MIB) if hidden else SMALL
        result = inside("fill_disk", source=_ATTACKS, limits=limits, size=size, seconds=_SEEN_SECONDS, hidden=hidden)
        if not result.disk_exceeded:
            broken.append(
                f"{'unlinked ' if hidden else ''}files were kept: {(result.stdout.decode() or result.stderr_tail)[-300:]}"
            )
    return broken


CONFINED_PROBES = (
    Probe("unread-files", "the machine's files cannot be read, nor its folders listed",
          "/etc/shadow, /proc/version, a file in the runner's /tmp, /, /home … were read", _unread_files, _CONFINED_ALONE),
    Probe("unchanged-files", "files outside keep their content, mode, owner and times",
          "one of the runner's that everyone may write to was changed in seven ways", _unchanged_files, _CONFINED_ALONE),
    Probe("untouched-processes", "other processes are not read, signalled, slowed down or limited",
          "one outside was, in nine ways", _untouched_processes, _CONFINED_ALONE),
    Probe("unopened-devices", "the machine's devices are not opened", "each in /dev was opened, and devices were made",
          _unopened_devices, _CONFINED_ALONE),
    Probe("watched-disk", "a run that fills the disk is ended", "files were written over the limit, and unlinked ones",
          _watched_disk, _CONFINED_ALONE),
)  # fmt: skip
