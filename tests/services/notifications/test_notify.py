"""Notifications: a row in the inbox with what it tells of, mail by the account's choice, ended by one click."""

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction

from recipes_app.limits import MAIL_BATCH, MAX_DIGEST_LINES
from recipes_app.models import MailTime, Notification, OutboxMail, Switch
from recipes_app.services.community import comments
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.notifications import follows, inbox, mail, mail_choices, notify, outbox
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
Kind = Notification.Kind


def tell(*users, kind=Kind.MENTION, recipe=None, actor=None, text="Something happened.", url="/recipes/hello-dur/"):
    return notify.notify(kind, users, recipe=recipe, actor=actor, text=lambda: text, url=url)


def token_of(row):
    return mail_choices.unsubscribe_url(row.user_id, row.kind, row.recipe_id).rstrip("/").rsplit("/", 1)[1]


def waiting_mails():
    return [outbox._from_content(row.content) for row in OutboxMail.objects.order_by("id")]


class TestRows:
    def test_each_gets_one_row_but_who_did_it(self):
        ada, grace, linus = make_user("ada"), make_user("grace"), make_user("linus")
        tell(ada, grace, grace, linus, actor=linus)
        assert list(Notification.objects.order_by("user").values_list("user__username", "actor_name")) == [
            ("ada", "linus"),
            ("grace", "linus"),
        ]

    def test_closed_account_gets_none(self):
        grace = make_user("grace")
        grace.is_active = False
        assert tell(grace) == []

    @pytest.mark.django_db(transaction=True)
    def test_notification_outside_a_transaction_is_a_mistake_of_the_caller(self):
        with pytest.raises(transaction.TransactionManagementError):
            tell(make_user("grace"))

    def test_long_text_is_cut_to_its_column(self):
        row = tell(make_user("grace"), text="x" * 600)[0]
        assert len(row.text) == 500

    @pytest.mark.parametrize(
        ("kind", "mail_time"),
        [
            (Kind.MENTION, "at-once"), (Kind.OWNERSHIP, "at-once"), (Kind.REQUEST, "at-once"), (Kind.MODERATION, "at-once"),
            (Kind.COMMENT, "at-once"), (Kind.FLAG, "at-once"), (Kind.MODEL_CLASS, "at-once"),
            (Kind.UPDATE, "daily"), (Kind.LINT, "daily"),
        ],
    )  # fmt: skip
    def test_kind_without_a_choice_follows_the_default(self, kind, mail_time):
        assert tell(make_user("grace"), kind=kind)[0].mail == mail_time

    def test_every_kind_has_a_default(self):
        assert set(mail_choices.DEFAULTS) == set(Kind)

    def test_choice_goes_before_the_default(self):
        grace = make_user("grace")
        mail_choices.choose(grace, {Kind.MENTION: MailTime.DAILY})
        assert tell(grace)[0].mail == "daily"

    def test_followers_do_not_hear_twice_what_they_heard_already(self):
        ada, grace = make_user("ada"), make_user("grace")
        recipe = make_recipe(maintainer=ada)
        follows.follow(grace, recipe)
        rows = notify.notify_followers(Kind.UPDATE, recipe, text=lambda: "1.0-2 is out.", url="/", besides=[ada])
        assert [row.user for row in rows] == [grace]

    def test_what_is_said_to_one_reaches_the_inbox_without_mail_where_the_kind_is_muted(self):
        grace, recipe = make_user("grace"), make_recipe()
        follows.set_muted(grace, recipe, ["mention"])
        assert tell(grace, recipe=recipe)[0].mail == "never"

    def test_telling_many_takes_the_same_queries_as_telling_one(self, django_assert_num_queries):
        people = [make_user(f"user{number}") for number in range(30)]
        recipe = make_recipe()
        with django_assert_num_queries(3):
            tell(*people, recipe=recipe)

    def test_broker_is_asked_after_the_commit_with_what_is_to_be_mailed_at_once(
        self, monkeypatch, django_capture_on_commit_callbacks
    ):
        sent = []
        monkeypatch.setattr(notify.task_queue, "send", lambda task, ids: sent.append((task, ids)))
        grace, linus = make_user("grace"), make_user("linus")
        mail_choices.choose(linus, {Kind.MENTION: MailTime.DAILY})
        with django_capture_on_commit_callbacks(execute=True):
            rows = tell(grace, linus)
            assert sent == []
        assert sent == [("mail.mail_notifications", [rows[0].pk])]

    def test_many_mails_are_made_some_at_a_time(self, monkeypatch, django_capture_on_commit_callbacks):
        sent = []
        monkeypatch.setattr(notify.task_queue, "send", lambda _task, ids: sent.append(ids))
        with django_capture_on_commit_callbacks(execute=True):
            notify.task_queue.send_on_commit("task", range(2 * MAIL_BATCH + 1))
        assert [len(ids) for ids in sent] == [MAIL_BATCH, MAIL_BATCH, 1]


