"""`./dev bench checks`: how often the recipe checks cry wolf, and what they cost, on packaging of the Debian archive.

    ./dev bench checks [--cache DIRECTORY] [--verbose] [--untuned | NAME ...]

Takes the packages of real_packages.txt and checks_packages.txt as `real_packages` does: by the machine's own apt sources, only
the tar with debian/, read in memory. Debian's packages are taken for honest, so every error of a security family is a false
alarm until someone has looked and found otherwise. With `--untuned`, it takes those of untuned_packages.txt, on which no check
was tuned. shellcheck is asked as the stage asks it, in the sandbox. The exit status is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from recipes_app.formats.findings import Finding, Severity
from recipes_app.limits import MAX_BLOB_BYTES
from recipes_app.lint.checks.base import SECURITY_FAMILIES, CheckContext, Family
from recipes_app.lint.checks.registry import CHECKS, run_checks
from recipes_app.lint.source.shellcheck import Shellchecked, run_shellcheck, shell_scripts

from .real_packages import HERE, NAMES, Apt, Unavailable, packaging_tar, read_packaging, wanted_names

MORE_NAMES = HERE / "checks_packages.txt"
UNTUNED_NAMES = HERE / "untuned_packages.txt"
CACHE = Path(tempfile.gettempdir()) / "recipe-checks-packages"
GOAL_PACKAGES = 200
GOAL_UNTUNED = 60
GOAL_SECURITY_SHARE = 0.02
GOAL_MEDIAN_SECONDS = 0.100


@dataclass(frozen=True)
class Looked:
    """A package that was looked at: what was found, and the best of two times in seconds.

    `shell_seconds` is what shellcheck took with its sandbox, None where the package has no script for it.
    """

    name: str
    findings: Sequence[Finding]
    seconds: float
    shell: Shellchecked
    shell_seconds: float | None

    def has_error(self, families: Collection[Family]) -> bool:
        """Whether an error of one of `families` was found."""
        return any(each.severity is Severity.ERROR and CHECKS[each.id].about.family in families for each in self.findings)


def executables(path: Path) -> frozenset[str]:
    """Return the paths that are executable in the tar at `path`."""
    with tarfile.open(path) as archive:
        return frozenset(
            member.name[member.name.index("debian/") :]
            for member in archive
            if member.isfile() and member.mode & 0o100 and "debian/" in member.name
        )


def look(name: str, tar: Path) -> Looked:
    """Return what the checks say of one package; files that are too large to be pushed are cut where the limit is.

    The archive's names are left out: each of its packages has one of them.
    """
    tree = {path: content[:MAX_BLOB_BYTES] for path, content in read_packaging(tar).items()}
    context = CheckContext(executables=executables(tar))
    times = []
    for _ in range(2):
        start = time.perf_counter()
        findings = run_checks(tree, context)
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    shell = run_shellcheck(tree, f"src:{name}")
    shell_seconds = time.perf_counter() - start if shell_scripts(tree) else None
    return Looked(name, findings, min(times), shell, shell_seconds)


def packages(cache: Path, names: Sequence[str]) -> Iterator[Looked]:
    """Yield each package that can be had; the others are named on stderr."""
    apt = Apt(cache / ".apt")
    apt.update()
    for name in names:
        try:
            yield look(name, packaging_tar(apt, name, cache))
        except Unavailable as reason:
            print(f"{name}: skipped: {reason}", file=sys.stderr)


def by_check(looked: Sequence[Looked]) -> Mapping[str, int]:
    """Return for every check in how many packages it found something."""
    counted = Counter(identifier for each in looked for identifier in {finding.id for finding in each.findings})
    return {identifier: counted[identifier] for identifier in CHECKS}


def report(looked: Sequence[Looked], goal: int) -> int:
    """Print the table and what was missed, fewer than `goal` packages for one; return the exit status."""
    total = len(looked)
    print(f"{'check':8} {'severity':9} {'family':12} {'packages':>8} {'share':>7}  title")
    for identifier, number in by_check(looked).items():
        about = CHECKS[identifier].about
        print(f"{identifier:8} {about.severity:9} {about.family:12} {number:8} {number / total:7.1%}  {about.title}")
    alarmed = [each for each in looked if each.has_error(SECURITY_FAMILIES)]
    times = sorted(each.seconds for each in looked)
    median, late = statistics.median(times), times[int(len(times) * 0.95)]
    print(f"\n{total} packages, {len(CHECKS)} checks")
    print(f"error of a security family: {len(alarmed)} ({len(alarmed) / total:.1%}) {' '.join(each.name for each in alarmed)}")
    any_error = [each for each in looked if each.has_error(list(Family))]
    print(f"error of any family: {len(any_error)} ({len(any_error) / total:.1%}) {' '.join(each.name for each in any_error)}")
    print(f"time a package: median {median * 1000:.1f} ms, p95 {late * 1000:.1f} ms, slowest {times[-1] * 1000:.0f} ms")
    missed = [
        text
        for text, is_missed in (
            (f"{total} packages, at least {goal}", total < goal),
            (
                f"security errors in {len(alarmed) / total:.1%}, under {GOAL_SECURITY_SHARE:.0%}",
                len(alarmed) / total >= GOAL_SECURITY_SHARE,
            ),
            (f"median {median * 1000:.0f} ms, under {GOAL_MEDIAN_SECONDS * 1000:.0f}", median >= GOAL_MEDIAN_SECONDS),
        )
        if is_missed
    ]
    for text in missed:
        print(f"MISSED  {text}")
    return 1 if missed else 0


def report_shellcheck(looked: Sequence[Looked]) -> None:
    """Print how often shellcheck found what, and what it took."""
    asked = [each for each in looked if each.shell_seconds is not None]
    if not asked:
        return
    drawn = [{(hint.tag, str(hint.severity)) for hint in each.shell.hints} for each in asked]
    with_hints, without = sum(map(bool, drawn)), [each for each in asked if each.shell.problem]
    print(
        f"\nshellcheck: {len(asked)} packages have scripts for it, {with_hints} of them get a hint, {len(without)} have no answer"
    )
    by_severity = Counter(severity for each in drawn for severity in {severity for _, severity in each})
    print("packages with a hint of each severity: " + ", ".join(f"{name} {number}" for name, number in by_severity.most_common()))
    print("most frequent: " + ", ".join(f"{tag} {number}" for (tag, _), number in Counter(chain(*drawn)).most_common(12)))
    times = sorted(each.shell_seconds or 0.0 for each in asked)
    median, late = statistics.median(times), times[int(len(times) * 0.95)]
    print(f"time with its sandbox: median {median * 1000:.0f} ms, p95 {late * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms")
    for each in without:
        print(f"{each.name}: {each.shell.problem}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run over the lists, or the names given, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="./dev bench checks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="source packages; those of both lists where none is given")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where apt's state and the tars are kept (%(default)s)")
    parser.add_argument("--untuned", action="store_true", help="those on which no check was tuned")
    parser.add_argument("--verbose", action="store_true", help="print every finding")
    parser.add_argument("--errors", action="store_true", help="print every finding of severity error")
    options = parser.parse_args(arguments)
    lists = (UNTUNED_NAMES,) if options.untuned else (NAMES, MORE_NAMES)
    names = options.names or list(dict.fromkeys(name for each in lists for name in wanted_names(each)))
    looked = []
    for each in packages(options.cache.resolve(), names):
        looked.append(each)
        for finding in each.findings:
            if options.verbose or (options.errors and finding.severity is Severity.ERROR):
                print(f"{each.name}: {finding.id} {finding.severity} {finding.path}:{finding.line or ''} {finding.message}")
    status = report(looked, GOAL_UNTUNED if options.untuned else GOAL_PACKAGES)
    report_shellcheck(looked)
    return status


if __name__ == "__main__":
    sys.exit(main())
