"""The whole table of permissions, walked: action by role by entrance. What the table gives happens, all else leaves no trace."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import get_resolver

from api.framework.base import PortalView
from recipes_app.models import Switch
from recipes_app.services.core.permissions import Action, Role
from recipes_app.transports.ssh.commands import COMMANDS
from tests.walk import community, keeping
from tests.walk.accounts import HAS, knocker
from tests.walk.tries import API, SSH, WEB, Case
from tests.walk.world import World, make_world

pytestmark = pytest.mark.django_db
CASES = (*community.CASES, *keeping.CASES)


@pytest.fixture
def world(settings, tmp_path) -> World:
    """The things that are acted on, in a store of their own; new accounts' revisions are held."""
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    settings.REVIEW_GATES = {**settings.REVIEW_GATES, "young-account": "enforce"}
    return make_world()


def expected(case: Case, entrance: str, role: Role) -> bool:
    """Return whether the table, or the entrance's own door, lets the account of `role` through."""
    if role in case.closed.get(entrance, frozenset()):
        return False
    actions = [case.action, *([case.also[entrance]] if entrance in case.also else [])]
    return any(action.is_open_to(HAS[role]) for action in actions)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_act_is_done_exactly_where_the_table_allows_it(case, world):
    case.prepared(world)
    wrong = []
    for role in Role:
        if role in case.impossible:
            continue
        for entrance, attempt in case.tries.items():
            with transaction.atomic():
                who = knocker(role, world.recipe, world.author)
                done = case.done(world, who, attempt(world, who))
                transaction.set_rollback(True)
            if done != expected(case, entrance, role):
                wrong.append(f"{role.value} by {entrance}: {'done' if done else 'not done'}")

    assert wrong == []


@pytest.mark.parametrize("case", [case for case in CASES if not case.action.value.in_maintenance], ids=lambda case: case.name)
def test_fault_12_maintenance_covers_every_entrance(case, world):
    case.prepared(world)
    role = min((role for role in HAS if case.action.is_open_to(HAS[role])), key=list(Role).index)
    done = []
    for entrance, attempt in case.tries.items():
        with transaction.atomic():
            who = knocker(role, world.recipe, world.author)
            Switch.objects.create(name=Switch.Name.WRITES, off=True, message="a new disk", changed_by_name="mod")
            if case.done(world, who, attempt(world, who)):
                done.append(entrance)
            transaction.set_rollback(True)
    assert done == []


def test_every_action_of_the_table_is_walked():
    assert {case.action for case in CASES} == set(Action)


def test_every_role_walks():
    assert set(HAS) == set(Role)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_entrance_that_does_not_offer_an_act_says_why(case):
    assert {WEB, API, SSH} <= set(case.tries) | set(case.without)
    assert all(case.without.values())
    assert not set(case.tries) & set(case.without)


def test_every_action_that_the_api_names_is_tried_there():
    named = {action for view in api_views() for action in view.actions.values()}

    assert named - {case.action for case in CASES if API in case.tries} == set()


def api_views() -> list[type[PortalView]]:
    """Return the classes of all views of the API."""
    (resolver,) = [each for each in get_resolver().url_patterns if getattr(each, "namespace", None) == "api"]
    return [pattern.callback.cls for pattern in resolver.url_patterns]


def test_every_command_of_ssh_that_acts_is_tried(world):
    asked: list[str] = []

    class Listener:
        """Stands in for the account: notes what is asked by SSH, and asks nothing."""

        user, role = None, Role.USER

        def ssh(self, words: str) -> int:
            asked.append(words.split(maxsplit=1)[0])
            return 1

    for case in CASES:
        if SSH in case.tries and not case.name.startswith(("read", "push", "rewrite")):
            case.tries[SSH](world, Listener())
    # They ask for nothing: what they show is everybody's own.
    assert set(COMMANDS) - set(asked) == {"help", "list-repos", "unvote"}
