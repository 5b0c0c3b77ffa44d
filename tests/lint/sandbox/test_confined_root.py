"""A hostile maintainer script as root of a room: what it tries against the machine, and that nothing gets through."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recipes_app.lint.build import bases, build_room
from recipes_app.lint.build.build_room import POOL, ROOT, BuildRoom
from recipes_app.lint.build.pantry import put
from recipes_app.lint.sandbox.sandbox import SandboxUnavailable, job_user

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("trial-build")]


@pytest.fixture
def room(base: bases.Base) -> Iterator[BuildRoom]:
    with job_user() as user, build_room.build_room(base, user) as made:
        assert made.users is not None, made.unconfined
        yield made


def said(room: BuildRoom, script: str, seconds: float = 60) -> str:
    result = room.run_as_confined_root(["/bin/sh", "-c", script], wall_seconds=seconds)
    return result.stdout.decode("utf-8", "replace") + result.stderr_tail


def test_root_in_a_room_is_nobody_on_the_machine(room: BuildRoom) -> None:
    assert said(room, "id -u").strip() == "0"
    said(room, "touch /made; chown 33:33 /made; chmod 4755 /made")
    status = (room.path(ROOT) / "made").stat()
    assert room.users is not None
    assert status.st_uid == room.users.first + 33
    assert status.st_uid > 2_000_000_000


@pytest.mark.parametrize(
    ("what", "attempt"),
    [
        ("mounts something", "mount -t tmpfs x /mnt"),
        ("mounts the machine's proc again", "mount -t proc proc /mnt"),
        ("takes the root apart", "umount /proc || umount -l /dev"),
        ("makes a device", "mknod /disk b 254 0 || mknod /mem c 1 1"),
        ("changes its root", "chroot / true"),
        ("makes a namespace", "unshare --user true || unshare --mount true || unshare --net true"),
        ("enters another process's namespace", "nsenter --mount=/proc/1/ns/mnt --target 1 true"),
        ("writes to the kernel's switches", "echo 1 > /proc/sys/kernel/core_pattern || echo b > /proc/sysrq-trigger"),
        ("names a core handler", "echo '|/bin/sh' > /proc/sys/kernel/core_pattern"),
        ("loads a module", "modprobe dummy || insmod /x.ko"),
        ("sets the host's name", "hostname taken"),
        ("sets the clock", "date --set 2001-01-01"),
        ("raises its limits", "ulimit -c unlimited || ulimit -n 1000000 && ulimit -u unlimited"),
        ("takes a capability back", "setpriv --inh-caps +sys_admin --ambient-caps +sys_admin true"),
        ("reads the machine's disks", "ls /dev/vda /dev/sda /dev/nvme0 /dev/mem /dev/kmsg 2> /dev/null | grep -q ."),
        ("reads the kernel's log", "dmesg | grep -q ."),
        ("finds /sys", "ls -A /sys | grep -q ."),
    ],
)
def test_a_script_as_root_cannot(room: BuildRoom, what: str, attempt: str) -> None:
    # A setuid program gives nothing either: the mount is nosuid, and no new privileges are given.
    assert "THROUGH" not in said(room, f"if {{ {attempt}; }} > /dev/null 2>&1; then echo THROUGH; fi"), what


def test_the_machines_files_and_processes_are_not_there(room: BuildRoom, tmp_path: Path) -> None:
    bait = tmp_path / "bait"
    bait.write_text("x")
    places = [str(bait), "/etc/ssh/ssh_host_ed25519_key", str(room.path(ROOT)), f"/proc/{os.getpid()}", "/run/recipe-lint"]
    tries = "; ".join(f"test -e {place} && echo SEEN {place}" for place in places)
    assert "SEEN" not in said(room, f"{tries}; true")
    listed = said(room, "ls /proc | grep -E '^[0-9]+$' | wc -l")
    assert int(listed) < 10


def test_there_is_no_network_and_no_socket_of_the_machine(room: BuildRoom) -> None:
    token = f"recipe-lint-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{token}")
        server.listen()
        perl = (
            "use Socket; for my $family (AF_INET, AF_INET6, 16, 17, 40, 38) "
            "{ print qq(SOCKET $family\\n) if socket(my $s, $family, SOCK_STREAM, 0) || socket($s, $family, SOCK_DGRAM, 0) "
            "|| socket($s, $family, SOCK_RAW, 0) } "
            f"socket(my $u, AF_UNIX, SOCK_STREAM, 0); print qq(ABSTRACT\\n) if connect($u, pack('Sa*', AF_UNIX, qq(\\0{token})))"
        )
        found = said(room, f"perl -e '{perl}'; cat /proc/net/dev")
    assert "SOCKET" not in found, found
    assert "ABSTRACT" not in found
    assert [line.split(":")[0].strip() for line in found.splitlines() if ":" in line] == ["lo"]


def test_a_fork_bomb_as_root_stops_and_ends_at_its_time(room: BuildRoom) -> None:
    started = time.monotonic()
    result = room.run_as_confined_root(["perl", "-e", "while (1) { fork() }"], wall_seconds=8)
    assert result.limit_hit
    assert time.monotonic() - started < 60
    assert said(room, "echo alive").strip() == "alive"


def test_a_daemon_that_a_script_leaves_ends_with_the_run(room: BuildRoom) -> None:
    marker = f"4325.{os.getpid()}"
    said(room, f"setsid nohup sleep {marker} > /dev/null 2>&1 & sleep 0.3")
    deadline = time.monotonic() + 20
    while f"sleep {marker}" in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize("name", ["tmp", "run", "packages", "build", "proc", "dev"])
def test_a_folder_that_became_a_link_ends_the_room(room: BuildRoom, name: str) -> None:
    # As a script may: from inside a mount lies over it, but its parent's names are the script's to change.
    folder = room.path(ROOT) / name
    shutil.rmtree(folder)
    folder.symlink_to("/etc")
    with pytest.raises(SandboxUnavailable, match=f"a package has replaced the folder /{name} of the room"):
        said(room, "true")


def test_a_link_in_the_pool_is_not_followed(room: BuildRoom, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    said(room, f"ln -s {victim} /packages/x.deb")
    source = tmp_path / "source"
    source.write_text("new")
    put(room, "x.deb", source)
    assert victim.read_text() == "mine"
    assert (room.path(POOL) / "x.deb").read_text() == "new"
    link = tmp_path / "link"
    link.symlink_to("/etc/shadow")
    with pytest.raises(SandboxUnavailable, match="cannot be brought into the room"):
        put(room, "y.deb", link)


def test_a_machine_that_cannot_shift_owners_runs_nothing_of_a_recipe_as_root(room: BuildRoom) -> None:
    with pytest.raises(SandboxUnavailable, match="no such thing here"):
        replace(room, users=None, unconfined="no such thing here").run_as_confined_root(["true"])
