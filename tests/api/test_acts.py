"""Acts by the API: what they answer, and how they are refused. Who may do what is walked by tests/test_permission_walk.py."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.formats.metadata import Model, Verdict
from recipes_app.models import (
    CoMaintainer,
    Comment,
    CoRole,
    Flag,
    NameRedirect,
    Notification,
    OwnershipRequest,
    Rank,
    Recipe,
    Scope,
    Switch,
)
from recipes_app.services.catalogue import votes
from recipes_app.services.community import comments
from recipes_app.services.moderation import flags, requests, site
from recipes_app.services.ownership import model_class
from tests.factories import issue_token, make_user

from .rows import add_recipe

pytestmark = pytest.mark.django_db
HERE = "/api/v1/recipes/hello-dur/"


class Caller:
    """An account that calls the API with a token of every scope."""

    def __init__(self, client, user):
        self.client, self.user = client, user
        self.headers = {"Authorization": f"Bearer {issue_token(user, *Scope)}"}

    def __call__(self, method, address, **body):
        options = {} if method == "get" else {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(address, headers=self.headers, **options)


@pytest.fixture
def owner(client):
    return Caller(client, make_user("owner"))


@pytest.fixture
def bob(client):
    return Caller(client, make_user("bob"))


@pytest.fixture
def moderator(client, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    return Caller(client, make_user("mira", rank=Rank.MODERATOR))


@pytest.fixture
def recipe(owner):
    model = Model("tiny", 3, claimed_class="free", computed=Verdict("toxic-candy", ("the training data is not known",)))
    return add_recipe("hello-dur", owner.user, models=(model,), model_class="toxic-candy")


def expect(answer, status, code, reason=None):
    """Return the problem of `answer`, after a look at what it must have."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json().get("reason") == reason
    return answer.json()


def test_a_vote_is_given_once_and_taken_back(bob, recipe):
    assert bob("put", f"{HERE}vote/").json()["votes"] == 1
    assert bob("put", f"{HERE}vote/").json()["votes"] == 1
    assert bob("get", f"{HERE}vote/").json()["voted"] is True
    assert bob("delete", f"{HERE}vote/").json() == {"voted": False, "votes": 0, "popularity": 0.0}


def test_following_says_what_is_muted(bob, recipe):
    assert bob("put", f"{HERE}follow/", muted=["lint"]).json() == {"following": True, "muted": ["lint"]}
    assert bob("delete", f"{HERE}follow/").json() == {"following": False, "muted": []}


def test_a_comment_is_answered_as_it_stands_then(bob, recipe):
    answer = bob("post", f"{HERE}comments/", text="*fine*")
    assert answer.status_code == 201
    edited = bob("patch", f"{HERE}comments/{answer.json()['id']}/", text="better").json()

    assert (answer.json()["html"], answer.json()["author"]) == ("<p><em>fine</em></p>\n", "bob")
    assert (edited["text"], edited["edited_at"] is not None) == ("better", True)


def test_the_words_of_a_hidden_comment_are_in_no_answer(client, bob, owner, moderator, recipe):
    comment = comments.add(bob.user, recipe, "secret words")
    moderator("post", f"{HERE}comments/{comment.pk}/hide/")

    for who in (bob, owner):
        for answer in (
            who("get", f"{HERE}comments/"),
            who("get", f"{HERE}comments/{comment.pk}/"),
            who("patch", f"{HERE}comments/{comment.pk}/", text="x"),
            who("post", f"{HERE}comments/{comment.pk}/restore/"),
        ):
            assert b"secret words" not in answer.content
    assert client.get(f"{HERE}comments/{comment.pk}/").status_code == 404
    assert moderator("get", f"{HERE}comments/{comment.pk}/").json()["text"] == "secret words"


