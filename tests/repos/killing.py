"""`manage.py shell -c "…"` runs this on a portal's folder: every act on git and database, killed at each of its steps in turn.

A step is a git process, the begin or the end of a transaction, a file that is renamed, removed or made. For each step a fork does
the act on a fresh copy of the same state and kills itself with SIGKILL there; another fork runs the sweep once and compares
database, intake and public repository. Prints a line of JSON for each act: how many steps were tried, and what did not agree.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.transaction import Atomic

from recipes_app.models import Recipe, Revision, User
from recipes_app.repos.drafts import Draft, NewFile
from recipes_app.repos.store import store
from recipes_app.services.moderation import lifecycle, quarantine, revisions, sanctions
from recipes_app.services.operations import reconciliation
from recipes_app.services.ownership.ownership import lock
from recipes_app.services.publishing import git_access, publish, submitting

NAME = "hello-dur"
_ENOUGH = 400


class Steps:
    """Counts steps, and kills this process before the one of number `last`; 0 kills nowhere."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0
        self._wrap(subprocess.Popen, "__init__")
        self._wrap(Atomic, "__enter__")
        self._wrap(Atomic, "__exit__", after=True)
        for name in ("rename", "unlink", "touch", "write_text", "mkdir"):
            self._wrap(Path, name)

    def take(self) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _wrap(self, owner: Any, name: str, *, after: bool = False) -> None:
        original = getattr(owner, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.take()
            result = original(*args, **kwargs)
            if after:
                self.take()
            return result

        setattr(owner, name, counted)


def recipe() -> Recipe:
    return Recipe.objects.get(name=NAME)


def mod() -> User:
    return User.objects.get(username="mod")


def ada() -> User:
    return User.objects.get(username="ada")


def at(version: str) -> Revision:
    return Revision.objects.select_related("recipe", "pusher").get(recipe__storage_name=NAME, version=version)


def push(version: str, **files: str) -> None:
    """Push one version upon what the intake has, by the way that a form takes."""
    from tests.factories import recipe_tree  # noqa: PLC0415 - the portal's own process has no tests

    target = git_access.push_target(ada(), NAME)
    tree = recipe_tree(NAME, version, **files)
    draft = Draft(f"Release {version}", {path: NewFile(content) for path, content in tree.items()})
    submitting.submit(target, draft, parent=submitting.tip_of(target))


def other_recipe() -> None:
    """Publish the recipe that a merge leads to."""
    from tests.factories import publish_recipe, recipe_tree  # noqa: PLC0415 - as in `push`

    publish_recipe(recipe_tree("other-dur"), ada())


def merge() -> None:
    """Merge the recipe into the other one, as a request that is accepted does."""
    with transaction.atomic():
        lifecycle.merge_locked(lock(recipe()), Recipe.objects.get(name="other-dur"), mod())


SCRIPT = {"debian/postinst": "#!/bin/sh\nset -e\n#DEBHELPER#\n"}
ACTS: dict[str, tuple[Callable[[], None], Callable[[], Any]]] = {
    "push": (lambda: None, lambda: push("1.2-1")),
    "held push": (lambda: None, lambda: push("1.2-1", **SCRIPT)),
    "release": (lambda: push("1.2-1", **SCRIPT), lambda: publish.review(mod(), at("1.2-1"), release=True, decision="seen")),
    "reject": (lambda: push("1.2-1", **SCRIPT), lambda: publish.review(mod(), at("1.2-1"), release=False, decision="no")),
    "roll back": (lambda: None, lambda: sanctions.roll_back(mod(), ada(), at("1.1-1").pushed_at, "stolen")),
    "take out": (lambda: None, lambda: revisions.take_out(mod(), at("1.1-1"), "malware")),
    "bring back": (
        lambda: revisions.take_out(mod(), at("1.1-1"), "malware"),
        lambda: revisions.bring_back(mod(), at("1.1-1"), "it was none"),
    ),
    "purge": (
        lambda: revisions.take_out(mod(), at("1.1-1"), "secret"), lambda: revisions.purge(mod(), at("1.1-1"), "a password"),
    ),
    "quarantine": (lambda: None, lambda: quarantine.quarantine(mod(), recipe(), "malware")),
    "end of quarantine": (
        lambda: quarantine.quarantine(mod(), recipe(), "malware"), lambda: quarantine.release(mod(), recipe(), "it was none"),
    ),
    "rename": (lambda: None, lambda: lifecycle.rename(mod(), recipe(), "hello-lunar")),
    "merge": (other_recipe, merge),
    "deletion": (lambda: None, lambda: lifecycle.delete(mod(), recipe(), "spam")),
    "restoration": (
        lambda: lifecycle.delete(mod(), recipe(), "spam"),
        lambda: lifecycle.restore(mod(), Recipe.objects.get(storage_name=NAME)),
    ),
}  # fmt: skip


def forked(work: Callable[[], None]) -> tuple[int, str]:
    """Do `work` in a fork; return how it ended (-9 where it was killed) and what it raised."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        # The connection of the parent is its own.
        for each in connections.all():
            each.inc_thread_sharing()
            each.close()
        try:
            work()
            # The last one that closes an SQLite database writes its journal back.
            connections.close_all()
            status = 0
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-60_000:])
            status = 1
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said


def disagreements() -> list[str]:
    """Return what does not agree after one sweep."""
    found = [f"the sweep says: {each.error}" for each in reconciliation.settle_interrupted() if each.error]
    found += [f"a marker is left: {name}" for name in store().interrupted()]
    row = Recipe.objects.get(storage_name=NAME)
    wanted = dict(publish.wanted_branches(row))
    if store().shown(NAME) != wanted:
        found.append(f"git shows {store().shown(NAME)}, the catalogue has {wanted}")
    current = row.current.commit if row.current else None
    if wanted and wanted.get("main") != current:
        found.append(f"current is {current}, main {wanted.get('main')}")
    states = dict(row.revisions.values_list("commit", "review"))
    if states.get(store().branches(NAME)["main"]) == Revision.Review.QUARANTINED:
        found.append("the intake stands at what was taken out")
    known = {record.new for record in store().push_history(NAME)}
    if not known <= set(states):
        found.append(f"git has pushes that the catalogue does not know: {known - set(states)}")
    reachable = git("public", "rev-list", "--all").split() if wanted else []
    for commit, state in states.items():
        if has("public", commit) and commit not in reachable:
            found.append(f"{commit} ({state}) can be fetched though no branch has it")
    for commit in row.revisions.exclude(purged_at=None).values_list("commit", flat=True):
        if has("intake", commit):
            found.append(f"{commit} was purged and is there")
    for which in ("intake", "public"):
        git(which, "fsck", "--full", "--no-dangling")
    return found


def has(which: str, commit: str) -> bool:
    path = getattr(store(), which)(NAME)
    return (
        subprocess.run(["git", "--git-dir", str(path), "cat-file", "-e", commit], capture_output=True, check=False).returncode
        == 0
    )


def git(which: str, *words: str) -> str:
    path = getattr(store(), which)(NAME)
    done = subprocess.run(["git", "--git-dir", str(path), *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{which}: git {words[0]}: {done.stderr}")
    return done.stdout


def copied(source: Path) -> None:
    """Put the state `source` in the place of the portal's own."""
    connection.close()
    data = Path(settings.PORTAL_DATA)
    for name in ("repos", "portal.sqlite3", "portal.sqlite3-wal", "portal.sqlite3-shm"):
        target = data / name
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target)
        elif (source / name).exists():
            shutil.copy2(source / name, target)


