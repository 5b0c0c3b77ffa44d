"""The terminal, with real shells."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.examples.terminal import Terminal, TerminalError, answer_to

pytestmark = pytest.mark.server


@pytest.fixture(params=["bash", "sh"])
def terminal(request, tmp_path: Path) -> Iterator[Terminal]:
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "HOME": str(tmp_path)}
    with Terminal(["setsid", "--ctty", request.param, "-i"], environment, tmp_path / "log") as opened:
        yield opened


@pytest.mark.parametrize("status", [0, 1, 42])
def test_the_status_of_the_block_is_told(terminal, status):
    assert terminal.paste(f"( set -eu\necho begun\n( exit {status} )\necho ended\n)", 10).status == status


def test_a_block_stops_at_its_first_failure(terminal):
    pasted = terminal.paste("( set -eu\nprintf 'be%s\\n' gun\nfalse\nprintf 'en%s\\n' ded\n)", 10)
    assert "begun" in pasted.shown
    assert "ended" not in pasted.shown


def test_one_block_after_the_other(terminal, tmp_path):
    assert terminal.paste(f"cd {tmp_path} && mkdir -p a/b", 10).status == 0
    assert terminal.paste("cd a/b", 10).status == 0
    assert str(tmp_path / "a" / "b") in terminal.paste("pwd", 10).shown


def test_a_question_on_the_terminal_is_answered(terminal):
    block = "( set -eu\nprintf 'Type yes to go on: ' > /dev/tty\nread -r answer < /dev/tty\nprintf 'got-%s\\n' \"$answer\"\n)"
    pasted = terminal.paste(block, 10)
    assert "got-yes" in pasted.shown
    assert pasted.answers == 1


def test_a_pager_is_left(terminal):
    pasted = terminal.paste("( set -eu\nseq 1000 | less\nprintf 'af%s\\n' ter\n)", 20)
    assert "after" in pasted.shown
    assert pasted.answers == 1


def test_percentages_are_written_over(terminal):
    pasted = terminal.paste("for each in 1 2 3; do printf '\\r%s%%' $each; sleep 0.2; done; printf '\\rdo%s\\n' ne", 10)
    assert pasted.shown.splitlines()[-1] == "done"


def test_a_long_block_arrives_whole(terminal):
    lines = "\n".join(f"total=$((total + {number})) # {'x' * 100}" for number in range(300))
    pasted = terminal.paste(f"( set -eu\ntotal=0\n{lines}\necho sum-$total\n)", 20)
    assert f"sum-{sum(range(300))}" in pasted.shown


def test_ctrl_c_is_pressed_where_a_word_is_shown(terminal):
    pasted = terminal.paste("( set -eu\nprintf 'wh%s\\n' ole\nsleep 60\n)", 20, re.compile("whole"))
    assert pasted.status != 0
    assert pasted.seconds < 20


def test_ctrl_c_is_pressed_until_the_shell_is_back(terminal):
    deaf = "( set -eu\n(trap '' INT; printf 'wh%s\\n' ole; sleep 2)\nsleep 60\n)"
    assert terminal.paste(deaf, 20, re.compile("whole")).status != 0
    assert terminal.paste("printf 'ne%s\\n' xt", 10).shown.count("next") == 1


def test_a_block_without_end_is_given_up(terminal):
    with pytest.raises(TerminalError, match=r"no end after 1 seconds: (?s:.*)working"):
        terminal.paste("( set -eu\nprintf 'wor%s\\n' king\nsleep 60\n)", 1)


def test_a_shell_that_ends_is_told(terminal):
    with pytest.raises(TerminalError, match="the shell has ended"):
        terminal.paste("exit 3", 10)


def test_all_that_was_shown_is_in_the_log(terminal, tmp_path):
    terminal.paste("printf 'lo%s\\n' gged", 10)
    assert "logged" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("Do you accept it? Type yes to go on: ", "yes\n"),
        ("Do you want to continue? [Y/n] ", "y\n"),
        ("checking for a sane system... yes", ""),
        ("Unpacking hello (2.10-3) ...", ""),
        ("", ""),
    ],
)
def test_only_questions_are_answered(line, answer):
    assert answer_to(line) == answer
