"""debian/tests/control: what a package's own tests are, and which of them a trial build runs."""

from __future__ import annotations

import pytest

from recipes_app.formats.autopkgtest import MAX_TESTS, parse_tests


def obstacles(text: str) -> dict[str, str]:
    return {test.name: test.obstacle for test in parse_tests(text.encode())}


def test_each_name_is_a_test_and_each_command_one() -> None:
    first, second, third = parse_tests(
        b"Tests: one, two\nDepends: @, python3 (>= 3) | pypy3\nRestrictions: allow-stderr superficial\n\n"
        b"Test-Command: true && true\nFeatures: test-name=quick\n"
    )
    assert (first.name, second.name, first.command) == ("one", "two", "")
    assert first.depends == ("@", "python3 (>= 3) | pypy3")
    assert first.restrictions == {"allow-stderr", "superficial"}
    assert (third.name, third.command, third.depends) == ("quick", "true && true", ("@",))
    assert not any(test.obstacle for test in (first, second, third))


def test_what_cannot_be_satisfied_is_skipped_with_its_reason() -> None:
    found = obstacles(
        "Tests: a\nRestrictions: needs-root\n\n"
        "Tests: b\nRestrictions: isolation-machine\n\n"
        "Tests: c\nRestrictions: something-new\n\n"
        "Tests: d\nDepends: @builddeps@\n\n"
        "Tests: e\nRestrictions: needs-internet allow-stderr\n"
    )
    assert found == {
        "a": "it needs root",
        "b": "it needs a machine of its own",
        "c": "it has the restriction something-new, which is not known here",
        "d": "it depends on @builddeps@, which is not supported here",
        "e": "it needs the network",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tests: ../../etc/x\n", "no name of a test"),
        ("Tests: x\nTests-Directory: ../out\n", "a folder of the source tree was expected"),
        ("Restrictions: needs-root\n", "neither Tests nor Test-Command"),
        ("Tests: x\nDepends: a b c\n", "expected name"),
        ("no field\n", "Field-Name: value"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_tests(text.encode())


def test_no_more_tests_than_there_is_time_for() -> None:
    assert len(parse_tests(b"Tests: " + b" ".join(b"t%d" % number for number in range(200)) + b"\n")) == MAX_TESTS
