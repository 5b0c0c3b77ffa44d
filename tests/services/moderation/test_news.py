"""News by moderators."""

import pytest

from recipes_app.models import Rank
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.moderation import news
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    return make_user("moderator", rank=Rank.MODERATOR)


def test_news_stand_on_the_first_page_until_they_are_withdrawn(client, moderator):
    client.force_login(moderator)
    client.post("/moderation/news/", {"title": "Moving day", "text": "We *move*. <script>alert(1)</script>"})
    page = client.get("/").content.decode()
    assert "Moving day" in page
    assert "<em>move</em>" in page
    assert "<script>" not in page
    (item,) = news.shown()
    client.post(f"/moderation/news/{item.pk}/withdraw/")
    assert "Moving day" not in client.get("/").content.decode()


@pytest.mark.parametrize(("title", "text", "field"), [("", "x", "title"), ("x" * 121, "x", "title"), ("x", " ", "text")])
def test_news_without_words_are_refused_at_the_field(moderator, title, text, field):
    with pytest.raises(Refused) as refused:
        news.publish(moderator, title, text)
    assert refused.value.field == field


def test_user_writes_no_news():
    with pytest.raises(PermissionDenied):
        news.publish(make_user("ada"), "title", "text")


def test_news_are_changed_in_place_and_say_so(client, moderator):
    item = news.publish(moderator, "Moving day", "We move on Tuesday.")
    client.force_login(moderator)
    assert "We move on Tuesday." in client.get(f"/moderation/news/{item.pk}/").content.decode()
    client.post(f"/moderation/news/{item.pk}/", {"title": "Moving day", "text": "We move on *Friday*."})
    (changed,) = news.shown()
    assert (changed.html, changed.changed_by_name, changed.published_at) == (
        "<p>We move on <em>Friday</em>.</p>\n", "moderator", item.published_at,
    )  # fmt: skip
    assert "(changed" in client.get("/").content.decode()


def test_changed_news_without_words_are_refused_and_stay(client, moderator):
    item = news.publish(moderator, "Moving day", "We move.")
    client.force_login(moderator)
    answer = client.post(f"/moderation/news/{item.pk}/", {"title": "", "text": "kept words"})
    assert answer.status_code == 400
    assert "kept words" in answer.content.decode()
    assert news.shown()[0].title == "Moving day"


def test_withdrawn_news_are_not_edited(client, moderator):
    item = news.publish(moderator, "Moving day", "We move.")
    news.withdraw(moderator, item)
    client.force_login(moderator)
    assert client.get(f"/moderation/news/{item.pk}/").status_code == 404


def test_user_edits_no_news(client, moderator):
    item = news.publish(moderator, "Moving day", "We move.")
    client.force_login(make_user("ada"))
    assert client.get(f"/moderation/news/{item.pk}/").status_code == 403
