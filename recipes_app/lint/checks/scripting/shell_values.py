"""What a shell script knows: its variables, functions and aliases, and what its parameter expansions come to.

Everything is bounded: a value by MAX_SHELL_VALUE, all work on one script together by the `work` that its Scope was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from recipes_app.limits import MAX_SHELL_ALTERNATIVES, MAX_SHELL_COMMANDS, MAX_SHELL_STEPS, MAX_SHELL_VALUE, MAX_SHELL_WORK

_ESCAPE = re.compile(
    r"\\(?:x(?P<hex>[0-9A-Fa-f]{1,2})|[uU](?P<code>[0-9A-Fa-f]{1,8})|0?(?P<octal>[0-7]{1,3})|c(?P<control>.)|(?P<letter>.))",
    re.DOTALL,
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
# What is always set and would hide a command if it were taken for unknown: `cat${IFS}/etc/shadow`, `${PATH:0:1}bin`.
_PRESET = {"IFS": " "}
_FIRST_LETTERS = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "PWD": "/",
    "SHELL": "/bin/sh",
}
UNKNOWN_OUTPUT = "$()"


@dataclass
class Effort:
    """What may still be spent on a recipe: `commands` that are noted and `steps` of reading, of all its scripts together."""

    commands: int = MAX_SHELL_COMMANDS
    steps: int = MAX_SHELL_STEPS

    @property
    def is_spent(self) -> bool:
        """Whether nothing more of the recipe is read."""
        return self.commands <= 0 or self.steps <= 0

    def step(self) -> bool:
        """Take one step from what is left; return whether something was left."""
        self.steps -= 1
        return not self.is_spent

    def spend(self, words: int) -> bool:
        """Take one command with so many words from what is left; return whether something was left."""
        self.commands -= 1 + words // 8
        return self.commands > 0


@dataclass
class Scope:
    """What is known while a script is read, shared by the texts inside it; `work` are characters that may still be read.

    `gave_up` is the line where the script became too long, too deep or too twisted to go on, or None.
    """

    variables: dict[str, list[str]] = field(default_factory=dict)
    arrays: dict[str, list[str]] = field(default_factory=dict)
    functions: dict[str, tuple[str, int]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    positional: list[str] = field(default_factory=list)
    calling: set[str] = field(default_factory=set)
    work: int = MAX_SHELL_WORK
    gave_up: int | None = None
    effort: Effort = field(default_factory=Effort)

    def charge(self, amount: int, line: int) -> bool:
        """Take `amount` from the work that is left; return whether there was enough, and note `line` where not."""
        if self.work < amount:
            self.give_up(line)
            return False
        self.work -= amount
        return True

    def give_up(self, line: int) -> None:
        """Note that something at `line` was not read."""
        if self.gave_up is None:
            self.gave_up = line

    def assign(self, name: str, value: str, append: bool = False) -> None:
        """Note a value of a variable; earlier ones stay known, since an assignment may stand behind a condition."""
        known = self.variables.setdefault(name, [])
        value = ((known[-1] if append and known else "") + value)[:MAX_SHELL_VALUE]
        if value in known:
            known.remove(value)
        known.append(value)
        del known[:-MAX_SHELL_ALTERNATIVES]

    def value(self, name: str) -> str | None:
        """Return the last known value of a variable or positional parameter, None where nothing is known."""
        if name.isdigit():
            place = int(name) if len(name) < 4 else len(self.positional)
            return self.positional[place] if place < len(self.positional) else None
        known = self.variables.get(name)
        return known[-1] if known else _PRESET.get(name)

    def fields(self, name: str) -> list[str] | None:
        """Return the words that `$@`, `$*`, `${name[@]}` stand for, None where nothing is known."""
        if name in {"@", "*"}:
            return self.positional[1:] if len(self.positional) > 1 else None
        return self.arrays.get(name.partition("[")[0]) if name.endswith(("[@]", "[*]")) else None


def parameter(scope: Scope, name: str, operator: str, argument: str) -> str | None:
    """Return what `${name OPERATOR argument}` comes to, None where that cannot be told."""
    if name.startswith("!"):
        target = scope.value(name[1:])
        return scope.value(target) if target else None
    value = _element(scope, name) if "[" in name else scope.value(name)
    if operator in {":-", "-", ":=", "="}:
        if value is None and operator in {":=", "="}:
            scope.assign(name, argument)
        return value or argument
    if operator in {":+", "+"}:
        # Whether it is set is seldom known, and the argument is what a reader should see.
        return argument
    if value is None and operator in {":", "#", "%"}:
        value = _FIRST_LETTERS.get(name)
    if value is None:
        return None
    transform = _TRANSFORMS.get(operator)
    return transform(value, argument)[:MAX_SHELL_VALUE] if transform else value


def _element(scope: Scope, name: str) -> str | None:
    base, _, index = name.rstrip("]").partition("[")
    words = scope.arrays.get(base, [])
    return words[int(index)] if index.isdigit() and len(index) < 6 and int(index) < len(words) else None


def _slice(value: str, argument: str) -> str:
    """Return bash's `${value:offset:length}`."""
    match = re.fullmatch(r"\s*(-?\d{1,6})\s*(?::\s*(-?\d{1,6}))?\s*", argument)
    if match is None:
        return value
    start = int(match[1])
    start = max(len(value) + start, 0) if start < 0 else start
    length = int(match[2]) if match[2] is not None else len(value)
    return value[start : length if length < 0 else start + length]


def _replaced(value: str, argument: str, count: int) -> str:
    old, _, new = argument.partition("/")
    return value.replace(old, new, count) if old else value


_TRANSFORMS: dict[str, Callable[[str, str], str]] = {
    ":": _slice,
    "/": lambda value, argument: _replaced(value, argument, 1),
    "//": lambda value, argument: _replaced(value, argument, -1),
    "#": lambda value, argument: value.removeprefix(argument),
    "##": lambda value, argument: value.rpartition(argument[1:])[2] if argument[:1] == "*" else value.removeprefix(argument),
    "%": lambda value, argument: value.removesuffix(argument),
    "%%": lambda value, argument: value.partition(argument[:-1])[0] if argument[-1:] == "*" and len(argument) > 1 else value,
    "^^": lambda value, argument: value.upper(),
    "^": lambda value, argument: value[:1].upper() + value[1:],
    ",,": lambda value, argument: value.lower(),
    ",": lambda value, argument: value[:1].lower() + value[1:],
}


def unescaped(text: str) -> str:
    """Return `text` with the escapes of `$'…'`, printf and echo resolved."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if digits := match["hex"]:
        return chr(int(digits, 16))
    if digits := match["code"]:
        code = int(digits, 16)
        return chr(code) if code < 0xD800 or 0xE000 <= code < 0x110000 else "\N{REPLACEMENT CHARACTER}"
    if digits := match["octal"]:
        return chr(int(digits, 8) & 0xFF)
    if match["control"]:
        return chr(ord(match["control"]) & 0x1F)
    return _LETTERS.get(match["letter"], match["letter"])


def is_known(words: Iterable[str]) -> bool:
    """Return whether none of `words` holds an unknown part."""
    return not any("${" in word or UNKNOWN_OUTPUT in word for word in words)
