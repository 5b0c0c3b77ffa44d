"""A terminal with a person at it: pastes a block whole, answers the questions that programs ask, and reads what is shown."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

# What readline says when it takes pastes between brackets, as a terminal then gives them (xterm's control sequences).
_BRACKETS_ON, _BRACKETS_OFF = "\x1b[?2004h", "\x1b[?2004l"
# Stands for _BRACKETS_OFF in the buffer: a command was accepted. No program's output keeps it.
_ACCEPTED = "\x02"
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_END = re.compile(r"\r+\n")
# Written over by what follows, as apt's percentages are; an accepted command stays.
_OVERWRITTEN = re.compile(rf"[^\n{_ACCEPTED}]*\r")
# A sequence, or the half of a line break, whose rest is still to be read.
_UNFINISHED = re.compile(r"(?:\x1b[^A-Za-z=>\x07]{0,30}|\r)\Z")
# A question stands in the last line, which has no end, for this long.
_QUIET_SECONDS = 0.4
# Between two presses of Ctrl-C.
_AGAIN_SECONDS = 0.5
# What a person answers to what they read; the first that fits.
_ASKS_FOR_CONSENT = re.compile(r"\byes\b.*[:?>\]]\s*$", re.IGNORECASE)
_ANSWERS = (
    (re.compile(r"\[Y/n\]\s*$"), "y\n"),
    (re.compile(r"^--More--"), "q"),
)
# Programs that fill the screen take another one and give it back (xterm's control sequences): here these are pagers.
_SCREEN_TAKEN, _SCREEN_BACK = "\x1b[?1049h", "\x1b[?1049l"
_ROWS, _COLUMNS = 50, 200


class TerminalError(Exception):
    """The shell ended, or did not come to an end in time; the text has the last lines that it showed."""


@dataclass(frozen=True)
class Pasted:
    """What came of a block: the exit status, seconds, what was shown, and how many questions were answered."""

    status: int
    seconds: float
    shown: str
    answers: int


class Terminal:
    """An interactive shell on a terminal of its own, until the context is left."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path, consent: str = "yes") -> None:
        """Start `command`: a shell that makes this its terminal (setsid --ctty), so that /dev/tty works.

        All that is shown is added to the file `log`. `consent` is the answer where the word yes is asked for.
        """
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self._log = log.open("a", encoding="utf-8")
        self._shell = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._brackets = False
        self._paging = False
        self._consent = consent
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = ""
        self._buffer = ""
        self._mark = f"{os.getpid():x}{time.monotonic_ns():x}"

    def __enter__(self) -> Self:
        # Typed in two halves and shown in one: what is typed is shown as well. The prompt tells the status of the last command.
        self._type(f"PS1='ready-''{self._mark}-$?> '\n")
        self._read_to_prompt(60)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # Hanging up ends the shell and what it runs, as closing a window does.
        os.close(self._master)
        try:
            self._shell.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._shell.pid, signal.SIGKILL)
            self._shell.wait()
        self._log.close()

    def paste(self, text: str, seconds: float, until: re.Pattern[str] | None = None) -> Pasted:
        """Paste `text` whole and press Enter; return when the shell asks for the next command. Raises TerminalError.

        Where `until` is shown, press Ctrl-C, and again until the shell is back: a program may end without passing it on.
        """
        started = time.monotonic()
        lines = text.rstrip("\n")
        self._type((f"\x1b[200~{lines}\x1b[201~" if self._brackets else lines) + "\n")
        status, shown, answers = self._read_to_prompt(seconds, until)
        # The last press may have met the shell itself, which then shows one more prompt.
        while until is not None and select.select([self._master], [], [], _AGAIN_SECONDS)[0]:
            self._take()
            self._buffer = ""
        return Pasted(status, time.monotonic() - started, shown, answers)

    def _type(self, text: str) -> None:
        """Write everything: a terminal takes some kilobytes at a time, and shows them meanwhile."""
        waiting = text.encode()
        while waiting:
            readable, writable, _ = select.select([self._master], [self._master], [], 60)
            if not readable and not writable:
                raise TerminalError("the terminal takes no more input")
            if readable:
                self._take()
            if writable:
                waiting = waiting[os.write(self._master, waiting[:512]) :]

    def _take(self) -> None:
        """Read what is there into the buffer. Raises TerminalError at its end."""
        try:
            data = os.read(self._master, 65_536)
        except OSError:
            # A terminal whose last program has ended gives EIO.
            data = b""
        if not data:
            raise TerminalError(f"the shell has ended: {_tail(self._buffer)}")
        text = self._unfinished + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text)
        self._unfinished = unfinished[0] if unfinished else ""
        text = text.removesuffix(self._unfinished)
        self._brackets = _last_of(text, _BRACKETS_ON, _BRACKETS_OFF, self._brackets)
        self._paging = _last_of(text, _SCREEN_TAKEN, _SCREEN_BACK, self._paging)
        self._log.write(_OVERWRITTEN.sub("", _plain(text)))
        self._log.flush()
        before, line_end, last = self._buffer.rpartition("\n")
        new = _ACCEPTED.join(map(_plain, text.split(_BRACKETS_OFF)))
        self._buffer = before + line_end + _OVERWRITTEN.sub("", last + new)

    def _read_to_prompt(self, seconds: float, until: re.Pattern[str] | None = None) -> tuple[int, str, int]:
        """Return the status that the next prompt tells, what is shown before it, and how many questions were answered meanwhile.

        Raises TerminalError.
        """
        prompt = f"ready-{self._mark}-([0-9]+)> "
        # readline draws its prompt again while it shows what is pasted; only one that follows the command counts.
        end = re.compile((f"{_ACCEPTED}(?s:.*)" if self._brackets else "") + prompt)
        deadline = time.monotonic() + seconds
        answers, pressed = 0, 0.0
        while not (found := end.search(self._buffer)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TerminalError(f"no end after {seconds:.0f} seconds: {_tail(self._buffer)}")
            if select.select([self._master], [], [], min(left, _QUIET_SECONDS))[0]:
                self._take()
            elif answer := "q" if self._paging else answer_to(self._buffer.rpartition("\n")[2], self._consent):
                answers += 1
                # The line is done with: it must not be taken for a second question.
                self._buffer += "\n"
                self._type(answer)
            if until is not None and until.search(self._buffer) and time.monotonic() > pressed + _AGAIN_SECONDS:
                pressed = time.monotonic()
                self._type("\x03")
        shown, self._buffer = self._buffer[: found.start(1)].rpartition("ready-")[0], self._buffer[found.end() :]
        return int(found[1]), shown.rpartition(_ACCEPTED)[2], answers


def answer_to(line: str, consent: str = "yes") -> str:
    """Return what a person types who sees `line` at the bottom and nothing moves; empty where it asks nothing."""
    if _ASKS_FOR_CONSENT.search(line):
        return f"{consent}\n"
    return next((answer for pattern, answer in _ANSWERS if pattern.search(line)), "")


def _last_of(text: str, on: str, off: str, before: bool) -> bool:
    """Return whether `on` comes after `off` in `text`; what was `before` where neither is in it."""
    return before if on not in text and off not in text else text.rfind(on) > text.rfind(off)


def _plain(text: str) -> str:
    """Return `text` without what moves the cursor or changes colours."""
    return _CONTROLS.sub("", _LINE_END.sub("\n", text))


def _tail(text: str, lines: int = 15) -> str:
    return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])