def test_a_flag_lives_from_open_to_resolved(bob, owner, recipe):
    flag = bob("post", f"{HERE}flags/", kind="out-of-date", text="2.0 is out").json()
    address = f"/api/v1/flags/{flag['id']}/"

    assert flag["state"] == "open"
    assert owner("post", f"{address}answer/", text="soon").json()["state"] == "answered"
    assert owner("post", f"{address}close/", resolved=True, decision="done").json()["state"] == "resolved"
    expect(owner("post", f"{address}close/", resolved=True, decision="done"), 409, "refused", "already-decided")


def test_a_flag_that_is_ruled_on_is_not_closed_by_the_address_for_the_others(bob, moderator, recipe):
    words = flags.FlagText("not free", subject="LICENSE", proposed_class="nonfree")
    flag = flags.raise_flag(bob.user, recipe, Flag.Kind.LICENCE, words)

    problem = expect(moderator("post", f"/api/v1/flags/{flag.pk}/close/", resolved=True, decision="so"), 409, "refused", "ruled")

    assert f"/api/v1/flags/{flag.pk}/rule/" in problem["detail"]


def test_a_team_is_invited_ordered_and_left(owner, bob, recipe):
    owner("post", f"{HERE}invitations/", username="bob", role="triage")
    assert [each["username"] for each in owner("get", f"{HERE}team/").json()["invitations"]] == ["bob"]

    team = bob("post", f"{HERE}accept/").json()
    assert [(each["username"], each["role"]) for each in team["co_maintainers"]] == [("bob", "triage")]
    assert owner("patch", f"{HERE}team/bob/", role="push").json()["co_maintainers"][0]["role"] == "push"
    assert bob("delete", f"{HERE}team/bob/").json()["co_maintainers"] == []


def test_an_invitation_is_shown_to_nobody_else(client, owner, bob, recipe):
    owner("post", f"{HERE}invitations/", username="bob")

    assert bob("get", f"{HERE}team/").json()["invitations"][0]["username"] == "bob"
    assert client.get(f"{HERE}team/").json()["invitations"] == []


def test_the_order_of_succession_is_kept(owner, recipe):
    for position, name in enumerate(("carol", "dave")):
        user = make_user(name)
        CoMaintainer.objects.create(recipe=recipe, user=user, role=CoRole.PUSH, position=position, since=timezone.now())

    team = owner("put", f"{HERE}team/", usernames=["dave", "carol"]).json()

    assert [each["username"] for each in team["co_maintainers"]] == ["dave", "carol"]


def test_an_adoption_shows_its_waiting_time_on_the_recipe(bob, recipe):
    Recipe.objects.update(maintainer=None)
    filed = bob("post", f"{HERE}adopt/", text="I use it").json()

    pending = bob("get", HERE).json()["pending_requests"]

    assert [(each["id"], each["kind"], each["requester"]) for each in pending] == [(filed["id"], "adoption", "bob")]
    assert pending[0]["waits_until"] is not None


def test_an_adoption_is_not_filed_by_the_address_for_other_requests(bob, recipe):
    Recipe.objects.update(maintainer=None)

    expect(bob("post", f"{HERE}requests/", kind="adoption", text="I use it"), 400, "invalid-body")
    assert not OwnershipRequest.objects.exists()


def test_a_ruling_stands_beside_the_computed_class_and_the_claim(moderator, recipe):
    moderator("post", f"{HERE}rulings/", model="tiny", value="non-free", reason="the weights forbid it")

    answer = moderator("get", HERE).json()

    (model,) = answer["models"]
    assert answer["model_class"] == model["effective"] == "non-free"
    assert (model["computed"]["value"], model["claimed"]) == ("toxic-candy", "free")
    assert (model["ruling"]["reason"], model["ruling"]["ruled_by"]) == ("the weights forbid it", "mira")


