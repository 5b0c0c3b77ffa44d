"""Leaked passwords, looked up in a file of the operator's."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from recipes_app.leaked_passwords import LeakedPasswordValidator, check_file, is_known
from tests.factories import make_user

LEAKED = [f"password number {number}" for number in range(300)]


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()


def listed(passwords: list[str], shape: str = "{}:42\n", upper: bool = True) -> bytes:
    digests = sorted(digest(password).upper() if upper else digest(password) for password in passwords)
    return "".join(shape.format(each) for each in digests).encode()


@pytest.mark.parametrize(
    "content",
    [
        listed(LEAKED),
        listed(LEAKED, "{}\n"),
        listed(LEAKED, "{}:7\r\n"),
        listed(LEAKED, "{}:1\n", upper=False),
        listed(LEAKED).rstrip(b"\n"),
        listed(LEAKED, "{:.10}\n"),
        listed(LEAKED, "{:.16}:3\n"),
    ],
)
def test_every_password_of_the_list_is_found_and_no_other(content: bytes) -> None:
    assert all(is_known(password, io.BytesIO(content)) for password in LEAKED)
    assert not any(is_known(f"{password}!", io.BytesIO(content)) for password in LEAKED)


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_short_lists_are_read(number: int) -> None:
    content = io.BytesIO(listed(LEAKED[:number]))
    assert [is_known(password, content) for password in LEAKED[:4]] == [place < number for place in range(4)]


@pytest.mark.parametrize("content", [b"\n\n\n", b"x", b"\xff" * 1000, b"A" * 5000, b":" * 500, b"0\n" * 100])
def test_what_is_no_list_finds_nothing_and_ends(content: bytes) -> None:
    assert not is_known("password", io.BytesIO(content))


def test_a_look_up_reads_a_few_lines(tmp_path: Path) -> None:
    class Counting(io.BytesIO):
        reads = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            return super().readline(size)

    many = Counting(b"".join(b"%040X:1\n" % (number << 120) for number in range(50_000)))
    is_known("password", many)
    assert many.reads < 100


@pytest.mark.django_db
def test_nobody_takes_a_leaked_password(tmp_path: Path, settings, client: Client) -> None:
    path = tmp_path / "leaked"
    path.write_bytes(listed(["a rather long one"]))
    settings.LEAKED_PASSWORDS_FILE = str(path)
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": "recipes_app.leaked_passwords.LeakedPasswordValidator"}]
    client.force_login(make_user("ada"), backend="django.contrib.auth.backends.ModelBackend")
    form = {"oldpassword": "correct horse", "password1": "a rather long one", "password2": "a rather long one"}
    assert "has leaked" in client.post("/accounts/password/change/", form).content.decode()
    other = {**form, "password1": "another long one", "password2": "another long one"}
    assert client.post("/accounts/password/change/", other).status_code == 302


def test_a_list_that_cannot_be_read_stops_nobody(tmp_path: Path, settings, caplog) -> None:
    settings.LEAKED_PASSWORDS_FILE = str(tmp_path / "none")
    LeakedPasswordValidator().validate("a rather long one")
    assert "LEAKED_PASSWORDS_FILE cannot be read" in caplog.text


def test_the_start_says_what_is_wrong_with_the_list(tmp_path: Path, settings) -> None:
    path = tmp_path / "leaked"
    settings.LEAKED_PASSWORDS_FILE = str(path)
    assert [error.id for error in check_file()] == ["recipes_app.E001"]
    path.write_bytes(b"password\nletmein\n")
    assert [error.id for error in check_file()] == ["recipes_app.E002"]
    path.write_bytes(b"".join(reversed(listed(LEAKED[:2]).splitlines(keepends=True))))
    assert [error.id for error in check_file()] == ["recipes_app.E002"]
    path.write_bytes(listed(LEAKED))
    assert check_file() == []
    settings.LEAKED_PASSWORDS_FILE = ""
    assert check_file() == []


def test_the_validator_refuses_with_words(tmp_path: Path, settings) -> None:
    path = tmp_path / "leaked"
    path.write_bytes(listed(["secret secret"]))
    settings.LEAKED_PASSWORDS_FILE = str(path)
    with pytest.raises(ValidationError, match="has leaked"):
        LeakedPasswordValidator().validate("secret secret")
