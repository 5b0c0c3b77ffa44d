"""News by moderators."""

import pytest

from recipes_app.models import Rank
from recipes_app.services import news
from recipes_app.services.errors import Refused
from recipes_app.services.permissions import PermissionDenied
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
