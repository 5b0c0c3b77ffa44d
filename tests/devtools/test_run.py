"""`./dev run` as its user meets it: started, looked at, stopped, and started again."""

import errno
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from devtools import run
from devtools.bootstrap import ROOT
from devtools.programs import free_port

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("dev-run")]

END_SECONDS = 60


@dataclass
class Run:
    """A `./dev run` under way, in a folder of its own."""

    data: Path
    port: int
    process: subprocess.Popen[str]
    output: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def read_until(self, word: str) -> str:
        """Read what it prints up to a line that holds `word`; fail if it ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if word in line:
                return self.output
        raise AssertionError(f"{word!r} was never printed:\n{self.output}")

    def children(self) -> list[int]:
        """Return the process ids of what it started."""
        lines = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.splitlines()
        return [int(pid) for pid, parent in map(str.split, lines) if int(parent) == self.process.pid]

    def end(self) -> int:
        """Wait until it ends by itself; return the exit status."""
        output, _ = self.process.communicate(timeout=END_SECONDS)
        self.output += output
        return self.process.returncode

    def stop(self) -> int:
        """Press Ctrl-C, if it still runs; return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.end() if self.process.stdout and not self.process.stdout.closed else self.process.returncode


def start(data: Path, port: int, *, before: Sequence[str] = (), **environment: str) -> Run:
    """Start `./dev run`; `before` are words that go before the command."""
    ours = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    process = subprocess.Popen(
        [*before, str(ROOT / "dev"), "run"],
        cwd=ROOT,
        env={**ours, "PORTAL_DATA": str(data), "PORTAL_PORT": str(port), "PORTAL_SSH_PORT": str(free_port()), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Run(data, port, process)


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Iterator[Run]:
    """A first start, with the demo catalogue pushed."""
    run = start(tmp_path_factory.mktemp("run") / "var", free_port())
    try:
        run.read_until("Ctrl-C stops everything")
        yield run
    finally:
        run.stop()


def answer(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=10) as response:
        return json.load(response)


def test_every_example_stands_in_the_catalogue(first):
    examples = {path.parent.name for path in (ROOT / "examples").glob("*/debian")}
    assert {recipe["name"] for recipe in answer(f"{first.url}/api/v1/recipes/?limit=100")["results"]} == examples


def test_each_step_has_a_line_and_the_end_says_where_it_is(first):
    steps = [line for line in first.output.splitlines() if line.startswith("==> ")]
    assert any("database" in step for step in steps)
    assert sum("demo: pushing" in step for step in steps) == len(list((ROOT / "examples").glob("*/debian")))
    assert f"is at  {first.url}/" in first.output


def test_the_printed_token_pushes(first, tmp_path):
    account = json.loads((first.data / "demo.json").read_text())["accounts"]["demo"]
    assert account["token"] in first.output
    assert account["password"] in first.output
    remote = f"http://demo:{account['token']}@127.0.0.1:{first.port}/git/hello-moon.git"
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "clone", "--quiet", remote, "work"], cwd=tmp_path, env=environment, check=True)
    result = subprocess.run(
        ["git", "push", remote, "HEAD:main"], cwd=tmp_path / "work", env=environment, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_a_recipe_with_several_changelog_entries_has_several_revisions(first):
    assert [each["version"] for each in answer(f"{first.url}/api/v1/recipes/hello-moon/revisions/")["results"]] == [
        "2.10-2",
        "2.10-1",
    ]


def test_the_examples_are_linted(first):
    deadline = time.monotonic() + 240
    commit = answer(f"{first.url}/api/v1/recipes/lint-parade/revisions/")["results"][0]["commit"]
    report: dict = {"state": "queued"}
    while report["state"] in ("queued", "running") and time.monotonic() < deadline:
        time.sleep(1)
        report = answer(f"{first.url}/api/v1/recipes/lint-parade/revisions/{commit}/lint/")
    assert report["state"] == "failed"
    assert "E: debian-rules-missing-required-target" in {
        f"{hint['severity'][0].upper()}: {hint['tag']}" for hint in report["hints"]
    }


def test_the_printed_ssh_address_is_that_of_an_ssh_server(first, tmp_path):
    address = re.search(r"ssh -p (\d+) (\S+) help", first.output)
    assert address is not None
    options = [
        f"UserKnownHostsFile={tmp_path / 'hosts'}",
        "StrictHostKeyChecking=accept-new",
        "BatchMode=yes",
        "IdentityAgent=none",
    ]
    command = ["ssh", "-F", "none", *(word for option in options for word in ("-o", option)), "-p", *address.groups(), "help"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert "Permission denied (publickey)" in result.stderr


def test_a_second_one_on_the_same_folder_is_refused(first):
    other = start(first.data, free_port())
    assert other.end() == 1
    assert "another ./dev run uses" in other.output


def test_a_port_in_use_is_told_with_the_way_out(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        run = start(tmp_path / "var", port)
        assert run.end() == 1
    assert f"port {port} is in use" in run.output


def test_the_data_of_another_account_is_told_in_one_line(monkeypatch, capsys):
    """Root has run it first, say: the settings read a secret of the data folder before anything is started."""

    def closed() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/srv/var/secret-key")

    monkeypatch.setattr(run, "_choose_settings", closed)
    monkeypatch.setattr(run, "interrupt_on_termination", lambda: None)
    assert run.run([]) == 1
    words = "dev: /srv/var/secret-key is closed to this account: another account has made it. Choose another folder: "
    assert capsys.readouterr().err == words + "PORTAL_DATA=DIR ./dev run\n"


def test_other_settings_are_refused(tmp_path):
    run = start(tmp_path / "var", free_port(), DJANGO_SETTINGS_MODULE="portal.settings.production")
    assert run.end() == 1
    assert "is for portal.settings.embedded only" in run.output


def test_a_second_start_keeps_the_data_and_stops_when_a_program_dies(first):
    """Last of all: it ends the portal that the tests above look at."""
    accounts = (first.data / "demo.json").read_text()
    children = first.children()
    assert len(children) == 5
    assert first.stop() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)

    second = start_again(first)
    try:
        assert "demo: pushing" not in second.output
        assert (first.data / "demo.json").read_text() == accounts
        assert answer(f"{second.url}/api/v1/recipes/hello-moon/")["version"] == "2.10-2"
        os.kill(second.children()[1], signal.SIGKILL)
        assert second.end() == 1
    finally:
        second.stop()
    assert "worker ended (killed by SIGKILL)" in second.output


def start_again(before: Run) -> Run:
    """Start on the folder and the port of `before`; return the run, at work. `./dev bench start` measures how long it takes."""
    run = start(before.data, before.port)
    run.read_until("Ctrl-C stops everything")
    return run
