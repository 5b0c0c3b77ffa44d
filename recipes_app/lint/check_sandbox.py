"""`python -m recipes_app.lint.check_sandbox`: proves each promise of the sandbox on this machine by trying to break it.

A runner does the same before its first job, and does not start where a promise does not hold. No Django here.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import cgroups
from .probes import PROBES, Probe
from .sandbox import SandboxUnavailable

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proof:
    """What came of one probe. `broken` says what got through, in words; empty where the promise held."""

    probe: Probe
    broken: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether nothing got through."""
        return not self.broken

    def __str__(self) -> str:
        happened = "; ".join(self.broken) or "nothing got through"
        word = "held" if self.held else "BROKEN"
        return f"{word:6} {self.probe.promise} [{self.probe.name}]. Tried: {self.probe.tried}. {happened}"


def prove(probes: Sequence[Probe] = PROBES) -> Iterator[Proof]:
    """Yield the proof of each promise, as it is had. What stands in the way of a probe is a promise that does not hold."""
    for probe in probes:
        try:
            broken = tuple(probe.attempt())
        except (SandboxUnavailable, OSError) as error:
            broken = (f"the probe could not be made: {error}",)
        yield Proof(probe, broken)


def require_sandbox() -> None:
    """Return where every promise holds. Else raise SystemExit, after a line in the log for each that does not."""
    broken = [proof for proof in prove() if not proof.held]
    for proof in broken:
        logger.critical("%s", proof)
    if broken:
        names = ", ".join(proof.probe.name for proof in broken)
        raise SystemExit(
            f"the runner does not start: the sandbox does not keep its promise on this machine ({names}); "
            "`python -m recipes_app.lint.check_sandbox` tells more"
        )


def describe_limits() -> str:
    """Return in words how the limits over a whole run are kept on this machine."""
    parent = cgroups.parent_folder()
    if parent is None:
        return "no control group: limits of each process, and a watch over the memory of all"
    offered = set((parent / "cgroup.controllers").read_text().split()) & set(cgroups.CONTROLLERS)
    kept = ", ".join(sorted(offered)) or "no limit, but every process at once ended"
    return f"control groups in {parent} keep: {kept}; besides, limits of each process and a watch over the memory of all"


def main() -> int:
    """Print a line for each promise; return 1 where one does not hold."""
    print(describe_limits())
    proofs = []
    for proof in prove():
        print(proof, flush=True)
        proofs.append(proof)
    broken = [proof.probe.name for proof in proofs if not proof.held]
    if broken:
        print(f"{len(broken)} of {len(proofs)} promises do not hold on this machine: {', '.join(broken)}", file=sys.stderr)
        return 1
    print(f"all {len(proofs)} promises hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