def test_a_quarantine_is_in_the_recipes_answer(moderator, recipe):
    moderator("post", f"{HERE}quarantine/", reason="a backdoor")

    answer = moderator("get", HERE).json()

    assert (answer["quarantined"], answer["review_status"], answer["quarantine_reason"]) == (True, "quarantined", "a backdoor")
    assert moderator("post", f"{HERE}release/", reason="it was none").json()["quarantined_at"] is None


def test_a_deleted_recipe_is_gone_and_comes_back_to_who_kept_it(client, moderator, owner, recipe):
    moderator("post", f"{HERE}delete/", reason="spam")
    assert client.get(HERE).status_code == 404

    assert moderator("post", f"{HERE}restore/").json()["maintainer"] == "owner"
    assert client.get(HERE).status_code == 200


def test_the_private_part_of_the_log_is_for_moderators(client, moderator, bob, recipe):
    report = bob("post", "/api/v1/reports/", kind="spam", text="an advertisement", recipe="hello-dur").json()
    moderator("post", f"/api/v1/reports/{report['id']}/decide/", uphold=False, decision="it is none")

    assert client.get("/api/v1/log/").json()["results"][0]["private"] is None
    assert moderator("get", "/api/v1/log/").json()["results"][0]["private"]["reporter"] == "bob"


def test_what_is_switched_off_says_so_and_when_to_look_again(moderator, bob, recipe):
    site.turn(moderator.user, Switch.Name.WRITES, off=True, message="back at noon")

    answer = bob("put", f"{HERE}vote/")

    assert expect(answer, 503, "switched-off")["detail"] == "back at noon"
    assert int(answer["Retry-After"]) > 0


def test_a_value_that_breaks_a_rule_is_named(owner, recipe):
    problem = expect(owner("put", f"{HERE}keywords/", keywords=["no spaces"]), 422, "invalid-value", "bad-keyword")

    assert problem["field"] == "keywords"


def test_what_the_roles_do_not_give_is_forbidden(bob, recipe):
    assert "maintainer" in expect(bob("post", f"{HERE}disown/"), 403, "permission-denied")["detail"]


def test_a_former_name_leads_on_where_one_reads(client, recipe):
    NameRedirect.objects.create(name="hallo", recipe=recipe)

    answer = client.get("/api/v1/recipes/hallo/comments/?limit=3")

    assert (answer.status_code, answer["Location"]) == (301, f"{HERE}comments/?limit=3")


def test_nothing_is_done_by_a_former_name(bob, recipe):
    NameRedirect.objects.create(name="hallo", recipe=recipe)

    problem = expect(bob("put", "/api/v1/recipes/hallo/vote/"), 404, "unknown-recipe")

    assert "hello-dur" in problem["detail"]
    assert not recipe.votes.exists()


@pytest.mark.parametrize(
    ("method", "address", "code"),
    [
        ("get", "/api/v1/flags/99999999999999999999999/", "unknown-thing"),
        ("get", f"{HERE}comments/99999999999999999999999/", "unknown-thing"),
        ("post", "/api/v1/accounts/a%00b/freeze/", "unknown-account"),
        ("post", "/api/v1/recipes/a%00b/restore/", "unknown-recipe"),
        ("put", "/api/v1/switches/none/", "unknown-thing"),
        ("post", "/api/v1/queue/7/claim/", "unknown-thing"),
    ],
)
def test_what_is_not_there_is_a_problem(moderator, recipe, method, address, code):
    expect(moderator(method, address), 404, code)


@pytest.mark.parametrize("cursor", ["x", "-1", "９", "1" * 19])
def test_a_cursor_that_was_never_given_out_is_refused(client, cursor):
    expect(client.get("/api/v1/requests/", {"cursor": cursor}), 400, "invalid-parameter")


def test_following_next_shows_every_flag_once(client, owner, recipe):
    for number in range(5):
        user = make_user(f"flagger-{number}")
        flags.raise_flag(user, recipe, Flag.Kind.BROKEN, flags.FlagText(f"it fails {number}"))

    address, seen = f"{HERE}flags/?limit=2", []
    while address:
        page = client.get(address.removeprefix("http://127.0.0.1:8000")).json()
        seen += [each["id"] for each in page["results"]]
        address = page["next"]

    assert seen == sorted(Flag.objects.values_list("pk", flat=True), reverse=True)