def kept(target: Path) -> None:
    connection.close()
    data = Path(settings.PORTAL_DATA)
    for name in ("repos", "portal.sqlite3", "portal.sqlite3-wal", "portal.sqlite3-shm"):
        if (data / name).exists():
            (shutil.copytree if (data / name).is_dir() else shutil.copy2)(data / name, target / name)


def kill_everywhere(act: str) -> dict[str, Any]:
    """Kill `act` at each of its steps; return the number of steps and what went wrong."""
    before, do = ACTS[act]
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        status, said = forked(before)
        if status:
            return {"act": act, "steps": 0, "wrong": [said]}
        kept(Path(folder))
        for step in range(1, _ENOUGH):

            def killed(step: int = step) -> None:
                Steps(step)
                do()

            def compared() -> None:
                if found := disagreements():
                    raise RuntimeError("; ".join(found))

            status, said = forked(killed)
            if status == 1:
                wrong.append(f"step {step}: {said}")
            agreed, why = forked(compared)
            if agreed != 0:
                wrong.append(f"step {step}: {why}")
            copied(Path(folder))
            if status == 0:
                break
    return {"act": act, "steps": step, "wrong": wrong}


def run(acts: list[str]) -> None:
    """Print the result of each act; the state at the beginning is the same for all."""
    with tempfile.TemporaryDirectory() as folder:
        kept(Path(folder))
        for act in acts:
            print(json.dumps(kill_everywhere(act)), flush=True)
            copied(Path(folder))
    sys.stdout.flush()
