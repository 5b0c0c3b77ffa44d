"""`python -m recipes_app.lint.sandbox.check_sandbox`: proves each promise of the sandbox on this machine by trying to break it.

The promises are those of the level that LINT_SANDBOX chooses.
A runner does the same before its first job, and does not start where a promise does not hold. No Django here.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import cgroups
from .confine import landlock_abi
from .levels import VARIABLE, Level, SandboxUnavailable
from .probes import probes_of
from .probing import Probe
from .sandbox import SLOTS, chosen_level, why_not

logger = logging.getLogger(__name__)

_BOOT = Path("/proc/sys/kernel/random/boot_id")
# What an operator can turn and what would weaken the sandbox.
_SWITCHES = tuple(
    Path("/proc/sys", name)
    for name in (
        "kernel/unprivileged_userns_clone",
        "user/max_user_namespaces",
        "kernel/yama/ptrace_scope",
        "vm/overcommit_memory",
    )
)
_PROGRAMS = ("bwrap", "setpriv", "prlimit", "unshare", "mount")


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


def prove(probes: Sequence[Probe]) -> Iterator[Proof]:
    """Yield the proof of each promise, as it is had. What stands in the way of a probe is a promise that does not hold."""
    for probe in probes:
        try:
            broken = tuple(probe.attempt())
        except (SandboxUnavailable, OSError) as error:
            broken = (f"the probe could not be made: {error}",)
        yield Proof(probe, broken)


def by_cause(proofs: Iterable[Proof]) -> list[str]:
    """Return a line for each cause that breaks promises, however many of them it breaks; none where all hold."""
    causes: dict[tuple[str, ...], list[str]] = {}
    for proof in proofs:
        if not proof.held:
            causes.setdefault(proof.broken, []).append(proof.probe.name)
    return [
        f"{'; '.join(' '.join(each.split()) for each in broken)} [broken: {', '.join(names)}]" for broken, names in causes.items()
    ]


def require_sandbox() -> Level:
    """Return the level of this machine's sandbox where every promise of it holds. Else raise SystemExit.

    Where the level cannot be had at all, its one reason is all that is said; else each cause of a broken promise is a line in the
    log. A proof takes seconds, and says the same until the machine starts anew or one of the things changes that it is about.
    """
    level, reason = _level_or_reason()
    if level is None:
        raise SystemExit(f"the runner does not start: {reason}")
    note, machine = _note(), _fingerprint(level)
    if note is not None and _reads(note) == machine:
        logger.info("the sandbox keeps its promises at the level %s: proved since this machine started (%s)", level, note)
        return level
    causes = by_cause(prove(probes_of(level)))
    for cause in causes:
        logger.critical("%s", cause)
    if causes:
        raise SystemExit(
            f"the runner does not start: the sandbox does not keep its promises on this machine: {causes[0][:300]}; "
            f"`{VARIABLE}={level} python -m recipes_app.lint.sandbox.check_sandbox` tells more"
        )
    if note is not None:
        note.write_text(machine, encoding="ascii")
    return level


def _note() -> Path | None:
    """Return the file in which a proof is noted, None where there is no folder that only this account writes.

    Such folders lie in memory and go with the machine's next start.
    """
    folder = SLOTS if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere"))
    if os.geteuid() == 0:
        folder.mkdir(mode=0o700, exist_ok=True)
    try:
        status = folder.stat()
    except FileNotFoundError:
        return None
    private = status.st_uid == os.geteuid() and not status.st_mode & 0o022
    return folder / "sandbox-proof" if private else None


def _reads(note: Path) -> str:
    try:
        return note.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def _fingerprint(level: Level) -> str:
    """Return what a proof holds for: the level, this start of the machine, its kernel and switches, programs, our own code."""
    digest = hashlib.sha256(f"{level} {os.uname()!r} {os.geteuid()} {landlock_abi()} {sys.executable}".encode())
    for path in (_BOOT, *_SWITCHES):
        digest.update(path.read_bytes() if path.exists() else b"-")
    for program in _PROGRAMS:
        found = shutil.which(program)
        status = Path(found).stat() if found else None
        digest.update(f"{found} {status and (status.st_size, status.st_mtime_ns)}\n".encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def describe_limits() -> str:
    """Return in words how the limits over a whole run are kept on this machine."""
    parent = cgroups.parent_folder()
    if parent is None:
        return "no control group: limits of each process, and a watch over the memory of all"
    offered = set((parent / "cgroup.controllers").read_text().split()) & set(cgroups.CONTROLLERS)
    kept = ", ".join(sorted(offered)) or "no limit, but every process at once ended"
    return f"control groups in {parent} keep: {kept}; besides, limits of each process and a watch over the memory of all"


def _level_or_reason() -> tuple[Level | None, str]:
    """Return the chosen level where it can be had; else None, and the one reason."""
    try:
        level = chosen_level()
    except SandboxUnavailable as error:
        return None, str(error)
    reason = why_not(level)
    if reason and level is Level.NAMESPACES and not why_not(Level.CONFINED):
        reason += f", or set {VARIABLE}={Level.CONFINED}, for checks without trial builds"
    return (None, reason) if reason else (level, "")


def main() -> int:
    """Print a line for each promise; return 1 where one does not hold."""
    level, reason = _level_or_reason()
    if level is None:
        print(reason, file=sys.stderr)
        return 1
    print(f"level {level}; {describe_limits()}")
    proofs = []
    for proof in prove(probes_of(level)):
        print(proof, flush=True)
        proofs.append(proof)
    broken = [proof.probe.name for proof in proofs if not proof.held]
    if broken:
        print(f"{len(broken)} of {len(proofs)} promises do not hold on this machine: {', '.join(broken)}", file=sys.stderr)
        return 1
    print(f"all {len(proofs)} promises of the level {level} hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
