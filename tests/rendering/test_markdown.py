"""Markdown: what strangers write becomes HTML that can stand on our pages, in bounded time."""

import time

import pytest
from django.utils.html import escape

from recipes_app.limits import MAX_PARAGRAPH_LENGTH, MAX_QUICK_MARKDOWN, MAX_README_BYTES
from recipes_app.rendering import markdown
from recipes_app.rendering.markdown import readme_html

FILES = "/recipes/hello-dur/files/abc/"
# Measured: 0.3 seconds for the worst of these on a slow machine. A parser that takes the square of the size takes minutes.
MAX_HOSTILE_SECONDS = 2.0
HOSTILE_SIZE = 20_000
HOSTILE = {
    "brackets": "[",
    "pictures": "![",
    "links": "[a](",
    "labels": "[a]: b\n",
    "asterisks": "*a_ ",
    "strong": "***a ",
    "quotes": "> ",
    "quotes without blanks": ">",
    "lists": "- a\n  - b\n    - c\n",
    "backticks": "`` ` ",
    "addresses": "http://a.b/(",
    "tildes": "~~a",
    "entities": "&#x",
    "blanks": " ",
    "line ends": "\n",
    "dashes": "- ",
    "pipes": "| - ",
    "mentions": "@a.",
    "hex": "abcdef0 ",
    "underlines": "a\n=",
}


def readme(text: str) -> str:
    return readme_html(text.encode(), FILES)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<a href='javascript:x'>x</a>",
        "![x](javascript:alert(1))",
        "<javascript:alert(1)>",
        "&#60;script>alert(1)&#60;/script>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<style>*{display:none}</style>",
        "<iframe src=//evil.example></iframe>",
    ],
)
def test_hostile_markup_becomes_no_element_and_no_link(hostile):
    html = readme(hostile)
    for start in ("<script", "<img", "<a", "<style", "<iframe"):
        assert start not in html


def test_link_does_not_vouch_for_where_it_leads():
    assert '<a href="https://example.org/" rel="nofollow noopener noreferrer">x</a>' in readme("[x](https://example.org/)")


def test_bare_address_becomes_a_link():
    assert 'href="https://example.org/a"' in readme("see https://example.org/a.")


def test_file_name_that_looks_like_a_host_becomes_no_link():
    assert "<a" not in readme("run debian/rules.sh or build.py")


@pytest.mark.parametrize("relative", ["/account/", "../../x", "//evil.example/", "#top", "?q=1", "mailto:a@b.example"])
def test_link_that_leads_nowhere_keeps_its_words_and_loses_its_address(relative):
    assert readme(f"[words]({relative})") == "<p>words</p>\n"


def test_picture_becomes_a_link_so_that_no_other_server_learns_who_reads():
    html = readme("![a chart](https://example.org/chart.png)")
    assert "<img" not in html
    assert 'href="https://example.org/chart.png"' in html
    assert ">a chart</a>" in html


def test_linked_picture_becomes_one_link():
    html = readme("[![build](https://ci.example/badge.svg)](https://ci.example/)")
    assert html.count("<a ") == 1
    assert 'href="https://ci.example/"' in html


def test_headings_stand_below_those_of_the_page():
    assert "<h3>Title</h3>" in readme("# Title")


def test_tables_strikethrough_and_code_are_rendered():
    html = readme("|a|b|\n|-|-|\n|1|2|\n\n~~gone~~ `code`")
    for part in ("<td>2</td>", "<s>gone</s>", "<code>code</code>"):
        assert part in html


def test_mark_that_turns_text_around_is_shown_as_what_it_is():
    assert ">U+202E<" in readme("safe\u202etxt.exe")


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_twenty_thousand_hostile_characters_take_bounded_time(unit):
    text = (unit * HOSTILE_SIZE)[:HOSTILE_SIZE]
    start = time.process_time()
    readme(text)
    assert time.process_time() - start < MAX_HOSTILE_SECONDS


def test_table_that_fills_its_rows_does_not_blow_up_the_page():
    wide = "|a" * 500 + "|\n" + "|-" * 500 + "|\n"
    text = wide + "|\n" * 9_000
    assert len(readme(text)) < 3 * len(text)


def test_long_paragraph_is_shown_as_it_was_written():
    assert "<em>" not in readme("*a* " * MAX_PARAGRAPH_LENGTH)


def test_deep_nesting_is_cut():
    assert readme("> " * 500 + "deep").count("<blockquote>") < 30


def test_relative_link_leads_into_the_files():
    assert f'href="{FILES}docs/x.md"' in readme("[words](docs/x.md)")


def test_text_beyond_the_limit_is_shown_as_it_was_written():
    html = readme("*a*\n" * MAX_README_BYTES)
    assert html.startswith("<pre>")
    assert "<em>" not in html


def test_bytes_that_are_no_text_do_not_stop_the_page():
    assert "\ufffd" in readme_html(b"caf\xe9", FILES)


def test_text_that_takes_too_long_is_shown_as_it_was_written(monkeypatch):
    monkeypatch.setattr(markdown, "MARKDOWN_WALL_SECONDS", 0.001)
    text = "*a* <b>\n" * MAX_QUICK_MARKDOWN
    assert readme(text) == f"<pre><code>{escape(text)}</code></pre>\n"


def test_long_text_is_rendered_as_a_short_one_is():
    text = "# Title\n\nwords with a [link](debian/rules) and ~~more~~\n\n|a|b|\n|-|-|\n|1|2|\n\n- one\n  - two\n\n"
    assert readme(text * 100) == readme(text) * 100
