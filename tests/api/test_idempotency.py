"""The header Idempotency-Key: an act that is asked for twice is done once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.limits import IDEMPOTENCY_HOURS, MAX_REQUEST_MINUTES
from recipes_app.models import Comment, KeptAnswer, Scope, User
from recipes_app.services.community import comments
from recipes_app.services.core import idempotency
from recipes_app.tasks.housekeeping import drop_kept_answers
from tests.factories import issue_token, make_user

from .rows import add_recipe

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/recipes/hello-dur/comments/"
KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


class Writer:
    """An account that comments with a key."""

    def __init__(self, client, name):
        self.client, self.user = client, make_user(name)
        self.token = issue_token(self.user, Scope.READ, Scope.COMMENT)

    def __call__(self, text="fine", key=KEY, address=ADDRESS, **body):
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        return self.client.post(address, {"text": text, **body}, "application/json", headers=headers)


@pytest.fixture
def writer(client):
    add_recipe("hello-dur")
    return Writer(client, "ada")


def refused(answer, status, code, reason=None):
    assert (answer.status_code, answer.json()["code"], answer.json().get("reason")) == (status, code, reason)
    assert answer["Content-Type"] == "application/problem+json"
    return answer.json()


def test_the_second_time_gives_the_first_answer(writer):
    first, second = writer(), writer()

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert (first.has_header("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (False, "true")
    assert Comment.objects.count() == 1


def test_quotation_marks_are_not_a_part_of_the_key(writer):
    writer()
    writer(key=KEY.strip('"'))

    assert Comment.objects.count() == 1


def test_a_refusal_is_repeated_as_well(writer):
    refused(writer(text=""), 422, "invalid-value", "empty")
    again = writer(text="")

    refused(again, 422, "invalid-value", "empty")
    assert again["Idempotency-Replayed"] == "true"


def test_the_key_of_another_request_is_refused(writer):
    writer()

    for answer in (writer(text="other"), writer(follow=True), writer(address="/api/v1/recipes/hello-dur/flags/", kind="broken")):
        assert refused(answer, 422, "invalid-value", "other-request")["field"] == "Idempotency-Key"
    assert Comment.objects.count() == 1


def test_keys_are_an_accounts_own(client, writer):
    other = Writer(client, "bob")

    assert (writer().json()["author"], other().json()["author"]) == ("ada", "bob")


def test_a_request_that_is_still_under_way_is_not_made_twice(writer, monkeypatch):
    inner = []
    add = comments.add

    def slow(*arguments, **options):
        inner.append(writer())
        return add(*arguments, **options)

    monkeypatch.setattr(comments, "add", slow)

    assert writer().status_code == 201
    refused(inner[0], 409, "refused", "in-progress")
    assert Comment.objects.count() == 1


def test_after_a_failure_of_the_portal_the_request_can_be_made_again(client, writer, monkeypatch):
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(comments, "add", lambda *_arguments, **_options: 1 / 0)
        refused(writer(), 500, "internal-error")

    assert writer().status_code == 201


def test_a_request_that_died_with_its_process_can_be_made_again(writer):
    writer()
    Comment.objects.all().delete()
    died = timezone.now() - timedelta(minutes=MAX_REQUEST_MINUTES + 1)
    KeptAnswer.objects.update(status=None, body=None, begun_at=died)

    assert writer().status_code == 201
    assert Comment.objects.count() == 1


def test_after_a_day_the_key_is_free(writer):
    writer()
    KeptAnswer.objects.update(begun_at=timezone.now() - timedelta(hours=IDEMPOTENCY_HOURS, minutes=1))

    assert writer(text="other").status_code == 201
    assert Comment.objects.count() == 2


def test_housekeeping_forgets_what_is_a_day_old(writer):
    writer()
    writer(key="second")
    KeptAnswer.objects.filter(key="second").update(begun_at=timezone.now() - timedelta(hours=IDEMPOTENCY_HOURS, minutes=1))

    drop_kept_answers()

    assert [row.key for row in KeptAnswer.objects.all()] == [KEY.strip('"')]


def test_an_account_keeps_no_end_of_answers(writer, monkeypatch):
    monkeypatch.setattr(idempotency, "MAX_KEPT_ANSWERS", 1)
    writer()

    refused(writer(key="second"), 409, "refused", "too-many-keys")


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "ä", "a\tb"])
def test_a_key_that_is_none_is_refused(writer, key):
    assert refused(writer(key=key), 400, "invalid-header")["field"] == "Idempotency-Key"
    assert not Comment.objects.exists()


def test_a_body_that_cannot_be_read_takes_no_key(client, writer):
    headers = {"Authorization": f"Bearer {writer.token}", "Idempotency-Key": KEY}
    refused(client.generic("POST", ADDRESS, "{", "application/json", headers=headers), 400, "malformed-body")

    assert writer().status_code == 201


def test_a_question_without_an_account_keeps_nothing(client, writer):
    answer = client.post("/api/v1/lookup/", {"names": []}, "application/json", headers={"Idempotency-Key": KEY})

    assert answer.status_code == 200
    assert not KeptAnswer.objects.exists()


def test_what_was_kept_goes_with_the_account(writer):
    writer()
    User.objects.filter(pk=writer.user.pk).delete()

    assert not KeptAnswer.objects.exists()
