"""One account for each role, and how it knocks at each entrance."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from recipes_app.models import CoMaintainer, CoRole, Rank, Recipe, Scope, SshKey, User
from recipes_app.services.core.permissions import Role
from recipes_app.transports.ssh.session import Session
from tests.factories import issue_token, make_user

# Every role that the account made for a role has; the table speaks of single roles.
HAS: dict[Role, frozenset[Role]] = {
    Role.VISITOR: frozenset({Role.VISITOR}),
    Role.UNVERIFIED: frozenset({Role.UNVERIFIED}),
    Role.FROZEN: frozenset({Role.FROZEN}),
    Role.USER: frozenset({Role.USER}),
    Role.AUTHOR: frozenset({Role.USER, Role.AUTHOR}),
    Role.MAINTAINER: frozenset({Role.USER, Role.MAINTAINER}),
    Role.CO_MAINTAIN: frozenset({Role.USER, Role.CO_MAINTAIN}),
    Role.CO_PUSH: frozenset({Role.USER, Role.CO_PUSH}),
    Role.CO_TRIAGE: frozenset({Role.USER, Role.CO_TRIAGE}),
    Role.TRUSTED: frozenset({Role.USER, Role.TRUSTED}),
    Role.MODERATOR: frozenset({Role.USER, Role.TRUSTED, Role.MODERATOR}),
    Role.ADMINISTRATOR: frozenset({Role.USER, Role.TRUSTED, Role.ADMINISTRATOR}),
}
_RANKS = {Role.TRUSTED: Rank.TRUSTED, Role.MODERATOR: Rank.MODERATOR, Role.ADMINISTRATOR: Rank.ADMINISTRATOR}
CO_ROLES = {Role.CO_MAINTAIN: CoRole.MAINTAIN, Role.CO_PUSH: CoRole.PUSH, Role.CO_TRIAGE: CoRole.TRIAGE}


@dataclass
class Knocker:
    """Who tries an act. `user` is None for the visitor, who has neither token nor key."""

    role: Role
    user: User | None = None
    secret: str = ""
    key: int = 0

    def web(self, address: str, **form: Any) -> Any:
        """Post a form of the site, signed in by a session."""
        return self._browser().post(address, form)

    def page(self, address: str) -> Any:
        """Open a page of the site."""
        return self._browser().get(address)

    def api(self, method: str, address: str, **body: Any) -> Any:
        """Make a request of the API with a token that has every scope, so that only the account decides."""
        options: dict[str, Any] = {"headers": self._token()}
        if method != "GET":
            options |= {"data": body, "content_type": "application/json"}
        return getattr(Client(), method.lower())(f"/api/v1/{address}", **options)

    def git_over_http(self, name: str, service: str) -> bool:
        """Return whether git's HTTP transport begins to talk about the repository of `name`."""
        answer = Client().get(f"/git/{name}.git/info/refs?service={service}", headers=self._token())
        return answer.status_code == 200

    def ssh(self, asked: str) -> int:
        """Serve a session of this account's key, as the forced command does; return its exit status."""
        errors = os.open(os.devnull, os.O_WRONLY)
        try:
            return Session(self.key, errors=errors).serve(asked, "")
        finally:
            os.close(errors)

    def _browser(self) -> Client:
        browser = Client()
        if self.user is not None:
            browser.force_login(self.user)
        return browser

    def _token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}


def knocker(role: Role, recipe: Recipe | None, author: User) -> Knocker:
    """Return the account that has `role` towards `recipe` and towards what `author` wrote."""
    if role == Role.VISITOR:
        return Knocker(role)
    user = author if role == Role.AUTHOR else make_user(f"walker-{role.name.lower().replace('_', '-')}")
    user.rank = _RANKS.get(role, Rank.USER)
    user.terms_version = settings.TERMS_VERSION
    user.save()
    # While it still may: what the account becomes afterwards must be enough to stop it.
    secret = issue_token(user, *Scope)
    key = SshKey.objects.create(user=user, name="test", key_type="ssh-ed25519", blob=role.name, fingerprint=f"SHA256:{role.name}")
    if role == Role.FROZEN:
        User.objects.filter(pk=user.pk).update(frozen_at=timezone.now())
    elif role == Role.UNVERIFIED:
        user.emailaddress_set.update(verified=False)
    elif recipe is not None and role == Role.MAINTAINER:
        Recipe.objects.filter(pk=recipe.pk).update(maintainer=user)
    elif recipe is not None and role in CO_ROLES:
        CoMaintainer.objects.create(recipe=recipe, user=user, role=CO_ROLES[role], position=9, since=timezone.now())
    return Knocker(role, User.objects.get(pk=user.pk), secret, key.pk)
