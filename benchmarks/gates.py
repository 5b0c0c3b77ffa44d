"""`./dev bench gates`: how many ordinary revisions the classes of effects would publish, delay and hold, on real histories.

    ./dev bench gates [--cache DIRECTORY] [--verbose] [NAME ...]

The packages of gates_packages.txt are Debian source packages. Every version that apt's suites offer, from bullseye to
experimental and with the security updates, is compared with its parent: the newest one offered that its changelog names. Where
one entry lies between both, the step is real. Where several do, their revisions are built (see gates_history): what really
changed is handed out over the entries that tell of it. Counted are packages with five revisions or more, of both kinds together.
A table says what a policy makes of the effects; the goal is that at most 5 % of the ordinary bumps of an established maintainer
wait. The exit status is 1 where it is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recipes_app.formats.effects import Change, Effect, changes_of, is_plain_bump
from recipes_app.limits import SAMPLED_PERCENT
from recipes_app.services.gates.gate_table import BUMP, TABLE, Decision, Reach, Trust, decide

from .gates_history import Archive, Step, steps_of
from .real_packages import HERE, wanted_names

NAMES = HERE / "gates_packages.txt"
CACHE = Path(tempfile.gettempdir()) / "gates-packages"
GOAL_PACKAGES = 60
GOAL_REVISIONS = 5
GOAL_WAITING = 0.05

PUBLISH, DELAY, HOLD = (decision.value for decision in Decision)
_DECISIONS = (PUBLISH, DELAY, HOLD)
ESTABLISHED, NEWCOMER = Trust.ESTABLISHED.value, Trust.NEW.value
# What most recipes have.
REACH = Reach.SMALL
Policy = Mapping[tuple[str, str], str]
# The site's own table (docs/gates.md).
POLICY: Policy = {(trust.value, what): decide(trust, what, REACH).value for trust in Trust for what in TABLE[trust]}


@dataclass(frozen=True)
class Replayed:
    """A step with what the comparison says of it."""

    step: Step
    changes: tuple[Change, ...]
    is_plain: bool

    @property
    def effects(self) -> frozenset[Effect]:
        """The effects of the step."""
        return frozenset(change.effect for change in self.changes)

    def decision(self, trust: str, policy: Policy) -> str:
        """Return what the gravest effect leads to."""
        found = [policy[trust, what] for what in ((BUMP,) if self.is_plain else self.effects)]
        return max(found, key=_DECISIONS.index, default=PUBLISH)


def replay(steps: Iterable[Step]) -> Iterator[Replayed]:
    """Compare each step's two sides."""
    for step in steps:
        yield Replayed(step, changes_of(step.old, step.new), is_plain_bump(step.old, step.new))


def table(replayed: Sequence[Replayed], policy: Policy) -> Iterator[str]:
    """Yield the lines of the report."""
    groups = {
        "all revisions": replayed,
        "  real": [each for each in replayed if each.step.is_real],
        "  built": [each for each in replayed if not each.step.is_real],
        "bumps to a new upstream version": [each for each in replayed if each.step.is_bump],
        "  ordinary: nothing but the bump is told": ordinary(replayed),
        "    real": [each for each in ordinary(replayed) if each.step.is_real],
        "    built": [each for each in ordinary(replayed) if not each.step.is_real],
        "changes of the packaging alone": [each for each in replayed if not each.step.is_bump],
    }
    yield f"{'':44}{'number':>7}{'plain':>7}" + "".join(f"{effect:>8}" for effect in _SHOWN)
    for name, group in groups.items():
        counts = Counter(effect for each in group for effect in each.effects)
        row = "".join(f"{_share(counts[effect], len(group)):>8}" for effect in _SHOWN)
        yield f"{name:44}{len(group):7}{_share(sum(each.is_plain for each in group), len(group)):>7}{row}"
    yield ""
    yield f"{'':44}" + "".join(f"{trust + ': ' + decision:>22}" for trust in (ESTABLISHED, NEWCOMER) for decision in _DECISIONS)
    for name, group in groups.items():
        cells = []
        for trust in (ESTABLISHED, NEWCOMER):
            decisions = Counter(each.decision(trust, policy) for each in group)
            cells += [f"{_share(decisions[decision], len(group)):>22}" for decision in _DECISIONS]
        yield f"{name:44}{''.join(cells)}"


_SHOWN = (Effect.BUILD, Effect.ROOT, Effect.ORIGIN, Effect.CLASS)


def ordinary(replayed: Iterable[Replayed]) -> list[Replayed]:
    """Return the bumps of which the changelog tells nothing but the new version of upstream's and what it brings."""
    return [each for each in replayed if each.step.is_bump and each.step.is_ordinary]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay the histories and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="./dev bench gates", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="source packages; all of gates_packages.txt where none is given")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for apt's state and the packages")
    parser.add_argument("--verbose", action="store_true", help="name each ordinary bump that waits, and why")
    chosen = parser.parse_args(arguments)
    names = chosen.names or list(wanted_names(NAMES))
    archive = Archive(chosen.cache.resolve())
    every = {name: list(replay(steps_of(name, trees))) for name, trees in archive.packages(names)}
    # So many steps, and the revision that the first of them starts from.
    histories = {name: history for name, history in every.items() if len(history) + 1 >= GOAL_REVISIONS}
    replayed = [each for history in histories.values() for each in history]
    print(f"{len(histories)} packages with at least {GOAL_REVISIONS} revisions, {len(replayed)} steps\n")
    print("\n".join(table(replayed, POLICY)))
    waiting = [each for each in ordinary(replayed) if each.decision(ESTABLISHED, POLICY) != PUBLISH]
    for each in waiting if chosen.verbose else ():
        reasons = [change.what for change in each.changes if POLICY[ESTABLISHED, change.effect] != PUBLISH]
        print(f"{each.step.name} {each.step.old.metadata.version} -> {each.step.new.metadata.version}: {' '.join(reasons[:3])}")
    number = max(1, len(ordinary(replayed)))
    by_lot = SAMPLED_PERCENT / 100 * sum(each.is_plain for each in ordinary(replayed)) / number
    share = len(waiting) / number + by_lot
    print(
        f"\nordinary bumps of established maintainers that wait: {100 * share:.1f} %, {100 * by_lot:.1f} % of them by lot; "
        f"goal at most {100 * GOAL_WAITING:.0f} %"
    )
    return 0 if share <= GOAL_WAITING and len(histories) >= GOAL_PACKAGES else 1


if __name__ == "__main__":
    sys.exit(main())
