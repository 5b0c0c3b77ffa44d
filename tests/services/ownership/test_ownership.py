"""Who looks after a recipe: disown, succession, invitations, transfer, keywords."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.models import CoMaintainer, CoRole, Event, Invitation, Notification
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.ownership import invitations, ownership
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def bob():
    return make_user("bob")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def join(recipe, user, role=CoRole.PUSH):
    invitations.invite(recipe.maintainer, recipe, user, role)
    invitations.accept(user, recipe)


def test_disown_without_co_maintainers_leaves_an_orphan(recipe, ada):
    assert ownership.disown(ada, recipe) is None
    recipe.refresh_from_db()
    assert recipe.maintainer is None
    assert recipe.previous_maintainer_name == "ada"


def test_disown_promotes_the_first_in_succession(recipe, ada, bob):
    carol = make_user("carol")
    join(recipe, bob)
    join(recipe, carol, CoRole.MAINTAIN)
    assert ownership.disown(ada, recipe) == bob
    recipe.refresh_from_db()
    assert recipe.maintainer == bob
    assert [member.user for member in recipe.co_maintainers.all()] == [carol]


def test_disown_follows_the_order_that_was_set(recipe, ada, bob):
    carol = make_user("carol")
    join(recipe, bob)
    join(recipe, carol)
    ownership.order_succession(ada, recipe, ["carol", "bob"])
    assert ownership.disown(ada, recipe) == carol


def test_disown_passes_over_a_triager(recipe, ada, bob):
    carol = make_user("carol")
    join(recipe, bob, CoRole.TRIAGE)
    join(recipe, carol)
    assert ownership.disown(ada, recipe) == carol


def test_disown_passes_over_a_frozen_account(recipe, ada, bob):
    join(recipe, bob)
    bob.frozen_at = timezone.now()
    bob.save()
    assert ownership.disown(ada, recipe) is None


def test_only_the_maintainer_disowns(recipe, bob):
    join(recipe, bob, CoRole.MAINTAIN)
    with pytest.raises(PermissionDenied):
        ownership.disown(bob, recipe)


def test_disown_is_in_the_log_and_told_to_followers(recipe, ada, bob):
    recipe.follows.create(user=bob)
    ownership.disown(ada, recipe)
    assert Event.objects.filter(kind="owner.disowned", recipe_name=recipe.name, actor_name="ada").count() == 1
    assert Notification.objects.filter(user=bob, kind=Notification.Kind.OWNERSHIP).count() == 1


def test_nobody_is_added_unasked(recipe, ada, bob):
    invitations.invite(ada, recipe, bob, CoRole.PUSH)
    assert not CoMaintainer.objects.filter(user=bob).exists()


def test_invited_account_joins_with_its_role(recipe, ada, bob):
    invitations.invite(ada, recipe, bob, CoRole.TRIAGE)
    invitations.accept(bob, recipe)
    assert CoMaintainer.objects.get(recipe=recipe, user=bob).role == CoRole.TRIAGE


def test_declined_invitation_is_gone(recipe, ada, bob):
    invitations.invite(ada, recipe, bob, CoRole.PUSH)
    invitations.decline(bob, recipe)
    with pytest.raises(Refused, match="no open invitation"):
        invitations.accept(bob, recipe)


def test_invitation_that_ran_out_cannot_be_accepted(recipe, ada, bob):
    invitation = invitations.invite(ada, recipe, bob, CoRole.PUSH)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="ran out"):
        invitations.accept(bob, recipe)


def test_unverified_account_is_not_invited(recipe, ada):
    with pytest.raises(Refused, match="cannot be invited"):
        invitations.invite(ada, recipe, make_user("newbie", verified=False), CoRole.PUSH)


def test_pusher_does_not_invite(recipe, bob):
    join(recipe, bob, CoRole.PUSH)
    with pytest.raises(PermissionDenied):
        invitations.invite(bob, recipe, make_user("carol"), CoRole.PUSH)


def test_transfer_changes_hands_only_when_accepted(recipe, ada, bob):
    invitations.offer_transfer(ada, recipe, bob)
    recipe.refresh_from_db()
    assert recipe.maintainer == ada
    invitations.accept(bob, recipe)
    recipe.refresh_from_db()
    assert recipe.maintainer == bob
    assert recipe.adopted_at is not None


def test_transfer_offered_by_a_former_owner_is_void(recipe, ada, bob):
    mallory = make_user("mallory")
    invitations.offer_transfer(ada, recipe, mallory)
    invitations.offer_transfer(ada, recipe, bob)
    invitations.accept(bob, recipe)
    with pytest.raises(Refused):
        invitations.accept(mallory, recipe)


def test_fault_3_order_given_by_set_co_maintainers_is_kept(recipe, ada, bob):
    carol, dave = make_user("carol"), make_user("dave")
    invitations.set_co_maintainers(ada, recipe, [dave, bob, carol])
    for user in (carol, bob, dave):
        invitations.accept(user, recipe)
    assert [member.user.username for member in recipe.co_maintainers.all()] == ["dave", "bob", "carol"]


def test_set_co_maintainers_removes_who_is_not_named(recipe, ada, bob):
    join(recipe, bob)
    invitations.set_co_maintainers(ada, recipe, [])
    assert not recipe.co_maintainers.exists()


def test_leaving_is_everybodys_own_decision(recipe, bob):
    join(recipe, bob)
    ownership.leave(bob, recipe)
    assert not recipe.co_maintainers.exists()


def test_fault_1_keywords_of_another_are_not_changed(recipe, bob):
    with pytest.raises(PermissionDenied):
        ownership.set_keywords(bob, recipe, ["mine"])
    recipe.refresh_from_db()
    assert recipe.extra_keywords == []


def test_keywords_are_stored_once_each_in_order(recipe, ada):
    assert ownership.set_keywords(ada, recipe, ["Editor", "vim", "editor"]) == ["editor", "vim"]


def test_keyword_that_is_none_is_named(recipe, ada):
    with pytest.raises(Refused, match="'no spaces' is no keyword"):
        ownership.set_keywords(ada, recipe, ["no spaces"])
