"""The outbox: a mail is a row first; it leaves once, later, and is neither lost nor kept."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from recipes_app.limits import MAIL_OVERDUE_MINUTES, MAIL_RETRY_MINUTES, OUTBOX_DAYS
from recipes_app.models import Notification, OutboxMail
from recipes_app.services.core import task_queue
from recipes_app.services.notifications import mail, notify, outbox
from recipes_app.tasks import mail as tasks
from tests.factories import make_user

pytestmark = pytest.mark.django_db
QUEUED = "recipes_app.mail_backend.QueuedEmailBackend"


class RefusingBackend(BaseEmailBackend):
    """A mail server that answers each mail with `answer`."""

    answer: Exception = ConnectionRefusedError("connection refused")

    def send_messages(self, email_messages):
        raise self.answer


@pytest.fixture
def refusing(settings, monkeypatch):
    settings.DELIVERY_EMAIL_BACKEND = f"{__name__}.RefusingBackend"

    def answer_with(problem):
        monkeypatch.setattr(RefusingBackend, "answer", problem)

    return answer_with


def message(**changes):
    return EmailMultiAlternatives(**{"subject": "Reset", "body": "the secret link", "to": ["ada@example.org"], **changes})


def let_time_pass(row, **span):
    past = timedelta(**span)
    OutboxMail.objects.filter(pk=row.pk).update(
        next_attempt_at=row.next_attempt_at - past, claimed_at=row.claimed_at and row.claimed_at - past
    )
    row.refresh_from_db()


def test_mail_arrives_as_it_was_given():
    given = message(cc=["cc@example.org"], bcc=["bcc@example.org"], reply_to=["re@example.org"], headers={"X-Kind": "test"})
    given.attach_alternative("<p>the secret link</p>", "text/html")
    assert outbox.deliver(outbox.put(given).pk)
    (sent,) = django_mail.outbox
    assert (sent.subject, sent.body, sent.recipients()) == (given.subject, given.body, given.recipients())
    assert sent.message().as_string().count("the secret link") == 2
    assert (sent.extra_headers["X-Kind"], sent.reply_to) == ("test", ["re@example.org"])


def test_mail_is_sent_once_however_often_it_is_handed_out():
    row = outbox.put(message())
    assert [outbox.deliver(row.pk), outbox.deliver(row.pk)] == [True, False]
    assert len(django_mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_mail_is_sent_once_by_many_workers_at_the_same_time():
    with transaction.atomic():
        row = outbox.put(message())

    def worker(_number):
        try:
            return outbox.deliver(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(worker, range(16))) == 1
    assert len(django_mail.outbox) == 1


def test_words_of_a_mail_are_not_kept_after_it_left():
    row = outbox.put(message())
    outbox.deliver(row.pk)
    assert "secret" not in str(OutboxMail.objects.values().get(pk=row.pk))


def test_second_attempt_carries_the_same_message_id(refusing, settings):
    row = outbox.put(message())
    number = row.content["headers"]["Message-ID"]
    outbox.deliver(row.pk)
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert outbox.deliver(row.pk)
    assert django_mail.outbox[0].message()["Message-ID"] == number


def test_mail_server_that_is_down_puts_the_mail_off_for_longer_each_time_and_at_last_gives_up(refusing):
    row = outbox.put(message())
    for minutes in MAIL_RETRY_MINUTES:
        assert not outbox.deliver(row.pk)
        row.refresh_from_db()
        assert timedelta(minutes=minutes - 1) < row.next_attempt_at - timezone.now() <= timedelta(minutes=minutes)
        assert "connection refused" in row.error
    assert row.given_up_at is None
    outbox.deliver(row.pk)
    row.refresh_from_db()
    assert row.given_up_at is not None
    assert row.content == {}


@pytest.mark.parametrize(
    "answer",
    [
        smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"no such user")}),
        smtplib.SMTPDataError(554, b"refused"),
    ],
)
def test_final_answer_of_a_mail_server_ends_the_attempts_with_its_reason(refusing, answer):
    refusing(answer)
    row = outbox.put(message())
    outbox.deliver(row.pk)
    row.refresh_from_db()
    assert row.given_up_at is not None
    assert type(answer).__name__ in row.error


@pytest.mark.parametrize(
    "answer",
    [smtplib.SMTPRecipientsRefused({"ada@example.org": (450, b"greylisted")}), smtplib.SMTPDataError(451, b"later")],
)
def test_passing_answer_of_a_mail_server_is_tried_again(refusing, answer):
    refusing(answer)
    row = outbox.put(message())
    outbox.deliver(row.pk)
    row.refresh_from_db()
    assert (row.given_up_at, row.claimed_at) == (None, None)


def test_mail_whose_worker_died_is_free_again_after_a_while():
    row = outbox.put(message())
    assert outbox.OUTBOX.claim(row.pk) is not None
    assert outbox.OUTBOX.claim(row.pk) is None
    row.refresh_from_db()
    let_time_pass(row, minutes=MAIL_OVERDUE_MINUTES)
    assert outbox.deliver(row.pk)


def test_mail_at_which_every_worker_dies_is_given_up():
    row = outbox.put(message())
    OutboxMail.objects.filter(pk=row.pk).update(attempts=len(MAIL_RETRY_MINUTES) + 1)
    assert not outbox.deliver(row.pk)
    row.refresh_from_db()
    assert "the worker died" in row.error


def test_attachment_is_refused():
    given = message()
    given.attach("a.txt", "text", "text/plain")
    with pytest.raises(ValueError, match="text only"):
        outbox.put(given)


def test_header_with_a_line_break_is_refused_where_the_caller_sees_it():
    with pytest.raises(BadHeaderError):
        outbox.put(message(subject="one\nBcc: all@example.org"))
    assert not OutboxMail.objects.exists()


def test_mail_of_a_transaction_that_fails_is_never_sent():
    with transaction.atomic():
        outbox.put(message())
        transaction.set_rollback(True)
    assert not OutboxMail.objects.exists()


class TestBackend:
    def test_every_mail_of_django_goes_through_the_outbox(self, settings):
        settings.EMAIL_BACKEND = QUEUED
        assert django_mail.send_mail("Verify", "link", None, ["ada@example.org"]) == 1
        assert django_mail.outbox == []
        assert OutboxMail.objects.get().content["subject"] == "Verify"

    def test_mail_to_nobody_is_no_row(self, settings):
        settings.EMAIL_BACKEND = QUEUED
        assert EmailMessage("Verify", "link", to=[]).send() == 0
        assert not OutboxMail.objects.exists()

    def test_password_reset_of_allauth_is_queued_with_its_link(self, settings, client):
        settings.EMAIL_BACKEND = QUEUED
        ada = make_user("ada")
        client.post("/accounts/password/reset/", {"email": ada.email})
        assert django_mail.outbox == []
        content = OutboxMail.objects.get().content
        assert content["to"] == [ada.email]
        assert "/accounts/password/reset/key/" in content["body"]

    def test_broker_that_is_down_neither_fails_the_request_nor_loses_the_mail(
        self, settings, monkeypatch, django_capture_on_commit_callbacks
    ):
        settings.EMAIL_BACKEND = QUEUED

        def down(*_arguments, **_options):
            raise OperationalError("connection refused")

        with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
            patch.setattr(task_queue.current_app, "send_task", down)
            assert django_mail.send_mail("Verify", "link", None, ["ada@example.org"]) == 1
            row = OutboxMail.objects.get()
        let_time_pass(row, minutes=MAIL_OVERDUE_MINUTES)
        assert outbox.hand_out_due() == 1


class TestSweep:
    def test_mail_that_was_just_queued_is_left_to_its_message(self):
        outbox.put(message())
        assert outbox.hand_out_due() == 0

    def test_overdue_mail_is_handed_out_once_in_a_while(self):
        row = outbox.put(message())
        let_time_pass(row, minutes=MAIL_OVERDUE_MINUTES)
        assert [outbox.hand_out_due(), outbox.hand_out_due()] == [1, 0]

    def test_sent_and_given_up_mails_are_not_handed_out(self):
        for column in ("sent_at", "given_up_at"):
            row = outbox.put(message())
            OutboxMail.objects.filter(pk=row.pk).update(**{column: timezone.now()}, next_attempt_at=timezone.now())
        assert outbox.hand_out_due() == 0

    def test_notification_whose_message_was_lost_is_mailed_by_the_sweep(self):
        row = notify.notify(Notification.Kind.MENTION, [make_user("grace")], text=lambda: "Hello.", url="/")[0]
        assert mail.overdue() == []
        Notification.objects.update(created_at=timezone.now() - timedelta(minutes=MAIL_OVERDUE_MINUTES, seconds=1))
        tasks.sweep_mail()
        row.refresh_from_db()
        assert row.mailed_at is not None
        assert OutboxMail.objects.count() == 1

    def test_settled_mails_are_forgotten_after_their_time_and_waiting_ones_are_not(self):
        old = timezone.now() - timedelta(days=OUTBOX_DAYS, seconds=1)
        sent, waiting = outbox.put(message()), outbox.put(message())
        OutboxMail.objects.filter(pk=sent.pk).update(sent_at=old)
        OutboxMail.objects.filter(pk=waiting.pk).update(created_at=old)
        assert outbox.prune() == 1
        assert OutboxMail.objects.get() == waiting

    def test_tasks_are_known_to_the_worker_by_the_names_that_services_send(self):
        names = set(task_queue.current_app.tasks)
        assert {task_queue.MAIL_NOTIFICATIONS, task_queue.DELIVER_OUTBOX} <= names


def test_daily_task_sends_one_digest_to_each_account_that_has_something():
    people = [make_user("ada"), make_user("grace")]
    for _each in range(3):
        notify.notify(Notification.Kind.UPDATE, people, text=lambda: "News.", url="/")
    tasks.send_digests()
    assert sorted(row.content["to"][0] for row in OutboxMail.objects.all()) == sorted(user.email for user in people)


def test_delivering_task_goes_through_all_it_was_given():
    tasks.deliver_outbox([outbox.put(message()).pk, outbox.put(message()).pk])
    assert len(django_mail.outbox) == 2
