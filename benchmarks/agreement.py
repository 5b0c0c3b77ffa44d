"""How far the recipe-only lint says what lintian says of the whole source package: precision and recall by (package, tag).

    ./dev bench agreement [--cache DIRECTORY] [--jobs 2] [--all] [NAME ...]

Each package of agreement.txt is downloaded (see real_packages), lintian looks at its .dsc as it is, and `lint_tree` at its
debian/ alone, as at a recipe; a native package is a recipe with all of its files. Both run in the sandbox. Compared are the tags
about debian/: agreement_upstream.txt says which tags need upstream's files, each with its reason. Both sides are without
overrides, masked hints and classifications. A run that was broken off goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.lint.source.check import lint_tree
from recipes_app.lint.source.lintian import lintian_command, parse_output

from .agreement_cases import Case, KeptRuns, archive_of, load, wanted
from .real_packages import Apt, Unavailable

UPSTREAM_TAGS = Path(__file__).with_name("agreement_upstream.txt")
PRECISION_GOAL, RECALL_GOAL = 0.98, 0.95
_REFERENCE = ["/bin/sh", "-c", 'tar -xf - && exec "$@"', "reference"]


@dataclass
class Score:
    """Pairs of (package, tag) that both sides have, and those that one has."""

    agreed: set[tuple[str, str]] = field(default_factory=set)
    false: set[tuple[str, str]] = field(default_factory=set)
    missed: set[tuple[str, str]] = field(default_factory=set)
    packages: int = 0

    @property
    def precision(self) -> float:
        """Return which part of what was said is true."""
        return len(self.agreed) / max(1, len(self.agreed) + len(self.false))

    @property
    def recall(self) -> float:
        """Return which part of what is true was said."""
        return len(self.agreed) / max(1, len(self.agreed) + len(self.missed))

    def add(self, other: Score) -> None:
        """Count the pairs of `other` too."""
        self.agreed |= other.agreed
        self.false |= other.false
        self.missed |= other.missed
        self.packages += other.packages


@dataclass(frozen=True)
class Outcomes:
    """What was measured of one package; `problem` says why it was not."""

    name: str
    kind: str
    score: Score | None = None
    details: tuple[str, ...] = ()
    stand_in: str = ""
    problem: str = ""


@dataclass(frozen=True)
class UpstreamTag:
    """A tag about upstream's files; hints whose words begin with `kept`, where it is not empty, are about the packaging."""

    reason: str
    kept: str = ""


def upstream_tags(path: Path = UPSTREAM_TAGS) -> dict[str, UpstreamTag]:
    """Return the tags that need upstream's files, each with its reason."""
    result = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            words, _, reason = line.partition(": ")
            tag, _, kept = words.partition(" except ")
            result[tag] = UpstreamTag(reason, kept)
    return result


def about_packaging(hints: Iterable[Hint], excluded: Mapping[str, UpstreamTag], *, is_native: bool) -> set[str]:
    """Return the tags of `hints` about debian/: those of its files, and those of no file that need nothing of upstream's."""
    found = set()
    for hint in hints:
        rule = excluded.get(hint.tag)
        upstreams = rule is not None and not (rule.kept and hint.context.startswith(rule.kept))
        elsewhere = bool(hint.path) and not hint.path.startswith("debian/")
        if hint.severity is not HintSeverity.CLASSIFICATION and (is_native or not (upstreams or elsewhere)):
            found.add(hint.tag)
    return found


def measure(case: Case, run: KeptRuns, excluded: Mapping[str, UpstreamTag]) -> Outcomes:
    """Return how both sides agree about one package."""
    whole = run([*_REFERENCE, *lintian_command(case.dsc)], stdin=archive_of(case.files))
    if whole.exit_status != 0 or whole.limit_hit:
        return Outcomes(case.name, case.kind, problem=f"lintian ended with {whole.exit_status} on the whole: {whole.limit_hit}")
    truth = about_packaging(parse_output(whole.stdout).hints, excluded, is_native=case.is_native)
    report = lint_tree(case.tree, case.identity, executables=case.executables, run=run)
    if report.state is Outcome.ERROR:
        return Outcomes(case.name, case.kind, problem=f"recipe-only: {report.error}")
    said = about_packaging(report.hints, excluded, is_native=case.is_native)
    pairs = {kind: {(case.name, tag) for tag in tags} for kind, tags in _compare(said, truth)}
    score = Score(pairs["agreed"], pairs["false"], pairs["missed"], packages=1)
    details = tuple(_details(report, parse_output(whole.stdout).hints, said ^ truth))
    return Outcomes(case.name, case.kind, score, details, report.log.partition("\n")[0].partition(": ")[2])


