"""Control groups: what is written into them, and, where this machine lets us make one, that they hold and are gone afterwards."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from recipes_app.lint.sandbox import cgroups
from recipes_app.lint.sandbox.cgroups import Group, GroupLimits, job_group, parent_folder
from recipes_app.lint.sandbox.sandbox import run_sandboxed

LIMITS = GroupLimits(memory_bytes=1000, processes=10, cpus=1.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files of a group in which memory and processes are counted, on a kernel without swap."""
    (tmp_path / "cgroup.controllers").write_text("memory hugetlb pids\n")
    (tmp_path / "cgroup.subtree_control").write_text("pids\n")
    return tmp_path


def test_the_limits_of_the_controllers_at_hand_are_written(folder: Path) -> None:
    assert cgroups._set_limits(folder, LIMITS) == {"memory", "pids"}
    written = {name: (folder / name).read_text() for name in ("memory.max", "memory.oom.group", "pids.max")}
    assert written == {"memory.max": "1000", "memory.oom.group": "1", "pids.max": "10"}
    assert not (folder / "cpu.max").exists()
    assert not (folder / "memory.swap.max").exists()


def test_swap_is_no_way_round_the_memory_limit(folder: Path) -> None:
    (folder / "memory.swap.max").write_text("max")
    cgroups._set_limits(folder, LIMITS)
    assert (folder / "memory.swap.max").read_text() == "0"


def test_processor_time_is_limited_by_the_period(folder: Path) -> None:
    (folder / "cgroup.controllers").write_text("cpu\n")
    cgroups._set_limits(folder, LIMITS)
    assert (folder / "cpu.max").read_text() == "150000 100000"


def test_only_what_is_not_handed_down_yet_is(folder: Path) -> None:
    cgroups._hand_down(folder)
    assert (folder / "cgroup.subtree_control").read_text() == "+memory"


@pytest.mark.parametrize(("events", "killed"), [("oom 3\noom_kill 1\n", True), ("oom 3\noom_kill 0\n", False), (None, False)])
def test_the_kernels_count_says_whether_memory_ran_out(folder: Path, events: str | None, killed: bool) -> None:
    if events is not None:
        (folder / "memory.events").write_text(events)
    assert Group(folder, frozenset()).ran_out_of_memory() is killed


def test_a_folder_that_is_no_group_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cgroups.FOLDER_VARIABLE, str(tmp_path))
    assert parent_folder.__wrapped__() is None


@pytest.mark.server
def test_what_runs_in_a_group_ends_with_it_whatever_it_calls_itself() -> None:
    with job_group(LIMITS) as group:
        if group is None:
            # This machine gives no group: then a run must do without, and does.
            assert run_sandboxed(["true"]).exit_status == 0
            return
        command = group.entering(["setsid", "sleep", f"4322.{os.getpid()}"])
        with subprocess.Popen(command) as process:
            wait_until_filled(group)
            group.kill()
        assert process.returncode != 0
    assert not group.folder.exists()


@pytest.mark.server
def test_groups_of_dead_runners_are_removed_with_all_that_runs_in_them() -> None:
    parent = parent_folder()
    if parent is None:
        assert run_sandboxed(["true"]).exit_status == 0
        return
    with subprocess.Popen(["true"]) as dead:
        dead.wait()
    here = cgroups.process_namespace()
    left, mine = parent / f"job-{here}-{dead.pid}-0", parent / f"job-{here}-{os.getpid()}-9999"
    elsewhere = parent / f"job-{here + 1}-{dead.pid}-0"
    for each in (left, mine, elsewhere):
        each.mkdir()
    try:
        with subprocess.Popen(Group(left, frozenset()).entering(["sleep", "60"])) as process:
            wait_until_filled(Group(left, frozenset()))
            cgroups._remove_left_behind(parent)
        assert process.returncode != 0
        assert not left.exists()
        assert mine.exists()
        assert elsewhere.exists()
    finally:
        mine.rmdir()
        elsewhere.rmdir()


def wait_until_filled(group: Group) -> None:
    deadline = time.monotonic() + 10
    while not (group.folder / "cgroup.procs").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
