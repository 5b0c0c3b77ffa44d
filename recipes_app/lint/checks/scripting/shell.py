"""Which commands a shell script runs, with which words: as far as a look without running can tell.

It sees through what hides a command from a search for its name: quotes and backslashes inside a word, lines that continue,
variables and functions with known values, `sh -c`, `eval`, `trap`, command substitution, here-documents, wrappers such as env
and xargs, and text that echo, printf and decoders print. It follows the grammar of POSIX (Shell Command Language) with bash's
additions, in one pass: time grows with the text's length, and what a value or a function repeats is charged to a budget.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace

from recipes_app.limits import MAX_COMMAND_WORDS, MAX_PIPE_SOURCES, MAX_SHELL_NESTING

from .programs import REMARKABLE
from .shell_command import SHELLS, Command, carried_commands, carried_scripts, unwrapped
from .shell_output import output_of
from .shell_state import Frame, Simple, assigned, follow_builtin
from .shell_values import Scope
from .shell_words import IN_DOCUMENT, PLAIN, Word, WordReader

_BLANK = re.compile(r"(?:[ \t\r]++|\\\n)++")
_COMMENT = re.compile(r"#[^\n]*+")
_REDIRECT = re.compile(r"(?P<number>[0-9]{0,3}+|\{[A-Za-z_]{1,20}\})(?P<kind>&>>?|>>|>\||>&|>(?!\()|<<<|<<-?|<&|<>|<(?!\())")
_OPERATOR = re.compile(r";;&?|;&|&&|\|\||\|&|[;&|\n]")
_FUNCTION = re.compile(r"[ \t]*\([ \t]*\)")
_OPENING = {"if": "fi", "while": "done", "until": "done", "for": "done", "select": "done", "case": "esac", "{": "}"}
_CLOSING = frozenset({"fi", "done", "esac", "}"})
_STEPS_INSIDE = 8
_BETWEEN = frozenset({"then", "else", "elif", "do", "!", "in"})


class _Reader(WordReader):
    """The grammar: lists, pipes and groups."""

    def __init__(self, text: str, line: int, scope: Scope, depth: int) -> None:
        super().__init__(text, line, scope, depth)
        self._resume = 0
        self._ends: dict[str, list[int]] | None = None
        self._fed_by: tuple[Command, ...] = ()
        self._given: str | None = None
        self._function = ""

    def read(self, fed_by: tuple[Command, ...] = (), given: str | None = None) -> tuple[list[Command], str | None]:
        """Return the commands of the text, inner ones before those around them, and what they print if that is known."""
        self._fed_by, self._given = fed_by, given
        return self._found, self._script("")

    def document(self) -> Word:
        """Return the text as the body of a here-document, with its expansions."""
        word = Word(self._base)
        self._until(word, IN_DOCUMENT, "")
        word.done()
        word.inner = self._found
        return word

    def _script(self, stop: str) -> str | None:
        fed_by, given, self._fed_by, self._given = self._fed_by, self._given, (), None
        mark = len(self._found)
        frames = [Frame("", mark, fed_by, given, pipe=fed_by, element=mark, piped=given)]
        simple = Simple()
        text = self._text
        while self._at < len(text) and self._may_go_on():
            if match := _BLANK.match(text, self._at):
                self._at = match.end()
            elif text[self._at] == "#":
                match = _COMMENT.match(text, self._at)
                self._at = match.end() if match else self._at + 1
            elif frames[-1].pattern:
                self._case_pattern(frames)
            elif match := _OPERATOR.match(text, self._at):
                simple = self._operator(frames, simple, match[0])
            elif text[self._at] == ")" and not (len(frames) > 1 and any(frame.closer == ")" for frame in frames)) and stop:
                self._at += 1
                break
            elif text[self._at] in "()":
                simple = self._bracket(frames, simple)
            elif match := _REDIRECT.match(text, self._at):
                self._redirect(frames, simple, match)
            else:
                simple = self._next_word(frames, simple)
        while frames:
            self._end(frames, simple, ";")
            simple = Simple()
            printed = frames.pop().printed
        return None if printed is None else "".join(printed)

    # Lists and pipes

    def _operator(self, frames: list[Frame], simple: Simple, separator: str) -> Simple:
        self._end(frames, simple, separator)
        self._at += len(separator)
        frame = frames[-1]
        if separator == "\n" and self._resume > self._at:
            self._at = self._resume
        if separator.startswith((";;", ";&")) and frame.closer == "esac":
            frame.pattern = True
        return Simple()

    def _end(self, frames: list[Frame], simple: Simple, separator: str) -> None:
        """Finish the command at hand, and the pipe where `separator` ends one."""
        frame = frames[-1]
        empty = not (simple.words or simple.writes or simple.reads or simple.inner)
        if empty and separator == "\n" and frame.after_pipe:
            return
        if simple.of:
            self._loop_head(frame, simple)
        elif not empty:
            frame.last = self._emit(frame, simple, background=separator == "&")
        if separator in {"|", "|&"}:
            frame.pipe, frame.piped, frame.after_pipe = self._sources(frame), frame.last, True
        else:
            if not empty or frame.element < len(self._found):
                if frame.last is None or frame.printed is None:
                    frame.printed = None
                else:
                    frame.printed.append(frame.last)
            frame.pipe, frame.piped, frame.after_pipe, frame.last = frame.fed_by, frame.given, False, ""
        frame.element = len(self._found)

    def _sources(self, frame: Frame) -> tuple[Command, ...]:
        """Return the commands of the pipe so far, those that fetch or decode first."""
        sources = [*frame.pipe, *self._found[max(frame.element, len(self._found) - MAX_PIPE_SOURCES) :]]
        if len(self._found) - frame.element > MAX_PIPE_SOURCES and self._scope.charge(
            len(self._found) - frame.element, self._line()
        ):
            sources = [*self._found[frame.element :], *frame.pipe]
        if len(sources) > MAX_PIPE_SOURCES:
            sources.sort(key=lambda command: command.program not in REMARKABLE)
        return tuple(sources[:MAX_PIPE_SOURCES])

    def _loop_head(self, frame: Frame, simple: Simple) -> None:
        """Note what the variable of a `for` can be."""
        words = [each for word in simple.words for each in word.fields]
        if simple.of == "for" and words[1:2] == ["in"]:
            for value in reversed(words[2:]):
                self._scope.assign(words[0], value)
        simple.of = ""
        frame.last = ""

    # Groups

    def _open(self, frames: list[Frame], closer: str) -> None:
        outer = frames[-1]
        mark = len(self._found)
        frame = Frame(closer, mark, outer.pipe, outer.piped, pipe=outer.pipe, element=mark, piped=outer.piped, body=self._at)
        frame.function, self._function = self._function, ""
        outer.after_pipe = False
        frames.append(frame)

    def _close(self, frames: list[Frame]) -> None:
        frame = frames.pop()
        if frame.function:
            self._scope.functions[frame.function] = (self._text[frame.body : self._at], self._line(frame.body))
        frames[-1].last = "" if frame.function else None if frame.printed is None else "".join(frame.printed)
        # The pipe's element at hand is the whole group.
        frames[-1].element = min(frames[-1].element, frame.start)

    def _bracket(self, frames: list[Frame], simple: Simple) -> Simple:
        closing = self._text[self._at] == ")"
        if closing or simple.words:
            self._end(frames, simple, ";")
        self._at += 1
        if not closing:
            self._open(frames, ")")
        elif any(frame.closer == ")" for frame in frames):
            while frames[-1].closer != ")":
                self._close(frames)
            self._close(frames)
        return Simple()

    def _case_pattern(self, frames: list[Frame]) -> None:
        """Read the patterns of a branch of `case` up to its bracket, or the end of the `case`."""
        letter = self._text[self._at]
        if letter == "\n" or letter in "|(":
            self._at += 1
        elif letter == ")":
            self._at += 1
            frames[-1].pattern = False
        else:
            word = self._word()
            if word.literal and word.text == "esac":
                self._close(frames)

    # Simple commands

    def _next_word(self, frames: list[Frame], simple: Simple) -> Simple:
        if len(simple.words) >= MAX_COMMAND_WORDS and (match := PLAIN.match(self._text, self._at)):
            # What stands in quotes or is substituted is still read.
            self._scope.give_up(simple.words[0].line)
            self._at = match.end()
            return simple
        word = self._word()
        if not simple.words and not simple.of and word.literal:
            if self._keyword(frames, simple, word.text):
                return simple
            if match := _FUNCTION.match(self._text, self._at):
                self._at = match.end()
                self._function = word.text
                return simple
        simple.inner += word.inner
        simple.words.append(word)
        if simple.of == "case" and len(simple.words) > 1 and word.text == "in":
            frames[-1].pattern = True
            return Simple()
        if simple.words[0].text == "function" and len(simple.words) == 2:
            match = _FUNCTION.match(self._text, self._at)
            self._at = match.end() if match else self._at
            self._function = word.text
            return Simple()
        return simple

    def _keyword(self, frames: list[Frame], simple: Simple, text: str) -> bool:
        """Take a reserved word; return whether `text` is one."""
        if closer := _OPENING.get(text):
            self._open(frames, closer)
            simple.of = text if text in {"for", "select", "case"} else ""
        elif text in _CLOSING:
            if frames[-1].closer == text:
                self._close(frames)
        elif text not in _BETWEEN:
            return False
        return True

    def _redirect(self, frames: list[Frame], simple: Simple, match: re.Match[str]) -> None:
        self._at = match.end()
        if blank := _BLANK.match(self._text, self._at):
            self._at = blank.end()
        if self._text[self._at : self._at + 1] in {"", "\n"}:
            return
        start = self._at
        word = self._word()
        simple.inner += word.inner
        if match["kind"] in {"<<", "<<-"}:
            self._here_document(simple, word, self._text[start : self._at], tabs=match["kind"] == "<<-")
        elif match["kind"] == "<<<":
            simple.document, simple.document_line = word.text + "\n", word.line
        else:
            if match["kind"] in {">&", "<&"} and word.text.rstrip("-").isdigit():
                return
            if ">" in match["kind"]:
                simple.writes.append(word.text)
            if "<" in match["kind"]:
                simple.reads.append(word.text)
        if word.inner and not simple.words:
            self._feed_group(frames[-1], word.inner)

    def _feed_group(self, frame: Frame, inner: list[Command]) -> None:
        """Note that the group that has just been closed reads what `inner` print: `done < <(…)`."""
        group = self._found[frame.element : len(self._found) - len(inner)]
        if self._scope.charge(len(group), self._line()):
            fed = [replace(command, piped_from=(*command.piped_from, *inner)[-MAX_PIPE_SOURCES:]) for command in group]
            self._found[frame.element : len(self._found) - len(inner)] = fed

    def _here_document(self, simple: Simple, delimiter: Word, raw: str, *, tabs: bool) -> None:
        """Read the body, which starts in the next line or behind the here-document before it."""
        if self._ends is None:
            self._ends = {}
            place = 0
            for line in self._text.split("\n"):
                self._ends.setdefault(line.lstrip("\t"), []).append(place)
                place += len(line) + 1
        newline = self._text.find("\n", self._at) if self._resume <= self._at else self._resume - 1
        if newline < 0:
            return
        start = newline + 1
        ends = self._ends.get(delimiter.text, [])
        following = bisect_left(ends, start)
        stop = ends[following] if following < len(ends) else len(self._text)
        newline = self._text.find("\n", stop)
        self._resume = len(self._text) if newline < 0 else newline + 1
        body = self._text[start:stop]
        if tabs:
            body = re.sub(r"(?m)^\t+", "", body)
        simple.document, simple.document_line = body, self._line(start)
        if not set("'\"\\").intersection(raw) and ("$" in body or "`" in body):
            simple.document = self._expanded_document(simple, body, self._line(start))

    def _expanded_document(self, simple: Simple, body: str, line: int) -> str:
        if self._depth >= MAX_SHELL_NESTING or not self._scope.charge(len(body), line):
            self._scope.give_up(line)
            return body
        reader = _Reader(body, line, self._scope, self._depth + 1)
        word = reader.document()
        self._found += word.inner
        simple.inner += word.inner
        return word.text

    def _emit(self, frame: Frame, simple: Simple, *, background: bool) -> str | None:
        """Note the command and what it runs in turn; return what it prints where that is known."""
        words = assigned(self._scope, simple)
        if not words and not (simple.writes or simple.reads or simple.inner):
            return ""
        fields = [each for word in words for each in word.fields]
        if len(fields) > MAX_COMMAND_WORDS:
            self._scope.give_up(words[0].line)
            del fields[MAX_COMMAND_WORDS:]
        first = words[0] if words else None
        output: str | None = ""
        for variant in self._variants(first, fields):
            if not self._scope.effort.spend(len(variant)):
                self._scope.give_up(first.line if first else self._line())
                self._at = len(self._text)
                return None
            rest, via = unwrapped(variant)
            command = Command(
                line=first.line if first else self._line(),
                words=tuple(rest),
                via=tuple(via),
                writes=tuple(simple.writes),
                reads=tuple(simple.reads),
                inner=tuple(simple.inner),
                piped_from=frame.pipe,
                document=simple.document,
                document_line=simple.document_line,
                hidden=frozenset(first.hidden if first else ()),
                background=background,
                depth=self._depth,
            )
            output = output_of(command, frame.piped)
            command = replace(command, output=output) if output is not None else command
            self._found.append(command)
            follow_builtin(self._scope, command, frame.piped)
            self._carried(command, frame)
        return output

    def _variants(self, first: Word | None, fields: list[str]) -> Iterable[list[str]]:
        """Return the words of the command, once for each value that the variable which is its program can have."""
        if first is None or not fields:
            return [fields]
        known = self._scope.variables.get(first.variable, []) if first.variable else []
        variants = [[*value.split(), *fields[len(first.fields) :]] for value in known[:-1]]
        alias = self._scope.aliases.get(fields[0])
        if alias is not None:
            fields = [*alias.split(), *fields[1:]]
        return [*variants, fields]

    # What runs inside

    def _carried(self, command: Command, frame: Frame) -> None:
        """Read what `command` runs: scripts in its words, a script on its input, a function of this script."""
        for script, positional in carried_scripts(command):
            self._inside(script, command, positional)
        for words in carried_commands(command):
            rest, via = unwrapped(list(words))
            inner = replace(command, words=tuple(rest), via=("find", *via), output=None, depth=self._depth + 1)
            self._found.append(inner)
            for script, positional in carried_scripts(inner):
                self._inside(script, inner, positional)
        if command.is_shell and not command.has_option("-c"):
            source = command.document if command.document is not None else frame.piped
            if source is not None and (
                command.program in SHELLS or set(command.operands) & {"/dev/stdin", "/dev/fd/0", "/dev/fd/63"}
            ):
                self._inside(source, command, [], command.document_line)
        self._called(command)

    def _called(self, command: Command) -> None:
        """Read the body of a function again, now that its parameters and variables are known."""
        name = command.words[0] if command.words else ""
        body, line = self._scope.functions.get(name, ("", 0))
        if "$" not in body or name in self._scope.calling:
            return
        self._scope.calling.add(name)
        found, _ = self._nested(body, line, [name, *command.arguments], fed_by=command.piped_from)
        self._scope.calling.discard(name)
        self._found += found

    def _inside(self, script: str, command: Command, positional: list[str], line: int = 0) -> None:
        found, _ = self._nested(script, line or command.line, positional or None, fed_by=command.piped_from)
        self._found += found

    def _nested(
        self, text: str, line: int, positional: list[str] | None = None, fed_by: tuple[Command, ...] = ()
    ) -> tuple[list[Command], str | None]:
        # A text inside another costs as much as some words.
        self._scope.effort.steps -= _STEPS_INSIDE
        is_over = self._depth >= MAX_SHELL_NESTING or self._scope.effort.is_spent
        if is_over or not self._scope.charge(len(text) + 1, line):
            self._scope.give_up(line)
            return [], None
        before = self._scope.positional
        if positional is not None:
            self._scope.positional = positional
        result = _Reader(text, line, self._scope, self._depth + 1).read(fed_by)
        if positional is not None:
            self._scope.positional = before
        return result


def read_commands(text: str, line: int = 1, scope: Scope | None = None) -> list[Command]:
    """Return the commands in the shell script `text`, whose first line has the number `line`; never raises.

    `scope` holds what is known beforehand; it is filled with what the script assigns, and says where the reading gave up.
    """
    found, _ = _Reader(text.replace("\r\n", "\n"), line, Scope() if scope is None else scope, 0).read()
    return found
