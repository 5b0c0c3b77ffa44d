"""shellcheck on the shell scripts that dpkg runs as root: what is asked of it, and the strict grammar of what it prints.

It reads hostile text, so it runs in the sandbox under limits of its own: some sixty bytes of nested parentheses keep it busy for
longer than anyone waits, and 10,000 assignments cost it a gigabyte. Scripts get numbers for names: none of the recipe's own can
be taken for an option, and none reaches its output. No Django here.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from recipes_app import limits as rules

from ..checks.recipe import interpreter_of
from ..protocol.report import Hint, HintSeverity, clean_text
from ..sandbox.levels import SandboxUnavailable
from ..sandbox.sandbox import ENVIRONMENT, SandboxLimits, run_sandboxed
from ..sandbox.supervise import ParentLimits, ProcessResult, supervise
from .source_package import archive_of

TOOL: Final = "shellcheck"
PREFIX: Final = "shellcheck-"
LIMITS: Final = SandboxLimits(
    wall_seconds=rules.SHELLCHECK_WALL_SECONDS,
    cpu_seconds=rules.SHELLCHECK_WALL_SECONDS,
    memory_bytes=rules.SHELLCHECK_MEMORY_BYTES,
    processes=16,
    file_bytes=rules.MAX_CHECKED_SCRIPT_BYTES,
    tmpfs_bytes=2 * rules.MAX_CHECKED_SCRIPT_BYTES,
    output_bytes=rules.SHELLCHECK_OUTPUT_BYTES,
)

# dpkg's maintainer scripts (Debian Policy 6.1), debconf's config (debconf-devel(7)), and init scripts (dh_installinit(1)).
# A template (.in) is no script yet.
_SCRIPT = re.compile(r"debian/(?:[^/]+\.)?(?P<kind>preinst|postinst|prerm|postrm|config|init)")
# Files of these names may be something else, and are scripts only by their first line.
_AMBIGUOUS = frozenset({"config", "init"})
# The shells that shellcheck knows. A script has to name its own (Debian Policy 10.4); shellcheck says so where it does not.
_SHELLS = frozenset({"sh", "bash", "dash", "ksh"})
# One step below what shellcheck says: it judges how a script is written, and none of its codes is harm or a broken recipe.
_SEVERITIES: Final[Mapping[str, HintSeverity]] = {
    "error": HintSeverity.WARNING, "warning": HintSeverity.INFO, "info": HintSeverity.PEDANTIC, "style": HintSeverity.PEDANTIC,
}  # fmt: skip
# What shellcheck is not asked, and why. Data and no code: what is not listed is asked.
NOT_ASKED: Final[Mapping[str, str]] = {
    "SC1090": "A file that is read with `.` by a computed name: it is on the user's machine and cannot be followed here.",
    "SC1091": "As SC1090, by a fixed name: debconf's library, for one.",
    "SC2034": "What a script sets for debconf's, dbconfig's and init's libraries, it does not use itself.",
    "SC2166": "Debian Policy 10.4: every /bin/sh of Debian has -a and -o of test.",
    "SC2317": "Functions that the code at #DEBHELPER# or a trap calls look as if nobody did.",
    "SC3037": "Debian Policy 10.4: every /bin/sh of Debian has echo -n. Other options are what lintian looks for.",
    "SC3043": "Debian Policy 10.4: every /bin/sh of Debian has local.",
}
_COMMAND = ("shellcheck", "--norc", "--severity=info", f"--exclude={','.join(NOT_ASKED)}", "--format=json1", "--")
# debhelper puts commands at this place. To shellcheck it is a comment, and an `if` that holds nothing else an error.
_DEBHELPER = re.compile(rb"(?m)^([ \t]*)#DEBHELPER#(?=[ \t]*$)")
_UNPACK_FAILED = 100
_SCRIPT_TEXT = f'tar -xf - || exit {_UNPACK_FAILED}; exec "$@"'
# 0: nothing found, 1: something was. 2 to 4: a file could not be read, options that it does not know (shellcheck(1)).
_RAN = frozenset({0, 1})
_VERSION = re.compile(r"^version: (\d+(?:\.\d+){1,3})$", re.MULTILINE)
_COMMENT_MEMBERS = frozenset({"file", "line", "endLine", "column", "endColumn", "level", "code", "message", "fix"})


class ShellcheckOutputError(Exception):
    """shellcheck printed something that this reader does not know; the text says what."""


@dataclass(frozen=True)
class Shellchecked:
    """What shellcheck said of a recipe's scripts.

    `problem` says why it is not known, and is empty where every script was looked at; `log` is what a reader may want to know
    besides.
    """

    hints: tuple[Hint, ...] = ()
    problem: str = ""
    log: str = ""


@dataclass(frozen=True)
class Comment:
    """One finding: the number of the script, the place in it, and shellcheck's words."""

    script: int
    line: int
    column: int
    level: str
    code: int
    message: str


