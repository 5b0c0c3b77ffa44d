"""What a command of a script is, once its words have been read; and which words in front of it only run what follows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from .programs import names

SHELLS = frozenset({"sh", "bash", "dash", "ksh", "ksh93", "mksh", "zsh", "ash", "rbash", "posh", "yash", "fish", "csh", "tcsh"})
ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<index>\[[^\]]*\])?(?P<more>\+)?=(?P<value>.*)", re.DOTALL)
_CLUSTER = re.compile(r"-[A-Za-z0-9]*")
_UNKNOWN = re.compile(r"\$\{[^{}$]{0,60}\}|\$\(\)")


@dataclass(frozen=True)
class _Wrapper:
    """A program that runs the command in its arguments: its options that take a value, and the operands before the command."""

    valued: frozenset[str] = frozenset()
    operands: int = 0


def _wrapper(valued: str = "", operands: int = 0) -> _Wrapper:
    return _Wrapper(frozenset(valued.split()), operands)


_WRAPPERS = {
    **dict.fromkeys(
        names(
            "nohup command builtin setsid fakeroot eatmydata busybox toybox dbus-run-session unbuffer catchsegv coproc doas "
            "pkexec linux32 linux64 pseudo noglob nocorrect ld-linux-x86-64.so.2 ld-linux.so.2 ld-linux-aarch64.so.1"
        ),
        _wrapper("-u -o --library-path --preload --argv0"),
    ),
    "sudo": _wrapper("-u -g -h -p -C -r -t -U -D -R -T --user --group"),
    "env": _wrapper("-u -C --unset --chdir"),
    "exec": _wrapper("-a"),
    "time": _wrapper("-f -o"),
    "nice": _wrapper("-n --adjustment"),
    "ionice": _wrapper("-c -n -p --class --classdata"),
    "chrt": _wrapper("-p", 1),
    "taskset": _wrapper("", 1),
    "timeout": _wrapper("-s -k --signal --kill-after", 1),
    "xargs": _wrapper("-I -i -n -P -L -l -d -a -E -s --max-args --max-procs --delimiter --arg-file --replace"),
    "parallel": _wrapper("-j -a --jobs"),
    "stdbuf": _wrapper("-i -o -e --input --output --error"),
    "strace": _wrapper("-o -e -s -p"),
    "chroot": _wrapper("--userspec --groups", 1),
    "unshare": _wrapper("-S -G --setuid --setgid"),
    "flock": _wrapper("-w -E --timeout", 1),
    "runuser": _wrapper("-u -g -G -s --user --group"),
    "setpriv": _wrapper("--reuid --regid"),
    "gosu": _wrapper("", 1),
    "xvfb-run": _wrapper("-n -s -e -f -p -w --server-args"),
    "systemd-run": _wrapper("-p -u -M --unit --property --on-calendar --on-boot --on-active"),
    "watch": _wrapper("-n --interval"),
    "setarch": _wrapper("", 1),
}
# These only ask where a program is when they have this option.
_ASKS = {"command": ("-v", "-V"), "sudo": ("-l", "-v")}
_KEYWORD_LIKE = frozenset({"!"})


@dataclass(frozen=True)
class Command:
    """A command as it would run, with quotes gone and every value that is known in its place.

    An unknown variable stands as `${name}`, what an unknown substitution prints as `$()`. `via` are the wrappers that stood
    before the program; `inner` the commands whose output stands in its words or is its input by `<(…)`; `piped_from` the
    commands before it in its pipe; `document` its here-document, which starts at `document_line`; `output` what it prints,
    where that is known beforehand; `hidden` how the name of its program was hidden (see `shell_words.Word`).
    """

    line: int
    words: tuple[str, ...]
    via: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    inner: tuple[Command, ...] = ()
    piped_from: tuple[Command, ...] = ()
    document: str | None = None
    document_line: int = 0
    output: str | None = None
    hidden: frozenset[str] = frozenset()
    background: bool = False
    # It runs in `sh -c`, `eval`, a trap or another text inside the script, so deep; 0 for the script itself.
    depth: int = 0

    @cached_property
    def program(self) -> str:
        """The program's name without its folder and without unknown parts; empty for a bare redirection."""
        return program_name(self.words[0]) if self.words else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words behind the program."""
        return self.words[1:]

    @property
    def operands(self) -> tuple[str, ...]:
        """The arguments that are no options."""
        return tuple(word for word in self.arguments if not word.startswith("-"))

    @property
    def is_shell(self) -> bool:
        """Whether it is a shell, `.` or `source`: what it reads, it runs."""
        return self.program in SHELLS or self.words[:1] in {(".",), ("source",)}

    def has_option(self, *options: str) -> bool:
        """Return whether one of `options` is among the arguments: `-x` also inside a cluster, `--long` also with a value."""
        exact = frozenset(options)
        valued = tuple(f"{option}=" for option in options if option.startswith("--"))
        letters = {option[1] for option in options if len(option) == 2 and not option.startswith("--")}
        for word in self.arguments:
            if word in exact:
                return True
            if word[:1] == "-" and (word.startswith(valued) or (_CLUSTER.fullmatch(word) and not letters.isdisjoint(word))):
                return True
        return False

    def __str__(self) -> str:
        text = " ".join(self.words)
        return text if len(text) <= 100 else text[:99] + "…"


def program_name(word: str) -> str:
    """Return the name of the program that `word` runs: no folder, no unknown part unless there is nothing else."""
    known = _UNKNOWN.sub("", word)
    return (known or word).rstrip("/").rpartition("/")[2] or word


def unwrapped(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words of the command that runs in the end, and the wrappers (env, sudo, xargs, timeout …) before it."""
    via: list[str] = []
    at = 0
    while at < len(words) - 1:
        name = program_name(words[at])
        wrapper = _WRAPPERS.get(name)
        if wrapper is None:
            if name not in _KEYWORD_LIKE:
                break
            at += 1
            continue
        if any(word in _ASKS.get(name, ()) for word in words[at + 1 : at + 3]):
            break
        following = _after_wrapper(words, at + 1, wrapper)
        if following >= len(words):
            break
        via.append(name)
        at = following
    return words[at:], via


