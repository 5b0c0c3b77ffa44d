"""What a hostile program would try at the level `confined`, where namespaces do not stand in its way: as `breakout`.

This file's text runs inside, by the system's Python (`python3 -I -S -c TEXT NAME ARGUMENTS`), for `probes_confined`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

_CHUNK = bytes(1024 * 1024)


def _worked(act: Callable[[], object]) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


def read_files(files: list[str], folders: list[str]) -> list[str]:
    """Read files of the machine, and what stands in its folders."""
    broken = [f"{path} was read" for path in files if _worked(Path(path).read_bytes)]
    listed = [path for path in folders if _worked(partial(os.listdir, path))]
    return broken + [f"{path} was listed" for path in listed]


def change_file(path: str, other: str) -> list[str]:
    """Change one file of the runner's in every way that needs no open file, and remove another; outside it is seen."""
    for act in (
        lambda: os.chmod(path, 0o600),  # noqa: PTH101
        lambda: os.chown(path, os.getuid(), os.getgid()),
        lambda: os.utime(path, (1, 1)),
        lambda: os.setxattr(path, "user.recipe-lint", b"x"),
        lambda: os.truncate(path, 0),
        lambda: os.rename(other, f"{path}-2"),  # noqa: PTH104
        lambda: os.unlink(other),  # noqa: PTH108
    ):
        _worked(act)
    return []


def touch_process(pid: int, paths: list[str]) -> list[str]:
    """Read, signal and slow down a process of the machine; `paths` are those by which it would be read."""
    broken = [f"{path} was read" for path in paths if _worked(Path(path).read_bytes)]
    for what, act in (
        ("signalled", lambda: os.kill(pid, 0)),
        ("stopped", lambda: os.kill(pid, signal.SIGSTOP)),
        ("made slower", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19)),
        ("given another limit", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (16, 16))),
        ("moved to one processor", lambda: os.sched_setaffinity(pid, {min(os.sched_getaffinity(0))})),
    ):
        if _worked(act):
            broken.append(f"the process {pid} outside could be {what}")
    return broken


def open_devices(names: list[str]) -> list[str]:
    """Open devices of the machine, and make one."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
    broken = [f"/dev/{name} was opened" for name in names if _worked(partial(os.open, f"/dev/{name}", flags))]
    for kind, word in ((0o020600, "character"), (0o060600, "block")):
        if _worked(partial(os.mknod, f"made-{word}", kind, os.makedev(1, 1))):
            broken.append(f"a {word} device was made")
    return broken


def fill_disk(size: int, seconds: float, hidden: bool) -> list[str]:
    """Write `size` bytes, in files that each keep to their limit, and wait; not to be killed for it is the breach.

    With `hidden`, no folder names the files: they are open, and that is all.
    """
    kept = []
    for number in range(size // len(_CHUNK)):
        path = Path(f"fill-{number}")
        file = path.open("wb", buffering=0)
        file.write(_CHUNK)
        if hidden:
            path.unlink()
            kept.append(file)
        else:
            file.close()
    time.sleep(seconds)
    return [f"{size} bytes were written and kept for {seconds} seconds"]


def main(name: str, arguments: str) -> None:
    """Try to break the promise `name`; print what got through as JSON."""
    print(json.dumps(globals()[name](**json.loads(arguments))))


if __name__ == "__main__":
    main(*sys.argv[1:])
