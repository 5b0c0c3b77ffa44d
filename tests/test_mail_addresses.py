"""One normal form of mail addresses."""

from __future__ import annotations

import pytest

from recipes_app.mail_addresses import domain_of, normal


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada@EXAMPLE.org\n", "ada@example.org"),
        ("ada@example.org.", "ada@example.org"),
        ("ada @ example.org", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ada@ｅｘａｍｐｌｅ.org", "ada@example.org"),
        # Two domains, of which one is not the other's spelling.
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@strasse.example", "ada@strasse.example"),
        # A mailbox's owner decides what dots and plus signs mean.
        ("a.d.a+dur@example.org", "a.d.a+dur@example.org"),
        ("no address", "no address"),
        ("", ""),
        ("ada@", "ada@"),
        ("ada@" + "a" * 300 + ".org", "ada@" + "a" * 300 + ".org"),
    ],
)
def test_an_address_has_one_form(written: str, form: str) -> None:
    assert normal(written) == form
    assert normal(form) == form


def test_the_domain_is_what_stands_behind_the_last_at() -> None:
    assert (domain_of('"a@b"@example.org'), domain_of("none")) == ("example.org", "")