def _after_wrapper(words: list[str], at: int, wrapper: _Wrapper) -> int:
    """Return where the command of a wrapper starts, whose arguments start at `at`."""
    operands = wrapper.operands
    while at < len(words):
        word = words[at]
        if word == "--":
            at += 1
        elif word.startswith("-"):
            at += 2 if word in wrapper.valued else 1
        elif ASSIGNMENT.fullmatch(word):
            at += 1
        elif operands:
            operands -= 1
            at += 1
        else:
            break
    return at


def carried_scripts(command: Command) -> Iterator[tuple[str, list[str]]]:
    """Yield the shell scripts among the words of `command`, each with its positional parameters, `$0` first."""
    name, arguments = command.program, list(command.arguments)
    if name == "eval":
        yield " ".join(arguments), []
    elif name == "trap" and arguments and arguments[0] not in {"-", "-p", "-l", ""}:
        yield arguments[0] if arguments[0] != "--" else " ".join(arguments[1:2]), []
    elif name in SHELLS | {"su", "script", "runuser", "flock", "ssh", "watch", "at"}:
        for place, word in enumerate(arguments):
            if re.fullmatch(r"-[a-z]{0,6}c", word) or word == "--command":
                yield " ".join(arguments[place + 1 : place + 2]), arguments[place + 2 :]
                break
            if word.startswith("--command="):
                yield word.partition("=")[2], []
                break
    elif name == "git" and any(word.startswith("alias.") or "core.sshCommand" in word for word in arguments):
        yield " ".join(word.partition("=")[2] for word in arguments).replace("!", " "), []
    elif name == "tar":
        yield from _tar_scripts(arguments)


def _tar_scripts(arguments: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what GNU tar is told to run: --checkpoint-action=exec=…, --to-command, -I."""
    for place, word in enumerate(arguments):
        for option in ("--checkpoint-action=exec=", "--to-command=", "--use-compress-program=", "--rsh-command="):
            if word.startswith(option):
                yield word[len(option) :], []
        if word in {"-I", "--to-command", "--use-compress-program"}:
            yield " ".join(arguments[place + 1 : place + 2]), []


def carried_commands(command: Command) -> Iterator[tuple[str, ...]]:
    """Yield the words of the commands that `find -exec` and its like run."""
    if command.program not in {"find", "fd", "fdfind"}:
        return
    start = None
    for place, word in enumerate((*command.words, ";")):
        if start is not None and word in {";", "+"}:
            yield command.words[start:place]
            start = None
        elif start is None and word in {"-exec", "-execdir", "-ok", "-okdir", "-x"}:
            start = place + 1


def running(commands: Iterable[Command], programs: Iterable[str]) -> Iterator[Command]:
    """Yield the commands whose program is one of `programs`."""
    wanted = frozenset(programs)
    return (command for command in commands if command.program in wanted)
