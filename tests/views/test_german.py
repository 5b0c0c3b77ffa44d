"""The pages in German: nothing of them is left in English but what people, programs and the record say."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from recipes_app.models import Rank
from recipes_app.services.catalogue import votes
from recipes_app.services.community import comments
from recipes_app.services.moderation import flags
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db
GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}
# Words that stand in nearly every English sentence and in no German one.
ENGLISH = re.compile(r"\b(?:the|of|and|to|is|are|with|not|you|your|this|that|for|from)\b", re.IGNORECASE)
# The name of who holds the trademark; a name of a definition; an example of a synopsis, which are in English.
NAMES = re.compile(r"Software in the Public Interest|Open Source AI Definition|viewer for lunar maps|name:, ")
SILENT_TAGS = {"code", "pre", "kbd", "script", "style", "svg"}
SILENT_CLASSES = {"code", "prose", "synopsis", "description", "log-lines", "matched", "person", "text"}
# These have no end tag, so they are inside of nothing.
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
SPOKEN = {"alt", "aria-label", "placeholder", "title"}

VISITOR = [
    "/", "/recipes/", "/recipes/?q=hello", "/recipes/?q=nonsense:value", "/recipes/?q=lint:passd", "/recipes/?q=%22",
    "/recipes/{name}/", "/recipes/{name}/files/{commit}/", "/recipes/{name}/files/{commit}/debian/control",
    "/recipes/{name}/blame/{commit}/debian/rules", "/recipes/{name}/history/{commit}/debian/rules",
    "/recipes/{name}/diff/{first}/{commit}/", "/recipes/{name}/changes/", "/recipes/{name}/changes/?since=1.0-1",
    "/recipes/{name}/changes/?since=x%20y", "/recipes/{name}/revisions/", "/recipes/{name}/revisions/{commit}/",
    "/recipes/{name}/revisions/{commit}/lint/", "/recipes/{name}/security/", "/recipes/{name}/activity/",
    "/recipes/{name}/comments/", "/recipes/{name}/flags/", "/recipes/{name}/team/", "/recipes/{name}/requests/", "/users/ada/",
    "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/appearance/", "/classes/", "/gates/",
    "/terms/", "/log/",
    "/checks/", "/lint/tags/", "/dumps/", "/no/such/page/", "/recipes/nothing-here/", "/api/docs/",
]  # fmt: skip
ACCOUNT = [
    "/", "/dashboard/", "/recipes/{name}/", "/recipes/{name}/flags/", "/recipes/{name}/requests/", "/recipes/{name}/team/",
    "/recipes/{name}/following/", "/recipes/{name}/webhooks/", "/recipes/{name}/disown/", "/account/", "/account/profile/",
    "/account/keys/", "/account/security/", "/account/mail/", "/account/delete/", "/account/sessions/", "/accounts/email/",
    "/accounts/password/change/", "/accounts/2fa/", "/accounts/logout/", "/inbox/", "/submit/", "/submit/?name=hello",
    "/submit/upload/", "/submit/questions/?name=hello",
]  # fmt: skip
STAFF = [
    "/moderation/", "/moderation/names/", "/moderation/switches/", "/moderation/incident/", "/moderation/news/",
    "/moderation/relint/", "/moderation/recipes/{name}/", "/moderation/accounts/ada/", "/moderation/recipes/{name}/quarantine/",
]  # fmt: skip


class Sentences(HTMLParser):
    """Collects what a page says in its own words: text and spoken attributes, but nothing of those who wrote recipes."""

    def __init__(self) -> None:
        super().__init__()
        self.silent: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if not self.silent:
            self.found += [value or "" for name, value in attrs if name in SPOKEN]
        is_silent = tag in SILENT_TAGS or values.get("lang") == "en" or SILENT_CLASSES & set((values.get("class") or "").split())
        if tag not in VOID and (self.silent or is_silent):
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag not in VOID:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data.strip())


@pytest.fixture
def places(settings, tmp_path):
    """What the addresses lead to: a recipe of two revisions with votes, words and flags."""
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    ada, grace = make_user("ada"), make_user("grace")
    publish_recipe(recipe_tree("hello-dur", "1.0-1"), ada)
    recipe = publish_recipe(recipe_tree("hello-dur", "1.0-2"), ada)
    second, first = recipe.revisions.order_by("-pk")
    votes.vote(grace, recipe)
    comments.add(grace, recipe, "It works.")
    flags.raise_flag(grace, recipe, flags.Kind.BROKEN, flags.FlagText("It does not build."))
    return {"name": recipe.name, "first": first.commit, "commit": second.commit}


@pytest.mark.parametrize(("rank", "addresses"), [(None, VISITOR), (Rank.USER, ACCOUNT), (Rank.MODERATOR, STAFF)])
def test_no_sentence_is_left_in_english(places, rank, addresses):
    client = Client(**GERMAN)
    if rank is not None:
        client.post("/accounts/login/", {"login": make_user("leserin", rank=rank).username, "password": "correct horse"})
        client.post("/accounts/reauthenticate/", {"password": "correct horse"})
    english = set()
    for address in (each.format(**places) for each in addresses):
        page = client.get(address, follow=True).content.decode()
        assert '<html lang="de"' in page, address
        sentences = Sentences()
        sentences.feed(page)
        assert sentences.found
        english |= {f"{address}: {text}" for text in sentences.found if ENGLISH.search(NAMES.sub("", text))}
    assert sorted(english) == []
