"""What is open while a shell script is read, and what its built-in commands change in what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .programs import names
from .shell_command import ASSIGNMENT, Command
from .shell_output import output_of
from .shell_values import Scope, is_known
from .shell_words import Word

_DECLARING = names("export local readonly declare typeset")


@dataclass
class Frame:
    """A group of commands that is open: what ends it, where its commands start, and what feeds its input."""

    closer: str
    start: int = 0
    fed_by: tuple[Command, ...] = ()
    given: str | None = None
    # What the pipe that is being read has before the command at hand, and where its element at hand starts.
    pipe: tuple[Command, ...] = ()
    element: int = 0
    piped: str | None = None
    printed: list[str] | None = field(default_factory=list)
    last: str | None = ""
    after_pipe: bool = False
    # Of a `case`: whether a pattern comes next. Of a function: its name, and where its body starts.
    pattern: bool = False
    function: str = ""
    body: int = 0


@dataclass
class Simple:
    """A simple command that is being read."""

    words: list[Word] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    inner: list[Command] = field(default_factory=list)
    document: str | None = None
    document_line: int = 0
    # The keyword that its words belong to: `for`, `case`, or none.
    of: str = ""


def assigned(scope: Scope, simple: Simple) -> list[Word]:
    """Note the assignments before the command, or of `export` and the like; return the words that are left."""
    words = simple.words
    at = 0
    while at < len(words) and _assign(scope, words[at]):
        at += 1
    rest = words[at:]
    if rest and rest[0].text in _DECLARING:
        for word in rest[1:]:
            _assign(scope, word)
    return rest


def _assign(scope: Scope, word: Word) -> bool:
    match = ASSIGNMENT.fullmatch(word.text)
    if match is None:
        return False
    name = match["name"]
    if word.array is not None:
        known = scope.arrays.get(name, []) if match["more"] else []
        scope.arrays[name] = [*known, *word.array][:1000]
        scope.assign(name, " ".join(word.array[:1]))
    else:
        scope.assign(name, match["value"], append=bool(match["more"]))
    return True


def follow_builtin(scope: Scope, command: Command, given: str | None) -> None:
    """Follow what changes the script's own state: set, read, printf -v, alias."""
    arguments = command.arguments
    if command.program == "set" and "--" in arguments:
        scope.positional = ["", *arguments[arguments.index("--") + 1 :]]
    elif command.program == "read" and arguments:
        source = command.document if command.document is not None else given
        if source is not None and is_known((source,)):
            scope.assign(arguments[-1], source.strip())
    elif command.program == "printf" and arguments[:1] == ("-v",) and len(arguments) > 2:
        output = output_of(replace(command, words=("printf", *arguments[2:])), None)
        scope.assign(arguments[1], output or "")
    elif command.program == "alias":
        for word in arguments:
            name, equals, value = word.partition("=")
            if equals:
                scope.aliases[name] = value
