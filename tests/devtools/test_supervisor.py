"""Programs that are started together end together."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devtools import supervisor as module
from devtools.supervisor import Program, ProgramDied, Supervisor

ROOT = Path(module.__file__).parent.parent


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def script(text: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", text)


@pytest.fixture
def supervisor(tmp_path):
    with Supervisor(tmp_path / "log", working_folder=tmp_path) as running:
        yield running


def test_programs_end_when_the_context_is_left(tmp_path):
    with Supervisor(tmp_path / "log", working_folder=tmp_path) as running:
        pids = [running.start(Program(name, ("sleep", "60"))) for name in ("one", "two")]
        assert all(map(is_running, pids))
    assert not any(map(is_running, pids))


def test_what_a_program_started_ends_with_it(tmp_path):
    with Supervisor(tmp_path / "log", working_folder=tmp_path) as running:
        running.start(Program("parent", script("sleep 60 & echo $! > child; wait")))
        assert wait_for(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text().strip())
        child = int((tmp_path / "child").read_text())
        assert is_running(child)
    assert wait_for(lambda: not is_running(child))


def test_a_program_that_ignores_the_request_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "STOP_SECONDS", 0.3)
    with Supervisor(tmp_path / "log", working_folder=tmp_path) as running:
        pid = running.start(Program("stubborn", script("trap '' TERM; touch ready; while :; do sleep 0.1; done")))
        assert wait_for((tmp_path / "ready").exists)
    assert not is_running(pid)


def test_a_program_that_died_is_named_with_its_last_words(supervisor):
    supervisor.start(Program("broken", script("echo the disk is full >&2; exit 3")))
    with pytest.raises(ProgramDied, match=r"(?s)broken ended \(exit status 3\).*the disk is full"):
        supervisor.watch()


def test_a_program_that_was_killed_is_named_with_the_signal(supervisor):
    os.kill(supervisor.start(Program("victim", ("sleep", "60"))), signal.SIGKILL)
    with pytest.raises(ProgramDied, match="killed by SIGKILL"):
        supervisor.watch()


def test_ready_is_when_the_log_says_so(supervisor):
    start = time.monotonic()
    supervisor.start(Program("slow", script("sleep 0.5; echo at work; sleep 60"), ready=lambda log: "at work" in log))
    supervisor.wait_until_ready(10)
    assert time.monotonic() - start > 0.4


def test_a_program_that_never_comes_to_work_is_told(supervisor):
    supervisor.start(Program("sleepy", ("sleep", "60"), ready=lambda log: "at work" in log))
    with pytest.raises(ProgramDied, match="sleepy did not come to work"):
        supervisor.wait_until_ready(0.3)


def test_the_log_of_the_run_before_is_kept(tmp_path):
    for word in ("first", "second"):
        with Supervisor(tmp_path / "log", working_folder=tmp_path) as running:
            running.start(Program("echo", script(f"echo {word}; sleep 60"), ready=lambda log, word=word: word in log))
            running.wait_until_ready(5)
    assert (tmp_path / "log" / "echo.log").read_text() == "second\n"
    assert (tmp_path / "log" / "echo.log.1").read_text() == "first\n"


_SUPERVISE = """
import sys, time
from pathlib import Path
from devtools.supervisor import Program, Supervisor, interrupt_on_termination
interrupt_on_termination()
folder = Path(sys.argv[1])
try:
    with Supervisor(folder / "log", working_folder=folder) as running:
        (folder / "pid").write_text(str(running.start(Program("sleep", ("sleep", "60")))))
        (folder / "started").touch()
        running.watch()
except KeyboardInterrupt:
    sys.exit(0)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_programs_end_however_the_supervisor_ends(tmp_path, number):
    process = subprocess.Popen([sys.executable, "-c", _SUPERVISE, str(tmp_path)], cwd=ROOT)
    assert wait_for((tmp_path / "started").exists)
    child = int((tmp_path / "pid").read_text())
    process.send_signal(number)
    assert process.wait(20) == (-number if number == signal.SIGKILL else 0)
    assert wait_for(lambda: not is_running(child))


def test_where_an_optional_program_ends_the_others_go_on_and_one_line_says_why(tmp_path, capfd):
    with Supervisor(tmp_path / "log", working_folder=tmp_path) as running:
        other = running.start(Program("other", ("sleep", "60"), ready=lambda _: True))
        running.start(Program("extra", script("echo one; echo the last words >&2; exit 1"), ready=lambda _: False, optional=True))
        running.wait_until_ready(10)
        running.check()
        assert is_running(other)
    assert capfd.readouterr().err == "dev: extra is not there (exit status 1): the last words\n"
