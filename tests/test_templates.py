"""What holds for every template: its words are marked for translation, and its times are <time> in the reader's zone."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted(path for folder in ("templates", "api/templates") for path in (ROOT / folder).rglob("*.html"))
# Pages for nobody but us, in debug mode; and what the API says to people, which is its schema's language.
IN_ENGLISH = (
    "templates/design.html",
    "api/templates/api/answer.html",
    "api/templates/api/_members.html",
    "api/templates/api/_operation.html",
)
# Of which tag it is a condition decides: no parser of HTML reads it, and it has no words.
NO_WORDS = "templates/allauth/elements/button.html"
# Names that are the same in every language: fields of debian/control, files, units.
NAMES = {
    "Build-Depends", "Essential", "Homepage", "Maintainer", "Multi-Arch:", "Priority", "Rules-Requires-Root", "SHA-256", "SPDX",
    "Section", "Standards-Version", "Testsuite", "Uploaders", "Vcs-", "debhelper", "debian/copyright", "debian/dur", "ms",
}  # fmt: skip
SPOKEN_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
# What is in them is not language.
SILENT = ("code", "kbd", "pre", "script", "style", "svg")
LETTERS = re.compile(r"[^\W\d_]{2}")


class Words(HTMLParser):
    """Collects the text that a template has outside of Django's tags, and in attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = 0
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES:
                self._take(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self._take(data)

    def _take(self, text: str) -> None:
        self.found += [(self.getpos()[0], part.strip()) for part in re.split(r"\s{2,}", text) if LETTERS.search(part)]


def unmarked(template: str) -> list[tuple[int, str]]:
    """Return each text that no translation reaches, with its line."""

    def blank(match: re.Match[str]) -> str:
        return "  " + "\n" * match[0].count("\n")

    for pattern in (
        r"{% comment %}.*?{% endcomment %}", r"{% blocktranslate\b.*?{% endblocktranslate %}",
        r"{% block (?:page_class|body_class) %}.*?{% endblock %}", r"{%.*?%}|{{.*?}}|{#.*?#}",
    ):  # fmt: skip
        template = re.sub(pattern, blank, template, flags=re.DOTALL)
    words = Words()
    words.feed(template)
    return [(line, text) for line, text in words.found if text not in NAMES]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_word_can_be_translated(path):
    if str(path.relative_to(ROOT)) not in (*IN_ENGLISH, NO_WORDS):
        assert unmarked(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello</p>", '<a title="Hello">x</a>', "<p>{{ name }} said</p>", '<input placeholder="Type">',
        '<p>{% if a < b %}{% translate "Hello" %}{% endif %} again</p>',
    ],
)  # fmt: skip
def test_unmarked_words_are_found(template):
    assert unmarked(template)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_time_is_in_a_time_element(path):
    """By `includes/time.html` and the tags of `moments`; a filter alone would show a program nothing, and hide the zone."""
    if path.name != "time.html":
        assert re.findall(r"\|\s*(?:date|time|naturaltime|naturalday)\b", path.read_text(encoding="utf-8")) == []
