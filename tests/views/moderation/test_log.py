"""The public log: everybody reads it, private parts only moderators; filters and pages; the hash stands with each line."""

import pytest
from django.db import transaction
from django.urls import reverse

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import Event, Rank
from recipes_app.services.audit import audit
from recipes_app.services.audit.audit import EventKind
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


def write(kind=EventKind.ACCOUNT_FROZEN, actor=None, **facts):
    with transaction.atomic():
        return audit.record(kind, actor, **facts)


def lines(client, **narrowed):
    return [line.id for line in client.get(reverse("log"), narrowed).context["log_page"].lines]


def test_visitor_reads_a_line_with_its_hash(client, ada):
    line = write(account=ada, public={"reason": "stolen password"})
    page = client.get(reverse("log")).content.decode()
    for said in ("account.frozen", "ada", "stolen password", line.hash):
        assert said in page


def test_private_part_is_for_moderators(client, ada, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    write(private={"text": "a secret report"})
    for reader in (None, ada, make_user("trusty", rank=Rank.TRUSTED)):
        if reader is not None:
            client.force_login(reader)
        assert "a secret report" not in client.get(reverse("log")).content.decode()
    client.force_login(make_user("mod", rank=Rank.MODERATOR))
    assert "a secret report" in client.get(reverse("log")).content.decode()


def test_filters(client, ada):
    recipe = make_recipe()
    frozen, created, by_ada = write(account=ada), write(EventKind.RECIPE_CREATED, recipe=recipe), write(actor=ada)
    assert lines(client, kind="recipe.created") == [created.pk]
    assert lines(client, recipe="hello-dur") == [created.pk]
    assert lines(client, account="ada") == [by_ada.pk, frozen.pk]
    assert client.get(reverse("log"), {"kind": "nonsense"}).status_code == 400


def test_pages_show_every_line_once_newest_first(client):
    for number in range(PAGE_SIZE + 2):
        write(public={"number": number})
    first = client.get(reverse("log")).context["log_page"]
    rest = lines(client, before=first.older)
    assert [line.id for line in first.lines] + rest == list(Event.objects.order_by("-id").values_list("id", flat=True))


def test_log_takes_one_query_for_a_visitor(client, django_assert_num_queries):
    for number in range(PAGE_SIZE + 2):
        write(public={"number": number})
    with django_assert_num_queries(1):
        client.get(reverse("log"))


def test_words_in_the_log_are_text(client):
    write(public={"reason": "<script>alert(1)</script>"})
    assert "<script>alert" not in client.get(reverse("log")).content.decode()


def test_values_are_shown_as_words_and_not_as_program_text(client):
    write(public={"reasons": ["first reason", "second <reason>"], "upheld": True, "to": None})
    page = client.get(reverse("log")).content.decode()
    for said in ("<dd>first reason; second &lt;reason&gt;</dd>", "<dd>yes</dd>", "<dd>—</dd>"):
        assert said in page
