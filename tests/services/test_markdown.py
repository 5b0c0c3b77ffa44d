"""Markdown: what strangers write becomes HTML that can stand on our pages, in bounded time."""

import time

import pytest
from django.utils import timezone

from recipes_app.limits import MAX_PARAGRAPH_LENGTH, MAX_REFERENCES
from recipes_app.models import LintHint, LintJob, Recipe, Revision
from recipes_app.services.markdown import render_comment, render_readme
from tests.factories import make_recipe, make_user

COMMIT = "0123456789abcdef0123456789abcdef01234567"
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


def with_revision(recipe: Recipe, commit: str = COMMIT) -> Revision:
    revision = Revision.objects.create(
        recipe=recipe, commit=commit, version="1.0-1", pushed_at=timezone.now(), pusher_name="ada", metadata={}
    )
    recipe.current = revision
    recipe.save()
    return revision


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
    html = render_readme(hostile)
    for start in ("<script", "<img", "<a", "<style", "<iframe"):
        assert start not in html


def test_link_does_not_vouch_for_where_it_leads():
    assert '<a href="https://example.org/" rel="nofollow noopener noreferrer ugc">x</a>' in render_readme(
        "[x](https://example.org/)"
    )


def test_bare_address_becomes_a_link():
    assert 'href="https://example.org/a"' in render_readme("see https://example.org/a.")


def test_file_name_that_looks_like_a_host_becomes_no_link():
    assert "<a" not in render_readme("run debian/rules.sh or build.py")


@pytest.mark.parametrize("relative", ["docs/x.md", "/account/", "//evil.example/", "#top", "?q=1"])
def test_relative_link_keeps_its_words_and_loses_its_address(relative):
    assert render_readme(f"[words]({relative})") == "<p>words</p>\n"


def test_picture_becomes_a_link_so_that_no_other_server_learns_who_reads():
    html = render_readme("![a chart](https://example.org/chart.png)")
    assert "<img" not in html
    assert 'href="https://example.org/chart.png"' in html
    assert ">a chart</a>" in html


def test_linked_picture_becomes_one_link():
    html = render_readme("[![build](https://ci.example/badge.svg)](https://ci.example/)")
    assert html.count("<a ") == 1
    assert 'href="https://ci.example/"' in html


def test_headings_stand_below_those_of_the_page():
    assert "<h3>Title</h3>" in render_readme("# Title")


@pytest.mark.django_db
def test_headings_of_a_comment_stand_below_those_of_a_readme():
    assert "<h4>Title</h4>" in render_comment("# Title").html


def test_tables_strikethrough_and_code_are_rendered():
    html = render_readme("|a|b|\n|-|-|\n|1|2|\n\n~~gone~~ `code`")
    for part in ("<td>2</td>", "<s>gone</s>", "<code>code</code>"):
        assert part in html


def test_mark_that_turns_text_around_is_shown_as_what_it_is():
    assert "⟨U+202E⟩" in render_readme("safe\u202etxt.exe")


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_twenty_thousand_hostile_characters_take_bounded_time(unit):
    text = (unit * HOSTILE_SIZE)[:HOSTILE_SIZE]
    start = time.process_time()
    render_readme(text)
    assert time.process_time() - start < MAX_HOSTILE_SECONDS


def test_table_that_fills_its_rows_does_not_blow_up_the_page():
    wide = "|a" * 500 + "|\n" + "|-" * 500 + "|\n"
    text = wide + "|\n" * 9_000
    assert len(render_readme(text)) < 3 * len(text)


def test_long_paragraph_is_shown_as_it_was_written():
    assert "<em>" not in render_readme("*a* " * MAX_PARAGRAPH_LENGTH)


def test_deep_nesting_is_cut():
    assert render_readme("> " * 500 + "deep").count("<blockquote>") < 30