class TestMailAtOnce:
    def test_mail_says_what_where_and_how_to_end_it(self, monkeypatch, settings):
        # The token of the link has the time in it.
        monkeypatch.setattr(signing.time, "time", lambda: 1_700_000_000.0)
        settings.SITE_NAME, settings.PORTAL_URL = "Try", "https://dur.example"
        grace, recipe = make_user("grace"), make_recipe()
        row = tell(grace, recipe=recipe, text="ada mentioned you.")[0]
        assert mail.mail_at_once([row.pk]) == 1
        (message,) = waiting_mails()
        unsubscribe = mail_choices.unsubscribe_url(grace.pk, "mention", recipe.pk)
        assert message.subject == "[Try] hello-dur: ada mentioned you."
        assert message.to == [grace.email]
        assert "https://dur.example/recipes/hello-dur/" in message.body
        assert unsubscribe in message.body
        assert message.extra_headers["List-Unsubscribe"] == f"<{unsubscribe}>"
        assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"
        assert message.extra_headers["Message-ID"] == f"<notification.{row.pk}@dur.example>"
        assert message.extra_headers["References"] == f"<recipe.{recipe.pk}@dur.example>"
        assert message.message().get_content_type() == "text/plain"

    def test_task_that_runs_twice_makes_one_mail(self):
        row = tell(make_user("grace"))[0]
        assert [mail.mail_at_once([row.pk]), mail.mail_at_once([row.pk])] == [1, 0]
        assert OutboxMail.objects.count() == 1

    def test_address_that_is_not_verified_gets_no_mail_and_does_not_wait_for_ever(self):
        row = tell(make_user("grace", verified=False))[0]
        assert mail.mail_at_once([row.pk]) == 0
        row.refresh_from_db()
        assert (row.mail, row.mailed_at) == ("never", None)

    def test_mail_goes_to_the_address_that_was_verified_and_not_to_a_new_one(self):
        grace = make_user("grace")
        proved = EmailAddress.objects.get(user=grace).email
        grace.email = "unproved@example.org"
        grace.save()
        mail.mail_at_once([tell(grace)[0].pk])
        assert waiting_mails()[0].to == [proved]

    def test_comment_is_mailed_with_its_words(self):
        ada = make_user("ada")
        comments.add(make_user("grace"), make_recipe(maintainer=ada), "a <b>question</b> & more")
        mail.mail_at_once(list(Notification.objects.values_list("pk", flat=True)))
        assert "a <b>question</b> & more" in waiting_mails()[0].body

    def test_comment_that_was_hidden_before_the_mail_is_mailed_without_its_words(self):
        ada, grace = make_user("ada"), make_user("grace")
        comments.hide(grace, comments.add(grace, make_recipe(maintainer=ada), "taken back"))
        mail.mail_at_once(list(Notification.objects.values_list("pk", flat=True)))
        (message,) = waiting_mails()
        assert "taken back" not in str(message.message())

    def test_line_break_in_a_text_makes_no_header(self):
        mail.mail_at_once([tell(make_user("grace"), text="one\nBcc: all@example.org")[0].pk])
        assert waiting_mails()[0].subject.endswith("one Bcc: all@example.org")

    def test_mail_speaks_the_language_of_its_reader(self):
        grace = make_user("grace")
        grace.language = "de"
        grace.save()
        assert mail.mail_at_once([tell(grace)[0].pk]) == 1

    def test_mail_made_for_many_takes_a_fixed_number_of_reads(self, django_assert_max_num_queries):
        rows = tell(*[make_user(f"user{number}") for number in range(10)], recipe=make_recipe())
        # Ten rows of the outbox; and rows, addresses, one update, savepoint and release.
        with django_assert_max_num_queries(10 + 5):
            assert mail.mail_at_once([row.pk for row in rows]) == 10


class TestDigest:
    def daily(self, user, number, recipe=None):
        return [tell(user, kind=Kind.UPDATE, recipe=recipe, text=f"News {each}.")[0] for each in range(number)]

    def test_digest_is_one_mail_with_all_that_waits(self):
        grace, recipe = make_user("grace"), make_recipe()
        self.daily(grace, 3, recipe)
        self.daily(grace, 1)
        assert mail.accounts_with_digest() == [grace.pk]
        assert mail.mail_digest(grace.pk)
        (message,) = waiting_mails()
        assert message.subject == "[DUR] 4 messages today"
        assert message.body.count("News") == 4
        assert message.body.index("hello-dur") < message.body.index("News 0.")

    def test_second_digest_has_nothing_to_tell(self):
        grace = make_user("grace")
        self.daily(grace, 2)
        assert [mail.mail_digest(grace.pk), mail.mail_digest(grace.pk)] == [True, False]
        assert OutboxMail.objects.count() == 1
        assert mail.accounts_with_digest() == []

    def test_digest_leaves_what_is_mailed_at_once_alone(self):
        grace = make_user("grace")
        row = tell(grace)[0]
        assert not mail.mail_digest(grace.pk)
        row.refresh_from_db()
        assert row.mailed_at is None

    def test_long_digest_counts_what_it_leaves_out(self):
        grace = make_user("grace")
        self.daily(grace, MAX_DIGEST_LINES + 7)
        mail.mail_digest(grace.pk)
        body = waiting_mails()[0].body
        assert body.count("News") == MAX_DIGEST_LINES
        assert "7 more messages are in your inbox." in body


