"""Hostile uploads: each is refused in its time, and many at once leave the portal to everybody else."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from recipes_app.services.core.errors import Refused
from recipes_app.services.publishing import uploads
from tests.factories import make_user
from tests.hostile.uploads import archives, send_upload, sign_in_script
from tests.servers.portal import PortalServer, start_portal

ARCHIVES = archives()


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
    server = start_portal(tmp_path_factory.mktemp("small"), WEB_THREADS="2", RESPONSE_CACHE_MIB="0")
    yield server
    server.stop()


@pytest.mark.server
def test_twelve_at_once_leave_the_first_page_to_others(small_portal):
    small_portal.create_account("ada")
    session = small_portal.manage("shell", "--verbosity", "0", "--command", sign_in_script("ada")).strip().splitlines()[-1]
    sent = [list(ARCHIVES)[number % len(ARCHIVES)] for number in range(12)]
    seen = 0
    with ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(send_upload, small_portal.url, session, *ARCHIVES[what]) for what in sent]
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
