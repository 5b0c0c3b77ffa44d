"""The sandbox of the level `confined` with one guard taken away, for each probe: what a probe then sees."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from recipes_app.lint.sandbox import confined, disk, probes_confined, sandbox

from .weakenings import (
    Weaken,
    a_file_left_open,
    no_filter,
    no_group,
    no_hard_limits,
    no_watch_over_memory,
    one_user,
    supervised,
    together,
)


def without(text: str, instead: str = "pass") -> Weaken:
    """Let another launcher run, in which `text` is replaced."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        source = confined._LAUNCHER.read_text(encoding="utf-8")
        assert source.count(text) == 1, text
        folder = tempfile.mkdtemp(dir=os.environ["PORTAL_DATA"])
        launcher = Path(folder, "confine.py")
        launcher.write_text(source.replace(text, instead), encoding="utf-8")
        monkeypatch.setattr(confined, "_LAUNCHER", launcher)

    return weaken


def any_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sandbox._hard_limits

    def limits(*arguments: Any, **others: Any) -> dict[str, int]:
        return {name: value for name, value in made(*arguments, **others).items() if name != "RLIMIT_NPROC"}

    monkeypatch.setattr(sandbox, "_hard_limits", limits)


def no_watch_over_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk.DiskWatch, "is_full", lambda _: False)


def one_device_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Landlock open a device that is not promised: what else stands in /dev differs from machine to machine."""
    monkeypatch.setattr(probes_confined, "DEVICES", tuple(path for path in confined.DEVICES if path != "/dev/zero"))


no_landlock = without("_landlock_call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))")
as_root = one_user(None)
# Filter and Landlock are to be had without a privilege only where no program can give one.
privileged = together(
    as_root, no_landlock, without("        _load_filter(program)\n", ""), without("    _prctl(_SET_NO_NEW_PRIVS, 1)\n", "")
)
left_alone = together(without("_end_all(plan.user)"), no_group)

WEAKENINGS: list[tuple[str, str, Weaken]] = [
    ("runner-killed", "left behind", without("_prctl(_SET_PDEATHSIG, signal.SIGTERM)")),
    ("write-outside", "written in /usr", together(no_landlock, as_root)),
    ("environment", "RECIPE_LINT_BAIT", supervised(environment=None)),
    (
        "descriptors",
        "/etc/hostname",
        together(a_file_left_open, without("os.closerange(3, _MOST_FILES)\n        _load", "_load")),
    ),
    ("network", "TCP on the machine's loopback was reached", together(no_filter, no_landlock)),
    ("network", "an abstract UNIX socket was reached", together(no_filter, no_landlock)),
    ("network", "in the file system was reached", together(no_filter, no_landlock)),
    ("sockets", "AF_INET was not refused", no_filter),
    ("nested-namespace", "made a namespace", together(no_filter, as_root, without("_give_up_rights(plan.user)\n"))),
    ("ptrace", "ptrace was allowed", no_filter),
    ("own-user", "the same user outside", one_user(61099)),
    ("own-user", "a run is root outside", as_root),
    ("rights", "CapEff holds", together(as_root, without("_LIBC.capset(header, bytes(24)) != 0", "False"))),
    ("rights", "a setuid program", privileged),
    ("calls", "confined: keyctl was not refused", no_filter),
    ("foreign-calls", "a 32-bit system call was answered", no_filter),
    ("limits", "RLIMIT_AS", no_hard_limits),
    ("fork-bomb", "ran at once", together(any_number_of_processes, no_group)),
    ("memory", "one process took", no_hard_limits),
    ("memory-together", "went on over the limit", together(no_watch_over_memory, no_group)),
    ("file-size", "a file grew", no_hard_limits),
    ("output", "not ended at its cap", supervised(output_bytes=2**40, wall_seconds=0.3)),
    ("cpu", "past its limit", no_hard_limits),
    ("wall-clock", "not ended at its time", supervised(wall_seconds=5.5)),
    ("wall-clock", "left behind", left_alone),
    ("outlive", "left behind", left_alone),
    ("unread-files", "/etc/passwd was read", no_landlock),
    ("unread-files", "/home was listed", no_landlock),
    ("unchanged-files", "its st_mode was changed", together(no_landlock, as_root)),
    ("unchanged-files", "renamed or removed", no_landlock),
    ("untouched-processes", "could be signalled", together(no_filter, no_landlock, as_root)),
    ("untouched-processes", "cmdline was read", no_landlock),
    ("unopened-devices", "/dev/zero was opened", one_device_more),
    ("watched-disk", "files were kept", no_watch_over_the_disk),
    ("watched-disk", "unlinked files were kept", no_watch_over_the_disk),
]
