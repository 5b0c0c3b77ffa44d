"""Which addresses become links."""

import pytest

from recipes_app.rendering.links import cited, external_link, web_address


@pytest.mark.parametrize(
    "address", ["https://example.org/a?b=c#d", "http://example.org", "HTTPS://EXAMPLE.ORG/", "http://[::1]/"]
)
def test_web_address_is_one(address):
    assert web_address(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "ftp://example.org/", "//example.org/", "/path",
     "https:", "https://", "https:///path", "http://[::1/", "https://example.org/\u202e", "https://example.org/ x",
     "https://e\nx", "mailto:a@b", 'https://example.org/"onmouseover=', "https://example.org\\@evil.example/"],
)  # fmt: skip
def test_anything_else_is_none(address):
    assert web_address(address) == ""
    assert "<a" not in external_link(address)


def test_link_is_escaped_and_gives_no_credit():
    assert external_link("https://example.org/?a=1&b=2", "<x>") == (
        '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer">&lt;x&gt;</a>'
    )


def test_a_reference_is_a_link_that_reads_its_title():
    assert cited("Policy, 10.4: https://example.org/p#10") == (
        '<a href="https://example.org/p#10" rel="nofollow noopener noreferrer">Policy, 10.4</a>'
    )
    assert cited("https://example.org/p").startswith('<a href="https://example.org/p"')


@pytest.mark.parametrize("reference", ["dpkg-source(1)", "<b>: javascript:alert(1)", "a: https://x/ https://y/", ": ", ""])
def test_a_reference_without_an_address_is_text(reference):
    shown = cited(reference)
    assert "<a" not in shown
    assert "<b>" not in shown
