"""The reader of shell scripts: it never falls, takes linear time, and reads words as the shell does."""

import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app.lint.checks.scripting.makefile import Makefile
from recipes_app.lint.checks.scripting.shell import read_commands
from recipes_app.lint.checks.scripting.shell_values import Scope

PIECES = st.sampled_from(
    [
        "$(",
        "${",
        "`",
        "'",
        '"',
        "$'",
        "((",
        "<<E\n",
        "\n",
        "E\n",
        ";",
        "|",
        "&&",
        "{ ",
        "}",
        "(",
        ")",
        "if ",
        "case a in ",
        "x=",
        "$x",
        "\\",
        "eval ",
        "sh -c ",
        "f(){ ",
        "echo ",
        "for x in ",
        "done",
        "#",
        "<(",
        "$(shell ",
        "a:\n\t",
        "define x\n",
        "$(eval ",
        "\\\n",
        "\t",
        "=",
        ",",
    ]
)
HOSTILE = ["$(", "`", '"', "'", "${", "$((", "<<A ", "(", "{ ", "case a in ", "x=(", '"${x:-', "a|", "$x ", "x=$x$x;", "eval $x;"]
HOSTILE += ["f(){ f $1;f $1;};", "${x:-$(", "[", 'set -- "$@" a;', "find -exec ", 'sh -c "', "{ a;}|", "a<<A;", "\\\n", "sudo "]


@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=60).map("".join))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_the_readers_fall(text):
    lines = text.count("\n") + text.count("\r") + 2
    assert all(1 <= command.line <= lines for command in read_commands(text))
    makefile = Makefile(text)
    assert isinstance(makefile.commands(), list)
    assert isinstance(makefile.words(), set)


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_length_alone(piece):
    def cost(size):
        start = time.process_time()
        read_commands(piece * (size // len(piece)), 1, Scope())
        return time.process_time() - start

    # Four times the text: 16 times the time would be a square, whatever else the machine does. The floor keeps the clock's grain
    # out; other work can make one measurement wrong, and not all of them.
    assert any(cost(65_536) < 9 * max(cost(16_384), 0.05) for _ in range(4))


@given(
    st.lists(
        st.sampled_from(
            ["a", "b c", "'d e'", '"f  g"', "\\h", "i'j'k", '"$x"', "$x", "${x}l", "${y:-m n}", "$'o\\x70'", "\\\n", "'$x'"]
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=60, deadline=None)
def test_words_are_what_bash_makes_of_them(pieces):
    script = "x='1 2'\nprintf '[%s]' " + " ".join(pieces) + "\n"
    expected = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True).stdout
    command = read_commands(script)[-1]
    assert "".join(f"[{word}]" for word in command.words[2:] or ("",)) == expected


def test_a_pattern_of_case_is_no_command():
    assert [command.program for command in read_commands("case $1 in\n curl|wget) ls;;\n (x) id;;\nesac; true")] == [
        "ls",
        "id",
        "true",
    ]


def test_a_command_behind_a_here_document_has_its_line():
    commands = read_commands("cat <<A <<-B\none\nA\n\ttwo\n\tB\nid\n")
    assert [(command.program, command.line) for command in commands] == [("cat", 1), ("id", 6)]


def test_asking_for_a_program_is_not_running_it():
    assert "curl" not in {command.program for command in read_commands("command -v curl; which curl; type curl")}


def test_output_known_beforehand_is_read_on():
    commands = read_commands("printf '%s\\n' 'i''d' | sh; x=$(echo di | rev); $x -u")
    assert [command.words for command in commands if command.program == "id"] == [("id",), ("id", "-u")]


def test_a_reader_that_gives_up_says_where():
    scope = Scope()
    read_commands("true\n" + "$(" * 100, 1, scope)
    assert scope.gave_up == 2
