"""The runner's work: a clone URL and a commit in, a report out. It trusts neither the repository nor what is in it. No Django."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..formats.findings import Finding
from ..formats.recipe import parse_recipe
from ..limits import LINT_LOG_BYTES, MAX_PUSH_BYTES, MIB
from ..repos.gitconfig import configured, environment
from ..repos.objects import MODE_EXECUTABLE, REGULAR_MODES, ObjectError
from ..repos.push_rules import escape
from ..repos.pushed import PushTooLarge, TreeInspector
from ..repos.repository import objects_of
from .build.confirming import confirm
from .build.fetching import Fetcher, FetchFailed, FetchRefused
from .build.trial_build import Checkout, fetch_and_build
from .protocol.assignment import Assignment, Need
from .protocol.report import LintReport, Outcome, clean_text
from .protocol.stages import Mode, Stage
from .recipe_checks import check_recipe
from .sandbox.cgroups import process_namespace
from .sandbox.confined import FOLDER_PREFIX, parent_for_runs, remove_tree, run_prefix
from .sandbox.levels import SandboxUnavailable
from .sandbox.sandbox import chosen_level
from .sandbox.supervise import ParentLimits, supervise
from .source.check import Identity, lint_tree
from .source.upstream import UpstreamMissing, fetches_of_source

logger = logging.getLogger(__name__)

# A recipe's newest commit is far under a megabyte; the portal's own limits stand before what is larger.
_CLONE_LIMITS = ParentLimits(wall_seconds=120, output_bytes=1 * MIB, log_bytes=LINT_LOG_BYTES, memory_bytes=1024 * MIB)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PROTOCOLS = ("http", "https")
_FOLDER = re.compile(rf"{FOLDER_PREFIX}(\d+)-(\d+)-\w+")
_MAX_SHOWN = 10


class RunnerError(Exception):
    """The recipe cannot be had or is no recipe; the text says what is wrong."""


@dataclass(frozen=True)
class FetchedRecipe:
    """The files of one commit, by path, which of them git knows as executable, and the recipes that are built before it."""

    tree: dict[str, bytes]
    executables: frozenset[str]
    commit: str = ""
    needed: tuple[FetchedRecipe, ...] = ()


def run_assignment(assignment: Assignment, *, protocols: Sequence[str] = _PROTOCOLS) -> LintReport:
    """Return the report on what `assignment` asks for.

    What stands in the way of a verdict becomes a report of state `error`; nothing is left on the disk. `protocols` are those
    that git may use.
    """
    try:
        with _scratch_folder() as folder:
            _fetch(folder, assignment.clone_url, assignment.commit, protocols, assignment.fetch_pass)
            recipe = read_recipe(folder, assignment.commit)
        recipe = replace(recipe, needed=tuple(_needed(each, protocols) for each in assignment.needs))
        report = run_stage(assignment.stage, recipe, facts=assignment.facts, mode=assignment.mode, suite=assignment.suite)
    except (RunnerError, ObjectError, PushTooLarge) as error:
        # Names and git's words come from strangers: neither may begin a line of the log.
        said = escape(clean_text(str(error)))
        logger.warning("%s of %s at %s: %s", assignment.stage, assignment.recipe, assignment.commit, said)
        report = LintReport(state=Outcome.ERROR, error=said)
    return replace(report, stage=assignment.stage, suite=assignment.suite, sandbox=_level())


def _level() -> str:
    """Return the level of this runner's sandbox; empty where it has none, and the report says why."""
    try:
        return chosen_level()
    except SandboxUnavailable:
        return ""


def run_stage(
    stage: Stage,
    recipe: FetchedRecipe,
    *,
    facts: Mapping[str, Any],
    mode: Mode = Mode.RECIPE_ONLY,
    suite: str = "",
    fetcher: Fetcher | None = None,
) -> LintReport:
    """Return the report of one stage on the files of a recipe. Raises RunnerError where they are no recipe.

    A trial build is one for `suite`. In the `mode` full, the source lint fetches upstream's files with `fetcher`; where they
    cannot be had, the packaging alone is looked at, and the log begins with the reason.
    """
    identity = _identity(recipe)
    if stage is Stage.RECIPE_CHECKS:
        return check_recipe(recipe.tree, identity.name, facts, executables=recipe.executables)
    if stage is Stage.TRIAL_BUILD and facts.get("cannot_build"):
        return LintReport(state=Outcome.ERROR, tool="", mode=Mode.BUILT, error=clean_text(str(facts["cannot_build"])))
    if stage is Stage.TRIAL_BUILD:
        needed = [_checkout(each) for each in recipe.needed]
        return fetch_and_build(_checkout(recipe), suite=suite, fetcher=fetcher, needed=needed)
    fetcher = fetcher or Fetcher()
    files, missing = (None, "") if mode is not Mode.FULL else _files_of_source(recipe, identity, fetcher)
    report = lint_tree(recipe.tree, identity, executables=recipe.executables, files=files)
    if mode is Mode.FULL:
        report = replace(report, confirmations=confirm(recipe.tree, identity.fetches, files or {}, fetcher))
    if missing:
        report = replace(report, log=clean_text(f"Upstream's files were not fetched: {missing}\n{report.log}", LINT_LOG_BYTES))
    return report


