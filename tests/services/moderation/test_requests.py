"""Requests: one state machine with the AUR's waiting and auto-accept rules."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.limits import ADOPTION_WAIT_DAYS
from recipes_app.models import Comment, Flag, NameRedirect, Notification, OwnershipRequest, QueueEntry, Rank, Recipe, Vote
from recipes_app.services.catalogue import names, votes
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.moderation import flags, lifecycle, requests
from recipes_app.services.moderation.requests import Kind, State
from recipes_app.services.notifications import follows
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def bob():
    return make_user("bob")


@pytest.fixture
def moderator():
    return make_user("moderator", rank=Rank.MODERATOR)


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada, created_at=timezone.now() - timedelta(days=100))


def after_waiting(request):
    """The same request as it stands when its waiting time is over."""
    OwnershipRequest.objects.filter(pk=request.pk).update(waits_until=timezone.now() - timedelta(seconds=1))
    request.refresh_from_db()
    return request


def test_request_waits_in_the_queue(recipe, bob):
    request = requests.file(bob, recipe, Kind.ORPHAN, "no answer for a year")
    assert request.state == State.OPEN
    assert QueueEntry.objects.filter(kind="request", subject_id=request.pk, closed_at=None).count() == 1


def test_maintainer_is_told_of_a_request(recipe, ada, bob):
    requests.file(bob, recipe, Kind.ORPHAN, "no answer for a year")
    assert Notification.objects.filter(user=ada, kind=Notification.Kind.REQUEST).count() == 1


def test_orphan_request_waits_fourteen_days_for_the_maintainer(recipe, bob, moderator):
    request = requests.file(bob, recipe, Kind.ORPHAN, "no answer")
    with pytest.raises(Refused, match="has until"):
        requests.decide(moderator, request, accept=True, reason="yes")
    requests.decide(moderator, after_waiting(request), accept=True, reason="yes")
    recipe.refresh_from_db()
    assert recipe.maintainer is None


def test_orphan_request_is_accepted_at_once_when_flagged_for_180_days(recipe, bob):
    flag = flags.raise_flag(make_user("carol"), recipe, Flag.Kind.OUT_OF_DATE, flags.FlagText("2.0 is out"))
    Flag.objects.filter(pk=flag.pk).update(created_at=timezone.now() - timedelta(days=181))
    Recipe.objects.filter(pk=recipe.pk).update(out_of_date_since=timezone.now() - timedelta(days=181))
    request = requests.file(bob, recipe, Kind.ORPHAN, "half a year")
    assert request.state == State.ACCEPTED
    recipe.refresh_from_db()
    assert recipe.maintainer is None


def test_own_deletion_within_a_day_is_accepted_at_once(ada):
    recipe = make_recipe("young-one", maintainer=ada)
    assert requests.file(ada, recipe, Kind.DELETION, "a mistake").state == State.ACCEPTED
    recipe.refresh_from_db()
    assert recipe.deleted_at is not None


def test_own_deletion_of_an_older_recipe_waits_for_a_moderator(recipe, ada):
    assert requests.file(ada, recipe, Kind.DELETION, "tired of it").state == State.OPEN


def test_deletion_asked_by_another_is_never_accepted_at_once(ada, bob):
    recipe = make_recipe("young-one", maintainer=ada)
    assert requests.file(bob, recipe, Kind.DELETION, "I do not like it").state == State.OPEN


def test_adoption_of_a_maintained_recipe_is_refused(recipe, bob):
    with pytest.raises(Refused, match="has a maintainer"):
        requests.file(bob, recipe, Kind.ADOPTION, "mine")


def test_adoption_waits_and_then_goes_through_by_itself(bob):
    orphan = make_recipe("orphan-one")
    request = requests.file(bob, orphan, Kind.ADOPTION, "I use it daily")
    assert requests.sweep() == (0, 0)
    after_waiting(request)
    assert requests.sweep() == (1, 0)
    orphan.refresh_from_db()
    assert orphan.maintainer == bob
    assert orphan.adopted_at is not None


def test_adoption_goes_to_who_asked_first(bob):
    orphan, carol = make_recipe("orphan-one"), make_user("carol")
    first, second = (requests.file(user, orphan, Kind.ADOPTION, "me") for user in (bob, carol))
    after_waiting(first)
    after_waiting(second)
    requests.sweep()
    second.refresh_from_db()
    orphan.refresh_from_db()
    assert orphan.maintainer == bob
    assert second.state == State.REJECTED


def test_adoption_with_an_objection_waits_for_a_moderator(bob, moderator):
    orphan = make_recipe("orphan-one")
    request = requests.file(bob, orphan, Kind.ADOPTION, "me")
    requests.object_to(moderator, request, "he was frozen before")
    assert requests.sweep(timezone.now() + timedelta(days=30)) == (0, 0)


def test_adoption_by_an_account_frozen_in_the_meantime_is_rejected(bob):
    orphan = make_recipe("orphan-one")
    request = after_waiting(requests.file(bob, orphan, Kind.ADOPTION, "me"))
    bob.frozen_at = timezone.now()
    bob.save()
    assert requests.sweep() == (0, 0)
    request.refresh_from_db()
    assert request.state == State.REJECTED


def test_stale_request_is_closed_with_notice(recipe, bob):
    request = requests.file(bob, recipe, Kind.DELETION, "why not")
    OwnershipRequest.objects.filter(pk=request.pk).update(created_at=timezone.now() - timedelta(days=91))
    assert requests.sweep() == (0, 1)
    request.refresh_from_db()
    assert request.state == State.STALE
    assert Notification.objects.filter(user=bob, kind=Notification.Kind.REQUEST).count() == 1


@pytest.mark.parametrize("end", [State.ACCEPTED, State.REJECTED, State.WITHDRAWN, State.STALE])
def test_closed_request_does_not_move_again(recipe, bob, moderator, end):
    request = after_waiting(requests.file(bob, recipe, Kind.DELETION, "why not"))
    OwnershipRequest.objects.filter(pk=request.pk).update(state=end)
    with pytest.raises(Refused, match=f"is {end} already"):
        requests.decide(moderator, request, accept=True, reason="yes")
    with pytest.raises(Refused, match=f"is {end} already"):
        requests.withdraw(bob, request)


def test_only_who_asked_withdraws(recipe, ada, bob):
    request = requests.file(bob, recipe, Kind.DELETION, "why not")
    with pytest.raises(PermissionDenied):
        requests.withdraw(ada, request)
    requests.withdraw(bob, request)
    request.refresh_from_db()
    assert request.state == State.WITHDRAWN


def test_decision_needs_a_reason(recipe, bob, moderator):
    request = requests.file(bob, recipe, Kind.DELETION, "why not")
    with pytest.raises(Refused, match="give a reason"):
        requests.decide(moderator, request, accept=False, reason=" ")


def test_same_request_twice_is_refused(recipe, bob):
    requests.file(bob, recipe, Kind.DELETION, "why not")
    with pytest.raises(Refused, match="already"):
        requests.file(bob, recipe, Kind.DELETION, "really")


def merged(source, target, asker, moderator):
    request = after_waiting(requests.file(asker, source, Kind.MERGE, "the same program", target=target))
    requests.decide(moderator, request, accept=True, reason="yes")


def test_merge_moves_votes_once_each(recipe, ada, bob, moderator):
    target = make_recipe("target-one", maintainer=ada)
    for voted in (recipe, target):
        votes.vote(bob, voted)
    votes.vote(ada, recipe)
    merged(recipe, target, bob, moderator)
    target.refresh_from_db()
    assert target.vote_count == 2
    assert not Vote.objects.filter(recipe=recipe).exists()


def test_merge_moves_comments_and_followers(recipe, ada, bob, moderator):
    target = make_recipe("target-one", maintainer=ada)
    Comment.objects.create(recipe=recipe, author=bob, author_name="bob", text="hello", html="<p>hello</p>")
    recipe.follows.create(user=bob)
    merged(recipe, target, bob, moderator)
    assert Comment.objects.get().recipe == target
    assert target.follows.filter(user=bob).exists()


def test_merged_name_leads_to_the_target(recipe, ada, bob, moderator):
    target = make_recipe("target-one", maintainer=ada)
    merged(recipe, target, bob, moderator)
    assert names.resolve("hello-dur") == target


def test_chain_of_merges_leads_to_the_last(recipe, ada, bob, moderator):
    second, third = make_recipe("second-one", maintainer=ada), make_recipe("third-one", maintainer=ada)
    merged(recipe, second, bob, moderator)
    merged(second, third, bob, moderator)
    assert names.resolve("hello-dur") == third


def test_renamed_recipe_is_found_under_its_old_name(recipe, moderator):
    lifecycle.rename(moderator, recipe, "hello-new")
    assert names.resolve("hello-dur").name == "hello-new"
    assert NameRedirect.objects.filter(name="hello-dur").exists()


def test_fault_9_nobody_restores_a_deleted_recipe_and_owns_it(recipe, ada, bob, moderator):
    lifecycle.delete(moderator, recipe, "spam")
    with pytest.raises(PermissionDenied):
        lifecycle.restore(bob, recipe)
    lifecycle.restore(moderator, recipe)
    recipe.refresh_from_db()
    assert recipe.maintainer == ada


def wants_to_adopt(bob, former="ada"):
    return requests.file(bob, make_recipe("orphan-one", previous_maintainer_name=former), Kind.ADOPTION, "me")


def test_former_maintainer_objects_to_an_adoption(ada, bob):
    request = wants_to_adopt(bob)
    requests.object_to(ada, request, "I never heard of them")
    assert requests.sweep(timezone.now() + timedelta(days=ADOPTION_WAIT_DAYS + 1)) == (0, 0)


def test_follower_objects_to_an_adoption(ada, bob):
    request = wants_to_adopt(bob, former="")
    follows.follow(ada, request.recipe)
    requests.object_to(ada, request, "this account is a day old")
    request.refresh_from_db()
    assert request.waits_until is None


def test_who_has_nothing_to_do_with_an_orphan_does_not_object(bob):
    carol, request = make_user("carol"), wants_to_adopt(bob)
    assert not requests.may_object(carol, request)
    with pytest.raises(PermissionDenied):
        requests.object_to(carol, request, "no")


def test_who_asks_does_not_end_his_own_waiting(bob):
    request = wants_to_adopt(bob)
    follows.follow(bob, request.recipe)
    with pytest.raises(PermissionDenied):
        requests.object_to(bob, request, "decide now")


def test_follower_is_not_heard_on_an_orphan_request(recipe, bob):
    carol = make_user("carol")
    follows.follow(carol, recipe)
    with pytest.raises(PermissionDenied):
        requests.object_to(carol, requests.file(bob, recipe, Kind.ORPHAN, "no answer"), "no")


def test_objection_needs_words(ada, bob):
    with pytest.raises(Refused) as refused:
        requests.object_to(ada, wants_to_adopt(bob), "  ")
    assert refused.value.field == "text"