def test_news_are_told_to_everybody_until_they_are_withdrawn(client, bob, moderator):
    expect(bob("post", "/api/v1/news/", title="Mine", text="words"), 403, "permission-denied")
    told = moderator("post", "/api/v1/news/", title="A new disk", text="On *Sunday*.").json()
    assert [each["id"] for each in client.get("/api/v1/news/").json()["results"]] == [told["id"]]
    assert (told["author"], told["html"], told["withdrawn_at"]) == ("mira", "<p>On <em>Sunday</em>.</p>\n", None)

    gone = moderator("post", f"/api/v1/news/{told['id']}/withdraw/")

    assert gone.json()["withdrawn_at"] is not None
    assert client.get("/api/v1/news/").json()["results"] == []
    expect(moderator("post", f"/api/v1/news/{told['id']}/withdraw/"), 404, "unknown-thing")


@pytest.mark.parametrize(("field", "body"), [("title", {"title": " ", "text": "x"}), ("text", {"title": "x", "text": ""})])
def test_news_without_title_or_words_are_refused(moderator, field, body):
    assert expect(moderator("post", "/api/v1/news/", **body), 422, "invalid-value", "blank")["field"] == field


LISTS = (
    f"{HERE}comments/", f"{HERE}flags/", f"{HERE}rulings/", "/api/v1/requests/", "/api/v1/holds/", "/api/v1/log/",
    "/api/v1/reports/", "/api/v1/name-rules/", "/api/v1/news/", "/api/v1/queue/", "/api/v1/notifications/",
)  # fmt: skip


@pytest.mark.parametrize("address", LISTS)
def test_a_list_takes_at_most_six_queries(moderator, recipe, django_assert_max_num_queries, address):
    for number in range(5):
        user = make_user(f"user-{number}")
        comment = comments.add(user, recipe, f"word {number}")
        flags.raise_flag(user, recipe, Flag.Kind.MALICIOUS, flags.FlagText("look"))
        requests.file(user, recipe, OwnershipRequest.Kind.DELETION, "nobody needs it")
        Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(hours=1))
        Notification.objects.create(user=moderator.user, kind="update", recipe=recipe, text="news", url="/")
    moderator("get", "/api/v1/")

    with django_assert_max_num_queries(6):
        assert moderator("get", address).status_code == 200


def test_marking_as_read_counts_what_was_unread(bob, recipe):
    for _number in range(3):
        Notification.objects.create(user=bob.user, kind="update", recipe=recipe, text="news", url="/")
    first = Notification.objects.earliest("pk")

    assert bob("post", "/api/v1/notifications/read/", ids=[first.pk]).json() == {"marked": 1}
    assert bob("get", "/api/v1/notifications/?unread=true").json()["unread"] == 2
    assert bob("post", "/api/v1/notifications/read/").json() == {"marked": 2}


def test_a_votes_popularity_is_in_lists_and_on_the_recipe_the_same(client, bob, recipe):
    votes.vote(bob.user, recipe, at=timezone.now() - timedelta(days=10))

    shown = client.get(HERE).json()["popularity"]

    assert shown == pytest.approx(0.98**10, rel=1e-4)
    assert client.get("/api/v1/recipes/").json()["results"][0]["popularity"] == pytest.approx(shown, rel=1e-4)


def test_a_ruling_that_is_ended_stays_readable(client, moderator, recipe):
    model_class.rule(moderator.user, recipe, "tiny", "free", "the data was found")

    assert moderator("post", f"{HERE}rulings/end/", model="tiny").json()["ended_because"] == "withdrawn"
    assert client.get(f"{HERE}rulings/").json()["total"] == 1