def _compare(said: set[str], truth: set[str]) -> Iterator[tuple[str, set[str]]]:
    yield "agreed", said & truth
    yield "false", said - truth
    yield "missed", truth - said


def _details(report: LintReport, whole: Iterable[Hint], tags: set[str]) -> Iterator[str]:
    """Yield a line for each hint of `tags`, by which the reason can be found."""
    if tags:
        yield report.log.partition("\n")[0]
    for sign, hints in (("+", report.hints), ("-", whole)):
        for hint in hints:
            if hint.tag in tags:
                yield f"{sign} {hint.severity} {hint.tag}: {hint.context} {hint.path}:{hint.line or ''}"[:200]


def _one(apt: Apt, kind: str, name: str, cache: Path, run: KeptRuns, excluded: Mapping[str, UpstreamTag]) -> Outcomes:
    try:
        return measure(load(apt, name, kind, cache, run), run, excluded)
    except Unavailable as reason:
        return Outcomes(name, kind, problem=str(reason))


def show(outcomes: list[Outcomes], *, verbose: bool) -> bool:
    """Print the table and what differs; return whether the goals are met."""
    scores: dict[str, Score] = {}
    for each in outcomes:
        for kind in (each.kind, "all") if each.score else ():
            scores.setdefault(kind, Score()).add(each.score or Score())
    print(f"{'kind':10} {'packages':>8} {'agreed':>7} {'false':>6} {'missed':>7} {'precision':>10} {'recall':>7}")
    for kind, score in scores.items():
        counts = f"{len(score.agreed):7} {len(score.false):6} {len(score.missed):7}"
        print(f"{kind:10} {score.packages:8} {counts} {score.precision:10.3f} {score.recall:7.3f}")
    print("\nstood in for upstream:", dict(Counter(each.stand_in for each in outcomes if each.score)))
    total = scores.get("all", Score())
    _show_pairs("said and not true", total.false)
    _show_pairs("true and not said", total.missed)
    print("\nnot measured:", *(f"{each.name}: {each.problem[:140]}" for each in outcomes if each.problem), sep="\n  ")
    for each in outcomes if verbose else ():
        if each.details:
            print(f"\n{each.name}", *each.details, sep="\n  ")
    return total.precision >= PRECISION_GOAL and total.recall >= RECALL_GOAL


def _show_pairs(what: str, pairs: set[tuple[str, str]]) -> None:
    print(f"\n{what}:")
    for tag, number in Counter(tag for _, tag in pairs).most_common():
        print(f"  {number:3} {tag}: {', '.join(sorted(name for name, each in pairs if each == tag))[:90]}")


def main() -> int:
    """Measure the packages of the list, or those named; return 0 where the goals are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="source packages of agreement.txt; all where none is given")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "agreement", help="what is kept between runs")
    parser.add_argument("--jobs", type=int, default=2, help="lintian processes at once")
    parser.add_argument("--all", action="store_true", help="leave no tag out: those about upstream's files too")
    parser.add_argument("--verbose", action="store_true", help="print each hint that differs")
    options = parser.parse_args()
    os.nice(10)
    cache = options.cache.resolve()
    apt = Apt(cache / ".apt")
    apt.update()
    run, excluded = KeptRuns(cache / "runs"), {} if options.all else upstream_tags()
    chosen = [(kind, name) for kind, name in wanted() if not options.names or name in options.names]
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        outcomes = list(pool.map(lambda each: _one(apt, each[0], each[1], cache, run, excluded), chosen))
    return 0 if show(outcomes, verbose=options.verbose) else 1


if __name__ == "__main__":
    sys.exit(main())
