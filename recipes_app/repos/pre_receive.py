"""The pre-receive hook: git runs it, with the incoming objects in quarantine, and takes nothing of a push that it refuses.

No Django, no database: a process of a tenth of a second; and no GitPython, whose import takes as long. Standard input holds a
line `OLD NEW REFERENCE` for each reference; the transport passes the recipe's name and the pusher's right to rewrite in the
environment (repos/gitconfig.py). What it prints on standard error is shown by the user's git with `remote: ` before each line.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..formats.findings import Finding
from ..formats.recipe import parse_recipe
from ..formats.text import lines_of
from ..limits import HOOK_CPU_SECONDS, HOOK_WALL_SECONDS, MAX_BLOB_BYTES, MAX_FINDINGS_SHOWN, MAX_PUSH_COMMITS
from .objects import REGULAR_MODES, ObjectError, ObjectReader, quarantined_objects
from .push_rules import MAIN, MAIN_BRANCH, REFERENCE_RULES, RefUpdate, escape, refused, version_not_lower, within_quota
from .pushed import PushTooLarge, TreeInspector
from .reflog import NO_COMMIT
from .refused import read_refused

_MAX_LINE = 1_000
_MAX_REFERENCES = 100
_TOO_LONG = refused(
    "push-time", "", f"it was not checked within {HOOK_CPU_SECONDS:g} seconds of processor time or {HOOK_WALL_SECONDS:g} seconds",
    "make the files smaller or simpler, push fewer commits at once, or try again when the portal is less busy",
)  # fmt: skip
# deb-changelog(5): the first line of an entry is `PACKAGE (VERSION) DISTRIBUTIONS; METADATA`.
_HEADING = re.compile(r"\S+ \(([^()\s]+)\)")


@dataclass(frozen=True)
class PushContext:
    """What the transport says about a push."""

    recipe_name: str
    may_rewrite: bool
    git_dir: Path


@dataclass(frozen=True)
class Refusal:
    """A finding and where in the push it is: the branch, and the commit where it is not the branch's tip."""

    finding: Finding
    branch: str = ""
    commit: str = ""

    def __str__(self) -> str:
        place = "".join(f"{each}: " for each in (self.branch if self.branch != MAIN_BRANCH else "", self.commit[:12]) if each)
        return place + str(self.finding)


class _TooLong(BaseException):
    """The push is not judged in its time. No Exception: whoever catches those goes on."""


def main() -> int:
    """Judge the push on standard input; return the hook's exit status, 0 to take it."""
    _start_clock()
    context = PushContext(
        recipe_name=os.environ["PORTAL_RECIPE_NAME"],
        may_rewrite=os.environ.get("PORTAL_MAY_REWRITE") == "1",
        git_dir=Path(os.environ.get("GIT_DIR", ".")).resolve(),
    )
    updates = [RefUpdate(*line.split(" ", 2)) for line in lines_of(sys.stdin.buffer.read().decode("utf-8", "replace"))]
    try:
        lines = list(report(judge(updates, context)))
    except _TooLong:
        lines = list(report([Refusal(_TOO_LONG)]))
    except Exception as error:  # noqa: BLE001 - whatever fails here refuses the push, in a line that can be reported
        place = traceback.extract_tb(error.__traceback__)[-1]
        fault = escape(f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})")[:_MAX_LINE]
        lines = [f"error: the portal could not check this push: {fault}", "Nothing was stored. Please report this line."]
    sys.stderr.buffer.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    return 1 if lines else 0


def _start_clock() -> None:
    """Raise _TooLong in this process when it has used its time: a thread of the web server waits for it."""

    def ring(number: int, frame: object) -> None:
        raise _TooLong

    signal.signal(signal.SIGPROF, ring)
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_PROF, HOOK_CPU_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, HOOK_WALL_SECONDS)


def judge(updates: list[RefUpdate], context: PushContext) -> Iterator[Refusal]:
    """Yield everything that stands against the push; nothing where it may be taken."""
    if len(updates) > _MAX_REFERENCES:
        yield Refusal(
            refused("push-references", "", f"{len(updates)} references in one push; at most {_MAX_REFERENCES} are taken")
        )
        return
    wanted = []
    for update in updates:
        findings = [finding for rule in REFERENCE_RULES for finding in rule(update)]
        yield from map(Refusal, findings)
        if not findings:
            wanted.append(update)
    if wanted and not any(update.reference == MAIN for update in wanted) and not _has_main():
        yield Refusal(refused("push-main-first", "", "the recipe has no branch main yet", "git push REMOTE HEAD:main"))
    yield from map(Refusal, within_quota(_folder_bytes(context.git_dir / "objects")))
    try:
        with quarantined_objects(context.git_dir, os.environ) as reader:
            yield from _judge_commits(wanted, reader, context)
    except (PushTooLarge, ObjectError) as error:
        yield Refusal(refused("push-unreadable", "", str(error)))


def report(refusals: Iterable[Refusal]) -> Iterator[str]:
    """Yield a line for each finding, at most MAX_FINDINGS_SHOWN, each once, and a last line that says what happened."""
    shown: dict[str, None] = {}
    for refusal in refusals:
        shown.setdefault(f"error: {escape(str(refusal))}"[:_MAX_LINE])
    yield from list(shown)[:MAX_FINDINGS_SHOWN]
    if len(shown) > MAX_FINDINGS_SHOWN:
        yield f"error: and {len(shown) - MAX_FINDINGS_SHOWN} more"
    if shown:
        yield "The push was refused and nothing of it was stored."


