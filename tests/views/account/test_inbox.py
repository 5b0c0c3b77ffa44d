"""The inbox, the choices of mail, and unsubscribing with one click."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from recipes_app.models import MailTime, Notification, Switch
from recipes_app.services.notifications import inbox, mail_choices, notify
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
Kind = Notification.Kind


@pytest.fixture
def grace():
    return make_user("grace")


@pytest.fixture
def signed_in(client, grace):
    client.force_login(grace)
    return client


def tell(user, text="Something happened.", kind=Kind.MENTION, recipe=None, url="/recipes/"):
    with transaction.atomic():
        return notify.notify(kind, [user], recipe=recipe, text=lambda: text, url=url)[0]


def unsubscribe_address(user, kind="mention", recipe=None):
    return mail_choices.unsubscribe_url(user.pk, kind, recipe.pk if recipe else None).removeprefix("http://127.0.0.1:8000")


class TestInbox:
    def test_visitor_is_led_to_sign_in(self, client):
        for name in ("inbox", "mail_choices"):
            assert client.get(reverse(name))["Location"].startswith("/accounts/login/")

    def test_messages_are_shown_and_counted_in_the_header(self, signed_in, grace):
        tell(grace, "First thing.")
        tell(grace, "Second <b>thing</b>.")
        page = signed_in.get(reverse("inbox")).content.decode()
        assert page.index("Second &lt;b&gt;thing&lt;/b&gt;.") < page.index("First thing.")
        assert '<span class="unread-count">2</span>' in page

    def test_anothers_messages_are_not_shown(self, signed_in):
        tell(make_user("ada"), "For ada alone.")
        assert "For ada alone." not in signed_in.get(reverse("inbox")).content.decode()

    def test_inbox_is_narrowed_down(self, signed_in, grace):
        read, unread = tell(grace, "Read one."), tell(grace, "A flag.", Kind.FLAG)
        inbox.mark_read(grace, [read.pk])
        assert [each.pk for each in signed_in.get(reverse("inbox") + "?unread").context["page"]] == [unread.pk]
        assert [each.pk for each in signed_in.get(reverse("inbox") + "?kind=mention").context["page"]] == [read.pk]

    def test_opening_a_message_leads_on_and_marks_it_as_read(self, signed_in, grace):
        message = tell(grace, url="/recipes/hello-dur/")
        answer = signed_in.get(reverse("open_message", args=[message.pk]))
        assert answer["Location"] == "/recipes/hello-dur/"
        assert inbox.unread_count(grace) == 0

    def test_anothers_message_is_not_found(self, signed_in):
        ada = make_user("ada")
        assert signed_in.get(reverse("open_message", args=[tell(ada).pk])).status_code == 404
        assert inbox.unread_count(ada) == 1

    def test_maintenance_mode_lets_read_and_marks_nothing(self, signed_in, grace):
        message = tell(grace)
        Switch.objects.create(name=Switch.Name.WRITES, off=True, message="back at noon")
        assert signed_in.get(reverse("open_message", args=[message.pk])).status_code == 302
        assert "back at noon" in signed_in.post(reverse("mark_read"), follow=True).content.decode()
        assert inbox.unread_count(grace) == 1

    def test_one_or_all_are_marked_as_read(self, signed_in, grace):
        first = tell(grace)
        tell(grace)
        signed_in.post(reverse("mark_read"), {"message": first.pk})
        assert inbox.unread_count(grace) == 1
        signed_in.post(reverse("mark_read"))
        assert inbox.unread_count(grace) == 0

    def test_inbox_takes_the_same_queries_for_one_message_and_for_many(self, signed_in, grace, django_assert_num_queries):
        recipe = make_recipe()
        for number in range(15):
            tell(grace, f"Message {number}.", recipe=recipe)
        # Session, account, number of messages, messages, unread messages.
        with django_assert_num_queries(5):
            signed_in.get(reverse("inbox"))


class TestMailChoices:
    def test_page_shows_what_holds_and_keeps_what_is_chosen(self, signed_in, grace):
        address = reverse("mail_choices")
        assert 'value="daily" selected' in signed_in.get(address).content.decode()
        chosen = {kind.value: "never" for kind in Kind}
        assert "Your choices are kept." in signed_in.post(address, chosen, follow=True).content.decode()
        assert set(mail_choices.choices_of(grace).values()) == {MailTime.NEVER}

    def test_time_that_is_none_is_refused(self, signed_in, grace):
        chosen = {kind.value: "hourly" for kind in Kind}
        assert signed_in.post(reverse("mail_choices"), chosen).status_code == 400
        assert mail_choices.choices_of(grace) == mail_choices.DEFAULTS

    def test_page_takes_a_fixed_number_of_queries(self, signed_in, django_assert_num_queries):
        # Session, account, choices, unread messages.
        with django_assert_num_queries(4):
            signed_in.get(reverse("mail_choices"))


class TestUnsubscribe:
    def test_opening_the_link_asks_and_ends_nothing(self, client, grace):
        page = client.get(unsubscribe_address(grace)).content.decode()
        assert "Send grace no more mail of this kind: mentions of me?" in page
        assert mail_choices.choices_of(grace)[Kind.MENTION] == MailTime.AT_ONCE

    def test_one_click_of_a_mail_program_without_session_and_cookie_ends_it(self, grace):
        strict = Client(enforce_csrf_checks=True)
        answer = strict.post(unsubscribe_address(grace), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert mail_choices.choices_of(grace)[Kind.MENTION] == MailTime.NEVER

    def test_recipe_is_named(self, client, grace):
        page = client.post(unsubscribe_address(grace, "update", make_recipe())).content.decode()
        assert "mail about new revisions of hello-dur" in page

    def test_altered_link_is_refused(self, client, grace):
        answer = client.post(unsubscribe_address(grace)[:-3] + "x/")
        assert answer.status_code == 400
        assert "copy it from the mail as a whole" in answer.content.decode()

    def test_mail_program_is_told_to_come_again_in_maintenance_mode(self, client, grace):
        Switch.objects.create(name=Switch.Name.WRITES, off=True, message="back at noon")
        answer = client.post(unsubscribe_address(grace))
        assert answer.status_code == 503
        assert mail_choices.choices_of(grace)[Kind.MENTION] == MailTime.AT_ONCE

    def test_page_takes_a_fixed_number_of_queries(self, client, grace, django_assert_num_queries):
        address = unsubscribe_address(grace, "update", make_recipe())
        # The account and the recipe.
        with django_assert_num_queries(2):
            client.get(address)
