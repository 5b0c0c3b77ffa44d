"""Comments' Markdown: links to what a text names, and what differs from a README."""

import time

import pytest
from django.utils import timezone

from recipes_app.limits import MAX_REFERENCES, MAX_TEXT_LENGTH
from recipes_app.models import LintHint, LintJob, Recipe, Revision
from recipes_app.services.community.markdown import render_comment
from tests.factories import make_recipe, make_user

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def with_revision(recipe: Recipe, commit: str = COMMIT) -> Revision:
    revision = Revision.objects.create(
        recipe=recipe, commit=commit, version="1.0-1", pushed_at=timezone.now(), pusher_name="ada", metadata={}
    )
    recipe.current = revision
    recipe.save()
    return revision


def test_headings_stand_below_those_of_a_section():
    assert "<h4>Title</h4>" in render_comment("# Title").html


@pytest.mark.parametrize("address", ["docs/x.md", "/account/", "javascript:alert(1)", "mailto:a@b.example"])
def test_only_web_addresses_are_links(address):
    assert "<a" not in render_comment(f"[words]({address})").html


def test_link_is_marked_as_written_by_a_user():
    assert 'rel="nofollow noopener noreferrer ugc"' in render_comment("<https://example.org/>").html


def test_mark_that_turns_text_around_is_shown_and_the_joiner_of_an_emoji_is_not():
    html = render_comment("safe\u202etxt.exe \U0001f469\u200d\U0001f4bb").html
    assert "⟨U+202E⟩" in html
    assert "\U0001f469\u200d\U0001f4bb" in html


@pytest.mark.django_db
@pytest.mark.parametrize("unit", ["@a.", "abcdef0 ", "recipe:a.", "lintian:a-", "#1234 ", "@user.name-x "])
def test_longest_comment_full_of_references_takes_bounded_time(unit):
    recipe = make_recipe()
    with_revision(recipe)
    start = time.process_time()
    render_comment((unit * MAX_TEXT_LENGTH)[:MAX_TEXT_LENGTH], recipe)
    assert time.process_time() - start < 1.0


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
        assert f"/revisions/{COMMIT}/lint/#tag-no-manual-page" in html
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
