"""Mail with the real programs: SMTP on a socket, and the worker with its broker."""

import http.cookiejar
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import timezone

from recipes_app.models import Notification
from recipes_app.services.notifications import mail, notify, outbox
from tests.factories import make_recipe, make_user
from tests.servers.portal import ROOT

pytestmark = pytest.mark.server
WAIT_SECONDS = 60


@pytest.fixture
def smtp(settings, mail_server):
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    return mail_server


@pytest.mark.django_db
class TestSmtp:
    def test_notification_arrives_with_what_mail_programs_need(self, smtp):
        rows = notify.notify(
            Notification.Kind.MENTION,
            [make_user("grace")],
            recipe=make_recipe(),
            text=lambda: "Grüße von ada.",
            url="/recipes/hello-dur/",
        )
        mail.mail_at_once([rows[0].pk])
        call_command("deliver_mail")
        (taken,) = smtp.taken
        assert taken["To"] == "grace@example.org"
        assert taken["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert taken["List-Unsubscribe"].strip().startswith("<http://")
        assert "Grüße von ada." in taken.get_payload(decode=True).decode()

    def test_recipient_that_the_server_does_not_know_is_given_up_at_once(self, smtp):
        smtp.recipient_answer = "550 no such user"
        row = outbox.put(EmailMessage("Hello", "words", to=["nobody@example.org"]))
        assert not outbox.deliver(row.pk)
        row.refresh_from_db()
        assert row.given_up_at is not None
        assert "no such user" in row.error

    def test_greylisting_server_gets_the_mail_a_second_time(self, smtp):
        smtp.recipient_answer = "450 greylisted, come again"
        row = outbox.put(EmailMessage("Hello", "words", to=["ada@example.org"]))
        assert not outbox.deliver(row.pk)
        smtp.recipient_answer = "250 fine"
        assert outbox.deliver(row.pk)
        assert len(smtp.taken) == 1

    def test_server_that_is_down_loses_nothing(self, smtp, settings):
        settings.EMAIL_PORT = 1
        row = outbox.put(EmailMessage("Hello", "words", to=["ada@example.org"]))
        assert not outbox.deliver(row.pk)
        row.refresh_from_db()
        assert row.next_attempt_at <= timezone.now() + timedelta(minutes=1)
        settings.EMAIL_PORT = smtp.port
        call_command("deliver_mail")
        assert len(smtp.taken) == 1


@pytest.fixture
def worker_log(portal_server, tmp_path):
    """The log of a Celery worker on the data of the running portal."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.embedded", "PORTAL_DATA": str(portal_server.data)}
    command = [sys.executable, "-m", "celery", "--app", "portal.celery", "worker", "--queues", "portal", "--pool", "solo"]
    path = tmp_path / "worker.log"
    with path.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    yield path
    process.terminate()
    process.wait(WAIT_SECONDS)


def test_password_reset_asked_for_on_the_page_is_mailed_by_the_worker(portal_server, worker_log):
    portal_server.create_account("mailed")
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"{portal_server.url}/accounts/password/reset/"
    page = browser.open(address).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    data = urllib.parse.urlencode({"email": "mailed@example.org", "csrfmiddlewaretoken": token})
    browser.open(address, data.encode()).close()
    deadline = time.monotonic() + WAIT_SECONDS
    while "/accounts/password/reset/key/" not in worker_log.read_text(errors="replace") and time.monotonic() < deadline:
        time.sleep(0.2)
    mailed = worker_log.read_text(errors="replace")
    assert "To: mailed@example.org" in mailed
    assert "/accounts/password/reset/key/" in mailed
    assert "/accounts/password/reset/key/" not in portal_server.log
