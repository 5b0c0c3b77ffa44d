"""How a push came: by which key, token or form, whether the account has a second factor, and who signed the commit.

The transport notes it on the account that it signed in (`note`); the push writes it into git's reflog beside the account's name
(`repos.gitconfig.committer`), so that it outlives a crash as the push itself does; publishing reads it there and keeps it in
`Revision.came_by`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from recipes_app.formats.effects import Change, Effect
from recipes_app.models import ApiToken, Revision, SshKey, User
from recipes_app.repos.signatures import Signature

from ..core.permissions import has_second_factor

SSH_KEY, TOKEN, RECIPE_TOKEN, SITE = "ssh-key", "token", "recipe-token", "site"
# The stronger way first: a person at a browser or a key of a person's machine, before secrets that stand in files.
_STRENGTH = (SITE, SSH_KEY, RECIPE_TOKEN, TOKEN)
_NOTED = "_provenance"


@dataclass(frozen=True)
class Provenance:
    """How one push came. `credential` is a key's fingerprint or a token's first characters; `signature` who signed the commit."""

    kind: str = ""
    credential: str = ""
    second_factor: bool = False
    signature: str = ""

    @property
    def is_known(self) -> bool:
        """Whether anything was noted: pushes from before, and those of a restored repository, say nothing."""
        return bool(self.kind)

    @property
    def is_by_token(self) -> bool:
        """Whether a token stood for the account, as in CI."""
        return self.kind in (TOKEN, RECIPE_TOKEN)

    def encoded(self) -> str:
        """Return it as one word for git's reflog, without a character that git would take out of a name."""
        if not self.is_known:
            return ""
        facts = {"kind": self.kind, "credential": self.credential, "factor": "1" if self.second_factor else "0"}
        return urlencode({name: value for name, value in facts.items() if value})

    @classmethod
    def decoded(cls, text: str) -> Self:
        """Return what `encoded` wrote; unknown where `text` is nothing of the kind."""
        facts = dict(parse_qsl(text))
        if facts.get("kind") not in _STRENGTH:
            return cls()
        return cls(facts["kind"], facts.get("credential", "")[:80], facts.get("factor") == "1")

    def to_json(self) -> dict[str, Any]:
        """Return it as `Revision.came_by` keeps it: nothing where nothing is known."""
        return dataclasses.asdict(self) if self.is_known or self.signature else {}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        names = {each.name for each in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in names})

    def signed(self, signature: Signature | None) -> Provenance:
        """Return it with the signature of the commit."""
        return dataclasses.replace(self, signature=str(signature) if signature else "")


def by_key(key: SshKey) -> Provenance:
    """Return the provenance of what comes with an SSH key."""
    return Provenance(SSH_KEY, key.fingerprint)


def by_token(token: ApiToken) -> Provenance:
    """Return the provenance of what comes with a token."""
    return Provenance(RECIPE_TOKEN if token.recipe_id else TOKEN, token.hint)


def note(user: User, provenance: Provenance) -> None:
    """Keep on `user`, as this request or session signed it in, how it came."""
    user.__dict__[_NOTED] = provenance


def of(user: User) -> Provenance:
    """Return how `user` came; an account that no transport signed in sits at a form of the site. One query."""
    noted = user.__dict__.get(_NOTED)
    came = noted if isinstance(noted, Provenance) else Provenance(SITE)
    return dataclasses.replace(came, second_factor=has_second_factor(user))


def credential_since(user: User, provenance: Provenance) -> datetime | None:
    """Return when the credential was made; None where it has no age (the site) or is gone."""
    if provenance.kind == SSH_KEY:
        keys = SshKey.objects.filter(user=user, fingerprint=provenance.credential)
        return keys.order_by("-created_at").values_list("created_at", flat=True).first()
    if provenance.is_by_token:
        tokens = ApiToken.objects.filter(user=user, hint=provenance.credential)
        return tokens.order_by("-created_at").values_list("created_at", flat=True).first()
    return None


def changes(old: Revision | None, new: Provenance) -> Iterator[Change]:
    """Yield what got lost of the provenance since the published revision `old`; nothing where either side is unknown."""
    if old is None:
        return
    before = Provenance.from_json(old.came_by)
    if before.signature and before.signature != new.signature:
        how = f"is signed by {new.signature}" if new.signature else "has no signature"
        yield _identity(f"The commit {how}; the published one was signed by {before.signature}.")
    if not (before.is_known and new.is_known):
        return
    if before.second_factor and not new.second_factor:
        yield _identity("The account that pushed has no second factor; that of the published revision had one.")
    if _STRENGTH.index(new.kind) > _STRENGTH.index(before.kind):
        yield _identity(f"It came by {WORDS[new.kind]}; the published revision came by {WORDS[before.kind]}.")


WORDS = {
    SSH_KEY: "an SSH key",
    TOKEN: "a token for all recipes",
    RECIPE_TOKEN: "a token for this recipe alone",
    SITE: "a form of the site",
}


def _identity(text: str) -> Change:
    return Change(Effect.IDENTITY, "", None, text)
