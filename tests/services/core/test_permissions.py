"""The table itself: complete, default deny, and clear in what it says."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from recipes_app.models import CoMaintainer, CoRole, Rank, Switch
from recipes_app.services.core.permissions import (
    Action,
    PermissionDenied,
    Role,
    SwitchedOff,
    allowed,
    require,
    roles_of,
)
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


def test_every_action_is_named_as_a_verb_of_its_own():
    assert len({str(action.value.label) for action in Action}) == len(Action)


@pytest.mark.parametrize("role", [Role.VISITOR, Role.UNVERIFIED, Role.FROZEN])
def test_who_is_nobody_here_only_reads(role):
    assert [action for action in Action if role in action.value.roles] == [Action.READ]


def test_visitor_has_one_role():
    assert roles_of(AnonymousUser()) == {Role.VISITOR}


def test_unverified_account_has_no_other_role():
    ada = make_user(verified=False)
    assert roles_of(ada, make_recipe(maintainer=ada)) == {Role.UNVERIFIED}


def test_frozen_moderator_is_frozen():
    frozen = make_user(rank=Rank.MODERATOR)
    frozen.frozen_at = timezone.now()
    assert roles_of(frozen) == {Role.FROZEN}


def test_maintainer_of_one_recipe_is_a_user_to_another():
    ada = make_user()
    mine, other = make_recipe("mine", maintainer=ada), make_recipe("other")
    assert Role.MAINTAINER in roles_of(ada, mine)
    assert roles_of(ada, other) == {Role.USER}


@pytest.mark.parametrize(
    ("co_role", "role"),
    [(CoRole.MAINTAIN, Role.CO_MAINTAIN), (CoRole.PUSH, Role.CO_PUSH), (CoRole.TRIAGE, Role.CO_TRIAGE)],
)
def test_co_maintainer_has_the_role_of_his_place(co_role, role):
    bob, recipe = make_user("bob"), make_recipe()
    CoMaintainer.objects.create(recipe=recipe, user=bob, role=co_role, position=0, since=timezone.now())
    assert roles_of(bob, recipe) == {Role.USER, role}


def test_triager_does_not_push():
    bob, recipe = make_user("bob"), make_recipe()
    CoMaintainer.objects.create(recipe=recipe, user=bob, role=CoRole.TRIAGE, position=0, since=timezone.now())
    assert not allowed(Action.PUSH, bob, recipe)


def test_moderator_without_second_factor_is_an_ordinary_user(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    moderator = make_user("moderator", rank=Rank.MODERATOR)
    assert roles_of(moderator) == {Role.USER}
    with pytest.raises(PermissionDenied, match="set up a second factor"):
        require(Action.QUARANTINE, moderator, make_recipe())


def test_moderator_with_second_factor_has_his_rights(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    moderator = make_user("moderator", rank=Rank.MODERATOR)
    Authenticator.objects.create(user=moderator, type=Authenticator.Type.TOTP, data={})
    require(Action.QUARANTINE, moderator, make_recipe())


def test_refusal_names_the_roles_that_it_takes():
    with pytest.raises(
        PermissionDenied, match=r"you may not quarantine \(hello-dur\): it takes the role administrator, moderator"
    ):
        require(Action.QUARANTINE, make_user(), make_recipe())


def test_visitor_is_told_to_sign_in():
    with pytest.raises(PermissionDenied, match="sign in first"):
        require(Action.VOTE, None, make_recipe())


def test_maintenance_mode_stops_every_write_and_no_read():
    administrator = make_user("root", rank=Rank.ADMINISTRATOR)
    recipe = make_recipe(maintainer=administrator)
    Switch.objects.create(name=Switch.Name.WRITES, off=True, message="moving house")
    passed, messages = set(), set()
    for action in Action:
        try:
            require(action, administrator, recipe, author_id=administrator.pk)
        except SwitchedOff as stopped:
            messages.add(str(stopped))
        else:
            passed.add(action)
    assert messages == {"moving house"}
    reading = {Action.READ, Action.READ_HIDDEN, Action.READ_INTAKE, Action.READ_QUEUE}
    assert passed == {*reading, Action.SWITCH, Action.SET_INCIDENT_LEVEL}


@pytest.mark.parametrize(
    ("switch", "action"),
    [
        (Switch.Name.NEW_RECIPES, Action.CREATE_RECIPE),
        (Switch.Name.PUSHES, Action.PUSH),
        (Switch.Name.ADOPTION, Action.ADOPT),
    ],
)
def test_switch_stops_its_action_and_nothing_else(switch, action):
    ada = make_user()
    recipe = make_recipe(maintainer=ada)
    Switch.objects.create(name=switch, off=True)
    with pytest.raises(SwitchedOff):
        require(action, ada, recipe)
    require(Action.VOTE, ada, recipe)
