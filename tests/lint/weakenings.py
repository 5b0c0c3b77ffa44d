"""The sandbox of the level `namespaces` with one guard taken away, for each probe: what a probe then sees."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from recipes_app.lint.sandbox import sandbox, supervise

Weaken = Callable[[pytest.MonkeyPatch], None]
# One instruction: let every call through.
ALLOW_ALL = struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)
NAMESPACES = ("cgroup", "ipc", "net", "pid", "uts")


def together(*weakenings: Weaken) -> Weaken:
    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        for each in weakenings:
            each(monkeypatch)

    return weaken


def change(edit: Callable[[list[str]], list[str]]) -> Weaken:
    """Run bubblewrap with other arguments."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        made = sandbox._bubblewrap
        monkeypatch.setattr(sandbox, "_bubblewrap", lambda *arguments: edit(made(*arguments)))

    return weaken


def without(*dropped: str) -> Weaken:
    """Leave out each place where the arguments `dropped` stand one after the other."""

    def edit(arguments: list[str]) -> list[str]:
        size, kept, position = len(dropped), [], 0
        while position < len(arguments):
            if tuple(arguments[position : position + size]) == dropped:
                position += size
            else:
                kept.append(arguments[position])
                position += 1
        assert kept != arguments, f"{dropped} is no argument"
        return kept

    return change(edit)


def sharing(namespace: str) -> Weaken:
    """Let the sandbox have one namespace of the runner."""
    others = [f"--unshare-{each}" for each in NAMESPACES if each != namespace]
    return together(without("--unshare-all"), change(lambda arguments: [arguments[0], *others, *arguments[1:]]))


def with_bind(*bind: str) -> Weaken:
    def edit(arguments: list[str]) -> list[str]:
        place = arguments.index("--proc")
        return [*arguments[:place], *bind, *arguments[place:]]

    return change(edit)


def the_machine_as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show everything of the machine, its /tmp too."""
    with_bind("--bind", "/", "/")(monkeypatch)
    without("--size", "4194304", "--tmpfs", "/tmp")(monkeypatch)


def no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "filter_program", lambda _: ALLOW_ALL)


def no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "job_group", lambda _: contextlib.nullcontext())


def no_resource_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_resource_limits", lambda _: [])


def no_hard_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_hard_limits", lambda *_, **__: {})


def no_inner_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_inner_limits", lambda _: [])


def no_watch_over_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "tree_memory", lambda _: 0)


def no_watch_over_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "kernel_memory", lambda _: 0)


def supervised(**changes: Any) -> Weaken:
    """Let the parent supervise with other arguments; those of its limits by their own names."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        def run(command: Sequence[str], *, limits: supervise.ParentLimits, **arguments: Any) -> supervise.ProcessResult:
            of_limits = {name: value for name, value in changes.items() if hasattr(limits, name)}
            others = {name: value for name, value in changes.items() if name not in of_limits}
            return supervise.supervise(command, limits=replace(limits, **of_limits), **{**arguments, **others})

        monkeypatch.setattr(sandbox, "supervise", run)

    return weaken


def a_file_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: Sequence[str], *, pass_fds: Sequence[int], **arguments: Any) -> supervise.ProcessResult:
        descriptor = os.open("/etc/hostname", os.O_RDONLY)
        try:
            return supervise.supervise(command, pass_fds=[*pass_fds, descriptor], **arguments)
        finally:
            os.close(descriptor)

    monkeypatch.setattr(sandbox, "supervise", run)


def one_user(uid: int | None) -> Weaken:
    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        @contextlib.contextmanager
        def job_user(_: int | None = None) -> Iterator[int | None]:
            yield uid

        monkeypatch.setattr(sandbox, "job_user", job_user)

    return weaken


WEAKENINGS: list[tuple[str, str, Weaken]] = [
    ("runner-killed", "left behind", without("--die-with-parent")),
    ("write-outside", "written in /", without("--remount-ro", "/")),
    ("write-outside", "written in /dev", without("--remount-ro", "/dev")),
    ("write-outside", "written in /usr/local", without("--remount-ro", "/usr/local")),
    ("host-files", "/etc/passwd was read", with_bind("--ro-bind", "/etc", "/etc")),
    ("host-files", "recipe-lint-bait", the_machine_as_root),
    ("environment", "RECIPE_LINT_BAIT", together(without("--clearenv"), supervised(environment=None))),
    ("descriptors", "/etc/hostname", a_file_left_open),
    ("network", "TCP on the machine's loopback was reached", together(no_filter, sharing("net"))),
    ("network", "an abstract UNIX socket was reached", together(no_filter, sharing("net"))),
    ("network", "in the file system was reached", together(no_filter, the_machine_as_root)),
    ("sockets", "AF_INET was not refused", no_filter),
    ("sockets", "in a build: a socket of the family AF_NETLINK", no_filter),
    *[("own-namespaces", f"the namespace {name} is the runner's own", sharing(name)) for name in NAMESPACES if name != "uts"],
    ("own-namespaces", "the namespace uts is the runner's own", together(sharing("uts"), without("--hostname", "lint"))),
    ("nested-namespace", "unshare made a namespace: user", together(no_filter, without("--disable-userns"))),
    ("nested-namespace", "clone made a namespace: net", together(no_filter, without("--disable-userns"))),
    ("other-processes", "cmdline of the process", sharing("pid")),
    ("other-processes", "could be signalled", sharing("pid")),
    ("ptrace", "ptrace was allowed", no_filter),
    ("own-user", "the same user outside", one_user(61099)),
    ("own-user", "a run is root outside", one_user(None)),
    ("rights", "CapEff holds", together(without("--cap-drop", "ALL"), with_bind("--cap-add", "CAP_CHOWN"))),
    ("calls", "lint: keyctl was not refused", no_filter),
    ("calls", "build: bpf was not refused", no_filter),
    ("foreign-calls", "a 32-bit system call was answered", no_filter),
    (
        "devices",
        "/dev/kmsg is there",
        together(without("--dev", "/dev"), with_bind("--dev-bind", "/dev", "/dev"), without("--remount-ro", "/dev")),
    ),
    ("limits", "RLIMIT_AS", no_resource_limits),
    ("limits", "RLIMIT_NPROC", no_inner_limits),
    ("fork-bomb", "ran at once", together(no_inner_limits, no_group)),
    ("memory", "one process took", no_resource_limits),
    ("memory-together", "went on over the limit", together(no_watch_over_memory, no_group)),
    ("page-tables", "went on over the limit", together(no_watch_over_the_kernel, no_group)),
    ("empty-files", "went on over the limit", together(no_watch_over_the_kernel, no_group)),
    ("disk", "/tmp took", without("--size", "4194304")),
    ("disk", "/dev/shm took", without("--size", "67108864")),
    ("file-size", "a file grew", no_resource_limits),
    ("output", "not ended at its cap", supervised(output_bytes=2**40, wall_seconds=0.3)),
    ("cpu", "past its limit", no_resource_limits),
    ("wall-clock", "not ended at its time", supervised(wall_seconds=5.5)),
    ("wall-clock", "left behind", together(sharing("pid"), no_group)),
    ("outlive", "left behind", together(sharing("pid"), no_group)),
]
