"""What a command prints, where that can be told without running it: echo and printf, and the filters that hide words.

`echo bHM= | base64 -d`, `printf '\\143url'`, `echo lruc | rev`: what comes out is read on as if it stood in the script.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable

from recipes_app.limits import MAX_SHELL_VALUE

from .shell_command import Command
from .shell_values import is_known, unescaped

_CONVERSION = re.compile(r"%(?P<flags>[-+ #0]*\d{0,4}(?:\.\d{1,4})?)(?P<kind>[sbqdiuxXoc%])")
_SUBSTITUTE = re.compile(r"(?:-e)?\s*s(?P<mark>[/|,#@:])(?P<old>[^/|,#@:]*)(?P=mark)(?P<new>[^/|,#@:]*)(?P=mark)g?", re.DOTALL)


def output_of(command: Command, given: str | None) -> str | None:
    """Return what `command` prints when it is `given` that text on its input (None: unknown); None where it cannot be told."""
    source = command.document if command.document is not None else given
    if command.writes or not is_known(command.words):
        return None
    if printer := _PRINTERS.get(command.program):
        return printer(list(command.arguments))[:MAX_SHELL_VALUE]
    if source is None or not is_known((source,)):
        return None
    filtering = _filter(command)
    try:
        return filtering(source)[:MAX_SHELL_VALUE] if filtering else None
    except (ValueError, binascii.Error, zlib.error):
        return None


def _echo(arguments: list[str]) -> str:
    while arguments and re.fullmatch(r"-[neE]+", arguments[0]):
        arguments = arguments[1:]
    # dash, Debian's sh, resolves escapes without -e.
    return unescaped(" ".join(arguments)) + "\n"


def _printf(arguments: list[str]) -> str:
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if not arguments or arguments[0] == "-v":
        return ""
    pattern, values = arguments[0], arguments[1:]
    written = ""
    while len(written) < MAX_SHELL_VALUE:
        rest = list(values)
        written += _CONVERSION.sub(lambda match: _converted(match, rest), unescaped(pattern))  # noqa: B023 (used at once)
        if not rest or len(rest) == len(values):
            return written
        values = rest
    return written


def _converted(match: re.Match[str], values: list[str]) -> str:
    """Return one conversion of printf, its value taken off `values`."""
    kind = match["kind"]
    if kind == "%":
        return "%"
    value = values.pop(0) if values else ""
    if kind in "sq":
        return value
    if kind == "b":
        return unescaped(value)
    if kind == "c":
        return value[:1]
    number = int(value, 0) if re.fullmatch(r"0x[0-9A-Fa-f]{1,8}|[1-9]\d{0,9}|0", value) else 0
    return format(number, {"x": "x", "X": "X", "o": "o"}.get(kind, "d")).rjust(3 if match["flags"] == "03" else 0, "0")


_PRINTERS: dict[str, Callable[[list[str]], str]] = {"echo": _echo, "printf": _printf}


def _filter(command: Command) -> Callable[[str], str] | None:
    """Return what the command does to its input, None for what is not known."""
    for fits, filtering in _FILTERS:
        if fits(command):
            return filtering
    if command.program == "tr":
        return _translation(command.operands, delete=command.has_option("-d"))
    if command.program == "sed" and command.operands:
        found = _SUBSTITUTE.fullmatch(command.operands[0])
        return (lambda text: text.replace(found["old"], found["new"])) if found and found["old"] else None
    return None


def _base64(text: str) -> str:
    data = re.sub(r"[^A-Za-z0-9+/=]", "", text)
    return base64.b64decode(data + "=" * (-len(data) % 4)).decode("latin-1")


def _hexadecimal(text: str) -> str:
    return bytes.fromhex(re.sub(r"[^0-9A-Fa-f]", "", text)).decode("latin-1")


def _inflated(text: str) -> str:
    return zlib.decompressobj(wbits=47).decompress(text.encode("latin-1"), MAX_SHELL_VALUE).decode("latin-1")


def _decodes(*options: str) -> Callable[[Command], bool]:
    return lambda command: command.has_option(*options)


def _named(name: str, fits: Callable[[Command], bool]) -> Callable[[Command], bool]:
    return lambda command: command.program == name and fits(command)


_FILTERS: tuple[tuple[Callable[[Command], bool], Callable[[str], str]], ...] = (
    (_named("base64", _decodes("-d", "-D", "--decode")), _base64),
    (_named("base32", _decodes("-d", "--decode")), lambda text: base64.b32decode(text.strip()).decode("latin-1")),
    (
        _named("openssl", lambda command: "-d" in command.words and ("base64" in command.words or "-base64" in command.words)),
        _base64,
    ),
    (_named("xxd", _decodes("-r")), _hexadecimal),
    (_named("gzip", _decodes("-d", "--decompress")), _inflated),
    (_named("gunzip", lambda command: True), _inflated),
    (_named("zcat", lambda command: True), _inflated),
    (_named("rev", lambda command: True), lambda text: "\n".join(line[::-1] for line in text.split("\n"))),
    (_named("cat", lambda command: not command.operands or command.operands == ("-",)), lambda text: text),
    (_named("tee", lambda command: not command.operands), lambda text: text),
)


def _translation(sets: tuple[str, ...], *, delete: bool) -> Callable[[str], str] | None:
    """Return what `tr` with these sets does, None where they are no plain sets and ranges."""
    if not sets or len(sets) > 2:
        return None
    first = _set(sets[0])
    if delete or len(sets) == 1:
        return lambda text: text.translate(dict.fromkeys(map(ord, first))) if delete else text
    second = _set(sets[1])
    if not second:
        return None
    second = second.ljust(len(first), second[-1])
    table = dict(zip(map(ord, first), second, strict=False))
    return lambda text: text.translate(table)


def _set(text: str) -> str:
    """Return the characters of one of tr's sets."""
    classes = {"[:lower:]": "a-z", "[:upper:]": "A-Z", "[:digit:]": "0-9", "[:space:]": " \t\n"}
    for name, ranges in classes.items():
        text = text.replace(name, ranges)
    return re.sub(
        r"([a-zA-Z0-9])-([a-zA-Z0-9])", lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))), unescaped(text)
    )