def shell_scripts(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the maintainer scripts and init scripts of a recipe's `tree` that a shell runs, by path, as they are handed over."""
    found = {}
    for path, content in sorted(tree.items()):
        match = _SCRIPT.fullmatch(path)
        if match is None or b"\0" in content:
            continue
        interpreter = interpreter_of(content[:1_000].decode("utf-8", "replace"))
        if interpreter in _SHELLS or (not interpreter and match["kind"] not in _AMBIGUOUS):
            found[path] = _DEBHELPER.sub(rb"\1true", content)
    return found


def run_shellcheck(
    tree: Mapping[str, bytes],
    package: str,
    *,
    run: Callable[..., ProcessResult] = run_sandboxed,
    limits: SandboxLimits = LIMITS,
) -> Shellchecked:
    """Return what shellcheck says of the scripts of `tree`, as hints on `package`. Where there is no script, nothing is run.

    What stands in the way is told in the result; no content of `tree` raises.
    """
    scripts = shell_scripts(tree)
    if not scripts:
        return Shellchecked()
    if sum(map(len, scripts.values())) > rules.MAX_CHECKED_SCRIPT_BYTES:
        return _unknown(f"the scripts have more than {rules.MAX_CHECKED_SCRIPT_BYTES} bytes together")
    if _program() is None:
        return _unknown("the program is missing: install the package shellcheck")
    archive = archive_of({}, {str(number): content for number, content in enumerate(scripts.values())}, ())
    command = ["/bin/sh", "-c", _SCRIPT_TEXT, "lint", *_COMMAND, *(str(number) for number in range(len(scripts)))]
    try:
        result = run(command, stdin=archive, limits=limits)
    except SandboxUnavailable as error:
        return _unknown(str(error))
    return _judge(result, tuple(scripts), package)


def parse_output(output: bytes, scripts: int) -> list[Comment]:
    """Return what shellcheck printed as JSON about files named 0, 1, … up to `scripts`, by file and place.

    Raises ShellcheckOutputError for an unknown shape.
    """
    try:
        document = json.loads(output)
    except (ValueError, RecursionError) as error:
        raise ShellcheckOutputError(f"it did not print JSON: {error}") from error
    _expect(isinstance(document, dict) and document.keys() == {"comments"}, "the document's members", document)
    _expect(isinstance(document["comments"], list), "comments", document["comments"])
    names = {str(number): number for number in range(scripts)}
    comments = [_comment(entry, names) for entry in document["comments"]]
    return sorted(comments, key=lambda each: (each.script, each.line, each.column, each.code, each.message))


def shellcheck_version() -> str:
    """Return the version of this machine's shellcheck; empty where there is none or it says none."""
    program = _program()
    if program is None:
        return ""
    facts = Path(program).stat()
    return _version_of(program, facts.st_mtime_ns, facts.st_size)


@functools.lru_cache(maxsize=4)
def _version_of(program: str, _changed: int, _size: int) -> str:
    """Return what the file `program`, as it is now, says of its version. Its input is fixed: nothing of a recipe is in it."""
    result = supervise([program, "--version"], limits=ParentLimits(10, 64 * rules.KIB, rules.KIB, LIMITS.memory_bytes))
    match = _VERSION.search(result.stdout.decode("utf-8", "replace"))
    return match[1] if match else ""


def _program() -> str | None:
    """Return the path of the program that the sandbox will find, too."""
    return shutil.which(TOOL, path=ENVIRONMENT["PATH"])


def _judge(result: ProcessResult, paths: Sequence[str], package: str) -> Shellchecked:
    if result.limit_hit:
        return _unknown(f"it was stopped: {result.limit_hit}", result)
    if result.exit_status not in _RAN:
        return _unknown(f"it ended with status {result.exit_status}: {_last_line(result)}", result)
    try:
        comments = parse_output(result.stdout, len(paths))
    except ShellcheckOutputError as error:
        return _unknown(str(error), result)
    seen: Counter[int] = Counter()
    hints = []
    for comment in comments:
        seen[comment.code] += 1
        if seen[comment.code] <= rules.MAX_FINDINGS_PER_CHECK:
            hints.append(_hint(comment, paths, package))
    left_out = {code: number - rules.MAX_FINDINGS_PER_CHECK for code, number in sorted(seen.items())}
    lines = [f"shellcheck: {number} more places of SC{code} were left out." for code, number in left_out.items() if number > 0]
    return Shellchecked(tuple(hints), log="\n".join(lines))


def _hint(comment: Comment, paths: Sequence[str], package: str) -> Hint:
    return Hint(
        _SEVERITIES[comment.level],
        f"{PREFIX}SC{comment.code}",
        package,
        context=clean_text(comment.message),
        path=clean_text(paths[comment.script], 1_024),
        line=comment.line,
        origin=TOOL,
    )


def _unknown(reason: str, result: ProcessResult | None = None) -> Shellchecked:
    log = clean_text(result.stderr_tail, rules.LINT_LOG_BYTES) if result else ""
    words = f"shellcheck has not looked at the maintainer scripts: {reason}"
    return Shellchecked(problem=clean_text(words), log=log)


def _last_line(result: ProcessResult) -> str:
    lines = [line.strip() for line in result.stderr_tail.splitlines() if line.strip()]
    return clean_text(lines[-1] if lines else "it said nothing", 500)


def _comment(entry: Any, names: Mapping[str, int]) -> Comment:
    _expect(isinstance(entry, dict) and entry.keys() == _COMMENT_MEMBERS, "a comment", entry)
    _expect(isinstance(entry["file"], str) and entry["file"] in names, "a comment's file", entry["file"])
    for name in ("line", "column", "code"):
        # True is an int to Python and no number to JSON.
        _expect(type(entry[name]) is int and 0 < entry[name] < 2**31, f"a comment's {name}", entry[name])
    _expect(1_000 <= entry["code"] <= 9_999, "a comment's code", entry["code"])
    _expect(isinstance(entry["level"], str) and entry["level"] in _SEVERITIES, "a comment's level", entry["level"])
    _expect(isinstance(entry["message"], str), "a comment's message", entry["message"])
    file, line, column = names[entry["file"]], entry["line"], entry["column"]
    return Comment(file, line, column, entry["level"], entry["code"], entry["message"])


def _expect(condition: object, what: str, found: object) -> None:
    if not condition:
        raise ShellcheckOutputError(f"its output is of an unknown shape at {what}: {clean_text(json.dumps(found), 200)}")
