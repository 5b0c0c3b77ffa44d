"""What a case of the walk is, and the words in which the cases say how an act is tried and by what one sees that it was done.

A case that no entrance offers says why. `done` looks at the database, not at the answer: a page that says no and does it all the
same would be found out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from recipes_app.models import Invitation, Notification, OwnershipRequest, Recipe
from recipes_app.repos.browse import read_tree
from recipes_app.repos.store import store
from recipes_app.services.accounts import ssh_access
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import Action, Role
from recipes_app.services.publishing import publish
from recipes_app.transports.access import AccessRefused, push_target, read_target
from tests.factories import packed, recipe_tree

from .accounts import CO_ROLES, Knocker
from .world import NAME, World

WEB, API, SSH = "web", "API", "SSH"
Try = Callable[[World, Knocker], Any]
RECIPE = f"recipes/{NAME}/"
WHY = {"reason": "because"}
# Who offers a key that is none, or one of a frozen account, is turned away at SSH's door; reading goes on over HTTPS.
NOT_AT_SSH = {SSH: frozenset({Role.VISITOR, Role.FROZEN})}


@dataclass(frozen=True)
class Case:
    """One way in which an action shows. `also` are actions that an entrance's one command covers beside `action`.

    `closed` are roles that an entrance turns away before the table is asked; `impossible` are roles that cannot be there.
    """

    name: str
    action: Action
    tries: Mapping[str, Try]
    done: Callable[[World, Knocker, Any], bool]
    prepared: Callable[[World], None] = lambda _world: None
    without: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, Action] = field(default_factory=dict)
    closed: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    impossible: frozenset[Role] = frozenset()


def web(address: str, **form: Any) -> Try:
    """Return a try that posts a form of the site."""
    return lambda _world, who: who.web(f"/{address}", **form)


def api(method: str, address: str, **body: Any) -> Try:
    """Return a try that makes a request of the API."""
    return lambda _world, who: who.api(method, address, **body)


def ssh(asked: str) -> Try:
    """Return a try that asks by SSH."""
    return lambda _world, who: who.ssh(asked)


def on_thing(method: str, address: str, **body: Any) -> Try:
    """Return a try whose address has the number of the case's thing in it."""
    return lambda world, who: who.api(method, address.format(world.thing.pk), **body)


def web_on_thing(address: str, **form: Any) -> Try:
    """Return a try that posts a form whose address has the number of the case's thing in it."""
    return lambda world, who: who.web(f"/{address}".format(world.thing.pk), **form)


def decided(**form: Any) -> Try:
    """Return a try that decides the case's thing on its page of the queue."""
    return lambda world, who: who.web(world.entry, **form)


def shows(words: str) -> Callable[[World, Knocker, Any], bool]:
    """Return whether an answer has status 200 and `words` in it."""
    return lambda _world, _who, answer: answer.status_code == 200 and words in answer.content.decode()


def column(name: str, value: Any) -> Callable[[World, Knocker, Any], bool]:
    return lambda world, _who, _answer: getattr(world.again(), name) == value


def filled(name: str) -> Callable[[World, Knocker, Any], bool]:
    return lambda world, _who, _answer: getattr(world.again(), name) is not None


def recipe_filled(name: str) -> Callable[[World, Knocker, Any], bool]:
    return lambda world, _who, _answer: getattr(world.recipe_now(), name) is not None


def push(world: World, who: Knocker, name: str) -> bool:
    """Return whether SSH lets the account push to `name`; git itself, which would take over the process, is not started."""
    try:
        push_target(ssh_access.sign_in(who.key), name)
    except (AccessRefused, Refused):
        return False
    return True


def rewrite(_world: World, who: Knocker) -> bool:
    try:
        return push_target(ssh_access.sign_in(who.key), NAME).may_rewrite
    except (AccessRefused, Refused):
        return False


def fetch(_world: World, who: Knocker) -> bool:
    try:
        read_target(ssh_access.sign_in(who.key), NAME)
    except (AccessRefused, Refused):
        return False
    return True


def answered(_world: World, _who: Knocker, answer: Any) -> bool:
    return answer.status_code == 200 if isinstance(answer, HttpResponse) else bool(answer)


def upload(_world: World, who: Knocker) -> bool:
    """Return whether an upload makes a recipe, of a name of its own: what one attempt leaves in the store is not undone."""
    name = f"newcomer-{who.role.name.lower().replace('_', '-')}"
    who.web("/submit/upload/", packaging=packed(recipe_tree(name)))
    return Recipe.objects.filter(name=name).exists()


def answer_questions(_world: World, who: Knocker) -> bool:
    """Return whether answers make a recipe, of a name of its own."""
    name = f"asked-{who.role.name.lower().replace('_', '-')}"
    address = f"https://example.org/{name}-1.0.tar.gz"
    who.web(
        "/submit/questions/", act="commit", name=name, version="1.0", synopsis="friendly greeting", description="It greets.",
        source_url=address, sha256=hashlib.sha256(b"x").hexdigest(), size="1", build_system="cmake", architecture="any",
        licence="MIT", holders="2020 Ada", maintainer="Ada", email="ada@example.org", provenance="human",
    )  # fmt: skip
    return Recipe.objects.filter(name=name).exists()


def edit(_world: World, who: Knocker) -> bool:
    """Return whether an edit of the newest commit gets into main. The catalogue is brought to the store's state before."""
    with store().lock(NAME):
        publish.settle(NAME)
    written = f"#!/usr/bin/make -f\n# {who.role.value}\n%:\n\tdh $@\n"
    who.web(f"/{RECIPE}edit/{store().branches(NAME)['main']}/debian/rules", text=written)
    return read_tree(store().intake(NAME), store().branches(NAME)["main"])["debian/rules"] == written.encode()


def set_team(who: Knocker, *others: str) -> int:
    """Set the co-maintainers by SSH; who is one of them names himself, since who is not named leaves."""
    himself = [who.user.username] if who.user is not None and who.role in CO_ROLES else []
    return who.ssh(" ".join(["set-comaintainers", NAME, *himself, *others]))


def mark_read(_world: World, who: Knocker) -> HttpResponse:
    if who.user is not None:
        Notification.objects.create(user=who.user, kind=Notification.Kind.UPDATE, text="news", url="/")
    return who.api("POST", "notifications/read/")


def mark_read_on_page(_world: World, who: Knocker) -> HttpResponse:
    if who.user is not None:
        Notification.objects.create(user=who.user, kind=Notification.Kind.UPDATE, text="news", url="/")
    return who.web("/inbox/read/")


def invited(world: World, _who: Knocker, _answer: Any) -> bool:
    return Invitation.objects.filter(recipe=world.recipe, user=world.target).exists()


def requested(kind: OwnershipRequest.Kind) -> Callable[[World, Knocker, Any], bool]:
    return lambda world, _who, _answer: OwnershipRequest.objects.filter(recipe=world.recipe, kind=kind).exists()


def long_ago() -> str:
    return (timezone.now() - timedelta(days=365)).isoformat()
