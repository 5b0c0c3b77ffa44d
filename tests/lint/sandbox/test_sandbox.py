"""The sandbox at each level, bubblewrap and Landlock real: what a hostile program tries, and the runner goes on afterwards."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recipes_app.limits import MIB
from recipes_app.lint.sandbox import confined, supervise
from recipes_app.lint.sandbox.levels import Level
from recipes_app.lint.sandbox.sandbox import SandboxLimits, run_sandboxed
from recipes_app.lint.sandbox.supervise import ProcessResult
from tests.servers.levels import NAMESPACES

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("level")]
only_namespaces = pytest.mark.parametrize("level", [NAMESPACES], indirect=True)
only_confined = pytest.mark.parametrize("level", [Level.CONFINED], indirect=True)

SMALL = SandboxLimits(
    wall_seconds=10,
    cpu_seconds=5,
    memory_bytes=512 * MIB,
    processes=32,
    file_bytes=8 * MIB,
    tmpfs_bytes=16 * MIB,
    output_bytes=1 * MIB,
)
# Told apart from whatever else runs on the machine.
MARKED_SLEEP = f"sleep 4321.{os.getpid()}"
ROOT = Path(__file__).resolve().parents[3]


def shell(script: str, limits: SandboxLimits = SMALL) -> ProcessResult:
    return run_sandboxed(["/bin/sh", "-c", script], limits=limits)


def perl(script: str, limits: SandboxLimits = SMALL) -> ProcessResult:
    return run_sandboxed(["perl", "-e", script], limits=limits)


@pytest.fixture(autouse=True)
def runner_is_alive_afterwards(level: Level) -> Iterator[None]:
    """Whatever a test did in the sandbox, the next run works and nothing of the last one is left."""
    yield
    result = shell("echo alive")
    assert (result.stdout, result.stderr_tail) == (b"alive\n", "")


def test_input_output_and_exit_status_pass_through() -> None:
    result = run_sandboxed(["/bin/sh", "-c", "tr a-z A-Z; echo gone wrong >&2; exit 7"], stdin=b"hello", limits=SMALL)
    assert (result.exit_status, result.stdout, result.stderr_tail, result.limit_hit) == (7, b"HELLO", "gone wrong\n", "")


def test_input_larger_than_a_pipe_is_fed_whole() -> None:
    assert run_sandboxed(["wc", "-c"], stdin=b"x" * 5_000_000, limits=SMALL).stdout.strip() == b"5000000"


def test_a_program_that_reads_nothing_is_no_trouble() -> None:
    assert run_sandboxed(["true"], stdin=b"x" * 5_000_000, limits=SMALL).exit_status == 0


def test_there_is_no_network_not_even_the_machines_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f'use IO::Socket::INET; print IO::Socket::INET->new(PeerAddr=>"127.0.0.1:{port}") ? "reached" : "refused: $@"'
        result = perl(script)
    assert result.stdout.startswith(b"refused"), result
    assert b"eth" not in shell("cat /proc/net/dev").stdout


@pytest.mark.parametrize("path", ["/x", "/usr/x", "/etc/x", "/dev/x", "/usr/local/x", "/proc/sys/kernel/hostname"])
def test_the_system_is_read_only(path: str) -> None:
    result = shell(f"echo x > {path}")
    assert result.exit_status != 0
    assert "Read-only file system" in result.stderr_tail or "Permission denied" in result.stderr_tail


def test_nothing_of_the_machine_but_the_system_is_seen() -> None:
    result = shell("ls / /etc /tmp /usr/local; cat /etc/passwd /etc/shadow; ls /home /root /run /var /work")
    seen = set(result.stdout.decode().split())
    assert not seen & {"home", "root", "run", "var", "work", "passwd", "shadow", "ssh"}


def test_the_environment_of_the_runner_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_URL", "redis://:secret@example.org")
    assert b"secret" not in shell("env; cat /proc/1/environ").stdout


def test_processes_of_the_machine_are_not_seen() -> None:
    assert len(shell("ls -d /proc/[0-9]*").stdout.split()) < 6


@only_namespaces
def test_no_capability_no_new_privileges_and_a_filter() -> None:
    status = dict(line.split(":\t") for line in shell("cat /proc/self/status").stdout.decode().splitlines() if ":\t" in line)
    capabilities = {status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    assert capabilities == {"0000000000000000"}
    assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")


@pytest.mark.parametrize("script", ["unshare -r true", "unshare -n true", "mount -t tmpfs none /tmp", "chroot / true", "dmesg"])
def test_no_namespace_no_mount_no_kernel_log(script: str) -> None:
    assert shell(script).exit_status != 0


def test_a_fork_bomb_stops_at_the_limit_of_processes() -> None:
    result = perl("my $n = 0; while (1) { my $pid = fork(); if (!defined $pid) { print $n; last } $n++; sleep 60 unless $pid }")
    assert 0 < int(result.stdout) < SMALL.processes


def test_a_bomb_that_never_stops_forking_is_ended_by_the_clock() -> None:
    assert shell("f() { f | f & f; }; f", replace(SMALL, wall_seconds=3)).exit_status != 0


def test_one_process_cannot_take_more_memory_than_the_limit() -> None:
    result = perl('my $x = "a" x (800 * 1024 * 1024); print length $x')
    assert result.exit_status != 0
    assert result.stdout == b""


def test_many_processes_together_cannot_take_more_memory_than_the_limit() -> None:
    result = perl('fork() for 1..2; my $x = "a" x (200 * 1024 * 1024); sleep 30; print length $x')
    assert result.memory_exceeded
    assert result.duration < 5


def test_a_file_cannot_grow_over_the_limit() -> None:
    result = shell("head -c 12000000 /dev/zero > large; wc -c < large")
    assert int(result.stdout) <= SMALL.file_bytes


@only_namespaces
def test_all_files_together_cannot_grow_over_the_size_of_tmp() -> None:
    result = shell("for i in 1 2 3 4; do head -c 7000000 /dev/zero > /tmp/$i; done; du -sb /tmp | cut -f1")
    assert "No space left on device" in result.stderr_tail
    assert int(result.stdout) <= SMALL.tmpfs_bytes


@only_confined
def test_a_run_that_fills_its_folder_is_ended() -> None:
    result = shell("for i in 1 2 3 4; do head -c 7000000 /dev/zero > $i; done; sleep 30")
    assert (result.disk_exceeded, result.limit_hit) == (True, "it wrote too much")
    assert result.duration < 20


@only_confined
def test_modes_may_be_what_they_like_the_folder_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(confined, "parent_for_runs", lambda: tmp_path)
    for folder in (tmp_path, *tmp_path.parents):
        # pytest's folders are its user's alone, and a run has another.
        if folder.owner() == "root" and str(folder) != "/":
            folder.chmod(folder.stat().st_mode | 0o011)
    deep = "perl -e 'for (1..3000) { mkdir q(d); chdir q(d) or die }'; mkdir shut; touch shut/x; chmod 000 shut"
    assert shell(deep, replace(SMALL, wall_seconds=60)).exit_status == 0
    assert list(tmp_path.iterdir()) == []


def test_a_flood_of_output_is_cut_and_ended() -> None:
    result = run_sandboxed(["yes"], limits=SMALL)
    assert result.output_truncated
    assert len(result.stdout) == SMALL.output_bytes
    assert result.duration < 5


def test_a_flood_of_errors_is_ended_and_its_tail_kept() -> None:
    result = shell("yes >&2", replace(SMALL, log_bytes=100))
    assert result.output_truncated
    assert len(result.stderr_tail) == 100


def test_sleep_past_the_wall_clock_is_ended_with_its_children() -> None:
    result = shell(f"{MARKED_SLEEP} & {MARKED_SLEEP}", replace(SMALL, wall_seconds=1))
    assert result.timed_out
    assert result.duration < 4
    wait_for(lambda: MARKED_SLEEP not in processes())


def test_burning_the_processor_is_ended_by_the_limit_of_cpu_time() -> None:
    result = shell("while :; do :; done", replace(SMALL, cpu_seconds=1, wall_seconds=60))
    assert result.exit_status == 128 + 9
    assert not result.timed_out


def test_the_sandbox_dies_with_the_runner() -> None:
    script = textwrap.dedent(
        f"""
        from recipes_app.lint.sandbox.sandbox import run_sandboxed
        run_sandboxed({MARKED_SLEEP.split()!r})
        """
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) as runner:
        wait_for(lambda: MARKED_SLEEP in processes())
        runner.kill()
    wait_for(lambda: MARKED_SLEEP not in processes())


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests show it: they run without root")
def test_without_root_the_walls_are_the_same(level: Level) -> None:
    script = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        from recipes_app.lint.sandbox.sandbox import run_sandboxed
        bomb = 'my $n = 0; while (1) {{ my $p = fork(); if (!defined $p) {{ print $n; last }} $n++; sleep 60 unless $p }}'
        print(int(run_sandboxed(["perl", "-e", bomb]).stdout))
        print(run_sandboxed(["sh", "-c", "(echo > /usr/x) 2>&1 || (echo > /x) 2>&1 || echo no"]).stdout[-3:])
        print(run_sandboxed(["sh", "-c", "grep CapBnd /proc/self/status"]).stdout)
        """
    )
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    # Confined, it cannot look; the probe `rights` asks the kernel.
    bounding = r"b'CapBnd:\t0000000000000000\n'" if level is Level.NAMESPACES else "b''"
    started, written, seen = result.stdout.splitlines()
    assert (written, seen) == (r"b'no\n'", bounding), result.stderr
    # Without a user of its own, what else that user ran when it began is added to the limit.
    assert int(started) < (128 if level is Level.NAMESPACES else 256)


def processes() -> str:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True, text=True).stdout


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_process_that_has_ended_and_was_not_waited_for_uses_no_memory():
    with subprocess.Popen(["/bin/true"]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(OSError, match="Invalid argument"):
            Path(f"/proc/{ended.pid}/mountinfo").read_bytes()
        assert supervise._read(ended.pid, "mountinfo") == b""
        assert supervise.kernel_memory(ended.pid) == supervise.tree_memory(ended.pid) == 0
