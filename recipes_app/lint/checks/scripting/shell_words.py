"""Reading words of a shell script as the shell would: quotes, escapes, variables, substitutions (POSIX 2.2, 2.6; bash)."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_left
from dataclasses import dataclass, field

from recipes_app.limits import MAX_SHELL_NESTING, MAX_SHELL_VALUE

from .shell_command import ASSIGNMENT, Command
from .shell_values import UNKNOWN_OUTPUT, Scope, parameter, unescaped

# Each alternative is possessive or one character long: the time grows with the length of the text alone.
PLAIN = re.compile(r"[^\s;&|()<>'\"`\\$]++")
_IN_DOUBLE = re.compile(r"[^\"\\`$]++")
_IN_BRACE = re.compile(r"[^}'\"`\\$]++")
IN_DOCUMENT = re.compile(r"[^\\`$]++")
_SIMPLE_VARIABLE = re.compile(r"\$(?P<name>[A-Za-z_][A-Za-z0-9_]*+|[0-9@*#?!$-])")
_BRACED_NAME = re.compile(
    r"\$\{(?P<name>[#!]?(?:[A-Za-z_][A-Za-z0-9_]*+(?:\[[^\]\s$`'\"]{0,40}\])?|[0-9]++|[@*#?!$-]))"
    r"(?P<operator>:[-=?+]|//?|\#\#?|%%?|\^\^?|,,?|@|[-=?+:])?"
)
# Arithmetic without a substitution in it, which would have to be read.
_ARITHMETIC = re.compile(r"\$\(\((?:[^()`$\n]|\$(?!\()|(?<!\$)\((?:[^()`$\n]|\$(?!\()){0,60}\)){0,120}\)\)")
_BRACES = re.compile(r"(?P<before>[^{}]{0,60})\{(?P<list>[^{}\s]{0,400},[^{}\s]{0,400})\}(?P<after>[^{}]{0,60})")
_PATTERN = re.compile(r"[*?]|\[[^\]\[]{1,40}\]")


@dataclass(slots=True)
class Word:
    """A word that was read. `fields` are the words that it becomes; `text` is it in one piece, as an assignment takes it.

    `hidden` says how a name in it would be missed by a search: `quotes` (`c"ur"l`, `c\\url`), `escape` (`$'\\x63'`),
    `variable`, `substitution`, `parts` (a name put together of several), `pattern` (`/bin/c?rl`), `braces`.
    """

    line: int
    fields: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    text: str = ""
    literal: bool = True
    hidden: set[str] = field(default_factory=set)
    inner: list[Command] = field(default_factory=list)
    # The variable that the word is and nothing else.
    variable: str = ""
    array: list[str] | None = None
    _parts: list[str] = field(default_factory=list)
    _started: bool = False
    _after_quote: bool = False

    @property
    def last(self) -> str:
        """The last character so far, empty at the start."""
        return self._parts[-1][-1] if self._parts else ""

    def so_far(self) -> str:
        """Return what was read of the word until now."""
        return "".join(self._parts)

    def add(self, value: str, kind: str = "plain") -> None:
        """Add a part; kind is plain, quoted, or `value` for an unquoted expansion, which is split at blanks."""
        if kind == "value":
            parts = value.split()
            if value[:1].isspace():
                self._finish_field()
            for part in parts[:-1]:
                self._piece(part)
                self._finish_field()
            if parts:
                self._piece(parts[-1])
            if parts and value[-1:].isspace():
                self._finish_field()
            self._parts += [value] if value else []
            return
        self._note_quotes(value, kind)
        self._piece(value)
        self._parts += [value] if value else []

    def done(self) -> Word:
        """Return the word, finished."""
        self._finish_field()
        self.text = self.so_far()[:MAX_SHELL_VALUE]
        self.fields = [each for part in self.fields for each in self._braces(part)]
        if self.fields and self.literal and _PATTERN.search(self.fields[0]):
            self.hidden.add("pattern")
        return self

    def _piece(self, value: str) -> None:
        self._started = True
        self.pieces.append(value)

    def _finish_field(self) -> None:
        if self._started:
            self.fields.append("".join(self.pieces)[:MAX_SHELL_VALUE])
        self.pieces, self._started = [], False

    def _note_quotes(self, value: str, kind: str) -> None:
        """Note quotes that stand inside a name: letters on both sides of one, or nothing in it."""
        before = self.last.isalnum() and not self.fields
        if kind == "quoted":
            self.literal = False
            if before and (value[:1].isalnum() or not value):
                self.hidden.add("quotes")
        elif self._after_quote and before and value[:1].isalnum():
            self.hidden.add("quotes")
        self._after_quote = kind == "quoted"

    def _braces(self, part: str) -> list[str]:
        """Return bash's brace expansion of a literal field."""
        found = _BRACES.fullmatch(part) if self.literal and "{" in part and "$" not in part else None
        if found is None:
            return [part]
        self.hidden.add("braces")
        return [found["before"] + each + found["after"] for each in found["list"].split(",") if each or found["before"]]


