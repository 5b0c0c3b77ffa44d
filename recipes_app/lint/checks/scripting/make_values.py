"""What references and functions of a makefile come to (GNU make's manual, chapters 6 and 8), as far as can be told without make.

`$(shell …)` and `$(eval …)` are noted for the reader; what is not known stands as the shell's `${name}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from recipes_app.limits import MAX_MAKE_NESTING, MAX_MAKE_WORK, MAX_SHELL_ALTERNATIVES, MAX_SHELL_VALUE

from .shell_values import UNKNOWN_OUTPUT

_PLAIN = re.compile(r"[^$]++")
_FUNCTION = re.compile(
    r"(?P<name>shell|eval|call|subst|patsubst|strip|join|word|words|wordlist|firstword|lastword|addprefix|addsuffix|if|or|and|foreach|"
    r"sort|filter|filter-out|findstring|info|warning|error|value|wildcard|dir|notdir|basename|suffix|abspath|realpath|origin|flavor|file)"
    r"(?:[ \t]++|\Z)"
)


@dataclass
class Values:
    """The variables of a makefile, each with what it may hold (the last assigned first asked), and what was met on the way."""

    variables: dict[str, list[str]] = field(default_factory=dict)
    shells: list[str] = field(default_factory=list)
    evaluated: list[str] = field(default_factory=list)
    # What the shell prints for a script of `$(shell …)`, where that is known.
    shell_output: Callable[[str], str | None] = lambda script: None
    outputs: dict[str, str | None] = field(default_factory=dict)
    work: int = MAX_MAKE_WORK
    gave_up: bool = False

    def assign(self, name: str, value: str, *, append: bool = False) -> None:
        """Note a value; others that it may have had, in another branch of an `ifeq`, stay known."""
        known = self.variables.setdefault(name, [])
        value = (f"{known[-1]} {value}" if append and known else value)[:MAX_SHELL_VALUE]
        if append and known:
            known.pop()
        if value in known:
            known.remove(value)
        known.append(value)
        del known[:-MAX_SHELL_ALTERNATIVES]

    def expand(self, text: str, local: dict[str, str] | None = None, choice: int = 0, depth: int = 0) -> str:
        """Return `text` as make would hand it on. `choice` tells which value of a variable that has several is taken."""
        if "$" not in text:
            return text
        # Starting on a text costs as much as a few dozen of its characters.
        self.work -= len(text) + 40
        if self.work < 0 or depth > MAX_MAKE_NESTING:
            self.gave_up = True
            return text.replace("$$", "$")
        return _Expansion(self, text, local or {}, choice, depth).whole()


class _Expansion:
    """One text that is being expanded."""

    def __init__(self, values: Values, text: str, local: dict[str, str], choice: int, depth: int) -> None:
        self._values, self._text, self._local, self._choice, self._depth = values, text, local, choice, depth
        self._ends = _bracket_ends(text)

    def whole(self) -> str:
        return self._span(0, len(self._text))

    def _span(self, at: int, stop: int) -> str:
        """Return the expansion of a part of the text."""
        parts: list[str] = []
        size = 0
        while at < stop and size < MAX_SHELL_VALUE * 4:
            if match := _PLAIN.match(self._text, at, stop):
                part, at = match[0], match.end()
            else:
                part, at = self._reference(at, stop)
            size += len(part)
            parts.append(part)
        return "".join(parts)

    def _reference(self, at: int, stop: int) -> tuple[str, int]:
        """Return what the reference at `at` comes to, and where the text goes on."""
        following = self._text[at + 1 : at + 2]
        if following == "$" or not following:
            return "$", at + 2
        if following not in "({":
            return self._variable(following), at + 2
        end = self._ends.get(at + 1, stop)
        if end >= stop:
            return "${", at + 2
        return self._bracket(at + 2, end), end + 1

    def _bracket(self, start: int, end: int) -> str:
        function = _FUNCTION.match(self._text, start, end)
        if function is None:
            name = self._again(self._text[start:end]) if "$" in self._text[start:end] else self._text[start:end]
            base, colon, change = name.partition(":")
            value = self._variable(base.strip())
            old, _, new = change.partition("=")
            return _patsubst(value, old, new) if colon and "${" not in value else value
        body = self._text[function.end() : end]
        if function["name"] == "shell":
            return self._shell(self._again(body))
        arguments = _arguments(body)
        return self._function(function["name"], arguments)

    def _again(self, text: str, local: dict[str, str] | None = None) -> str:
        return self._values.expand(text, self._local if local is None else local, self._choice, self._depth + 1)

    def _variable(self, name: str) -> str:
        if name in self._local:
            self._values.work -= len(self._local[name])
            return self._local[name]
        known = self._values.variables.get(name)
        if not known:
            return "${" + name + "}"
        value = known[max(len(known) - 1 - self._choice, 0)]
        # Each mention of a long value is work, though nothing in it is expanded again.
        self._values.work -= len(value)
        return self._again(value) if self._values.work > 0 else "${" + name + "}"

    def _shell(self, script: str) -> str:
        self._values.work -= len(script)
        if self._values.work < 0:
            self._values.gave_up = True
            return "$()"
        self._values.shells.append(script)
        if script not in self._values.outputs:
            self._values.outputs[script] = self._values.shell_output(script)
        output = self._values.outputs[script]
        return "$()" if output is None else " ".join(output.split())

    def _function(self, name: str, arguments: list[str]) -> str:
        if name == "foreach" and len(arguments) > 2:
            return self._foreach(self._again(arguments[0]).strip(), self._again(arguments[1]).split(), ",".join(arguments[2:]))
        if name == "if":
            return self._if(arguments)
        values = [self._again(argument) for argument in arguments]
        if name == "eval":
            self._values.evaluated.append(",".join(values))
            return ""
        if name in {"call", "value"}:
            known = self._values.variables.get(values[0].strip(), [""])[-1]
            return known if name == "value" else self._again(known, {str(place): value for place, value in enumerate(values)})
        simple = _FUNCTIONS.get(name)
        return simple(values)[:MAX_SHELL_VALUE] if simple else values[-1]

    def _if(self, arguments: list[str]) -> str:
        """Return the branch that is taken, both where that is not known.

        `$(if $(x),$(x),default)` with an unknown x is its default: x tells nothing.
        """
        condition, branches = self._again(arguments[0]).strip(), arguments[1:]
        if "${" not in condition and UNKNOWN_OUTPUT not in condition:
            branches = branches[:1] if condition else branches[1:]
        elif len(branches) > 1 and branches[0].strip() == arguments[0].strip():
            branches = branches[1:]
        return " ".join(map(self._again, branches))

    def _foreach(self, name: str, words: list[str], body: str) -> str:
        return " ".join(self._again(body, {**self._local, name: word}) for word in words[:200])


def _bracket_ends(text: str) -> dict[int, int]:
    """Return for each bracket of a reference where its partner stands; brackets of the other kind do not count."""
    ends: dict[int, int] = {}
    open_brackets: list[tuple[str, int]] = []
    for match in re.finditer(r"[(){}]", text):
        letter = match[0]
        if letter in "({":
            open_brackets.append((")" if letter == "(" else "}", match.start()))
            continue
        if open_brackets and open_brackets[-1][0] != letter:
            continue
        if open_brackets:
            ends[open_brackets.pop()[1]] = match.start()
    return ends


def _arguments(text: str) -> list[str]:
    """Return the arguments of a function, split at commas outside brackets."""
    found, depth, start = [], 0, 0
    for match in re.finditer(r"[(){},]", text):
        if match[0] in "({":
            depth += 1
        elif match[0] in ")}":
            depth -= 1
        elif depth <= 0:
            found.append(text[start : match.start()])
            start = match.end()
    return [*found, text[start:]]


def _patsubst(value: str, old: str, new: str) -> str:
    if "%" not in old:
        old, new = f"%{old}", f"%{new}"
    head, _, tail = old.partition("%")
    changed = []
    for word in value.split():
        fits = word.startswith(head) and word.endswith(tail) and len(word) >= len(head) + len(tail)
        changed.append(new.replace("%", word[len(head) : len(word) - len(tail)], 1) if fits else word)
    return " ".join(changed)


def _word(values: list[str]) -> str:
    words = values[-1].split()
    place = int(values[0]) if values[0].strip().isdigit() and len(values[0]) < 6 else 0
    return words[place - 1] if 0 < place <= len(words) else ""


_FUNCTIONS: dict[str, Callable[[list[str]], str]] = {
    **dict.fromkeys(("info", "warning", "error", "origin", "flavor", "file"), lambda values: ""),
    # Which of them is taken is seldom known.
    **dict.fromkeys(("or", "and"), " ".join),
    "subst": lambda values: values[2].replace(values[0], values[1]) if len(values) > 2 and values[0] else values[-1],
    "patsubst": lambda values: _patsubst(values[2], values[0].strip(), values[1].strip()) if len(values) > 2 else "",
    "strip": lambda values: " ".join(values[-1].split()),
    "join": lambda values: " ".join(map("".join, zip(values[0].split(), values[-1].split(), strict=False))),
    "word": _word,
    "words": lambda values: str(len(values[-1].split())),
    "firstword": lambda values: " ".join(values[-1].split()[:1]),
    "lastword": lambda values: " ".join(values[-1].split()[-1:]),
    "addprefix": lambda values: " ".join(values[0] + word for word in values[-1].split()),
    "addsuffix": lambda values: " ".join(word + values[0] for word in values[-1].split()),
    "notdir": lambda values: " ".join(word.rpartition("/")[2] for word in values[-1].split()),
}
