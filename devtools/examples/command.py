"""The command itself: which examples on which releases, one after the other, and what is printed and written."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..bootstrap import ROOT, say
from ..programs import CannotRun
from ..roots import RootUnavailable, why_not
from ..supervisor import interrupt_on_termination
from . import table
from .catalogue import Example, all_examples, load
from .run import Outcome, Walk, Way
from .serving import portal_of_examples
from .systems import RELEASES, SHELLS, System, fresh_system, interactive

LOGS = ROOT / "var" / "examples"


def examples(arguments: list[str]) -> int:
    """Build the examples that are named, or all, as their pages say. Return 0, 1 where one fails, 2 for wrong arguments."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    names = options.names or all_examples()
    if unknown := sorted(set(names) - set(all_examples())):
        print(f"dev: no example {', '.join(unknown)}; there are {', '.join(all_examples())}", file=sys.stderr)
        return 2
    if reason := why_not():
        print(f"dev: no example was built: {reason}", file=sys.stderr)
        return 1
    interrupt_on_termination()
    try:
        outcomes = _build_all(names, options)
    except (CannotRun, RootUnavailable) as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return 130
    print(table.text(outcomes))
    table.DOCUMENT.write_text(table.document(table.keep(outcomes)), encoding="utf-8")
    say(f"{table.DOCUMENT.relative_to(ROOT)} is written; what the terminals showed is in {LOGS.relative_to(ROOT)}/")
    return 1 if any(each.fault for each in outcomes) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev examples", description="Build examples in fresh systems as their pages say.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an example; all without one")
    parser.add_argument("--release", choices=RELEASES, action="append", help="a release of Debian; all without one")
    parser.add_argument("--shell", choices=SHELLS, help="the shell to paste into; without it they take turns")
    parser.add_argument("--large", action="store_true", help="also what downloads or builds for very long")
    parser.add_argument("--clean", action="store_true", help="build by the page's lines for a clean root (sbuild)")
    parser.add_argument("--fresh", action="store_true", help="a fresh system for each example, not for each release")
    parser.add_argument("--keep", action="store_true", help="open a shell in the system of an example that failed")
    return parser


def _build_all(names: Sequence[str], options: argparse.Namespace) -> list[Outcome]:
    """Build each example on each release. Raises CannotRun, RootUnavailable."""
    outcomes = []
    LOGS.mkdir(parents=True, exist_ok=True)
    say("starting a portal with the examples")
    with tempfile.TemporaryDirectory(prefix="dur-examples-") as data, portal_of_examples(Path(data)) as portal:
        for release in options.release or RELEASES:
            # Each example meets both shells: one on each release.
            turns = [SHELLS[(each + RELEASES.index(release)) % len(SHELLS)] for each in range(len(names))]
            walks = [(load(name), options.shell or shell) for name, shell in zip(names, turns, strict=True)]
            left = []
            for example, shell in walks:
                if reason := example.why_not(release, large=options.large):
                    outcomes.append(Outcome(example.name, release, time.strftime("%Y-%m-%d"), skipped=reason))
                else:
                    left.append((example, shell))
            while left:
                # One system serves until an example fails in it.
                with fresh_system(release) as system:
                    outcomes += _build_some(system, portal, left, options)
    return sorted(outcomes, key=lambda outcome: (outcome.recipe, outcome.release))


def _build_some(system: System, portal: str, left: list[tuple[Example, str]], options: argparse.Namespace) -> Iterator[Outcome]:
    """Yield what comes of the examples that are taken from `left`, up to the first that fails, or to the first alone."""
    while left:
        example, shell = left.pop(0)
        log = LOGS / f"{system.release}-{example.name}.log"
        log.unlink(missing_ok=True)
        outcome = Walk(system, portal, example, Way(shell, options.clean, options.large, say=say)).go(log)
        # Kept at once: a run over all of them takes an hour, and may be interrupted.
        table.keep([outcome])
        yield outcome
        if outcome.fault:
            say(f"{example.name} on {system.release}: FAILED: {outcome.fault.splitlines()[0]}")
            if options.keep:
                interactive(system)
        if outcome.fault or options.fresh or not outcome.packages:
            # What was left half done must not meet the next one.
            return
