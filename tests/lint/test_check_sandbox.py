"""The sandbox's promises hold here, and each probe sees it where its guard is taken away: one that cannot fail proves nothing."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from recipes_app.lint import check_sandbox, sandbox, supervise
from recipes_app.lint.check_sandbox import prove, require_sandbox
from recipes_app.lint.probes import PROBES, Probe

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def unproved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which nothing was proved yet; return where a proof would be noted."""
    monkeypatch.setattr(check_sandbox, "SLOTS", tmp_path / "slots")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "slots" / "sandbox-proof" if os.geteuid() == 0 else tmp_path / "sandbox-proof"


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


def no_inner_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_inner_limits", lambda _: [])


def no_watch_over_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "tree_memory", lambda _: 0)


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
    ("disk", "/tmp took", without("--size", "4194304")),
    ("disk", "/dev/shm took", without("--size", "67108864")),
    ("file-size", "a file grew", no_resource_limits),
    ("output", "not ended at its cap", supervised(output_bytes=2**40, wall_seconds=0.3)),
    ("cpu", "past its limit", no_resource_limits),
    ("wall-clock", "not ended at its time", supervised(wall_seconds=5.5)),
    ("wall-clock", "left behind", together(sharing("pid"), no_group)),
    ("outlive", "left behind", together(sharing("pid"), no_group)),
]


def probe(name: str) -> Probe:
    return next(each for each in PROBES if each.name == name)


def test_every_promise_holds_here(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_sandbox")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"all {len(PROBES)} promises hold"
    assert len([line for line in lines if line.startswith("held ")]) == len(PROBES)


@pytest.mark.parametrize(("name", "seen", "weaken"), WEAKENINGS, ids=[f"{name}: {seen}" for name, seen, _ in WEAKENINGS])
def test_a_probe_sees_that_its_guard_is_gone(name: str, seen: str, weaken: Weaken, monkeypatch: pytest.MonkeyPatch) -> None:
    weaken(monkeypatch)
    (proof,) = prove([probe(name)])
    assert not proof.held
    assert seen in str(proof)
    assert str(proof).startswith("BROKEN ")


def test_every_probe_has_been_seen_to_fail() -> None:
    assert {name for name, _, _ in WEAKENINGS} == {each.name for each in PROBES}


def test_a_broken_promise_is_told_and_the_command_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_sandbox, "prove", lambda: prove([probe("file-size"), probe("output")]))
    no_resource_limits(monkeypatch)
    with pytest.raises(CommandError):
        call_command("check_sandbox")
    output = capsys.readouterr()
    assert "BROKEN a file cannot grow without end [file-size]" in output.out
    assert output.err == "1 of 2 promises do not hold on this machine: file-size\n"


def test_a_machine_without_bubblewrap_keeps_no_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sandbox.ENVIRONMENT, "PATH", "/nowhere")
    monkeypatch.setattr(check_sandbox, "prove", lambda: prove(PROBES[1:2]))
    with pytest.raises(SystemExit, match=r"the runner does not start: .*write-outside"):
        require_sandbox()


def test_a_worker_does_not_start_where_a_promise_is_broken(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import pathlib, sys
        from recipes_app.lint import check_sandbox, sandbox
        check_sandbox.SLOTS = pathlib.Path(sys.argv.pop())
        sandbox._inner_limits = lambda limits: []
        from recipes_app.lint.runner_app import app
        app.worker_main(["worker", "-Q", "lint", "-c", "1", "--without-gossip", "--without-mingle"])
        """
    )
    environment = {**os.environ, "PORTAL_DATA": str(tmp_path)}
    environment.pop("BROKER_URL", None)
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "slots")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 1
    assert "the runner does not start: the sandbox does not keep its promise on this machine (limits" in result.stderr
    assert "ready." not in result.stderr


def test_a_proof_is_made_once_for_what_it_is_about(monkeypatch: pytest.MonkeyPatch, unproved: Path, tmp_path: Path) -> None:
    made = []

    def counted() -> Iterator[check_sandbox.Proof]:
        made.append(1)
        return prove([probe("file-size")])

    monkeypatch.setattr(check_sandbox, "prove", counted)
    require_sandbox()
    require_sandbox()
    assert (len(made), unproved.is_file()) == (1, True)
    monkeypatch.setattr(check_sandbox, "_BOOT", tmp_path / "another-boot")
    require_sandbox()
    assert len(made) == 2


def test_a_broken_promise_is_not_noted(monkeypatch: pytest.MonkeyPatch, unproved: Path) -> None:
    monkeypatch.setattr(check_sandbox, "prove", lambda: prove([probe("file-size")]))
    no_resource_limits(monkeypatch)
    for _ in range(2):
        with pytest.raises(SystemExit):
            require_sandbox()
    assert not unproved.exists()


def test_a_note_that_others_could_write_is_not_believed(monkeypatch: pytest.MonkeyPatch, unproved: Path) -> None:
    made = []
    monkeypatch.setattr(check_sandbox, "prove", lambda: made.append(1) or prove([probe("file-size")]))
    require_sandbox()
    unproved.parent.chmod(0o777)
    require_sandbox()
    assert len(made) == 2
