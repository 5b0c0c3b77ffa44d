"""debian/rules as a build sees it: the recipe lines of every target that a build can reach, read as shell commands.

A target such as get-orig-source is the maintainer's own tool and no build calls it (Debian Policy 4.9): what only such a target
does is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from recipes_app.limits import MAX_MAKE_NESTING, MAX_SHELL_ALTERNATIVES, MAX_SHELL_WORK

from .make_values import Values
from .programs import names
from .shell import read_commands
from .shell_command import Command
from .shell_values import Effort, Scope

# Debian Policy 4.9, and what dh calls.
_ENTRIES = names(
    "build build-arch build-indep binary binary-arch binary-indep clean install install-arch install-indep all test check"
)
_DH_HOOKS = ("override_", "execute_before_", "execute_after_")
_ASSIGNMENT = re.compile(
    r"[ ]*(?:(?:export|override|private|unexport)[ \t]++)*(?P<name>[^\s:#=+?!$(){}]++)[ \t]*(?P<kind>:{1,3}|\+|\?|!)?="
    r"(?P<value>.*)",
    re.DOTALL,
)
_DEFINE = re.compile(r"[ ]*(?:(?:export|override)[ \t]++)*define[ \t]++(?P<name>[^\s=:+?]++)[ \t]*(?P<kind>[:+?]{0,3}=)?[ \t]*\Z")
_TARGET = re.compile(r"(?P<names>[^\s:#=][^:#=]*)&?:{1,2}(?![=:])(?P<needs>.*)", re.DOTALL)
_CONDITIONAL = re.compile(
    r"[ ]*(?:ifeq|ifneq|ifdef|ifndef|else|endif|-?include|sinclude|vpath|unexport|undefine|export|override)\b(?P<rest>.*)",
    re.DOTALL,
)
_IF, _ELSE, _ENDIF = (re.compile(rf"[ ]*(?:{words})\b") for words in ("ifeq|ifneq|ifdef|ifndef", "else|endif", "endif"))
_FOR_GOALS = re.compile(
    r"[ ]*(?:ifneq[ \t]*\([ \t]*(?:,[ \t]*)?\$\(filter (?P<filter>[^,()$]+),[ \t]*\$\(MAKECMDGOALS\)\)[ \t]*,?[ \t]*\)"
    r"|ifeq[ \t]*\([ \t]*\$\(MAKECMDGOALS\)[ \t]*,[ \t]*(?P<goal>[^,()$]+)\))[ \t]*\Z"
)
_WORD = re.compile(r"[^\s$(){}:;,'\"=]+")
# A recipe that calls make again, by whatever name, may name targets.
_CALLS_MAKE = re.compile(r"\bg?make\b|\bMAKE\b|debian/rules|\$0")
_CONTINUED = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_PREFIX = "\t @+-"


class _Line(NamedTuple):
    """A logical line: its number, its text, and the targets whose recipe it is part of (empty at the top level)."""

    number: int
    text: str
    targets: tuple[str, ...]


class Makefile:
    """A makefile that was read: the values of its variables, and its lines by target. Never raises for any text.

    `gave_up` is the line where a script in it was too twisted to be followed, `unexpanded` the one from which on references
    stay as they are because there were too many; None where all was read.
    """

    def __init__(self, text: str, effort: Effort | None = None) -> None:
        self._effort = effort or Effort()
        self.values = Values(shell_output=self._printed)
        self.gave_up: int | None = None
        self.unexpanded: int | None = None
        self._work = MAX_SHELL_WORK
        self._needs: dict[str, set[str]] = {}
        self._lines = list(self._read(text.replace("\r\n", "\n"), 1, 0))
        self._reached = self._reachable()

    def commands(self) -> list[Command]:
        """Return the commands that a build can run, those of `$(shell …)` among them."""
        found: list[Command] = []
        for line in self.reached_lines():
            seen: set[str] = set()
            for choice in range(MAX_SHELL_ALTERNATIVES):
                text, shells = self._expanded(line, choice)
                if text in seen:
                    break
                seen.add(text)
                if line.targets:
                    shells.append(text.lstrip(_PREFIX))
                for script in shells:
                    found += self._commands_of(script, line.number)
        return found

    def reached_lines(self) -> Iterator[_Line]:
        """Yield the lines at the top level, and those of targets that a build can reach."""
        return (line for line in self._lines if not line.targets or any(name in self._reached for name in line.targets))

    def words(self) -> set[str]:
        """Return every word of what a build can reach: names of other scripts among them."""
        return {word for line in self.reached_lines() for word in _WORD.findall(self._expanded(line, 0)[0])}

    def _commands_of(self, script: str, number: int) -> list[Command]:
        scope = Scope(work=self._work, effort=self._effort)
        commands = read_commands(script, number, scope)
        self._work = scope.work
        if scope.gave_up is not None and self.gave_up is None:
            self.gave_up = scope.gave_up
        return commands

    def _printed(self, script: str) -> str | None:
        """Return what a script of `$(shell …)` prints, where that is known: that of its last command."""
        commands = read_commands(script, 1, Scope(work=len(script) * 2, effort=self._effort))
        return commands[-1].output if commands else None

    def _expanded(self, line: _Line, choice: int) -> tuple[str, list[str]]:
        """Return the line as make hands it to the shell, and the scripts of `$(shell …)` in it."""
        local = {"@": line.targets[0], "<": " ".join(sorted(self._needs.get(line.targets[0], ()))[:1])} if line.targets else {}
        self.values.shells.clear()
        text = self.values.expand(line.text, local, choice)
        if self.values.gave_up and self.unexpanded is None:
            self.unexpanded = line.number
        shells = list(self.values.shells)
        self.values.evaluated.clear()
        return text, shells

    def _read(self, text: str, start: int, depth: int) -> Iterator[_Line]:
        """Yield the logical lines that matter; assignments are noted on the way."""
        targets: tuple[str, ...] = ()
        mark = "\t"
        lines = _logical_lines(_for_a_build(text), start)
        for number, line in lines:
            if line.startswith(mark) and (targets or not line.strip()):
                yield _Line(number, re.sub(r"\\\n\t", "\\\\\n", line[1:]), targets)
            elif not line.strip() or line.lstrip().startswith("#"):
                continue
            elif define := _DEFINE.match(line):
                self._define(define["name"], lines)
            elif (assigned := _ASSIGNMENT.match(line)) and not line.startswith("\t"):
                mark = self._assigned(assigned, mark)
                yield from self._top(number, line, depth, shell=assigned["value"] if assigned["kind"] == "!" else "")
            elif other := _CONDITIONAL.match(line):
                yield from self._top(number, other["rest"], depth)
            elif found := _TARGET.match(line):
                targets, command = self._target(found)
                yield from self._top(number, line.partition(";")[0], depth)
                if command.strip():
                    yield _Line(number, command, targets)
            else:
                yield from self._top(number, line, depth)

    def _top(self, number: int, line: str, depth: int, shell: str = "") -> Iterator[_Line]:
        """Yield a line of the top level where it may run something, and the lines that `$(eval …)` in it makes."""
        if shell:
            yield _Line(number, f"$(shell {shell})", ())
        if "$" not in line:
            return
        yield _Line(number, line, ())
        if depth < MAX_MAKE_NESTING and "eval" in line:
            self.values.evaluated.clear()
            self.values.expand(line)
            evaluated = list(self.values.evaluated)
            for text in evaluated:
                self.values.work -= len(text)
                if self.values.work > 0:
                    yield from self._read(text, number, depth + 1)

    def _define(self, name: str, lines: Iterator[tuple[int, str]]) -> None:
        """Read the lines of a `define` up to its `endef`."""
        body: list[str] = []
        for _, line in lines:
            if line.strip().startswith("endef"):
                break
            body.append(line.lstrip("\t"))
        self.values.assign(name, "\n".join(body))

    def _assigned(self, found: re.Match[str], mark: str) -> str:
        """Note an assignment; return what recipe lines start with from here on."""
        value = found["value"].replace("\\\n", " ").strip()
        if found["name"] == ".RECIPEPREFIX":
            return value[:1] or "\t"
        if found["kind"] == "!":
            value = f"$(shell {value})"
        elif found["kind"] in {":", "::"} and found["name"] in re.findall(r"\$[({]([^\s(){}:]+)[)}]", value):
            value = self.values.expand(value).replace("$", "$$")
        self.values.assign(found["name"], value, append=found["kind"] == "+")
        return mark

    def _target(self, found: re.Match[str]) -> tuple[tuple[str, ...], str]:
        """Note a rule; return its targets and the command behind a `;`."""
        needs, _, command = found["needs"].partition(";")
        targets = tuple(self.values.expand(found["names"]).split()) or ("",)
        wanted = set(_WORD.findall(self.values.expand(needs.replace("\\\n", " "))))
        for name in targets:
            self._needs.setdefault(name, set()).update(wanted)
        if assigned := _ASSIGNMENT.match(needs):
            # A variable of one target.
            self._assigned(assigned, "")
        return targets, command

    def _reachable(self) -> set[str]:
        """Return the targets that a build can reach: an entry, a hook of dh, or one that reached text names."""
        by_target: dict[str, list[_Line]] = {}
        for line in self._lines:
            for name in line.targets:
                by_target.setdefault(name, []).append(line)
        targets = set(self._needs) - {".PHONY"}
        reached: set[str] = set()
        pending = [name for name in targets if _is_entry(name)]
        for line in self._lines:
            if not line.targets and _CALLS_MAKE.search(line.text) and not _TARGET.match(line.text):
                pending += targets.intersection(_WORD.findall(line.text))
        while pending:
            name = pending.pop()
            if name in reached:
                continue
            reached.add(name)
            mentioned = set(self._needs[name])
            for line in by_target.get(name, ()):
                if _CALLS_MAKE.search(text := self._expanded(line, 0)[0]):
                    mentioned.update(_WORD.findall(text))
            pending += targets.intersection(mentioned)
        return reached


def _for_a_build(text: str) -> str:
    """Return the text with the parts blanked that are only read where make was called for a target that is no entry.

    `ifneq ($(filter get-orig-source,$(MAKECMDGOALS)),)` and `ifeq ($(MAKECMDGOALS),get-orig-source)`, up to their else or endif.
    """
    if "MAKECMDGOALS" not in text:
        return text
    kept, depth, inside = [], 0, 0
    for line in text.split("\n"):
        if _IF.match(line):
            depth += 1
            goals = _FOR_GOALS.match(line)
            if goals and not inside and not any(map(_is_entry, (goals["filter"] or goals["goal"]).split())):
                inside = depth
        elif inside == depth and _ELSE.match(line):
            inside = 0
        depth -= 1 if _ENDIF.match(line) and depth else 0
        kept.append("" if inside else line)
    return "\n".join(kept)


def _is_entry(name: str) -> bool:
    """Return whether dpkg-buildpackage or dh calls the target, or whether that cannot be told from its name."""
    return name in _ENTRIES or name.startswith(_DH_HOOKS) or "%" in name or "$" in name


def _logical_lines(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, continued lines joined as they stand."""
    pending: list[str] = []
    first = start
    for number, line in enumerate(text.split("\n"), start=start):
        if not pending:
            first = number
        pending.append(line)
        if line.endswith("\\") and _CONTINUED.search(line[-200:]):
            continue
        yield first, "\n".join(pending)
        pending = []
    if pending:
        yield first, "\n".join(pending)
