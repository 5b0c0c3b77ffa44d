"""The markup of long descriptions: Debian Policy 5.6.13."""

import pytest

from recipes_app.rendering.descriptions import description_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo", "<p>one\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one\n.\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one\n * a\n   b\ntwo", "<p>one</p>\n<pre>* a\n  b</pre>\n<p>two</p>"),
        ("one\n.reserved\ntwo", "<p>one</p>\n<p>two</p>"),
        ("", ""),
        ("<b>", "<p>&lt;b&gt;</p>"),
    ],
)
def test_description(text, html):
    assert description_html(text) == html
