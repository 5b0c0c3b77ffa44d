"""Code of other languages inside or beside shell scripts: what it runs, fetches and decodes, by its well-known calls.

This is no parser of Python or Perl: it knows the calls by name, and the strings that they are given. Each finding becomes a
Command, so that the checks need one vocabulary: `python3:fetch`, `perl:run-decoded`, `python3:reverse-shell`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .scripting.programs import INTERPRETERS, PYTHONS
from .scripting.shell import read_commands
from .scripting.shell_command import Command
from .scripting.shell_values import Effort, Scope

FETCH, RUN_DECODED, REVERSE_SHELL = "fetch", "run-decoded", "reverse-shell"

_CODE_OPTIONS = {"perl": "eE", "ruby": "e", "node": "ep", "nodejs": "ep", "php": "r", "lua": "e", "bun": "e", "osascript": "e"}
_CALLS = {
    FETCH: re.compile(
        r"\burlopen\b|\burlretrieve\b|\burllib2\b|\brequests\.(?:get|post|put|request|[Ss]ession)\b|\bhttp\.client\b|\bhttplib\b|"
        r"\bhttpx\.|\baiohttp\b|\bpycurl\b|\bLWP::|\bHTTP::Tiny\b|\bNet::(?:HTTP|FTP|SSH)\b|\bWWW::|\bopen-uri\b|\bURI\.open\b|"
        r"\bhttps?\.(?:get|request)\s*\(|\bfetch\s*\(\s*['\"`]|\bfile_get_contents\s*\(\s*['\"]https?:|\bcurl_init\b|/inet/tcp/|"
        r"\brequire\s*\(\s*['\"](?:node:)?(?:https?|axios)['\"]|\bftplib\b|\bsnapshot_download\b|\bhf_hub_download\b|"
        r"\bsocket\.(?:create_connection|socket)\b|\bIO::Socket\b|\bTCPSocket\b"
    ),
    RUN_DECODED: re.compile(
        r"\b(?:exec|eval|compile|Function|system|popen|runInThisContext)\b[^\n;]{0,300}?"
        r"(?:b64decode|b85decode|base64|fromhex|unhexlify|decompress|marshal|rot.?13|decode_base64|pack\s*\(?\s*['\"]H|atob|"
        r"Buffer\.from|gzinflate|str_rot13|(?:\bchr\b[^\n]{0,40}?){3})"
    ),
    REVERSE_SHELL: re.compile(r"\b(?:dup2|pty\.spawn)\b|\bSTDIN\b[^\n]{0,80}>&S|socket[^\n]{0,400}?/bin/(?:ba)?sh\b"),
}
_RUNS = re.compile(
    r"\b(?:system|popen[234]?|exec[lv]?p?e?|spawn\w{0,4}|call|run|check_call|check_output|getoutput|getstatusoutput|Popen|execSync|"
    r"execFile(?:Sync)?|spawnSync|shell_exec|passthru|proc_open|create_subprocess_shell)\s*\(?\s*"
    r"(?:f|r|b)?(?P<argument>\[[^\]\n]{1,600}\]|\"(?:[^\"\\\n]|\\.){1,2000}\"|'(?:[^'\\\n]|\\.){1,2000}')"
)
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*+)\"|'((?:[^'\\]|\\.)*+)'")
_TICKS = re.compile(r"`([^`\n]{1,600})`|\bqx\s*[{(/]([^})/\n]{1,600})[})/]|%x[({]([^)}\n]{1,600})[)}]")
# 'cu' + 'rl', "sys" . "tem": strings put together, as the language does it.
_JOINED = re.compile(r"(['\"])[ \t]*[+.][ \t]*\1")


def code_commands(
    language: str, code: str, line: int, outer: Command | None = None, effort: Effort | None = None
) -> Iterator[Command]:
    """Yield what `code` runs and does, as commands at their lines; `outer` is the command that it is an argument of."""
    effort = effort or Effort()
    via = (*(outer.via if outer else ()), language)
    for number, text in _statements(code, line):
        if effort.is_spent:
            return
        joined = _JOINED.sub("", text)
        for kind, pattern in _CALLS.items():
            if match := pattern.search(joined):
                yield Command(number, (f"{language}:{kind}", match[0][:80]), via=via)
        for match in _RUNS.finditer(joined):
            yield from _run(match["argument"], number, via, effort)
        for ticks in _TICKS.finditer(joined) if language not in PYTHONS else ():
            yield from read_commands(next(filter(None, ticks.groups())), number, Scope(work=10_000, effort=effort))


def _statements(code: str, line: int) -> Iterator[tuple[int, str]]:
    """Yield the lines of the code without comments of their own, cut to what a person would read."""
    for number, text in enumerate(code.split("\n"), start=line):
        if not text.lstrip().startswith(("#", "//")) and len(text) < 20_000:
            yield number, text


def _run(argument: str, number: int, via: tuple[str, ...], effort: Effort) -> Iterator[Command]:
    """Yield the commands of an argument of system() or subprocess.run(): a string for the shell, or a list of words."""
    strings = [first or second for first, second in _STRING.findall(argument)]
    if argument.startswith("["):
        strings = [" ".join("'" + each.replace("'", "'\\''") + "'" if place else each for place, each in enumerate(strings))]
    for script in strings[:1]:
        for command in read_commands(script.replace("\\n", "\n").replace('\\"', '"'), number, Scope(work=10_000, effort=effort)):
            yield Command(number, command.words, via=via, piped_from=command.piped_from, inner=command.inner)


def inline_code(commands: Iterable[Command], effort: Effort) -> Iterator[Command]:
    """Yield what the code does that interpreters are given in their arguments, here-documents or pipes: `python3 -c …`."""
    for command in commands:
        name = command.program
        if name not in INTERPRETERS and not name.startswith("python"):
            continue
        for code in _codes(command):
            line = command.document_line if code is command.document else command.line
            yield from code_commands(name, code, line, command, effort)


def _codes(command: Command) -> Iterator[str]:
    name = command.program
    if name in {"awk", "gawk", "mawk"}:
        yield from command.operands[:1]
        return
    letters = "c" if name.startswith("py") else _CODE_OPTIONS.get(name, "e")
    for place, word in enumerate(command.arguments):
        if re.fullmatch(rf"-[A-Za-z0-9]{{0,5}}[{letters}]|--eval|--print", word):
            yield " ".join(command.arguments[place + 1 : place + 2])
        elif re.match(rf"-[{letters}].", word, re.DOTALL) and not word.startswith("--"):
            yield word[2:]
    if command.document is not None:
        yield command.document
    for source in command.piped_from[-1:]:
        if source.output is not None:
            yield source.output