class WordReader(ABC):
    """A text with a position in it. `_script`, which reads commands, comes from the class that knows the grammar."""

    def __init__(self, text: str, line: int, scope: Scope, depth: int) -> None:
        self._text, self._base, self._scope, self._depth = text, line, scope, depth
        self._at = 0
        self._found: list[Command] = []
        self._newlines: list[int] | None = None

    @abstractmethod
    def _script(self, stop: str) -> str | None:
        """Read commands up to `stop`; return what they print where that is known."""

    @abstractmethod
    def _nested(self, text: str, line: int, positional: list[str] | None = None) -> tuple[list[Command], str | None]:
        """Return the commands of a text that stands inside this one, and what they print where that is known."""

    def _line(self, at: int | None = None) -> int:
        """Return the number of the line at a position, the current one by default."""
        if self._newlines is None:
            self._newlines = [place for place, letter in enumerate(self._text) if letter == "\n"]
        return self._base + bisect_left(self._newlines, self._at if at is None else at)

    def _may_go_on(self) -> bool:
        """Take a step of reading; where none is left, leave the rest of the text unread."""
        if self._scope.effort.step():
            return True
        self._scope.give_up(self._line())
        self._at = len(self._text)
        return False

    def _word(self) -> Word:
        """Read the word that starts here; at least one character is taken."""
        word = Word(self._line())
        start = self._at
        while self._at < len(self._text) and self._may_go_on():
            if match := PLAIN.match(self._text, self._at):
                self._at = match.end()
                word.add(match[0])
                continue
            letter = self._text[self._at]
            if self._text[self._at : self._at + 2] in {"<(", ">("}:
                self._process(word)
            elif letter in " \t\r\n;&|<>)" or (letter == "(" and not self._bracket_in_word(word)):
                break
            elif letter != "(":
                self._special(word, letter)
        if self._at == start:
            word.add(self._text[self._at])
            self._at += 1
        return word.done()

    def _special(self, word: Word, letter: str) -> None:
        """Read a quote, an escape, an expansion, or another single character."""
        if letter == "'":
            self._single(word)
        elif letter == '"':
            self._double(word)
        elif letter == "\\":
            if self._text[self._at + 1 : self._at + 2] != "\n":
                word.add(self._text[self._at + 1 : self._at + 2], "quoted")
            elif word.last.isalnum() and self._text[self._at + 2 : self._at + 3].isalnum():
                word.hidden.add("quotes")
            self._at += 2
        elif letter == "`":
            self._backtick(word, "value")
        elif letter == "$":
            self._dollar(word, "value")
        else:
            word.add(letter)
            self._at += 1

    def _single(self, word: Word) -> None:
        end = self._text.find("'", self._at + 1)
        end = len(self._text) if end < 0 else end
        word.add(self._text[self._at + 1 : end], "quoted")
        self._at = end + 1

    def _ansi(self, word: Word) -> None:
        match = re.compile(r"\$'((?:[^'\\]++|\\.)*+)'?", re.DOTALL).match(self._text, self._at)
        assert match is not None  # noqa: S101 (the two characters have been seen)
        value = unescaped(match[1])
        if value != match[1] and value.isprintable():
            word.hidden.add("escape")
        word.add(value, "quoted")
        self._at = match.end()

    def _double(self, word: Word) -> None:
        self._at += 1
        start = self._at
        self._until(word, _IN_DOUBLE, '"')
        if self._at == start + 1:
            word.add("", "quoted")

    def _until(self, word: Word, plain: re.Pattern[str], stop: str, *, quoted: bool = False) -> None:
        """Read on, in double quotes, braces (`quoted` ones too) or a here-document, up to `stop` (empty: the end of the text)."""
        escaped = '$`"\\\n' if stop == '"' else "$`\\\n" if not stop else ""
        while self._at < len(self._text) and self._may_go_on():
            if match := plain.match(self._text, self._at):
                word.add(match[0], "quoted")
                self._at = match.end()
                continue
            letter = self._text[self._at]
            if letter == stop:
                self._at += 1
                return
            if letter == "\\" and escaped:
                following = self._text[self._at + 1 : self._at + 2]
                value = following.replace("\n", "") if following and following in escaped else letter + following
                if value:
                    word.add(value, "quoted")
                self._at += 2
            elif letter == "$":
                self._dollar(word, "quoted")
            elif letter == "`":
                self._backtick(word, "quoted")
            elif letter == "'" and quoted:
                word.add(letter, "quoted")
                self._at += 1
            else:
                self._special(word, letter)

    def _dollar(self, word: Word, kind: str) -> None:
        text, at = self._text, self._at
        following = text[at + 1 : at + 2]
        if following == "(":
            if match := _ARITHMETIC.match(text, at):
                self._at = match.end()
                word.add("0", kind)
            else:
                self._substitution(word, kind)
        elif following == "{":
            self._braced(word, kind)
        elif following == "'" and kind == "value":
            self._ansi(word)
        elif following == '"' and kind == "value":
            self._at += 1
        elif match := _SIMPLE_VARIABLE.match(text, at):
            self._at = match.end()
            whole = not word.last and not word.fields
            self._variable(word, match["name"], kind)
            word.variable = match["name"] if whole and self._ends_here() else ""
        else:
            word.add("$")
            self._at += 1

    def _ends_here(self) -> bool:
        """Return whether the word ends at this position, but for a closing quote."""
        return self._text[self._at : self._at + 1].strip('"') in {"", " ", "\t", "\n", ";", "|", "&", ")"}

    def _variable(self, word: Word, name: str, kind: str) -> None:
        """Add the value of a plain variable, or the words that `$@` or an array stand for."""
        fields = self._scope.fields(name)
        if fields is not None and self._scope.charge(sum(map(len, fields)) + len(fields), self._line()):
            word.hidden.add("variable")
            word.add(" ".join(fields), "value")
            return
        self._add_value(word, name, self._scope.value(name), kind)

    def _add_value(self, word: Word, name: str, value: str | None, kind: str) -> None:
        word.literal = False
        if value is not None and not self._scope.charge(len(value), self._line()):
            value = None
        if value is None:
            # An unset variable inside a name: the shell sees the name.
            if word.last.isalnum() and kind == "value":
                word.hidden.add("parts")
            word.add("${" + name + "}", "quoted" if kind == "quoted" else "plain")
            return
        word.hidden.add("variable")
        if (word.last.isalnum() and value[:1].isalnum()) or self._text[self._at : self._at + 1].isalnum():
            word.hidden.add("parts")
        word.add(value, kind)

    def _braced(self, word: Word, kind: str) -> None:
        """Read `${…}`, what stands inside it too."""
        match = _BRACED_NAME.match(self._text, self._at)
        if match is None or self._depth >= MAX_SHELL_NESTING:
            if match is not None:
                self._scope.give_up(self._line())
            word.add("${", "quoted")
            self._at += 2
            return
        self._at = match.end()
        argument = Word(self._line())
        self._depth += 1
        self._until(argument, _IN_BRACE, "}", quoted=kind == "quoted")
        self._depth -= 1
        argument.done()
        word.inner += argument.inner
        name, operator = match["name"], match["operator"] or ""
        fields = self._scope.fields(name) if not operator else None
        if fields is not None:
            self._variable(word, name, "value")
            return
        value = None if name.startswith("#") and len(name) > 1 else parameter(self._scope, name, operator, argument.text)
        self._add_value(word, name, value, kind)

    def _substitution(self, word: Word, kind: str) -> None:
        """Read `$(…)`."""
        self._at += 2
        if self._depth >= MAX_SHELL_NESTING:
            self._scope.give_up(self._line())
            word.add(UNKNOWN_OUTPUT, kind)
            return
        mark = len(self._found)
        self._depth += 1
        output = self._script(")")
        self._depth -= 1
        self._substituted(word, self._found[mark:], output, kind)

    def _backtick(self, word: Word, kind: str) -> None:
        match = re.compile(r"`((?:[^`\\]++|\\.)*+)`?", re.DOTALL).match(self._text, self._at)
        assert match is not None  # noqa: S101 (the backtick has been seen)
        line = self._line()
        self._at = match.end()
        commands, output = self._nested(re.sub(r"\\([`$\\])", r"\1", match[1]), line)
        self._found += commands
        self._substituted(word, commands, output, kind)

    def _substituted(self, word: Word, commands: list[Command], output: str | None, kind: str) -> None:
        word.literal = False
        word.inner += commands
        if output is None:
            word.add(UNKNOWN_OUTPUT, "quoted" if kind == "quoted" else "plain")
        else:
            word.hidden.add("substitution")
            word.add(output.rstrip("\n"), kind)

    def _process(self, word: Word) -> None:
        """Read `<(…)` or `>(…)`, whose commands feed the one that the word belongs to."""
        self._at += 2
        if self._depth >= MAX_SHELL_NESTING:
            self._scope.give_up(self._line())
            return
        mark = len(self._found)
        self._depth += 1
        self._script(")")
        self._depth -= 1
        word.inner += self._found[mark:]
        word.literal = False
        word.add("/dev/fd/63")

    def _bracket_in_word(self, word: Word) -> bool:
        """Read a bracket that is part of a word: an array's values, a pattern of ksh. Return whether it was one."""
        if word.last == "=" and self._depth < MAX_SHELL_NESTING and ASSIGNMENT.fullmatch(word.so_far()):
            self._at += 1
            self._depth += 1
            word.array = self._array_values(word)
            self._depth -= 1
            return True
        if word.last in {"?", "*", "+", "@", "!"} and word.literal:
            end = self._text.find(")", self._at, self._at + 200)
            if end > 0:
                word.add(self._text[self._at : end + 1])
                self._at = end + 1
                return True
        return False

    def _array_values(self, word: Word) -> list[str]:
        values: list[str] = []
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._text[self._at].isspace():
                self._at += 1
                continue
            element = self._word()
            word.inner += element.inner
            values += element.fields
        self._at += 1
        return values
