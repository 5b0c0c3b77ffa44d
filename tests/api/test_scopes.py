"""The scopes of tokens: one for each action, asked for by every method that takes an account."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver

from api.framework.base import PortalView
from recipes_app.models import Rank, Scope
from recipes_app.services.accounts import tokens
from recipes_app.services.core.permissions import Action
from tests.factories import issue_token, make_recipe, make_user

pytestmark = pytest.mark.django_db
# What stands for the arguments of any address; nothing has to be there, since the token is looked at first.
ARGUMENTS = {
    "<str:name>": "hello-dur", "<str:commit>": "0" * 40, "<str:username>": "nobody", "<str:switch_name>": "writes",
    "<int:comment_id>": "1", "<int:flag_id>": "1", "<int:request_id>": "1", "<int:report_id>": "1",
    "<int:entry_id>": "1", "<int:rule_id>": "1", "<int:webhook_id>": "1", "<int:delivery_id>": "1", "<int:job_id>": "1",
    "<int:news_id>": "1",
    "<int:run_id>": "1",
}  # fmt: skip


def guarded() -> list[tuple[str, str, Action]]:
    """Return every method of the API that takes an account: the method, an address, the action."""
    (resolver,) = [each for each in get_resolver().url_patterns if getattr(each, "namespace", None) == "api"]
    found = []
    for pattern in resolver.url_patterns:
        view: type[PortalView] = pattern.callback.cls
        address = "/api/v1/" + str(pattern.pattern)
        for argument, value in ARGUMENTS.items():
            address = address.replace(argument, value)
        found += [(method, address, action) for method, action in view.actions.items() if not getattr(view, "any_token", False)]
    return found


@pytest.mark.parametrize(("method", "address", "action"), guarded())
def test_a_method_that_takes_an_account_is_refused_without_one(client, method, address, action):
    answer = client.generic(method, address)

    assert (answer.status_code, answer.json()["code"]) == (401, "authentication-required"), action
    assert answer["WWW-Authenticate"] == 'Basic realm="api", charset="UTF-8", Bearer realm="api"'


def test_a_token_without_the_scope_of_the_action_is_refused():
    moderator = make_user("mira", rank=Rank.MODERATOR)
    secrets = {scope: issue_token(moderator, *(set(Scope) - {scope})) for scope in Scope}

    for method, address, action in guarded():
        needed = action.value.scope
        answer = Client().generic(method, address, headers={"Authorization": f"Bearer {secrets[needed]}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope"), (method, address)
        assert answer.json()["reason"] == needed.value
        assert f"{needed.value!r} scope" in answer.json()["detail"]
        assert answer["WWW-Authenticate"] == f'Bearer realm="api", error="insufficient_scope", scope="{needed.value}"'


def test_a_head_request_takes_the_scope_of_get(client):
    secret = issue_token(make_user("mira", rank=Rank.MODERATOR), Scope.READ)

    assert client.head("/api/v1/queue/", headers={"Authorization": f"Bearer {secret}"}).status_code == 403


def test_a_push_token_gives_nothing_away():
    lost = {action for action in Action if action.value.scope == Scope.OWN}

    assert lost >= {Action.TRANSFER, Action.DISOWN, Action.INVITE, Action.ADOPT, Action.REQUEST, Action.MANAGE_WEBHOOKS}


@pytest.mark.parametrize(("name", "status"), [("mine", 200), ("other", 403)])
def test_a_token_for_one_recipe_acts_on_that_one_only(client, name, status):
    mine = make_recipe("mine")
    make_recipe("other")
    _token, secret = tokens.issue(make_user("ada"), "test", [Scope.COMMENT], recipe=mine)

    answer = client.put(f"/api/v1/recipes/{name}/vote/", headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == status
