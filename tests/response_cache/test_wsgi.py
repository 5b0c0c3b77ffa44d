"""The door before Django: the same bytes for the same question, and Django for everybody who is somebody."""

import io
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from recipes_app.models import Recipe
from recipes_app.response_cache import wsgi
from recipes_app.response_cache.changes import changes
from recipes_app.response_cache.store import Store
from recipes_app.response_cache.wsgi import ReadyAnswers
from recipes_app.services.catalogue import votes
from recipes_app.services.moderation import flags, quarantine
from tests.factories import make_user, publish_recipe, recipe_tree
from tests.search.catalogue import add_recipe, binary

# The door reads what is committed, as another process would.
pytestmark = pytest.mark.django_db(transaction=True)


class Door:
    """The application behind its door, and how often Django was asked."""

    def __init__(self, most_standing: float = 0.0) -> None:
        self.asked = 0
        django = get_wsgi_application()

        def counted(environ, start_response):
            self.asked += 1
            return django(environ, start_response)

        self.application = ReadyAnswers(counted, Store(10**6), changes(), most_standing)

    def get(self, path, method="GET", **more):
        address, _, query = path.partition("?")
        environ = {"REQUEST_METHOD": method, "PATH_INFO": address, "QUERY_STRING": query, "wsgi.input": io.BytesIO()}
        environ |= {"HTTP_ACCEPT": "application/json", **more}
        setup_testing_defaults(environ)
        answered = {}

        def start_response(status, headers, exc_info=None):
            answered.update(status=status, headers=dict(headers))

        body = self.application(environ, start_response)
        answered["body"] = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return answered


@pytest.fixture
def door():
    add_recipe("hello-dur", binary("hello-dur", synopsis="friendly greeting"))
    return Door()


KEPT = [
    "/", "/recipes/", "/recipes/?q=greeting", "/recipes/hello-dur/", "/api/v1/recipes/", "/api/v1/recipes/?q=greeting",
    "/api/v1/recipes/hello-dur/", "/api/v1/suggest/?q=hel",
    "/feeds/new/", "/feeds/updated/", "/feeds/search/?q=greeting", "/feeds/recipes/hello-dur/",
]  # fmt: skip


@pytest.mark.parametrize("path", KEPT)
def test_the_second_answer_has_the_bytes_of_the_first_without_django(door, path):
    accept = "application/json" if path.startswith("/api/") else "text/html"
    first = door.get(path, HTTP_ACCEPT=accept)
    second = door.get(path, HTTP_ACCEPT=accept)
    assert first["status"] == "200 OK"
    assert (second["body"], second["status"], door.asked) == (first["body"], first["status"], 1)
    counted = {"RateLimit", "RateLimit-Policy"}
    assert second["headers"] == {name: value for name, value in first["headers"].items() if name not in counted}