def _judge_commits(updates: list[RefUpdate], reader: ObjectReader, context: PushContext) -> Iterator[Refusal]:
    """Judge trees (the tips' first, so that what is wrong now is not blamed on an older commit), then what the tips say."""
    commits = [update for update in updates if reader.info(update.new).kind == "commit"]
    for update in updates:
        if update not in commits:
            yield Refusal(refused("push-no-commit", "", "the branch does not point to a commit"), update.branch)
    inspector = TreeInspector(reader)
    damaged: dict[RefUpdate, set[str]] = {}
    for update in commits:
        findings = list(inspector.inspect_commit(update.new))
        damaged[update] = {finding.path for finding in findings}
        yield from (Refusal(finding, update.branch) for finding in findings)
    new_commits = _new_commits([update.new for update in commits])
    if len(new_commits) > MAX_PUSH_COMMITS:
        message = f"the push brings more than {MAX_PUSH_COMMITS} commits"
        yield Refusal(refused("push-commits", "", message, "push the history in parts, or squash it"))
        return
    taken_out = read_refused(context.git_dir)
    for commit in new_commits:
        if commit in taken_out:
            yield Refusal(_taken_out(commit), commit=commit)
        yield from (Refusal(finding, commit=commit) for finding in inspector.inspect_commit(commit))
    for update in commits:
        rewrites = update.old != NO_COMMIT and not _is_ancestor(update.old, update.new)
        # A branch of which nothing was ever published may begin anew.
        if rewrites and not context.may_rewrite and update.old not in taken_out:
            message = f"{update.branch} would lose commits (not a fast-forward)"
            yield Refusal(refused("push-rewrite", "", message, "git pull --rebase, then push again"))
        if inspector.is_bounded(update.new):
            current = None if rewrites or update.old == NO_COMMIT else _version_at(reader, update.old)
            yield from _judge_tip(update, reader, context.recipe_name, current, damaged[update])


def _taken_out(commit: str) -> Finding:
    """Return the refusal of a commit that a review rejected: what is pushed upon it would bring it back."""
    message = f"{commit[:12]} was rejected or taken out, and does not come back"
    return refused("push-taken-out", "", message, "git fetch, then git rebase your own commits onto the branch without it")


def _judge_tip(update: RefUpdate, reader: ObjectReader, name: str, current: str | None, damaged: set[str]) -> Iterator[Refusal]:
    """Judge what a branch's new tip says. `current` is the version before it; `damaged` paths were reported already."""
    parsed = parse_recipe(_readable_files(reader, update.new), expected_name=name)
    for finding in parsed.errors:
        if finding.path not in damaged:
            yield Refusal(finding, update.branch)
    if parsed.metadata is not None and current is not None:
        for finding in version_not_lower(update.branch, current, parsed.metadata.version):
            yield Refusal(finding, update.branch)


def _readable_files(reader: ObjectReader, commit: str) -> dict[str, bytes]:
    """Return the tip's files as the parser takes them; what has no place in a recipe was reported by the rules."""
    tree: dict[str, bytes] = {}
    for file in reader.walk(reader.root_tree(commit)):
        if file.mode in REGULAR_MODES and reader.info(file.oid).size <= MAX_BLOB_BYTES:
            tree[file.path.decode("utf-8", "backslashreplace")] = reader.blob(file.oid)
    return tree


def _version_at(reader: ObjectReader, commit: str) -> str | None:
    """Return the version of the newest changelog entry at a commit that was taken before, or None where there is none."""
    for file in reader.walk(reader.root_tree(commit)):
        if file.path == b"debian/changelog":
            heading = _HEADING.match(reader.blob(file.oid).decode("utf-8", "replace").lstrip())
            return heading.group(1) if heading else None
    return None


def _has_main() -> bool:
    return _git("show-ref", "--verify", "--quiet", MAIN).returncode == 0


def _is_ancestor(old: str, new: str) -> bool:
    return _git("merge-base", "--is-ancestor", old, new).returncode == 0


def _new_commits(tips: list[str]) -> list[str]:
    """Return the commits that no branch has yet, newest first; one more than may be where there are too many."""
    request = "".join(f"{tip}\n" for tip in tips)
    result = _git("rev-list", f"--max-count={MAX_PUSH_COMMITS + 1}", "--stdin", "--not", "--all", text=request)
    if result.returncode != 0:
        raise ObjectError(f"git rev-list failed: {result.stderr.strip()}")
    return result.stdout.split()


def _git(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], input=text, capture_output=True, text=True, errors="replace", check=False)


def _folder_bytes(folder: Path) -> int:
    """Return how many bytes the files below `folder` take; a repository's objects include the quarantine of this push."""
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                total += _folder_bytes(Path(entry.path)) if entry.is_dir(follow_symlinks=False) else entry.stat().st_size
            except FileNotFoundError:
                # The quarantine of another push, which came to its end in the meantime.
                continue
    return total
