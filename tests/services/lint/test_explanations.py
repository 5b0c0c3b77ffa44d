from __future__ import annotations

from typing import Any

import pytest

from recipes_app.models import LintTag
from recipes_app.services.lint.explanations import citation, explanation_html, import_catalogue


def entry(**members: Any) -> dict[str, Any]:
    shape = {
        "tag": "some-tag", "severity": "error", "explanation": "Text", "see_also": [], "experimental": False, "check": "a/check",
        "show_always": False, "renamed_from": [],
    }  # fmt: skip
    return {**shape, **members}


def catalogue(*entries: object) -> dict[str, Any]:
    return {"tool": "lintian", "tool_version": "2.1", "tags": list(entries)}


def test_empty_lines_part_paragraphs_and_an_indented_one_is_verbatim() -> None:
    html = explanation_html("First\nline.\n\n run this\n and that\n\nThe <code>end</code>.")
    assert html == "<p>First\nline.</p>\n<pre> run this\n and that</pre>\n<p>The <code>end</code>.</p>"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="a()">',
        '<a href="javascript:a()">x</a>',
        '<p onclick="a()">x',
        "<style>*{}</style>",
    ],
)
def test_html_that_does_something_is_taken_out(text: str) -> None:
    html = explanation_html(text)
    assert not any(word in html for word in ("<script", "<img", "javascript", "onclick", "<style", "alert"))


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("[Bug#1](https://bugs.debian.org/1)", "Bug#1: https://bugs.debian.org/1"),
        ("the [run-parts(8)](https://x.org/?a=1&amp;b=2) manual page", "the run-parts(8) manual page: https://x.org/?a=1&b=2"),
        ("<https://wiki.debian.org/x>", "https://wiki.debian.org/x"),
        ("plain", "plain"),
    ],
)
def test_a_citation_becomes_text_with_its_address(markdown: str, text: str) -> None:
    assert citation(markdown) == text


@pytest.mark.django_db
def test_a_catalogue_is_kept_and_a_second_import_replaces_it() -> None:
    assert import_catalogue(catalogue(entry())) == 1
    assert import_catalogue(catalogue(entry(explanation="New"), entry(tag="other"))) == 2
    assert {tag.tag: tag.explanation for tag in LintTag.objects.all()} == {"some-tag": "<p>New</p>", "other": "<p>Text</p>"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "odd",
    [None, 1, {}, entry(tag=1), entry(severity="worst"), entry(see_also="x"), entry(renamed_from="x"), entry(tag="x" * 121)],
)
def test_an_entry_of_another_shape_is_left_out(odd: object) -> None:
    assert import_catalogue(catalogue(odd, entry())) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("odd", [None, [], {}, {"tags": {}}])
def test_a_catalogue_of_another_shape_is_left_out(odd: object) -> None:
    assert import_catalogue(odd) == 0


@pytest.mark.django_db
def test_former_names_are_kept() -> None:
    import_catalogue(catalogue(entry(renamed_from=["old-tag", "older-tag"], show_always=True)))
    tag = LintTag.objects.get()
    assert (tag.renamed_from, tag.show_always, tag.check_name) == (["old-tag", "older-tag"], True, "a/check")
