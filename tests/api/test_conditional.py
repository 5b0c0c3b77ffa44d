"""ETags, caches and what a 304 costs: every answer that can be read without an account."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.framework.schema import portal_schema
from recipes_app.formats.metadata import Model, Verdict
from recipes_app.models import Flag, Hold, LintJob, LintState, OwnershipRequest, Rank, Recipe, Revision, Scope, SuiteBranch
from recipes_app.services.catalogue import votes
from recipes_app.services.community import comments
from recipes_app.services.moderation import flags, requests
from recipes_app.services.ownership import model_class
from tests.factories import issue_token, make_user, publish_recipe, recipe_tree

from .rows import add_recipe, add_report, add_revision

pytestmark = pytest.mark.django_db
HERE = "/api/v1/recipes/hello-dur/"
FREE = Verdict("free", ("all is free",))
PERSONAL = {
    "vote", "follow", "notifications_list", "queue", "reports_list", "name_rules", "account", "mail_choices", "token",
    "webhooks_list", "webhook", "deliveries_list", "relints", "relint_run",
}  # fmt: skip
PARAMETERS = {"binaries": "?name=hello-dur&suite=unstable", "suggest": "?q=hel"}


@pytest.fixture(autouse=True)
def nothing_is_cached():
    cache.clear()


@pytest.fixture
def values(settings, tmp_path):
    """What stands for the arguments of every address: a recipe with all that can be said about one."""
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    ada = make_user("ada")
    old = publish_recipe(recipe_tree(), ada).current.commit
    recipe = publish_recipe(recipe_tree(version="1.1-1"), ada)
    comment = comments.add(ada, recipe, "fine")
    flag = flags.raise_flag(ada, recipe, Flag.Kind.BROKEN, flags.FlagText("it fails"))
    asked = requests.file(make_user("bob"), recipe, OwnershipRequest.Kind.DELETION, "why")
    LintJob.objects.filter(revision=recipe.current).delete()
    add_report(recipe.current, {"severity": "warning", "tag": "no-manual-page"})
    return {
        "tag": "no-manual-page", "check_id": "DUR101", "name": recipe.name, "commit": recipe.current.commit, "old": old,
        "new": recipe.current.commit, "file_path": "debian/rules", "username": "ada", "comment_id": comment.pk,
        "flag_id": flag.pk, "request_id": asked.pk,
    }  # fmt: skip


def readable(values):
    """Return every address that gives something to everybody, by its operation."""
    return {
        methods["get"]["operationId"]: path.format_map(values) + PARAMETERS.get(methods["get"]["operationId"], "")
        for path, methods in portal_schema()["paths"].items()
        if "get" in methods and methods["get"]["operationId"] not in PERSONAL
    }


def again(client, address, answer, **headers):
    return client.get(address, headers={"If-None-Match": answer["ETag"], **headers})


def test_every_answer_has_a_tag_and_is_not_sent_twice(client, values):
    for name, address in readable(values).items():
        answer = client.get(address)
        assert (name, answer.status_code) == (name, 200)
        second = again(client, address, answer)

        assert (name, second.status_code, second.content) == (name, 304, b"")
        assert second["ETag"] == answer["ETag"]
        assert second["Cache-Control"] == answer["Cache-Control"]
        assert {"Accept", "Authorization"} <= set(re.split(", *", second["Vary"])), name


def test_every_answer_takes_at_most_six_queries_and_a_304_two(client, values):
    taken = {}
    for name, address in readable(values).items():
        with CaptureQueriesContext(connection) as whole:
            answer = client.get(address)
        with CaptureQueriesContext(connection) as spared:
            again(client, address, answer)
        taken[name] = (len(whole), len(spared))

    assert {name: counts for name, counts in taken.items() if counts[0] > 6 or counts[1] > 2} == {}


def test_head_is_get_without_a_body(client, values):
    for name, address in readable(values).items():
        head, get = client.head(address), client.get(address)
        assert (name, head.status_code, head.getvalue()) == (name, 200, b"")
        assert {each: head.get(each) for each in ("Content-Type", "ETag")} == {
            each: get.get(each) for each in ("Content-Type", "ETag")
        }


def test_nothing_is_kept_unasked_for_long_since_even_the_files_of_a_commit_can_be_taken_back(client, values):
    said = {name: client.get(address)["Cache-Control"] for name, address in readable(values).items()}

    assert {name: words for name, words in said.items() if "immutable" in words} == {}
    assert {said[name] for name in ("files", "file", "snapshot", "diff")} == {"public, no-cache"}


def test_a_time_alone_is_enough_where_nothing_changes(client, values):
    address = f"{HERE}files/{values['commit']}/debian/rules"
    answer = client.get(address)

    assert client.get(address, headers={"If-Modified-Since": answer["Last-Modified"]}).status_code == 304
    recipe = client.get(HERE)
    assert client.get(HERE, headers={"If-Modified-Since": recipe["Last-Modified"]}).status_code == 200


def _vote(recipe):
    votes.vote(make_user("eve"), recipe)


def _flag(recipe):
    flags.raise_flag(make_user("eve"), recipe, Flag.Kind.BROKEN, flags.FlagText("it fails"))


def _ask(recipe):
    requests.file(make_user("eve"), recipe, OwnershipRequest.Kind.DELETION, "why")


def _rule(recipe):
    moderator = make_user("mira", rank=Rank.MODERATOR)
    model_class.rule(moderator, recipe, "tiny", "free", "the data was found")


def _hold(recipe):
    Revision.objects.filter(pk=add_revision(recipe, "2.0-1").pk).update(review=Revision.Review.HELD)


def _branch(recipe):
    SuiteBranch.objects.create(recipe=recipe, name="debian/sid", revision=recipe.current)


def _lint(recipe):
    LintJob.objects.update(state=LintState.QUEUED, finished_at=None)


def _quarantine(recipe):
    Recipe.objects.update(quarantined_at=timezone.now())


@pytest.mark.parametrize("change", [_vote, _flag, _ask, _rule, _hold, _branch, _lint, _quarantine])
def test_a_recipe_that_changed_has_another_tag(client, settings, change):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    recipe = add_recipe("hello-dur", make_user("ada"), models=(Model("tiny", 3, computed=FREE),), model_class="free")
    add_report(recipe.current, {"severity": "info", "tag": "x"})
    answer = client.get(HERE)

    change(recipe)

    second = again(client, HERE, answer)
    assert second.status_code == 200
    assert second.content != answer.content


def test_a_list_that_changed_has_another_tag(client):
    recipe = add_recipe("hello-dur")
    answer = client.get("/api/v1/recipes/")
    _vote(recipe)

    assert again(client, "/api/v1/recipes/", answer).status_code == 200


@pytest.mark.parametrize("review", [Revision.Review.HELD, Revision.Review.QUARANTINED])
def test_a_history_that_changed_has_another_tag(client, review):
    add_recipe("hello-dur")
    answer = client.get(f"{HERE}revisions/")
    Revision.objects.update(review=review)

    assert again(client, f"{HERE}revisions/", answer).status_code == 200


def test_rows_that_know_each_other_have_a_tag(client):
    waiting = add_revision(add_recipe("hello-dur"), "2.0-1")
    Revision.objects.filter(pk=waiting.pk).update(review=Revision.Review.HELD)
    Hold.objects.create(revision=waiting, reasons=["a new owner"], created_at=timezone.now())

    answer = client.get("/api/v1/holds/")

    assert [each["version"] for each in answer.json()["results"]] == ["2.0-1"]
    assert again(client, "/api/v1/holds/", answer).status_code == 304


def test_an_account_and_a_media_type_have_tags_of_their_own(client):
    add_recipe("hello-dur")
    answer = client.get(HERE)
    headers = {"Authorization": f"Bearer {issue_token(make_user('ada'), Scope.READ)}"}

    own = again(client, HERE, answer, **headers)
    page = again(client, HERE, answer, Accept="text/html")

    assert (own.status_code, own["Cache-Control"]) == (200, "private, no-cache")
    assert (page.status_code, page["Cache-Control"], page.has_header("ETag")) == (200, "private, no-cache", False)


def test_what_refuses_or_acts_is_not_kept(client):
    add_recipe("hello-dur")

    assert client.get("/api/v1/recipes/nobody/")["Cache-Control"] == "no-store"
    assert client.get("/api/v1/recipes/?limit=0")["Cache-Control"] == "no-store"
    assert client.post("/api/v1/lookup/", {"names": []}, "application/json")["Cache-Control"] == "no-store"
