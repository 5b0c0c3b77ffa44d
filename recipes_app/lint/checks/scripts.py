"""The scripts of a recipe, read: which commands each runs, and on whose machine.

Four roles: `rules` is debian/rules and what it calls, run where the package is built; `maintainer` is what dpkg runs as root at
installation, and what that calls; `service` is what a unit, a cron file or an init script runs on the user's machine later.
debian/tests is left out: nobody runs it but who asked for it. Neither is what is only shipped: a program may use the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from recipes_app.limits import MAX_CHECKED_SCRIPT_BYTES

from .languages import code_commands, inline_code
from .recipe import CheckedRecipe, interpreter_of
from .scripting.makefile import Makefile
from .scripting.programs import INTERPRETERS
from .scripting.shell import read_commands
from .scripting.shell_command import SHELLS, Command
from .scripting.shell_values import Effort, Scope

RULES, MAINTAINER, SERVICE = "rules", "maintainer", "service"

_LOCAL = re.compile(r"(?:\./|\$\{[A-Za-z_]+\}/|\.\./)*(?P<path>debian/[A-Za-z0-9._+/-]+)")
_UNIT = re.compile(r"debian/(?:[^/]+/)*[^/]+\.(?:service|timer|socket|path)(?:\.in)?")
_UNIT_COMMAND = re.compile(
    r"Exec(?:Start|StartPre|StartPost|Stop|StopPost|Reload|Condition)[ \t]*=[ \t]*[-@:+!|]*(?P<command>.*)"
)
_CRON = re.compile(r"debian/(?:[^/]+\.)?cron\.d")
_CRON_LINE = re.compile(r"(?:@\w+|(?:\S+[ \t]+){5})\S+[ \t]+(?P<command>.+)")
_PERIODIC = re.compile(
    r"debian/(?:[^/]+\.)?(?:cron\.(?:hourly|daily|weekly|monthly)|init|init\.d|if-(?:up|down|pre-up|post-down)|ppp\.ip-(?:up|down))"
)
_HOOKED = re.compile(
    r"debian/(?:[^/]+\.)?(?:install|links|dirs|docs|manpages|examples|clean|not-installed|bash-completion|config-in)"
)
_RUNNERS = SHELLS | INTERPRETERS | {".", "source", "make"}


@dataclass
class ReadScript:
    """A script and its commands. `gave_up` and `unexpanded` are the lines where it could not be followed any more, or None."""

    path: str
    role: str
    text: str
    commands: list[Command] = field(default_factory=list)
    gave_up: int | None = None
    unexpanded: int | None = None


_CACHE: WeakKeyDictionary[CheckedRecipe, tuple[ReadScript, ...]] = WeakKeyDictionary()


def scripts_of(recipe: CheckedRecipe) -> tuple[ReadScript, ...]:
    """Return the scripts of `recipe`, each read once: debian/rules, maintainer scripts, what they call, and services."""
    if recipe not in _CACHE:
        _CACHE[recipe] = tuple(_read_all(recipe))
    return _CACHE[recipe]


def commands_of(recipe: CheckedRecipe, *roles: str) -> Iterator[tuple[ReadScript, Command]]:
    """Yield each command of the scripts that have one of `roles` (all where none is given)."""
    for script in scripts_of(recipe):
        if not roles or script.role in roles:
            for command in script.commands:
                yield script, command


def _read_all(recipe: CheckedRecipe) -> Iterator[ReadScript]:
    """Yield the scripts, those that are called after those that call them, until there is too much text."""
    pending = [(script.path, script.role) for script in recipe.scripts if script.role in {RULES, MAINTAINER}]
    pending += [(path, RULES) for path, text in recipe.texts() if _HOOKED.fullmatch(path) and text.startswith("#!")]
    pending += [
        (path, SERVICE) for path in recipe.tree if _UNIT.fullmatch(path) or _CRON.fullmatch(path) or _PERIODIC.fullmatch(path)
    ]
    seen: set[str] = set()
    left, effort = MAX_CHECKED_SCRIPT_BYTES, Effort()
    for path, role in pending:
        text = recipe.text(path)
        if path in seen or path.startswith("debian/tests/"):
            continue
        seen.add(path)
        left -= len(text)
        if left < 0 or effort.is_spent:
            yield ReadScript(path, role, text, gave_up=1)
            return
        script = _read(path, role, text, effort)
        yield script
        # Grows while it is walked through: a script that a script calls is one, too.
        pending += [(called, role) for called in _called(script, recipe) if called not in seen]


def _read(path: str, role: str, text: str, effort: Effort) -> ReadScript:
    script = ReadScript(path, role, text)
    if role == SERVICE and (_UNIT.fullmatch(path) or _CRON.fullmatch(path)):
        pattern = _UNIT_COMMAND if _UNIT.fullmatch(path) else _CRON_LINE
        for number, line in enumerate(text.replace("\\\n", " \n").split("\n"), start=1):
            if match := pattern.match(line):
                script.commands += read_commands(match["command"], number, Scope(work=50_000, effort=effort))
    else:
        interpreter = interpreter_of(text) or ("make" if path.endswith((".mk", "/Makefile", "/rules")) else _by_name(path))
        _read_as(script, interpreter, effort)
    script.commands += list(inline_code(script.commands, effort))
    if effort.is_spent and script.gave_up is None:
        script.gave_up = 1
    return script


def _read_as(script: ReadScript, interpreter: str, effort: Effort) -> None:
    if interpreter in {"make", "gmake"}:
        makefile = Makefile(script.text, effort)
        script.commands = makefile.commands()
        script.gave_up, script.unexpanded = makefile.gave_up, makefile.unexpanded
    elif interpreter in INTERPRETERS or interpreter.startswith(("python", "perl")):
        script.commands = list(code_commands(interpreter, script.text, 1, effort=effort))
    elif interpreter not in {"dh-exec", "sed"}:
        scope = Scope(effort=effort)
        script.commands = read_commands(script.text, 1, scope)
        script.gave_up = scope.gave_up


def _by_name(path: str) -> str:
    return {"py": "python3", "pl": "perl", "rb": "ruby", "js": "node", "lua": "lua"}.get(path.rpartition(".")[2], "sh")


def _called(script: ReadScript, recipe: CheckedRecipe) -> Iterator[str]:
    """Yield the files of the recipe that the script runs: as programs, as an interpreter's or make's argument, or included."""
    for command in script.commands:
        first = command.words[:1]
        operands = command.operands[:3] if command.program in _RUNNERS or command.words[:1] in {(".",), ("source",)} else ()
        for word in (*first, *operands):
            if path := _path_in(word, recipe):
                yield path
    for match in re.finditer(r"(?m)^[ ]*[-s]?include[ \t]+(\S+)", script.text if script.role == RULES else ""):
        if path := _path_in(match[1], recipe):
            yield path


def _path_in(word: str, recipe: CheckedRecipe) -> str | None:
    """Return the file of the recipe that `word` names, whatever folder is put before it."""
    match = _LOCAL.fullmatch(word.replace("$(CURDIR)", "."))
    return match["path"] if match and match["path"] in recipe.tree else None