class TestUnsubscribe:
    def test_link_for_a_recipe_ends_that_kind_for_that_recipe_only(self):
        grace, recipe, other = make_user("grace"), make_recipe(), make_recipe("other")
        row = tell(grace, recipe=recipe)[0]
        mail_choices.unsubscribe(token_of(row))
        row.refresh_from_db()
        assert row.mail == "never"
        assert tell(grace, recipe=recipe)[0].mail == "never"
        assert tell(grace, recipe=other)[0].mail == "at-once"
        assert tell(grace, recipe=recipe, kind=Kind.FLAG)[0].mail == "at-once"

    def test_link_without_a_recipe_ends_the_kind(self):
        grace = make_user("grace")
        mail_choices.unsubscribe(token_of(tell(grace)[0]))
        assert mail_choices.choices_of(grace)[Kind.MENTION] == MailTime.NEVER

    def test_link_of_a_digest_ends_what_comes_daily_and_nothing_else(self):
        grace = make_user("grace")
        token = mail_choices.unsubscribe_url(grace.pk, mail_choices.DIGEST, None).rstrip("/").rsplit("/", 1)[1]
        assert mail_choices.unsubscribe(token).description == "the daily digest"
        choices = mail_choices.choices_of(grace)
        assert MailTime.DAILY not in choices.values()
        assert choices[Kind.UPDATE] == MailTime.NEVER
        assert choices[Kind.MENTION] == MailTime.AT_ONCE

    def test_unsubscribing_twice_is_unsubscribing_once(self):
        row = tell(make_user("grace"), recipe=make_recipe())[0]
        assert mail_choices.unsubscribe(token_of(row)) == mail_choices.unsubscribe(token_of(row))

    def test_altered_link_is_refused(self):
        token = token_of(tell(make_user("grace"))[0])
        for bad in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", ""):
            with pytest.raises(Refused, match="not complete"):
                mail_choices.unsubscribe(bad)

    def test_link_of_an_account_that_is_gone_says_so(self):
        grace = make_user("grace")
        token = token_of(tell(grace)[0])
        grace.delete()
        with pytest.raises(Refused, match="is gone"):
            mail_choices.unsubscribe(token)

    def test_maintenance_mode_writes_nothing_by_a_link(self):
        grace = make_user("grace")
        token = token_of(tell(grace)[0])
        Switch.objects.create(name=Switch.Name.WRITES, off=True, message="back at noon")
        with pytest.raises(Refused, match="back at noon"):
            mail_choices.unsubscribe(token)
        assert mail_choices.choices_of(grace)[Kind.MENTION] == MailTime.AT_ONCE

    def test_choice_holds_for_what_waits_already(self):
        grace = make_user("grace")
        row = tell(grace)[0]
        mail_choices.choose(grace, {Kind.MENTION: MailTime.DAILY})
        assert mail.mail_at_once([row.pk]) == 0
        assert mail.mail_digest(grace.pk)


class TestInbox:
    def test_inbox_has_what_its_account_was_told_newest_first(self):
        grace, ada = make_user("grace"), make_user("ada")
        tell(ada)
        first, second = tell(grace)[0], tell(grace, kind=Kind.FLAG)[0]
        assert list(inbox.messages_of(grace)) == [second, first]
        assert list(inbox.messages_of(grace, kind="flag")) == [second]

    def test_reading_is_by_message_and_never_anothers(self):
        grace, ada = make_user("grace"), make_user("ada")
        mine, other, theirs = tell(grace)[0], tell(grace)[0], tell(ada)[0]
        assert inbox.mark_read(grace, [mine.pk, theirs.pk]) == 1
        assert list(inbox.messages_of(grace, unread_only=True)) == [other]
        assert (inbox.unread_count(grace), inbox.unread_count(ada)) == (1, 1)

    def test_all_are_read_at_once(self):
        grace = make_user("grace")
        tell(grace)
        tell(grace)
        assert [inbox.mark_all_read(grace), inbox.mark_all_read(grace)] == [2, 0]

    def test_maintenance_mode_marks_nothing(self):
        grace = make_user("grace")
        tell(grace)
        Switch.objects.create(name=Switch.Name.WRITES, off=True)
        with pytest.raises(PermissionDenied):
            inbox.mark_all_read(grace)
        assert inbox.unread_count(grace) == 1
