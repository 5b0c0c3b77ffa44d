"""What `tests.scheduling` promises, by a run of pytest-xdist with two workers."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SUITE = """
import os
import time
from pathlib import Path
import pytest

def note(name):
    with Path(__file__).with_name("log").open("a") as log:
        log.write(f"{os.environ['PYTEST_XDIST_WORKER']} {name}\\n")
    time.sleep(0.02)

@pytest.mark.parametrize("number", range(20))
def test_light(number):
    note("light")

@pytest.mark.xdist_group("production")
@pytest.mark.parametrize("number", range(5))
def test_heavy(number):
    note(f"heavy {number}")
"""


def test_a_group_stays_on_one_worker_and_comes_before_what_is_light(tmp_path):
    (tmp_path / "test_suite.py").write_text(_SUITE)
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-p", "tests.scheduling", "-n", "2", "--dist", "loadgroup",
        "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path),
    ]  # fmt: skip
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment = inherited | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ran = [line.split(" ", 1) for line in (tmp_path / "log").read_text().splitlines()]
    (worker,) = {worker for worker, name in ran if name != "light"}
    assert [name for each, name in ran if each == worker][:5] == [f"heavy {number}" for number in range(5)]
    assert len(ran) == 25
    assert len({worker for worker, _ in ran}) == 2
