"""The stages on a directory, printed as the site shows them: `./dev check PATH`. No database, no Django, nothing is sent.

The exit status says the worst: 0 nothing above info, 1 a warning, 2 an error (the stage failed), 3 no verdict or no recipe.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from ..formats.recipe import parse_recipe
from ..limits import MAX_BLOB_BYTES, MAX_TREE_FILES
from .protocol.report import HintSeverity, LintReport, Outcome, clean_text, counts
from .protocol.stages import Stage
from .runner import FetchedRecipe, RunnerError, run_stage
from .sandbox import levels

CLEAN, WARNINGS, ERRORS, NO_VERDICT = range(4)
# A trial build needs the files that the recipe fetches and a prepared base: the site's runners have them.
STAGES = (Stage.RECIPE_CHECKS, Stage.SOURCE_LINT)


class NotARecipe(Exception):
    """The folder cannot be read as a recipe; the text says what, where and what to do."""


def read_folder(folder: Path) -> FetchedRecipe:
    """Return the files below `folder`, without git's own, as a commit of them would be read. Raises NotARecipe."""
    if not (folder / "debian").is_dir():
        raise NotARecipe(f"{folder}: there is no folder debian in it: name the folder above debian/")
    tree: dict[str, bytes] = {}
    executables = set()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted([*names, *(each for each in folders if Path(parent, each).is_symlink())]):
            path = Path(parent, name)
            shown = path.relative_to(folder).as_posix()
            facts = path.lstat()
            if not stat.S_ISREG(facts.st_mode):
                raise NotARecipe(f"{shown}: is no regular file; a recipe holds regular files only: replace it by its content")
            if facts.st_size > MAX_BLOB_BYTES or len(tree) >= MAX_TREE_FILES:
                raise NotARecipe(
                    f"{shown}: a recipe holds at most {MAX_TREE_FILES} files of {MAX_BLOB_BYTES} bytes: it is packaging alone, "
                    "and what it builds is named by Fetch in debian/dur"
                )
            tree[shown] = path.read_bytes()
            if facts.st_mode & stat.S_IXUSR:
                executables.add(shown)
    return FetchedRecipe(tree, frozenset(executables))


def check_folder(folder: Path) -> int:
    """Run the stages on `folder`, print each report, and return the exit status."""
    try:
        recipe = read_folder(folder)
    except (NotARecipe, OSError) as error:
        print(f"error: {clean_text(str(error))}", file=sys.stderr)
        return NO_VERDICT
    refused = parse_recipe(recipe.tree).errors
    for finding in refused:
        print(f"error: {clean_text(str(finding))}")
    if refused:
        print("A push of this would be refused; no stage was run.")
        return NO_VERDICT
    worst = CLEAN
    for stage in STAGES:
        try:
            report = run_stage(stage, recipe, facts={})
        except RunnerError as error:
            report = LintReport(state=Outcome.ERROR, error=clean_text(str(error)))
        print("\n".join(report_lines(stage, report)))
        worst = max(worst, exit_status(report))
    return worst


def report_lines(stage: Stage, report: LintReport) -> list[str]:
    """Return a report as lines: stage, verdict, tool, duration; then its hints in the site's order."""
    tool = f"{report.tool} {report.tool_version}".strip()
    lines = [f"== {stage}: {report.state} ({tool}, {report.duration_ms / 1000:.1f} s)"]
    if report.error:
        lines.append(f"   {clean_text(report.error)}")
    for hint in report.hints:
        if hint.severity is HintSeverity.CLASSIFICATION:
            continue
        place = f" {hint.path}" + (f":{hint.line}" if hint.line else "") if hint.path else ""
        aside = "" if counts(hint) else " (does not count)"
        words = " ".join(clean_text(hint.context).split())
        lines.append(f"   {hint.severity}: {hint.tag}{place}: {words}{aside}".rstrip(": "))
    return lines


def exit_status(report: LintReport) -> int:
    """Return the status that stands for the worst of `report`."""
    if report.state is Outcome.ERROR:
        return NO_VERDICT
    severities = {hint.severity for hint in report.hints if counts(hint)}
    if HintSeverity.ERROR in severities:
        return ERRORS
    return WARNINGS if HintSeverity.WARNING in severities else CLEAN


if __name__ == "__main__":
    os.environ.setdefault(levels.VARIABLE, levels.BEST)
    sys.exit(check_folder(Path(sys.argv[1])))