def _files_of_source(recipe: FetchedRecipe, identity: Identity, fetcher: Fetcher) -> tuple[Mapping[str, Path] | None, str]:
    """Return upstream's files by the manifest's names; or None, and why they cannot be had."""
    try:
        return fetcher.fetch_all(fetches_of_source(recipe.tree, identity.fetches)), ""
    except (UpstreamMissing, FetchRefused, FetchFailed, OSError) as error:
        return None, str(error)


def read_recipe(repository: Path, commit: str) -> FetchedRecipe:
    """Return the files of `commit`, after the same rules that a push passes. Raises RunnerError, ObjectError, PushTooLarge."""
    with objects_of(repository) as reader:
        findings = list(TreeInspector(reader).inspect_commit(commit))
        if findings:
            raise RunnerError(f"the tree breaks the rules of a push: {_shown(findings)}")
        files = [each for each in reader.walk(reader.root_tree(commit)) if each.mode in REGULAR_MODES]
        tree = {each.path.decode("utf-8"): reader.blob(each.oid) for each in files}
    executables = frozenset(each.path.decode("utf-8") for each in files if each.mode == MODE_EXECUTABLE)
    return FetchedRecipe(tree, executables, commit)


def _needed(need: Need, protocols: Sequence[str]) -> FetchedRecipe:
    """Return another recipe that has to be built before. Raises RunnerError."""
    try:
        with _scratch_folder() as folder:
            _fetch(folder, need.clone_url, need.commit, protocols)
            return read_recipe(folder, need.commit)
    except (RunnerError, ObjectError, PushTooLarge) as error:
        raise RunnerError(f"it needs the recipe {need.recipe}: {error}") from error


def _checkout(recipe: FetchedRecipe) -> Checkout:
    return Checkout(recipe.tree, _identity(recipe), recipe.commit, recipe.executables)


def _identity(recipe: FetchedRecipe) -> Identity:
    parsed = parse_recipe(recipe.tree)
    if parsed.metadata is None:
        raise RunnerError(f"the recipe cannot be read: {_shown(parsed.errors)}")
    said = parsed.metadata
    return Identity(said.source, said.version, [binary.name for binary in said.binaries], said.fetches)


def _shown(findings: Sequence[Finding]) -> str:
    more = f"; and {len(findings) - _MAX_SHOWN} more" if len(findings) > _MAX_SHOWN else ""
    return "; ".join(map(str, findings[:_MAX_SHOWN])) + more


def _fetch(folder: Path, clone_url: str, commit: str, protocols: Sequence[str], fetch_pass: str = "") -> None:
    """Fetch one commit without its history into a bare repository; `fetch_pass` opens what is held. Raises RunnerError."""
    if urlsplit(clone_url).scheme not in protocols:
        raise RunnerError(f"the clone URL {clone_url!r} is refused; its protocol must be one of {', '.join(protocols)}")
    if not _COMMIT.fullmatch(commit):
        raise RunnerError(f"{commit!r} is no commit: 40 lower-case hexadecimal digits were expected")
    _git(folder, protocols, "init", "--quiet", "--bare", "--template=", "--", str(folder))
    _git(
        folder, protocols,
        "-c", "protocol.version=2", "-c", "http.followRedirects=false", "-c", "http.lowSpeedLimit=1000",
        "-c", "http.lowSpeedTime=30", "-c", "credential.helper=",
        "--git-dir", str(folder), "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules",
        "--", clone_url, commit,
        fetch_pass=fetch_pass,
    )  # fmt: skip


def _git(folder: Path, protocols: Sequence[str], *arguments: str, fetch_pass: str = "") -> None:
    variables = environment(GIT_ALLOW_PROTOCOL=":".join(protocols), GIT_ASKPASS="/bin/false", HOME=str(folder))
    if fetch_pass:
        # In the environment and not among the arguments, which every user of the machine can read.
        variables = configured(variables, "http.extraHeader", f"Authorization: Bearer {fetch_pass}")
    command = ["prlimit", f"--fsize={MAX_PUSH_BYTES}", "--core=0", "--", "git", *arguments]
    result = supervise(command, limits=_CLONE_LIMITS, environment=variables)
    if result.limit_hit or result.exit_status != 0:
        lines = "; ".join(filter(None, map(str.strip, result.stderr_tail.splitlines())))
        reason = result.limit_hit or lines or f"git ended with status {result.exit_status}"
        raise RunnerError(f"the commit cannot be fetched: {clean_text(reason, 1000)}")


@contextlib.contextmanager
def _scratch_folder() -> Iterator[Path]:
    """Yield an empty folder that is removed afterwards; one that a killed runner left behind is removed first."""
    for parent in {Path(tempfile.gettempdir()), parent_for_runs()}:
        _remove_left_behind(parent)
    with tempfile.TemporaryDirectory(prefix=run_prefix()) as folder:
        yield Path(folder)


def _remove_left_behind(parent: Path) -> None:
    """Remove the folders of runners of this user that do not run any more."""
    for folder in parent.glob(f"{FOLDER_PREFIX}*"):
        match = _FOLDER.fullmatch(folder.name)
        try:
            ours = match and int(match[1]) == process_namespace() and folder.lstat().st_uid == os.geteuid()
            abandoned = ours and match and not Path("/proc", match[2]).exists()
        except FileNotFoundError:
            # Another runner was faster.
            continue
        if abandoned:
            remove_tree(folder)
