"""Comments: who writes, what is told to whom, and that hidden words stay hidden."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from recipes_app.limits import COMMENT_WINDOW_MINUTES, MAX_COMMENTS_PER_WINDOW, MAX_MENTIONS, MAX_PINNED_COMMENTS, MAX_TEXT_LENGTH
from recipes_app.models import CoMaintainer, Comment, Event, Follow, Notification, Rank, Switch
from recipes_app.services.community import comment_reading, comments
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
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


def told(user):
    return [(each.kind, each.text) for each in Notification.objects.filter(user=user).order_by("id")]


class TestWriting:
    def test_comment_keeps_its_markdown_and_its_clean_html(self, grace, recipe):
        comment = comments.add(grace, recipe, "*nice* <script>")
        assert comment.text == "*nice* <script>"
        assert comment.html == "<p><em>nice</em> &lt;script&gt;</p>\n"

    def test_visitor_unverified_and_frozen_account_cannot_comment(self, recipe):
        frozen = make_user("frozen")
        frozen.frozen_at = timezone.now()
        frozen.save()
        for account in (AnonymousUser(), make_user("new", verified=False), frozen):
            with pytest.raises(PermissionDenied):
                comments.add(account, recipe, "hello")
        assert not Comment.objects.exists()

    def test_maintenance_mode_takes_no_comment(self, grace, recipe):
        Switch.objects.create(name=Switch.Name.WRITES, off=True, message="back at noon")
        with pytest.raises(PermissionDenied, match="back at noon"):
            comments.add(grace, recipe, "hello")

    @pytest.mark.parametrize(("text", "code"), [("  \n ", "empty"), ("x" * (MAX_TEXT_LENGTH + 1), "too-long")])
    def test_empty_and_too_long_texts_are_refused(self, grace, recipe, text, code):
        with pytest.raises(Refused) as refused:
            comments.add(grace, recipe, text)
        assert (refused.value.field, refused.value.code) == ("text", code)

    def test_longest_comment_fits(self, grace, recipe):
        assert len(comments.add(grace, recipe, "x" * MAX_TEXT_LENGTH).text) == MAX_TEXT_LENGTH

    def test_too_many_comments_in_a_short_time_are_refused(self, grace, recipe):
        for number in range(MAX_COMMENTS_PER_WINDOW):
            comments.add(grace, recipe, f"comment {number}")
        with pytest.raises(Refused, match="wait a little"):
            comments.add(grace, recipe, "one more")

    def test_deleting_a_comment_makes_no_room_for_another(self, grace, recipe):
        for number in range(MAX_COMMENTS_PER_WINDOW):
            comments.hide(grace, comments.add(grace, recipe, f"comment {number}"))
        with pytest.raises(Refused, match="wait a little"):
            comments.add(grace, recipe, "one more")

    def test_comments_from_before_the_window_do_not_count(self, grace, recipe):
        for number in range(MAX_COMMENTS_PER_WINDOW):
            comments.add(grace, recipe, f"comment {number}")
        Comment.objects.update(created_at=timezone.now() - timedelta(minutes=COMMENT_WINDOW_MINUTES, seconds=1))
        assert comments.add(grace, recipe, "one more").pk

    def test_deleted_recipe_takes_no_comment(self, grace):
        with pytest.raises(Refused, match="is deleted"):
            comments.add(grace, make_recipe("gone", deleted_at=timezone.now()), "hello")

    def test_reply_to_a_comment_elsewhere_or_to_a_hidden_one_is_refused(self, ada, grace, recipe):
        elsewhere = comments.add(ada, make_recipe("other"), "there")
        hidden = comments.hide(ada, comments.add(ada, recipe, "here"))
        for parent in (elsewhere, hidden):
            with pytest.raises(Refused, match="is not on hello-dur"):
                comments.add(grace, recipe, "hello", parent=parent)

    def test_preview_writes_nothing(self, grace, recipe):
        assert (
            comments.preview(grace, recipe, "*x* @ada")
            == '<p><em>x</em> <a href="/users/ada/" rel="nofollow noopener noreferrer ugc">@ada</a></p>\n'
        )
        assert not Comment.objects.exists()
        assert not Notification.objects.exists()

    def test_following_by_the_comment_is_a_choice(self, grace, recipe):
        comments.add(grace, recipe, "without")
        assert not Follow.objects.filter(user=grace).exists()
        comments.add(grace, recipe, "with", follow=True)
        assert Follow.objects.filter(user=grace, recipe=recipe).exists()


class TestTelling:
    def test_maintainer_and_followers_hear_of_a_comment_and_its_author_does_not(self, ada, grace, recipe):
        follower = make_user("linus")
        Follow.objects.create(recipe=recipe, user=follower)
        Follow.objects.create(recipe=recipe, user=grace)
        comments.add(grace, recipe, "hello")
        assert told(ada) == told(follower) == [("comment", "grace commented on hello-dur.")]
        assert told(grace) == []

    def test_answer_tells_whom_it_answers(self, ada, grace, recipe):
        first = comments.add(grace, recipe, "why?")
        comments.add(ada, recipe, "because", parent=first)
        assert told(grace) == [("comment", "ada answered your comment on hello-dur.")]

    def test_each_hears_once_for_the_reason_that_concerns_him_most(self, ada, grace, recipe):
        first = comments.add(ada, recipe, "a question")
        comments.add(grace, recipe, "@ada: an answer", parent=first)
        assert told(ada) == [("mention", "grace mentioned you on hello-dur.")]

    def test_comment_tells_a_limited_number_by_name(self, grace, recipe):
        people = [make_user(f"user{number}") for number in range(MAX_MENTIONS + 3)]
        comments.add(grace, recipe, " ".join(f"@{user.username}" for user in people))
        assert Notification.objects.filter(kind="mention").count() == MAX_MENTIONS

    def test_notification_holds_no_word_of_the_comment(self, grace, recipe):
        comments.add(grace, recipe, SECRET)
        assert SECRET not in str(list(Notification.objects.values()))


class TestEditing:
    def test_edited_comment_says_so(self, grace, recipe):
        edited = comments.edit(grace, comments.add(grace, recipe, "helo"), "*hello*")
        assert (edited.text, edited.html) == ("*hello*", "<p><em>hello</em></p>\n")
        assert edited.edited_at is not None

    def test_only_the_author_edits(self, ada, grace, recipe, moderator):
        comment = comments.add(grace, recipe, "mine")
        for other in (ada, moderator, AnonymousUser()):
            with pytest.raises(PermissionDenied):
                comments.edit(other, comment, "not yours")

    def test_edit_tells_only_who_was_not_mentioned_before(self, ada, grace, recipe):
        linus = make_user("linus")
        comment = comments.add(grace, recipe, "@ada")
        comments.edit(grace, comment, "@ada @linus")
        assert len(told(ada)) == 1
        assert told(linus) == [("mention", "grace mentioned you on hello-dur.")]

    def test_hidden_comment_cannot_be_edited_even_with_an_object_from_before(self, grace, recipe, moderator):
        before = comments.add(grace, recipe, SECRET)
        comments.hide(moderator, Comment.objects.get(pk=before.pk))
        with pytest.raises(Refused, match="restore it"):
            comments.edit(grace, before, "changed")

    def test_aurweb_fault_2_the_edit_form_of_a_deleted_comment_gives_its_text_to_nobody(self, ada, grace, recipe, moderator):
        hidden = comments.hide(grace, comments.add(grace, recipe, SECRET))
        with pytest.raises(Refused):
            comments.text_to_edit(grace, hidden)
        for other in (ada, moderator, AnonymousUser()):
            with pytest.raises(PermissionDenied):
                comments.text_to_edit(other, hidden)


class TestHiding:
    def test_author_and_staff_hide_and_others_do_not(self, ada, grace, recipe, moderator):
        comment = comments.add(grace, recipe, "hello")
        with pytest.raises(PermissionDenied):
            comments.hide(ada, comment)
        assert comments.hide(moderator, comment).hidden_by_name == "mod"
        assert comments.hide(grace, comments.add(grace, recipe, "again")).hidden_by_name == "grace"

    def test_hiding_and_restoring_are_logged_without_words(self, grace, recipe, moderator):
        comment = comments.hide(moderator, comments.add(grace, recipe, SECRET))
        comments.restore(moderator, comment)
        assert list(Event.objects.order_by("id").values_list("kind", "account_name")) == [
            ("comment.hidden", "grace"),
            ("comment.restored", "grace"),
        ]
        assert SECRET not in str(list(Event.objects.values()))

    def test_author_hears_that_a_moderator_hid_his_comment(self, grace, recipe, moderator):
        comments.hide(moderator, comments.add(grace, recipe, "hello"))
        assert told(grace) == [("moderation", "mod deleted your comment on hello-dur.")]

    def test_author_restores_what_he_hid_himself(self, grace, recipe):
        hidden = comments.hide(grace, comments.add(grace, recipe, "hello"))
        assert comments.restore(grace, hidden).hidden_at is None

    def test_author_does_not_restore_what_a_moderator_hid(self, grace, recipe, moderator):
        hidden = comments.hide(moderator, comments.add(grace, recipe, "spam"))
        with pytest.raises(PermissionDenied):
            comments.restore(grace, hidden)
        assert comments.restore(moderator, hidden).hidden_at is None

    def test_moderator_takes_over_what_its_author_hid(self, grace, recipe, moderator):
        hidden = comments.hide(moderator, comments.hide(grace, comments.add(grace, recipe, "spam")))
        with pytest.raises(PermissionDenied):
            comments.restore(grace, hidden)

    def test_hiding_twice_and_restoring_a_visible_one_are_refused(self, grace, recipe):
        comment = comments.add(grace, recipe, "hello")
        with pytest.raises(Refused, match="nothing to restore"):
            comments.restore(grace, comment)
        comments.hide(grace, comment)
        with pytest.raises(Refused, match="deleted already"):
            comments.hide(grace, comment)

    def test_hidden_comment_is_not_pinned(self, ada, grace, recipe):
        pinned = comments.pin(ada, comments.add(grace, recipe, "hello"))
        assert comments.hide(grace, pinned).pinned_at is None
        with pytest.raises(Refused, match="before you pin it"):
            comments.pin(ada, pinned)


class TestPinning:
    def test_team_pins_and_others_do_not(self, ada, grace, recipe):
        helper = make_user("helper")
        CoMaintainer.objects.create(recipe=recipe, user=helper, role="triage", position=0, since=timezone.now())
        comment = comments.add(grace, recipe, "read this")
        with pytest.raises(PermissionDenied):
            comments.pin(grace, comment)
        assert comments.pin(helper, comment).pinned_by_name == "helper"
        assert comments.unpin(ada, comment).pinned_at is None

    def test_a_limited_number_is_pinned(self, ada, recipe):
        written = [comments.add(ada, recipe, f"comment {number}") for number in range(MAX_PINNED_COMMENTS + 1)]
        for comment in written[:-1]:
            comments.pin(ada, comment)
        with pytest.raises(Refused, match="pinned already"):
            comments.pin(ada, written[-1])
        assert comments.pin(ada, written[0]).pinned_at is not None


class TestReading:
    def seen(self, recipe, reader):
        return [(each.text, each.hidden_by_name) for each in comment_reading.list_for(recipe, reader).comments]

    def test_hidden_words_reach_moderators_only(self, ada, grace, recipe, moderator):
        comments.hide(grace, comments.add(grace, recipe, SECRET))
        assert self.seen(recipe, moderator) == [(SECRET, "grace")]
        assert self.seen(recipe, ada) == self.seen(recipe, AnonymousUser()) == self.seen(recipe, None) == []
        assert self.seen(recipe, grace) == [("", "grace")]

    def test_author_does_not_see_what_a_moderator_hid(self, grace, recipe, moderator):
        comments.hide(moderator, comments.add(grace, recipe, SECRET))
        assert self.seen(recipe, grace) == []

    def test_moderator_without_second_factor_reads_as_any_other(self, grace, recipe, settings):
        settings.STAFF_NEEDS_SECOND_FACTOR = True
        comments.hide(grace, comments.add(grace, recipe, SECRET))
        assert self.seen(recipe, make_user("mod", rank=Rank.MODERATOR)) == []

    def test_one_comment_is_shown_by_its_number_as_in_the_list(self, grace, recipe):
        hidden = comments.hide(grace, comments.add(grace, recipe, SECRET))
        with pytest.raises(Refused, match="has no comment"):
            comment_reading.shown(recipe, None, hidden.pk)
        with pytest.raises(Refused, match="has no comment"):
            comment_reading.shown(make_recipe("other"), grace, hidden.pk)

    def test_pinned_stand_first_then_the_newest(self, ada, recipe):
        first, second, third = (comments.add(ada, recipe, text) for text in ("one", "two", "three"))
        comments.pin(ada, second)
        page = comment_reading.list_for(recipe, None)
        assert [each.id for each in page.comments] == [second.pk, third.pk, first.pk]

    def test_pages_go_on_where_the_last_one_ended(self, ada, recipe):
        written = [comments.add(ada, recipe, f"comment {number}").pk for number in range(5)]
        comments.pin(ada, Comment.objects.get(pk=written[0]))
        page = comment_reading.list_for(recipe, None, limit=3)
        assert [each.id for each in page.comments] == [written[0], written[4], written[3]]
        rest = comment_reading.list_for(recipe, None, before=page.older, limit=3)
        assert [each.id for each in rest.comments] == [written[2], written[1]]
        assert rest.older is None

    def test_buttons_follow_the_table_of_permissions(self, ada, grace, recipe, moderator):
        comments.add(grace, recipe, "hello")

        def buttons(reader):
            shown = comment_reading.list_for(recipe, reader).comments[0]
            return (shown.may_edit, shown.may_hide, shown.may_pin)

        assert buttons(grace) == (True, True, False)
        assert buttons(ada) == (False, False, True)
        assert buttons(moderator) == (False, True, True)
        assert buttons(None) == (False, False, False)

    def test_list_takes_the_same_queries_for_one_comment_and_for_many(self, ada, recipe, django_assert_num_queries):
        for number in range(9):
            comments.add(ada, recipe, f"comment {number}")
        with django_assert_num_queries(1):
            comment_reading.list_for(recipe, None)


def test_aurweb_fault_6_deleting_a_moderator_takes_away_neither_comments_nor_what_he_hid(grace, ada, recipe, moderator):
    own = comments.add(moderator, recipe, "by the moderator")
    hidden = comments.hide(moderator, comments.add(grace, recipe, SECRET))
    moderator.delete()
    own.refresh_from_db()
    hidden.refresh_from_db()
    assert (own.author, own.author_name) == (None, "mod")
    assert (hidden.author, hidden.hidden_by_name) == (grace, "mod")
    assert [each.text for each in comment_reading.list_for(recipe, ada).comments] == ["by the moderator"]


def test_comment_of_a_deleted_account_is_nobodys_to_edit(grace, recipe):
    comment = comments.add(grace, recipe, "hello")
    grace.delete()
    comment.refresh_from_db()
    with pytest.raises(PermissionDenied):
        comments.edit(AnonymousUser(), comment, "mine now")
