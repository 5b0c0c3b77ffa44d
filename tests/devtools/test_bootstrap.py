"""From nothing to a command: what `./dev` says and does before Django is there."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from devtools import bootstrap
from devtools.bootstrap import ROOT, BootstrapError, as_root, install_requirements, missing_packages, provide
from devtools.packages import COMMANDS, SERVICES, Need

BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}


def dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ./dev under Debian's own Python, with nothing else on the PATH."""
    return subprocess.run([str(ROOT / "dev"), *arguments], env=BARE, capture_output=True, text=True, timeout=120, check=False)


def test_a_package_that_is_not_installed_is_missing():
    assert missing_packages(["dpkg", "dur-no-such-package"]) == ["dur-no-such-package"]


def test_installed_packages_are_not_missing():
    assert missing_packages(["dpkg", "git"]) == []


def test_without_a_command_the_commands_are_listed():
    result = dev()
    assert result.returncode == 2
    assert all(f"  {name} " in result.stderr for name in COMMANDS)


def test_help_is_no_error():
    assert dev("help").returncode == 0


def test_an_unknown_command_is_refused_before_anything_is_installed():
    result = dev("rnu")
    assert result.returncode == 2
    assert "usage: ./dev COMMAND" in result.stderr


def test_it_works_under_debians_python_with_a_bare_environment():
    result = dev("manage", "version")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("5.2")


def test_what_is_there_is_found_there_in_no_time():
    provide(COMMANDS["test"])
    start = time.monotonic()
    provide(COMMANDS["test"])
    assert time.monotonic() - start < 1


LINE = "as root, run: apt-get update && apt-get install --no-install-recommends lintian bubblewrap"


def test_without_root_and_sudo_the_error_names_the_packages(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BootstrapError, match=f"there is no sudo: {LINE}"):
        as_root(["lintian", "bubblewrap"])


@pytest.mark.parametrize(("status", "words"), [(0, ["sudo"]), (1, None)], ids=["may", "may-not"])
def test_sudo_is_asked_before_anything_is_installed(monkeypatch, tmp_path, status, words):
    sudo = tmp_path / "sudo"
    sudo.write_text(f"#!/bin/sh\nexit {status}\n")
    sudo.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    if words is not None:
        assert as_root(["lintian"]) == words
        return
    with pytest.raises(BootstrapError, match=f"sudo does not let you install them: {LINE}"):
        as_root(["lintian", "bubblewrap"])


def test_what_another_account_has_made_is_told_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "nonesuch")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(BootstrapError, match=f"{tmp_path} belongs to .*: run ./dev as that account, or in a clone of your own"):
        install_requirements([])


def test_requirements_without_hashes_are_refused(monkeypatch, tmp_path):
    (tmp_path / "loose-1.0-py3-none-any.whl").write_bytes(b"")
    (tmp_path / "loose.txt").write_text(f"loose @ file://{tmp_path}/loose-1.0-py3-none-any.whl\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    with pytest.raises(BootstrapError, match="Hashes are required in --require-hashes mode"):
        install_requirements(["loose.txt"])


def test_every_service_that_a_package_starts_is_stopped():
    needed = {package for need in COMMANDS.values() for package in need.packages}
    assert set(SERVICES) <= needed


@pytest.mark.parametrize("need", COMMANDS.values(), ids=COMMANDS)
def test_every_command_has_the_virtual_environment_and_its_requirements(need: Need):
    assert "python3-venv" in need.packages
    assert all((ROOT / name).is_file() for name in need.requirements)


def test_pinned_requirements_name_no_package_index():
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert "index-url" not in (ROOT / name).read_text()


def test_ci_runs_what_a_developer_runs():
    assert "exec ./dev test" in Path(ROOT / ".ci" / "run").read_text()