@pytest.mark.django_db
class TestReferences:
    def test_account_is_linked_and_returned_as_mentioned(self):
        grace = make_user("grace")
        rendered = render_comment("thanks, @Grace!")
        assert 'href="/users/grace/"' in rendered.html
        assert rendered.mentioned == (grace,)

    def test_name_without_account_stays_text(self):
        rendered = render_comment("thanks, @nobody")
        assert rendered.html == "<p>thanks, @nobody</p>\n"
        assert rendered.mentioned == ()

    def test_address_of_mail_mentions_nobody(self):
        make_user("grace")
        assert render_comment("write to ada@grace or ada@grace.example").mentioned == ()

    def test_name_in_code_and_in_a_link_mentions_nobody(self):
        make_user("grace")
        assert render_comment("`@grace` [@grace](https://example.org/)\n\n    @grace").mentioned == ()

    def test_closed_account_is_not_mentioned(self):
        grace = make_user("grace")
        grace.is_active = False
        grace.save()
        assert render_comment("@grace").mentioned == ()

    def test_recipe_is_linked_where_it_exists(self):
        make_recipe("libfoo++")
        html = render_comment("see recipe:libfoo++. and recipe:unknown").html
        assert 'href="/recipes/libfoo++/"' in html
        assert html.count("<a ") == 1

    def test_deleted_recipe_is_not_linked(self):
        make_recipe("gone", deleted_at=timezone.now())
        assert "<a" not in render_comment("recipe:gone").html

    @pytest.mark.parametrize("length", [7, 12, 40])
    def test_commit_of_the_recipe_is_linked_by_any_prefix(self, length):
        recipe = make_recipe()
        with_revision(recipe)
        assert f'href="/recipes/hello-dur/revisions/{COMMIT}/"' in render_comment(f"broken by {COMMIT[:length]}", recipe).html

    def test_prefix_of_two_commits_is_not_linked(self):
        recipe = make_recipe()
        with_revision(recipe)
        with_revision(recipe, COMMIT[:10] + "f" * 30)
        assert "<a" not in render_comment(f"broken by {COMMIT[:8]}", recipe).html

    def test_commit_of_another_recipe_is_not_linked(self):
        with_revision(make_recipe("other"))
        assert "<a" not in render_comment(COMMIT, make_recipe()).html

    def test_date_that_looks_like_a_commit_is_not_linked(self):
        recipe = make_recipe()
        with_revision(recipe)
        assert "<a" not in render_comment("since 20240131", recipe).html

    def test_tag_leads_to_the_lint_report_that_has_it(self):
        recipe = make_recipe()
        job = LintJob.objects.create(revision=with_revision(recipe))
        LintHint.objects.create(job=job, position=0, severity="warning", tag="no-manual-page")
        html = render_comment("lintian:no-manual-page lintian:other-tag", recipe).html
        assert f"/revisions/{COMMIT}/lint/#no-manual-page" in html
        assert html.count("<a ") == 1

    def test_bug_leads_to_the_bug_tracker(self):
        html = render_comment("fixes #1012345, not #12 or libfoo#1012345").html
        assert 'href="https://bugs.debian.org/1012345"' in html
        assert html.count("<a ") == 1

    def test_text_without_references_asks_the_database_nothing(self, django_assert_num_queries):
        recipe = make_recipe()
        with django_assert_num_queries(0):
            render_comment("plain *words* only", recipe)

    def test_many_references_take_one_query_a_kind(self, django_assert_num_queries):
        recipe = make_recipe()
        with_revision(recipe)
        text = " ".join(f"@user{number} recipe:name{number} lintian:tag{number} {number:08x}" for number in range(20))
        with django_assert_num_queries(4):
            render_comment(text, recipe)

    def test_references_beyond_the_limit_stay_text(self):
        names = [f"user{number}" for number in range(MAX_REFERENCES + 5)]
        for name in names:
            make_user(name)
        assert len(render_comment(" ".join("@" + name for name in names)).mentioned) == MAX_REFERENCES
