"""`./dev bench dumps`: how long the dumps of a large catalogue take to make, and how much memory.

The first dump writes every file and a line for each recipe; the second finds that nothing changed; the third that some did.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError

from devtools.bootstrap import ROOT, say
from devtools.supervisor import interrupt_on_termination

from .measuring import arguments, report
from .site import CannotMeasure, Site, Size, running_site

MOST_SECONDS, MOST_MIB = 30.0, 200.0
_VOTED = 100
# What stands before a catalogue's first dump: no line of an older one.
_FORGET = "from recipes_app.models import DumpLine; DumpLine.objects.all()._raw_delete('default')"
_CHANGE = f"""
from recipes_app.models import Recipe
Recipe.objects.filter(pk__lte={_VOTED}).update(synopsis="changed by a measurement")
"""
_CHANGE_BACK = f"""
from recipes_app.models import Recipe, Revision
from recipes_app.services.publishing.projection import project_current
for recipe in Recipe.objects.filter(pk__lte={_VOTED}).select_related("current"):
    project_current(recipe)
"""


@dataclass(frozen=True)
class Made:
    """One dump: seconds, the peak of memory, the process's own seconds of processor time, and what the command said."""

    name: str
    seconds: float
    mib: float
    processor: float
    said: str


def main() -> int:
    """Measure; return 1 where a goal was missed."""
    chosen = arguments(__doc__ or "")
    interrupt_on_termination()
    try:
        with running_site(Size.of(chosen.recipes), chosen.data.resolve() if chosen.data else None) as site:
            made = _measure(site)
            lines = [*_table(made), "", *_sizes(Path(site.environment["PORTAL_DATA"]) / "dumps" / "current")]
    except (CannotMeasure, CalledProcessError, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    first = made[0]
    missed = []
    if first.seconds > MOST_SECONDS:
        missed.append(f"a full dump: {first.seconds:.0f} s, at most {MOST_SECONDS:.0f}")
    if first.mib > MOST_MIB:
        missed.append(f"a full dump: {first.mib:.0f} MiB, at most {MOST_MIB:.0f}")
    return report("bench dumps", lines, missed, chosen)


def _measure(site: Site) -> list[Made]:
    shutil.rmtree(Path(site.environment["PORTAL_DATA"]) / "dumps", ignore_errors=True)
    _python(site, _FORGET)
    found = [_make(site, "the first"), _make(site, "nothing changed")]
    _python(site, _CHANGE)
    found.append(_make(site, f"{_VOTED} recipes changed"))
    # The catalogue of --data is for other measurements, too.
    _python(site, _CHANGE_BACK)
    return found


def _python(site: Site, statements: str) -> None:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", statements]
    subprocess.run(command, env=site.environment, cwd=ROOT, check=True)


def _make(site: Site, name: str) -> Made:
    """Make a dump as the operator's command does, in a process of its own. Raises CalledProcessError."""
    say(f"dump: {name}")
    command = [sys.executable, "manage.py", "make_dumps"]
    started = time.monotonic()
    with subprocess.Popen(command, env=site.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read().strip() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CalledProcessError(process.returncode, command)
    return Made(name, time.monotonic() - started, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime, said.partition(";")[0])


def _table(made: list[Made]) -> list[str]:
    rows = [f"| {each.name} | {each.seconds:.1f} | {each.processor:.1f} | {each.mib:.0f} | {each.said} |" for each in made]
    return ["| dump | seconds | of them its processor's | MiB at the peak | what it said |", "|---|--:|--:|--:|---|", *rows]


def _sizes(folder: Path) -> list[str]:
    files = sorted(path for path in folder.iterdir() if path.stat().st_size > 2**20)
    return ["Files above 1 MiB: " + ", ".join(f"{path.name} {path.stat().st_size / 2**20:.1f} MiB" for path in files) + "."]


if __name__ == "__main__":
    sys.exit(main())
