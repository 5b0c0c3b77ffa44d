"""Makes a build's room and keeps it: the process that a room's mount namespace lives by.

This file's text runs by itself (`python3 -I -S -c TEXT …`) in a new mount namespace, as root: it imports nothing of ours. It says
`ready`, stays until its standard input ends, and the kernel takes the room down with it.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

# The numbers are the same on every architecture since Linux 5.1.
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_AT_FDCWD, _AT_EMPTY_PATH = -100, 0x1000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 1, 4
_MOUNT_ATTR_IDMAP = 0x00100000
_MS_NOSUID_NODEV = 2 | 4
# A base with a large build in it has files of 20 KiB on average.
_BYTES_PER_INODE = 8_192
_LIBC = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def _mount(kind: str, target: str, options: str, flags: int = 0) -> None:
    arguments = (kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _checked(_LIBC.mount(*arguments), f"mounting {kind}")


def _show_shifted(base: str, target: str, userns: int) -> None:
    """Mount `base` at `target` with its owners moved into the ids of the user namespace: mount_setattr(2), "ID-mapped mounts"."""
    tree = _checked(_LIBC.syscall(_OPEN_TREE, _AT_FDCWD, base.encode(), _OPEN_TREE_CLONE | os.O_CLOEXEC), "open_tree")
    wanted = struct.pack("QQQQ", _MOUNT_ATTR_IDMAP, 0, 0, userns)
    _checked(_LIBC.syscall(_MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, wanted, len(wanted)), "mapping the owners of the base")
    move = (tree, b"", _AT_FDCWD, target.encode(), _MOVE_MOUNT_F_EMPTY_PATH)
    _checked(_LIBC.syscall(_MOVE_MOUNT, *move), "move_mount")


def hold(folder: str, size: str, base: str, userns: str, first: str) -> None:
    """Make the room in `folder` over `base`; with a `userns`, root's files in it belong to the id `first` outside."""
    # Each file costs a kilobyte of the kernel's memory, however empty it is.
    _mount("tmpfs", folder, f"size={size},nr_inodes={int(size) // _BYTES_PER_INODE},mode=0755", _MS_NOSUID_NODEV)
    for name in ("lower", "upper", "work", "root", "job", "pool"):
        os.mkdir(f"{folder}/{name}", 0o755)  # noqa: PTH102 - this text has as few imports as it can
    lower = base
    if userns:
        lower = f"{folder}/lower"
        _show_shifted(base, lower, int(userns))
        for name in ("upper", "pool"):
            os.chown(f"{folder}/{name}", int(first), int(first))
    _mount("overlay", f"{folder}/root", f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work")
    os.makedirs(f"{folder}/root/build", exist_ok=True)  # noqa: PTH103
    os.makedirs(f"{folder}/root/packages", exist_ok=True)  # noqa: PTH103
    print("ready", flush=True)
    sys.stdin.buffer.read()


if __name__ == "__main__":
    hold(*sys.argv[1:])
