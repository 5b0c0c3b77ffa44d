"""Whether lintian is quicker with several source packages in one process than with one process each, and whether it stays true.

    ./dev bench batches [--cache DIRECTORY] [--packages 8] [--rounds 2]

The packages are those of `./dev bench lint`, as the pipeline makes them. Every look is one run of the sandbox, fed with the
packages as files. One call with all of them, one call each, and two of these at a time take turns; what is said of each package
is compared. Besides: what becomes of a batch that holds one package which cannot be unpacked.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recipes_app.lint.sandbox.sandbox import run_sandboxed
from recipes_app.lint.sandbox.supervise import ProcessResult
from recipes_app.lint.source.lintian import LintianOutputError, lintian_command, parse_output
from recipes_app.lint.source.source_package import SourcePackageRefused

from .lint import build, cases_of

# Fixed text: the packages come in by stdin, their names as arguments.
_UNPACK_AND_RUN = 'tar -xf - && exec "$@"'
Said = dict[str, list[tuple[str, str, str]]]


class Packages:
    """Source packages on the disk: the archive that carries them into the sandbox, and the names of their .dsc files."""

    def __init__(self, dscs: Sequence[Path]) -> None:
        """Read what the .dsc files name into one archive."""
        self.names = [dsc.name for dsc in dscs]
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for dsc in dscs:
                for file in sorted(dsc.parent.iterdir()):
                    if file.is_file():
                        tar.add(file, file.name)
        self.archive = archive.getvalue()

    def lint(self) -> ProcessResult:
        """Return how lintian ended that was given all of them."""
        *options, last = lintian_command(self.names[-1])
        command = ["/bin/sh", "-c", _UNPACK_AND_RUN, "lint", *options, *self.names[:-1], last]
        return run_sandboxed(command, stdin=self.archive)


def said(*results: ProcessResult) -> Said:
    """Return what was said, by package. Raises RuntimeError where a run did not end well."""
    found: Said = {}
    for result in results:
        if result.exit_status != 0 or result.limit_hit:
            raise RuntimeError(f"lintian ended with {result.exit_status} {result.limit_hit}: {result.stderr_tail[-300:]}")
        for hint in parse_output(result.stdout).hints:
            found.setdefault(hint.package, []).append((hint.tag, hint.path, hint.context))
    return {package: sorted(hints) for package, hints in found.items()}


def timed(act: Callable[[], Said]) -> tuple[float, Said]:
    """Return the seconds that `act` took, and what was said."""
    started = time.perf_counter()
    words = act()
    return time.perf_counter() - started, words


def measure(dscs: Sequence[Path], rounds: int) -> bool:
    """Time the three ways in turn and print them; return whether they said the same."""
    batch, single = Packages(dscs), [Packages([dsc]) for dsc in dscs]

    def two_at_a_time() -> Said:
        with ThreadPoolExecutor(2) as pool:
            return said(*pool.map(Packages.lint, single))

    ways: dict[str, Callable[[], Said]] = {
        "one process each, one after the other": lambda: said(*(each.lint() for each in single)),
        "one process each, two at a time": two_at_a_time,
        "one process for all": lambda: said(batch.lint()),
    }
    best: dict[str, float] = {}
    words: dict[str, Said] = {}
    for _ in range(rounds):
        for name, act in ways.items():
            seconds, words[name] = timed(act)
            best[name] = min(seconds, best.get(name, seconds))
    slowest = next(iter(best.values()))
    for name, seconds in best.items():
        print(f"{name:40} {seconds:7.2f} s, {slowest / seconds:4.2f} times as fast")
    first, *others = words.values()
    same = all(other == first for other in others)
    print(f"what was said of {len(first)} packages: {'the same in each way' if same else 'NOT the same'}")
    for package in sorted({*first, *words["one process for all"]}):
        for tag, path, context in sorted(set(first.get(package, [])) ^ set(words["one process for all"].get(package, []))):
            print(f"  {package}: {tag} {path} {context}"[:160])
    return same


def with_a_broken_one(dscs: Sequence[Path], scratch: Path) -> None:
    """Print how a batch ends in which one package cannot be unpacked: its tarball is cut."""
    folder = scratch / "broken"
    shutil.copytree(dscs[0].parent, folder, ignore=lambda directory, names: [n for n in names if (Path(directory) / n).is_dir()])
    for tarball in folder.glob("*.tar.*"):
        tarball.write_bytes(tarball.read_bytes()[: tarball.stat().st_size // 2])
    result = Packages([folder / dscs[0].name, *dscs[1:]]).lint()
    try:
        reached = len({hint.package for hint in parse_output(result.stdout).hints})
    except LintianOutputError:
        reached = 0
    print(f"with one that cannot be unpacked among {len(dscs)}: exit status {result.exit_status}, reports of {reached} packages")


def main() -> int:
    """Measure and print; return 0 where the ways say the same."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "agreement", help="what is kept between runs")
    parser.add_argument("--packages", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="bench-batches-"))
    try:
        dscs: list[Path] = []
        for case in cases_of(options.cache.resolve(), options.packages * 2):
            try:
                dscs.append(build(case, scratch / case.name))
            except (SourcePackageRefused, subprocess.CalledProcessError) as error:
                print(f"{case.name:28} left out: {error}"[:120])
            if len(dscs) == options.packages:
                break
        same = measure(dscs, options.rounds)
        with_a_broken_one(dscs, scratch)
        return 0 if same else 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
