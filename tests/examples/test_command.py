"""The command `./dev examples`, as far as it goes without a fresh system."""

import pytest

from devtools.examples.command import examples


def test_an_unknown_example_is_refused(capsys):
    assert examples(["hello-sun"]) == 2
    assert "no example hello-sun; there are " in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--release", "sid"], ["--shell", "fish"], ["--nothing"]])
def test_a_wrong_option_is_refused(wrong, capsys):
    assert examples(wrong) == 2
    assert "usage: ./dev examples" in capsys.readouterr().err


def test_where_no_system_can_be_made_one_line_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert examples(["hello-moon"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("dev: no example was built: ")
