"""The dashboard: everything that needs its reader, nothing that does not, and the same cost however much there is."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recipes_app.limits import FACTOR_REQUIRED_BY, FACTOR_VOTES
from recipes_app.models import (
    BinaryPackage,
    CoMaintainer,
    Comment,
    CoRole,
    Flag,
    Follow,
    Invitation,
    LintState,
    Notification,
    OwnershipRequest,
    PackageRelation,
    QueueEntry,
    Rank,
    Recipe,
    Revision,
    Scope,
    SshKey,
)
from recipes_app.services.accounts import tokens
from recipes_app.services.community import comments
from recipes_app.services.moderation import flags
from recipes_app.services.moderation.flags import FlagText
from tests.factories import make_recipe, make_user
from tests.views.pages import add_revision, make_page

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/"


@pytest.fixture
def ada(client):
    user = make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def grace():
    return make_user("grace")


@pytest.fixture
def recipe(ada):
    return make_page(maintainer=ada)


def needs(client):
    """Return what each recipe needs by the page, as its words."""
    return {row.mine.recipe.name: [said.text for said in row.needs] for row in client.get(PAGE).context["needing"]}


def test_visitor_signs_in_first():
    assert Client().get(PAGE).headers["Location"].startswith("/accounts/login/")


def test_newcomer_is_led_on(client, ada):
    page = client.get(PAGE).content.decode()
    assert "You look after no recipe yet" in page
    assert reverse("submit") in page


def test_recipe_that_needs_nothing_stands_apart(client, recipe):
    answer = client.get(PAGE)
    assert [row.mine.recipe for row in answer.context["quiet"]] == [recipe]
    assert "What needs you" in answer.content.decode()
    assert needs(client) == {}


@pytest.mark.parametrize(("state", "said"), [(LintState.FAILED, "lint failed"), (LintState.ERROR, "lint broke")])
def test_lint_without_success_needs_somebody(client, recipe, state, said):
    Recipe.objects.filter(pk=recipe.pk).update(lint_state=state)
    assert needs(client) == {"hello-dur": [said]}
    assert reverse("lint", args=["hello-dur", recipe.current.commit]) in client.get(PAGE).content.decode()


@pytest.mark.parametrize("state", [LintState.PASSED, LintState.QUEUED, LintState.RUNNING, ""])
def test_lint_that_passed_or_runs_needs_nobody(client, recipe, state):
    Recipe.objects.filter(pk=recipe.pk).update(lint_state=state)
    assert needs(client) == {}


def test_open_flags_are_counted_and_out_of_date_is_named(client, recipe, grace):
    flags.raise_flag(grace, recipe, Flag.Kind.BROKEN, FlagText("It does not build."))
    assert needs(client) == {"hello-dur": ["1 open flag"]}
    flags.raise_flag(grace, recipe, Flag.Kind.OUT_OF_DATE, FlagText("1.1 is out."))
    assert needs(client) == {"hello-dur": ["flagged out of date", "1 open flag"]}
    for flag in Flag.objects.all():
        flags.close(recipe.maintainer, flag, resolved=True, decision="Done.")
    assert needs(client) == {}


def test_open_request_needs_an_answer(client, recipe, grace):
    ask(grace, recipe)
    assert needs(client) == {"hello-dur": ["1 open request"]}
    OwnershipRequest.objects.update(state=OwnershipRequest.State.WITHDRAWN)
    assert needs(client) == {}


def test_held_revision_and_quarantine_are_named(client, recipe):
    add_revision(recipe, "b" * 40, "1.1-1")
    Revision.objects.filter(commit="b" * 40).update(review=Revision.Review.HELD)
    Recipe.objects.filter(pk=recipe.pk).update(quarantined_at=timezone.now())
    assert needs(client) == {"hello-dur": ["quarantined", "1 held revision"]}


def test_comment_waits_until_one_of_the_team_answers(client, recipe, ada, grace):
    comments.add(grace, recipe, "Does it build on arm64?")
    assert needs(client) == {"hello-dur": ["a comment without an answer"]}
    friend = make_user("joan")
    CoMaintainer.objects.create(recipe=recipe, user=friend, role=CoRole.TRIAGE, position=1, since=timezone.now())
    answer = comments.add(friend, recipe, "It does.")
    assert needs(client) == {}
    comments.hide(friend, answer)
    assert needs(client) == {"hello-dur": ["a comment without an answer"]}


def test_co_maintainer_sees_the_recipe_with_his_role(client, ada, grace):
    recipe = make_page(maintainer=grace)
    CoMaintainer.objects.create(recipe=recipe, user=ada, role=CoRole.PUSH, position=1, since=timezone.now())
    assert "co-maintainer: push" in client.get(PAGE).content.decode()


def test_what_is_anothers_or_deleted_is_not_shown(client, recipe, grace):
    make_page("other", maintainer=grace)
    Recipe.objects.filter(pk=recipe.pk).update(deleted_at=timezone.now())
    answer = client.get(PAGE)
    assert not answer.context["quiet"]
    assert not answer.context["needing"]


def test_what_presses_stands_first(client, ada):
    for name, state in (("aaa", LintState.PASSED), ("bbb", LintState.ERROR), ("ccc", LintState.FAILED)):
        Recipe.objects.filter(pk=make_page(name, maintainer=ada).pk).update(lint_state=state)
    assert list(needs(client)) == ["ccc", "bbb"]


def invite(user, recipe, days):
    return Invitation.objects.create(
        recipe=recipe, user=user, role="push", invited_by_name="grace", expires_at=timezone.now() + timedelta(days=days)
    )


def ask(user, recipe):
    return OwnershipRequest.objects.create(
        recipe=recipe, recipe_name=recipe.name, kind=OwnershipRequest.Kind.ORPHAN, requester=user, requester_name=user.username,
        text="Gone?", created_at=timezone.now(),
    )  # fmt: skip


def test_invitation_can_be_answered_there_until_it_runs_out(client, ada, grace):
    invite(ada, make_page("kept", maintainer=grace), 1)
    invite(ada, make_page("late", maintainer=grace), -1)
    page = client.get(PAGE).content.decode()
    assert reverse("answer_invitation", args=["kept"]) in page
    assert reverse("answer_invitation", args=["late"]) not in page


def test_own_requests_are_listed(client, ada, grace):
    asked = ask(ada, make_page(maintainer=grace))
    assert reverse("request", args=["hello-dur", asked.pk]) in client.get(PAGE).content.decode()


def test_followed_recipes_tell_of_what_others_published(client, ada, grace):
    recipe = make_page(maintainer=grace)
    assert client.get(PAGE).context["news"] == []
    Follow.objects.create(recipe=recipe, user=ada)
    assert [revision.recipe for revision in client.get(PAGE).context["news"]] == [recipe]
    Revision.objects.update(review=Revision.Review.HELD)
    assert client.get(PAGE).context["news"] == []


def test_unread_messages_lead_on(client, ada):
    message = Notification.objects.create(user=ada, kind="comment", text="grace <b>wrote</b>", url="/")
    page = client.get(PAGE).content.decode()
    assert reverse("open_message", args=[message.pk]) in page
    assert "<b>wrote" not in page


def test_tokens_and_keys_are_counted_and_an_ending_one_is_named(client, ada):
    tokens.issue(ada, "laptop", [Scope.PUSH], timezone.now() + timedelta(days=3))
    tokens.issue(ada, "desk", [Scope.PUSH], timezone.now() + timedelta(days=90))
    SshKey.objects.create(user=ada, name="key", key_type="ssh-ed25519", blob="AAAA", fingerprint="SHA256:x")
    page = client.get(PAGE).content.decode()
    assert "The token laptop ends on" in page
    assert "The token desk" not in page
    assert "2 tokens" in page
    assert "1 SSH key<" in page


@pytest.mark.parametrize(("rank", "seen"), [(Rank.USER, False), (Rank.TRUSTED, True), (Rank.MODERATOR, True)])
def test_queue_is_counted_for_who_decides(client, ada, rank, seen, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    type(ada).objects.filter(pk=ada.pk).update(rank=rank)
    QueueEntry.objects.create(kind=QueueEntry.Kind.HOLD, subject_id=1, summary="x", created_at=timezone.now())
    assert ("1 entry of the queue waits" in client.get(PAGE).content.decode()) is seen


def test_unverified_account_is_told_first(client):
    client.force_login(make_user("new", verified=False))
    assert "Verify your address first" in client.get(PAGE).content.decode()


def test_thirteen_queries_however_much_there_is(client, ada, grace, django_assert_num_queries):
    client.get(PAGE)
    for number in range(25):
        mine = make_page(f"mine-{number}", maintainer=ada)
        Comment.objects.create(recipe=mine, author=grace, author_name="grace", text="Hello?", html="<p>Hello?</p>")
        other = make_recipe(f"other-{number}", grace)
        add_revision(other, f"{number:040x}")
        Follow.objects.create(recipe=other, user=ada)
        invite(ada, other, 1)
        ask(ada, other)
        Notification.objects.create(user=ada, kind="comment", text="x", url="/")
    with django_assert_num_queries(13):
        client.get(PAGE)


def test_a_missing_second_factor_is_named_where_many_use_the_recipe(client, ada, settings):
    settings.LEADERS_NEED_SECOND_FACTOR = True
    make_page("popular", ada)
    Recipe.objects.filter(name="popular").update(vote_count=FACTOR_VOTES)
    BinaryPackage.objects.create(recipe=make_page("needed", ada), name="libneeded")
    make_page("small", ada)
    for number in range(FACTOR_REQUIRED_BY):
        other = make_page(f"needy-{number}")
        PackageRelation.objects.create(recipe=other, kind="Depends", target="libneeded", text="libneeded")
    named = needs(client)
    assert {name for name, said in named.items() if "set up a second factor to act on it" in said} == {"popular", "needed"}
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={})
    assert not any("set up a second factor to act on it" in said for said in needs(client).values())