@pytest.mark.parametrize(
    "more",
    [
        {"HTTP_COOKIE": "sessionid=mine"},
        {"HTTP_AUTHORIZATION": "Bearer secret"},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
        {"HTTP_CACHE_CONTROL": "no-cache"},
        {"HTTP_RANGE": "bytes=0-9"},
        {"HTTP_HX_REQUEST": "true"},
        {"method": "HEAD"},
        {"HTTP_ACCEPT_LANGUAGE": "de"},
        {"HTTP_ACCEPT_ENCODING": "gzip"},
        {"HTTP_HOST": "other.example"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_another_kind_of_request_is_djangos(door, more):
    door.get("/recipes/hello-dur/", HTTP_ACCEPT="text/html")
    door.get("/recipes/hello-dur/", **{"HTTP_ACCEPT": "text/html", **more})
    assert door.asked == 2


@pytest.mark.parametrize("path", ["/api/v1/recipes/nothing-here/", "/accounts/login/", "/log/", "/api/v1/lookup/"])
def test_refusals_and_what_the_policy_does_not_name_are_not_kept(door, path):
    door.get(path)
    door.get(path)
    assert door.asked == 2


def test_who_has_the_answer_gets_304_with_its_tag(door):
    tag = door.get("/api/v1/recipes/hello-dur/")["headers"]["ETag"]
    again = door.get("/api/v1/recipes/hello-dur/", HTTP_IF_NONE_MATCH=f'"other", {tag}')
    assert (again["status"], again["body"], again["headers"]["ETag"], door.asked) == ("304 Not Modified", b"", tag, 1)
    assert door.get("/api/v1/recipes/hello-dur/", HTTP_IF_NONE_MATCH='"other"')["status"] == "200 OK"


def test_a_vote_is_seen_at_once(door):
    assert b'"votes":0' in door.get("/api/v1/recipes/hello-dur/")["body"]
    votes.vote(make_user("grace"), Recipe.objects.get())
    assert b'"votes":1' in door.get("/api/v1/recipes/hello-dur/")["body"]


def test_a_quarantine_is_seen_at_once_by_program_and_person(door):
    recipe = Recipe.objects.get()
    door.get("/api/v1/recipes/hello-dur/")
    door.get("/recipes/hello-dur/", HTTP_ACCEPT="text/html")
    with_moderator = make_user("mona", rank="moderator")
    quarantine.quarantine(with_moderator, recipe, "it calls home")
    assert b'"quarantined":true' in door.get("/api/v1/recipes/hello-dur/")["body"]
    assert b"it calls home" in door.get("/recipes/hello-dur/", HTTP_ACCEPT="text/html")["body"]


def test_a_flag_is_seen_at_once(door):
    door.get("/api/v1/recipes/?q=greeting")
    flags.raise_flag(make_user("grace"), Recipe.objects.get(), flags.Kind.BROKEN, flags.FlagText("it does not build"))
    assert b'"open_flags":1' in door.get("/api/v1/recipes/?q=greeting")["body"]


def test_a_push_is_seen_at_once(door, settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    assert b"second-recipe" not in door.get("/", HTTP_ACCEPT="text/html")["body"]
    publish_recipe(recipe_tree("second-recipe"), make_user("ada"))
    assert b"second-recipe" in door.get("/", HTTP_ACCEPT="text/html")["body"]
    assert b"second-recipe" in door.get("/api/v1/recipes/")["body"]


def test_lists_stand_for_a_moment_while_the_catalogue_changes(door, monkeypatch):
    """A site where somebody writes all the time does not make its home page anew for each visitor."""
    door = Door(most_standing=60.0)
    monkeypatch.setattr(wsgi, "MOST_SHARE", 0.0001)
    pages = ("/", "/recipes/", "/api/v1/recipes/")
    before = {path: door.get(path, HTTP_ACCEPT="*/*")["body"] for path in pages}
    add_recipe("another", binary("another", synopsis="friendly greeting"))
    assert {path: door.get(path, HTTP_ACCEPT="*/*")["body"] for path in pages} == before
    assert door.asked == len(pages)


def test_a_change_that_is_under_way_when_the_answer_is_made_makes_it_old(door):
    """A write that comes between the look at the stamp and the keeping: what is kept then is not given again."""
    known = door.application._changes
    django = door.application._application

    def writes_meanwhile(environ, start_response):
        response = django(environ, start_response)
        Recipe.objects.update(updated_at=timezone.now(), vote_count=7)
        return response

    door.application = ReadyAnswers(writes_meanwhile, Store(10**6), known, 0.0)
    assert b'"votes":0' in door.get("/api/v1/recipes/hello-dur/")["body"]
    door.application._application = django
    assert b'"votes":7' in door.get("/api/v1/recipes/hello-dur/")["body"]


@pytest.mark.parametrize("path", ["/", "/recipes/", "/recipes/hello-dur/", "/feeds/new/"])
def test_an_answer_that_is_kept_in_one_language_is_never_given_in_another(door, path):
    page = {"HTTP_ACCEPT": "text/html"}
    answers = {each: door.get(path, HTTP_ACCEPT_LANGUAGE=each, **page) for each in ("de", "en", "fr")}
    again = {each: door.get(path, HTTP_ACCEPT_LANGUAGE=each, **page) for each in ("de-CH, en;q=0.5", "en-GB", "")}
    assert door.asked == 2
    assert answers["de"]["headers"]["Content-Language"] == again["de-CH, en;q=0.5"]["headers"]["Content-Language"] == "de"
    assert answers["de"]["body"] == again["de-CH, en;q=0.5"]["body"] != answers["en"]["body"]
    assert answers["en"]["body"] == answers["fr"]["body"] == again["en-GB"]["body"] == again[""]["body"]


def test_choices_that_are_kept_in_cookies_are_a_part_of_the_question(door):
    """Whoever has chosen a language or a look is a visitor as any other, and gets what he chose."""
    ways = ("", "django_language=de", "look=dark", "django_language=de; look=dark", "csrftoken=abc; look=dark")
    first = [door.get("/", HTTP_ACCEPT="text/html", HTTP_COOKIE=way) for way in ways]
    assert door.asked == len(ways) - 1
    again = [door.get("/", HTTP_ACCEPT="text/html", HTTP_COOKIE=way) for way in (*ways, "look=dark.nonsense")]
    assert door.asked == len(ways) - 1
    assert [each["body"] for each in again] == [each["body"] for each in (*first, first[2])]
    assert [each["headers"]["Content-Language"] for each in first] == ["en", "de", "en", "de", "en"]
    assert len({each["body"] for each in first}) == len(ways) - 1


def test_a_form_in_an_answer_is_never_anothers(door):
    """What sets the sign against forged forms is not kept, whoever asks."""
    with_token = "csrftoken=" + "a" * 32
    for cookies in ("", with_token):
        assert "csrftoken" in str(door.get("/accounts/login/", HTTP_ACCEPT="text/html", HTTP_COOKIE=cookies)["headers"])
    for path in KEPT:
        accept = "application/json" if path.startswith("/api/") else "text/html"
        door.get(path, HTTP_ACCEPT=accept, HTTP_COOKIE=with_token)
        kept = door.get(path, HTTP_ACCEPT=accept)
        assert b"csrfmiddlewaretoken" not in kept["body"]


def test_the_api_is_kept_once_for_all_languages(door):
    english = door.get("/api/v1/recipes/hello-dur/")
    german = door.get("/api/v1/recipes/hello-dur/", HTTP_ACCEPT_LANGUAGE="de")
    assert (german["body"], door.asked) == (english["body"], 1)
