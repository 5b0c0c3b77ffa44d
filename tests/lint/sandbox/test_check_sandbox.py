"""The sandbox's promises hold here, and each probe sees it where its guard is taken away: one that cannot fail proves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from recipes_app.lint.sandbox import check_sandbox, confine, confined, levels, sandbox
from recipes_app.lint.sandbox.check_sandbox import by_cause, prove, require_sandbox
from recipes_app.lint.sandbox.levels import Level
from recipes_app.lint.sandbox.probes import PROBES, probes_of
from recipes_app.lint.sandbox.probing import Probe
from tests.lint import weakenings, weakenings_confined
from tests.lint.weakenings import Weaken, no_hard_limits, no_resource_limits

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def unproved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which nothing was proved yet; return where a proof would be noted."""
    monkeypatch.setattr(check_sandbox, "SLOTS", tmp_path / "slots")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "slots" / "sandbox-proof" if os.geteuid() == 0 else tmp_path / "sandbox-proof"


def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    no_resource_limits(monkeypatch)
    no_hard_limits(monkeypatch)


def probe(name: str) -> Probe:
    return next(each for each in PROBES if each.name == name)


def test_every_promise_holds_here(level: Level, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_sandbox")
    lines = capsys.readouterr().out.splitlines()
    number = len(probes_of(level))
    assert lines[0].startswith(f"level {level}; ")
    assert lines[-1] == f"all {number} promises of the level {level} hold"
    assert len([line for line in lines if line.startswith("held ")]) == number


def sees(name: str, seen: str, weaken: Weaken, monkeypatch: pytest.MonkeyPatch) -> None:
    weaken(monkeypatch)
    (proof,) = prove([probe(name)])
    assert not proof.held
    assert seen in str(proof)
    assert str(proof).startswith("BROKEN ")


def named(table: Sequence[tuple[str, str, Weaken]]) -> list[object]:
    # Without its guard, nested-namespace is seen to fail only where the kernel makes namespaces at all.
    marks = {"nested-namespace": pytest.mark.namespaces}
    return [pytest.param(*each, id=f"{each[0]}: {each[1]}", marks=marks.get(each[0], ())) for each in table]


@pytest.mark.namespaces
@pytest.mark.parametrize(("name", "seen", "weaken"), named(weakenings.WEAKENINGS))
def test_a_probe_sees_that_its_guard_is_gone(name: str, seen: str, weaken: Weaken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(levels.VARIABLE, Level.NAMESPACES)
    sees(name, seen, weaken, monkeypatch)


@pytest.mark.parametrize("level", [Level.CONFINED], indirect=True)
@pytest.mark.parametrize(("name", "seen", "weaken"), named(weakenings_confined.WEAKENINGS))
@pytest.mark.skipif(os.geteuid() != 0, reason="most guards are taken away by staying root")
@pytest.mark.usefixtures("level")
def test_a_confined_probe_sees_that_its_guard_is_gone(
    name: str, seen: str, weaken: Weaken, monkeypatch: pytest.MonkeyPatch
) -> None:
    sees(name, seen, weaken, monkeypatch)


def test_every_probe_has_been_seen_to_fail() -> None:
    for level, table in ((Level.NAMESPACES, weakenings.WEAKENINGS), (Level.CONFINED, weakenings_confined.WEAKENINGS)):
        assert {name for name, _, _ in table} == {each.name for each in probes_of(level)}


def test_a_broken_promise_is_told_and_the_command_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_sandbox, "prove", lambda _: prove([probe("file-size"), probe("output")]))
    no_limits(monkeypatch)
    with pytest.raises(CommandError):
        call_command("check_sandbox")
    output = capsys.readouterr()
    assert "BROKEN a file cannot grow without end [file-size]" in output.out
    assert output.err == "1 of 2 promises do not hold on this machine: file-size\n"


def test_a_machine_without_bubblewrap_keeps_no_promise_of_namespaces(monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    monkeypatch.setenv(levels.VARIABLE, Level.NAMESPACES)
    monkeypatch.setitem(sandbox.ENVIRONMENT, "PATH", "/nowhere")
    with pytest.raises(
        SystemExit, match=r"^the runner does not start: the program bwrap is missing: install the package bubblewrap"
    ):
        require_sandbox()


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What was found out about this machine is forgotten before and after."""
    caches = (sandbox.why_no_namespaces, sandbox._best_level)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


def refuse_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bubblewrap be a program that is refused, as in a container."""
    words = "bwrap: Creating new namespace failed: Operation not permitted"
    monkeypatch.setattr(sandbox, "_bubblewrap", lambda *_: ["sh", "-c", f"echo {words!r} >&2; exit 1", "bwrap"])


def test_where_namespaces_are_refused_one_line_says_so_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, forgetful: None, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_namespaces(monkeypatch)
    monkeypatch.setenv(levels.VARIABLE, Level.NAMESPACES)
    with pytest.raises(SystemExit) as ended:
        require_sandbox()
    assert str(ended.value) == (
        "the runner does not start: user namespaces are refused on this machine (bwrap: Creating new namespace failed: Operation "
        'not permitted): allow them (docs/operators.md, "Sandbox"), or set LINT_SANDBOX=confined, for checks without trial builds'
    )
    assert caplog.records == []


def test_the_best_level_is_confined_where_namespaces_are_refused(monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    refuse_namespaces(monkeypatch)
    monkeypatch.setenv(levels.VARIABLE, levels.BEST)
    assert sandbox.chosen_level() is Level.CONFINED
    assert sandbox.run_sandboxed(["echo", "here"]).stdout == b"here\n"


@pytest.mark.parametrize(("abi", "words"), [(0, "it has no Landlock"), (3, "its Landlock has ABI 3")])
def test_a_kernel_that_can_do_neither_is_one_line(abi: int, words: str, monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    refuse_namespaces(monkeypatch)
    monkeypatch.setattr(confined, "landlock_abi", lambda: abi)
    monkeypatch.setenv(levels.VARIABLE, levels.BEST)
    with pytest.raises(SystemExit) as ended:
        require_sandbox()
    said = str(ended.value)
    assert said.startswith("the runner does not start: user namespaces are refused on this machine")
    assert words in said
    assert "\n" not in said


def test_an_unknown_level_is_told_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(levels.VARIABLE, "none")
    with pytest.raises(SystemExit, match="LINT_SANDBOX is 'none': set it to namespaces, confined or auto"):
        require_sandbox()


def test_one_cause_is_one_line_whatever_it_breaks() -> None:
    proofs = [check_sandbox.Proof(each, ("the wall\nis down",)) for each in PROBES[:3]]
    assert by_cause([*proofs, check_sandbox.Proof(PROBES[3], ())]) == [
        "the wall is down [broken: runner-killed, write-outside, host-files]"
    ]


def test_the_launcher_runs_nothing_where_a_step_fails(level_confined: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "filter_program", lambda _: b"no filter")
    result = sandbox.run_sandboxed(["echo", "here"])
    assert (result.exit_status, result.stdout) == (125, b"")
    assert result.stderr_tail.startswith("confine: OSError: ")


@pytest.fixture
def level_confined(monkeypatch: pytest.MonkeyPatch) -> None:
    """The level confined, where this kernel can keep it."""
    if confine.landlock_abi() < confined.LEAST_ABI:
        pytest.skip(confined.why_not_confined())
    monkeypatch.setenv(levels.VARIABLE, Level.CONFINED)


def test_a_worker_does_not_start_where_a_promise_is_broken(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import pathlib, sys
        from recipes_app.lint.sandbox import check_sandbox, sandbox
        check_sandbox.SLOTS = pathlib.Path(sys.argv.pop())
        sandbox._inner_limits = lambda limits: []
        made = sandbox._hard_limits
        def without_processes(limits, shared):
            return {name: value for name, value in made(limits, shared=shared).items() if name != "RLIMIT_NPROC"}
        sandbox._hard_limits = without_processes
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
        timeout=180,
    )
    assert result.returncode == 1
    assert "the runner does not start: the sandbox does not keep its promises on this machine: RLIMIT_" in result.stderr
    assert "ready." not in result.stderr


def test_a_proof_is_made_once_for_what_it_is_about(monkeypatch: pytest.MonkeyPatch, unproved: Path, tmp_path: Path) -> None:
    made = []

    def counted(_: object) -> Iterator[check_sandbox.Proof]:
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
    monkeypatch.setattr(check_sandbox, "prove", lambda _: prove([probe("file-size")]))
    no_limits(monkeypatch)
    for _ in range(2):
        with pytest.raises(SystemExit):
            require_sandbox()
    assert not unproved.exists()


def test_a_note_that_others_could_write_is_not_believed(monkeypatch: pytest.MonkeyPatch, unproved: Path) -> None:
    made = []
    monkeypatch.setattr(check_sandbox, "prove", lambda _: made.append(1) or prove([probe("file-size")]))
    require_sandbox()
    unproved.parent.chmod(0o777)
    require_sandbox()
    assert len(made) == 2
