"""Where the commands of a script write: redirections, and what cp, mv, install, ln, tee, sed -i and their like change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .recipe import CheckedRecipe
from .scripting.shell_command import Command

_LAST = frozenset({"cp", "mv", "install", "ln", "rsync", "scp", "unzip"})
_ALL = frozenset(
    {
        "mkdir",
        "touch",
        "rm",
        "rmdir",
        "tee",
        "chmod",
        "chown",
        "chgrp",
        "truncate",
        "mknod",
        "mkfifo",
        "shred",
        "setfacl",
        "chattr",
    }
)
# Options of which the next word is no file.
_VALUED = {
    "install": ("-m", "-o", "-g", "--mode", "--owner", "--group"),
    "mkdir": ("-m",),
    "touch": ("-d", "-r", "-t"),
    "truncate": ("-s",),
    "cp": (),
    "ln": (),
    "mknod": ("-m",),
}
_HARMLESS = re.compile(r"/dev/(?:null|stdout|stderr|tty|fd/\d+|full|zero|console)\Z|&|\d+\Z|-\Z")
# What takes away or keeps in order, and brings no content.
TIDYING = frozenset({"rm", "rmdir", "chmod", "chown", "chgrp", "mkdir", "touch"})


def written(command: Command) -> Iterator[str]:
    """Yield the paths that the command writes, creates, changes or removes."""
    for path in command.writes:
        if not _HARMLESS.match(path):
            yield path
    operands = _operands(command)
    name = command.program
    if name in _LAST and operands:
        yield from _last(command, operands)
    elif name in {"chmod", "chown", "chgrp"}:
        yield from operands[1:]
    elif name in _ALL:
        yield from operands
    elif name == "sed" and command.has_option("-i", "--in-place"):
        yield from operands[1:] or operands
    elif name == "dd":
        yield from (word[3:] for word in command.words if word.startswith("of=") and not _HARMLESS.match(word[3:]))
    elif name in {"curl", "wget"}:
        yield from (
            after for before, after in zip(command.words, command.words[1:], strict=False) if before in {"-o", "-O", "--output"}
        )


def _last(command: Command, operands: list[str]) -> Iterator[str]:
    for place, word in enumerate(command.arguments):
        if word in {"-t", "--target-directory"}:
            yield from command.arguments[place + 1 : place + 2]
            return
        if word.startswith("--target-directory="):
            yield word.partition("=")[2]
            return
    if command.program == "install" and command.has_option("-d", "--directory"):
        yield from operands
    elif len(operands) > 1:
        yield operands[-1]


def _operands(command: Command) -> list[str]:
    """Return the arguments that are no options and no values of options."""
    valued = _VALUED.get(command.program, ())
    found, skip, options = [], False, True
    for word in command.arguments:
        if skip:
            skip = False
        elif options and word == "--":
            options = False
        elif options and word.startswith("-") and len(word) > 1:
            skip = word in valued or (command.program == "install" and re.fullmatch(r"-[A-Za-z]*[mog]", word) is not None)
        else:
            found.append(word)
    return found


def install_lines(recipe: CheckedRecipe) -> Iterator[tuple[str, int, str]]:
    """Yield the lines of debian/*.install and *.links, which say what a package ships."""
    for path, text in recipe.texts():
        if re.fullmatch(r"debian/(?:[^/]+\.)?(?:install|links)", path) and not text.startswith("#!"):
            for number, line in enumerate(text.split("\n"), start=1):
                if line.strip() and not line.lstrip().startswith("#"):
                    yield path, number, line.strip()
