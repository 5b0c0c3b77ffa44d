"""Hostile uploads: each is refused in its time, and many at once leave the portal to everybody else."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from recipes_app.services import uploads
from recipes_app.services.errors import Refused
from tests.factories import make_user
from tests.hostile.uploads import archives, form_body
from tests.servers.portal import PortalServer, start_portal

ARCHIVES = archives()
_SIGN_IN = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from recipes_app.models import User
from recipes_app.services import terms
user = User.objects.get(username='ada')
terms.accept(user, terms.in_force())
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = user.pk, settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""
_TOKEN = "a" * 32


@pytest.mark.django_db
@pytest.mark.parametrize("what", ARCHIVES)
def test_it_is_refused_in_words(what):
    user = make_user("ada")
    name, content = ARCHIVES[what]
    with pytest.raises(Refused) as refused:
        uploads.submit_upload(user, uploads.Upload({name: content}))
    assert refused.value.code in ("bad-upload", "too-much-work", "findings")


@pytest.fixture(scope="module")
def small_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """A portal with two threads."""
    server = start_portal(tmp_path_factory.mktemp("small"), WEB_THREADS="2", READY_ANSWERS_MIB="0")
    yield server
    server.stop()


def _send(server: PortalServer, session: str, what: str) -> tuple[int, str]:
    name, content = ARCHIVES[what]
    body, kind = form_body(name, content, _TOKEN)
    headers = {"Content-Type": kind, "Cookie": f"sessionid={session}; csrftoken={_TOKEN}", "Origin": server.url}
    request = urllib.request.Request(f"{server.url}/submit/upload/", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.headers.get("Retry-After", "")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Retry-After", "")
    except (urllib.error.URLError, ConnectionError):
        # Refused before its body was read: nginx, which reads it first, is not here.
        return 503, "cut off"


@pytest.mark.server
def test_twelve_at_once_leave_the_first_page_to_others(small_portal):
    small_portal.create_account("ada")
    session = small_portal.manage("shell", "--verbosity", "0", "--command", _SIGN_IN).strip().splitlines()[-1]
    sent = [list(ARCHIVES)[number % len(ARCHIVES)] for number in range(12)]
    seen = 0
    with ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(_send, small_portal, session, what) for what in sent]
        while not all(each.done() for each in answers) or not seen:
            with urllib.request.urlopen(small_portal.url, timeout=30) as page:
                assert page.status == 200
            seen += 1
            time.sleep(0.05)
    found = [each.result() for each in answers]
    # A form that says what is wrong, or that others are uploading now.
    assert {status for status, _ in found} <= {400, 503}, found
    assert all(retry for status, retry in found if status == 503)
    assert 400 in {status for status, _ in found}
