"""The pages of comments: complete without JavaScript, and no page gives hidden words away."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recipes_app.limits import COMMENTS_ON_RECIPE_PAGE
from recipes_app.models import Comment, Follow, Rank, Switch
from recipes_app.services.community import comments
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
SECRET = "a secret that was taken back"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def grace():
    return make_user("grace")


@pytest.fixture
def moderator(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    return make_user("mod", rank=Rank.MODERATOR)


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


@pytest.fixture
def signed_in(client, grace):
    client.force_login(grace)
    return client


def act(comment, what):
    return reverse("act_on_comment", args=[comment.recipe.name, comment.pk, what])


class TestReading:
    def test_recipe_page_shows_comments_to_a_visitor(self, client, grace, recipe):
        comments.add(grace, recipe, "*nice* work")
        page = client.get(recipe.get_absolute_url()).content.decode()
        assert "<em>nice</em> work" in page
        assert "Sign in to comment" in page

    def test_recipe_page_shows_the_newest_and_leads_to_the_rest(self, client, grace, recipe):
        rows = [
            Comment(recipe=recipe, author=grace, author_name="grace", text=f"word{number}", html=f"<p>word{number}.</p>")
            for number in range(COMMENTS_ON_RECIPE_PAGE + 1)
        ]
        Comment.objects.bulk_create(rows)
        page = client.get(recipe.get_absolute_url())
        older = page.context["comment_page"].older
        assert "word0." not in page.content.decode()
        assert "word0." in client.get(reverse("comments", args=[recipe.name]), {"before": older}).content.decode()

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 5000, "²"])
    def test_cursor_that_is_none_shows_the_first_page(self, client, grace, recipe, before):
        comments.add(grace, recipe, "hello")
        answer = client.get(reverse("comments", args=[recipe.name]), {"before": before})
        assert answer.status_code == 200
        assert "hello" in answer.content.decode()

    def test_page_of_a_comment_has_the_form_to_answer_it(self, signed_in, ada, recipe):
        comment = comments.add(ada, recipe, "why?")
        page = signed_in.get(comments.address_of(comment)).content.decode()
        assert "why?" in page
        assert f'name="parent" value="{comment.pk}"' in page

    def test_list_takes_the_same_queries_for_one_comment_and_for_many(self, client, ada, recipe, django_assert_num_queries):
        written = [comments.add(ada, recipe, f"comment {number}") for number in range(8)]
        for comment in written[:3]:
            comments.pin(ada, comment)
        # The recipe and its comments.
        with django_assert_num_queries(2):
            client.get(reverse("comments", args=[recipe.name]))

    def test_list_for_an_account_takes_a_fixed_number_of_queries(self, signed_in, ada, recipe, django_assert_num_queries):
        for number in range(8):
            comments.add(ada, recipe, f"comment {number}")
        # Session, account, recipe, verified address, co-maintainer's role, comments, unread messages.
        with django_assert_num_queries(7):
            signed_in.get(reverse("comments", args=[recipe.name]))


class TestHiddenWords:
    def pages(self, comment):
        name = comment.recipe.name
        return [
            comment.recipe.get_absolute_url(),
            reverse("comments", args=[name]),
            reverse("comment", args=[name, comment.pk]),
            reverse("edit_comment", args=[name, comment.pk]),
            reverse("inbox"),
        ]

    @pytest.mark.parametrize("reader", [None, "ada", "grace", "linus"])
    def test_aurweb_fault_2_no_page_shows_a_deleted_comment(self, client, ada, grace, recipe, reader):
        readers = {"ada": ada, "grace": grace, "linus": make_user("linus")}
        hidden = comments.hide(grace, comments.add(grace, recipe, SECRET))
        if reader is not None:
            client.force_login(readers[reader])
        for address in self.pages(hidden):
            assert SECRET not in client.get(address, follow=True).content.decode()

    def test_moderator_reads_it_and_sees_who_deleted_it(self, client, grace, recipe, moderator):
        comments.hide(grace, comments.add(grace, recipe, SECRET))
        client.force_login(moderator)
        page = client.get(recipe.get_absolute_url()).content.decode()
        assert SECRET in page
        assert "deleted by grace" in page

    def test_page_of_a_deleted_comment_is_not_found(self, client, grace, recipe):
        hidden = comments.hide(grace, comments.add(grace, recipe, SECRET))
        assert client.get(comments.address_of(hidden)).status_code == 404


class TestWriting:
    def test_comment_is_written_and_shown_where_the_page_leads(self, signed_in, recipe):
        answer = signed_in.post(reverse("comments", args=[recipe.name]), {"text": "hello"}, follow=True)
        comment = Comment.objects.get()
        assert answer.redirect_chain == [(f"{recipe.get_absolute_url()}#comment-{comment.pk}", 302)]
        assert f'id="comment-{comment.pk}"' in answer.content.decode()

    def test_visitor_is_led_to_sign_in_and_nothing_is_written(self, client, recipe):
        answer = client.post(reverse("comments", args=[recipe.name]), {"text": "hello"})
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
        assert not Comment.objects.exists()

    def test_preview_shows_the_comment_and_writes_nothing(self, signed_in, recipe):
        answer = signed_in.post(reverse("comments", args=[recipe.name]), {"text": "*soon*", "preview": "1"})
        page = answer.content.decode()
        assert "<em>soon</em>" in page
        assert "*soon*</textarea>" in page
        assert not Comment.objects.exists()

    def test_answer_keeps_whom_it_answers_through_the_preview(self, signed_in, ada, recipe):
        parent = comments.add(ada, recipe, "why?")
        data = {"text": "because", "parent": parent.pk}
        page = signed_in.post(reverse("comments", args=[recipe.name]), {**data, "preview": "1"}).content.decode()
        assert f'name="parent" value="{parent.pk}"' in page
        signed_in.post(reverse("comments", args=[recipe.name]), data)
        assert Comment.objects.get(text="because").parent == parent

    def test_refusal_is_said_in_the_form_with_the_words_kept(self, signed_in, recipe):
        Switch.objects.create(name=Switch.Name.WRITES, off=True, message="back at noon")
        answer = signed_in.post(reverse("comments", args=[recipe.name]), {"text": "my long thought"})
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "back at noon" in page
        assert "my long thought</textarea>" in page

    def test_unverified_account_is_told_what_it_lacks(self, client, recipe):
        client.force_login(make_user("new", verified=False))
        answer = client.post(reverse("comments", args=[recipe.name]), {"text": "hello"})
        assert "verify your e-mail address first" in answer.content.decode()
        assert not Comment.objects.exists()

    def test_parent_on_another_recipe_is_not_found(self, signed_in, ada, recipe):
        elsewhere = comments.add(ada, make_recipe("other"), "there")
        answer = signed_in.post(reverse("comments", args=[recipe.name]), {"text": "x", "parent": elsewhere.pk})
        assert answer.status_code == 404

    def test_author_edits(self, signed_in, grace, recipe):
        comment = comments.add(grace, recipe, "helo")
        address = reverse("edit_comment", args=[recipe.name, comment.pk])
        assert "helo</textarea>" in signed_in.get(address).content.decode()
        page = signed_in.post(address, {"text": "hello"}, follow=True).content.decode()
        assert "hello" in page
        assert "edited" in page

    def test_edit_form_of_anothers_comment_is_forbidden(self, signed_in, ada, recipe):
        comment = comments.add(ada, recipe, "mine")
        address = reverse("edit_comment", args=[recipe.name, comment.pk])
        assert signed_in.get(address).status_code == 403
        assert signed_in.post(address, {"text": "yours"}).status_code == 403


class TestActs:
    def test_author_deletes_and_restores(self, signed_in, grace, recipe):
        comment = comments.add(grace, recipe, "hello")
        signed_in.post(act(comment, "hide"))
        comment.refresh_from_db()
        assert comment.hidden_by_name == "grace"
        assert "Restore" in signed_in.get(recipe.get_absolute_url()).content.decode()
        signed_in.post(act(comment, "restore"))
        comment.refresh_from_db()
        assert comment.hidden_at is None

    def test_maintainer_pins_and_takes_down(self, client, ada, recipe):
        comment = comments.add(ada, recipe, "read this")
        client.force_login(ada)
        assert "pinned by ada" in client.post(act(comment, "pin"), follow=True).content.decode()
        assert "pinned by ada" not in client.post(act(comment, "unpin"), follow=True).content.decode()

    @pytest.mark.parametrize("what", ["hide", "restore", "pin", "unpin"])
    def test_stranger_may_do_none_of_them(self, client, ada, recipe, what):
        comment = comments.add(ada, recipe, "hello")
        client.force_login(make_user("linus"))
        answer = client.post(act(comment, what))
        assert answer.status_code == 403
        assert "you may not" in answer.content.decode()

    def test_act_is_no_link(self, signed_in, grace, recipe):
        comment = comments.add(grace, recipe, "hello")
        assert signed_in.get(act(comment, "hide")).status_code == 405

    def test_act_that_is_none_is_not_found(self, signed_in, grace, recipe):
        assert signed_in.post(act(comments.add(grace, recipe, "hello"), "burn")).status_code == 404

    def test_refusal_is_said_on_the_page(self, signed_in, grace, recipe):
        comment = comments.hide(grace, comments.add(grace, recipe, "hello"))
        assert "deleted already" in signed_in.post(act(comment, "hide"), follow=True).content.decode()

    def test_act_needs_the_token_of_its_form(self, grace, recipe):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(grace)
        comment = comments.add(grace, recipe, "hello")
        assert strict.post(act(comment, "hide")).status_code == 403
        comment.refresh_from_db()
        assert comment.hidden_at is None


class TestFollowing:
    def test_account_follows_mutes_and_stops(self, signed_in, grace, recipe):
        address = reverse("following", args=[recipe.name])
        assert "You do not follow it." in signed_in.get(address).content.decode()
        assert "You follow it." in signed_in.post(address, {"act": "follow"}, follow=True).content.decode()
        signed_in.post(address, {"act": "mute", "muted": ["lint", "update"]})
        assert Follow.objects.get().muted == ["lint", "update"]
        signed_in.post(address, {"act": "unfollow"})
        assert not Follow.objects.exists()

    def test_kind_that_is_none_is_refused_in_the_form(self, signed_in, recipe):
        answer = signed_in.post(reverse("following", args=[recipe.name]), {"act": "mute", "muted": ["everything"]})
        assert answer.status_code == 400
        assert not Follow.objects.exists()

    def test_page_takes_a_fixed_number_of_queries(self, signed_in, recipe, django_assert_num_queries):
        # Session, account, recipe, what is followed, unread messages.
        with django_assert_num_queries(5):
            signed_in.get(reverse("following", args=[recipe.name]))


def test_deleted_recipes_comments_take_nothing_new(signed_in):
    gone = make_recipe("gone", deleted_at=timezone.now())
    signed_in.post(reverse("comments", args=[gone.name]), {"text": "hello"})
    assert not Comment.objects.exists()
