"""What tests have done in bounded processes: work that does not end, takes too much, or tries what it may not. No Django."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from pathlib import Path

from recipes_app.repos.tarballs import TarballRefused


class Foreign:
    """An object of a class that is not the portal's."""


class Acting:
    """An object that calls something where it is read."""

    def __reduce__(self):
        return getattr, (str, "format")


def acting_result():
    return Acting()


def echo(value):
    return value


def spin(place=""):
    if place:
        Path(place).exists()
    while True:
        pass


def sleep(seconds=600):
    time.sleep(seconds)


def start_another_and_wait():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]):
        time.sleep(600)


def start_another(seconds):
    return subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"]).pid


def fill_memory():
    return len(b"x" * (1 << 40))


def large_result(size):
    return b"x" * size


def foreign_result():
    return Foreign()


def refuse(words):
    raise TarballRefused(words)


def break_down():
    raise LookupError("nothing there")


def die():
    os._exit(3)


def write(place):
    Path(place).write_bytes(b"x")


def known():
    return {"environment": sorted(os.environ), "modules": sorted(sys.modules), "group": os.getpgid(0), "parent": os.getppid(),
            "files": sorted(each.name for each in Path("/proc/self/fd").iterdir()), "nice": os.nice(0)}  # fmt: skip


def import_django():
    importlib.import_module("django.conf")
