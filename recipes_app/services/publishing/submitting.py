"""A push that begins in the browser: files in memory become a commit that enters as any push does, by the same hook and rules.

Whatever the hook says against it is handed back whole, for the form to show; nothing is stored then.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.utils.translation import gettext as _

from recipes_app.models import Recipe, User
from recipes_app.repos.commits import NothingChanged, draft_push
from recipes_app.repos.drafts import Draft
from recipes_app.repos.pktline import BAND_DATA, BAND_PROGRESS, accepted_references, read_packets
from recipes_app.repos.push_rules import MAIN, MAIN_BRANCH
from recipes_app.repos.store import InvalidName, store

from ..core.errors import Refused
from .git_access import PushTarget, push_target
from .receiving import Push

_HOOKS_LAST_LINE = "The push was refused and nothing of it was stored."
_ERROR = "error: "


class PushRefused(Refused):
    """The push rules took nothing of it; `lines` are all they say, as git's client would have shown them."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines), code="push-refused")
        self.lines = lines


@dataclass(frozen=True)
class Submitted:
    """A commit that was taken. `lines` say what the site made of it: published or held, warnings, the address."""

    recipe: Recipe
    commit: str
    lines: tuple[str, ...]


def target_of(user: User, name: str) -> PushTarget:
    """Return where `user` may submit `name`. Raises PermissionDenied, and Refused at the field `name`."""
    try:
        return push_target(user, name)
    except InvalidName as error:
        raise Refused(str(error), field="name", code="bad-name") from error


def tip_of(target: PushTarget) -> str:
    """Return the commit at the tip of main in git, held or published; empty for a recipe that is not there yet."""
    return store().branches(target.storage_name).get(MAIN_BRANCH, "") if target.exists else ""


def submit(target: PushTarget, draft: Draft, *, parent: str) -> Submitted:
    """Commit `draft` upon `parent` (empty: the first commit) and push it to main of `target`.

    Raises PushRefused with what the rules say, and Refused: code "moved" where main is not at `parent` any more, "unchanged"
    where the commit would change nothing. OSError where git cannot be run; nothing is stored then either.
    """
    if tip_of(target) != parent:
        raise Refused(_("main has moved meanwhile: somebody pushed to it"), code="moved")
    workshop = store().new_incoming()
    try:
        repository = store().intake(target.storage_name) if parent else None
        request = draft_push(workshop, repository, parent, target.user.username, draft)
    except NothingChanged as error:
        raise Refused(_("nothing changed: the files are as they are already"), code="unchanged") from error
    finally:
        store().discard(workshop)
    push = Push(target, request, lambda: None)
    try:
        answer = b"".join(push)
    finally:
        push.close()
    return _outcome(target, request.commit, answer)


def _outcome(target: PushTarget, commit: str, answer: bytes) -> Submitted:
    """Return what came of the push by git's own answer. Raises PushRefused."""
    report, said = b"", b""
    for payload in read_packets(io.BytesIO(answer)):
        if payload and payload[0] == BAND_DATA:
            report += payload[1:]
        elif payload and payload[0] == BAND_PROGRESS:
            said += payload[1:]
    lines = [line.rstrip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    if MAIN not in accepted_references(report):
        reasons = [line.removeprefix(_ERROR) for line in lines if line != _HOOKS_LAST_LINE]
        raise PushRefused(reasons or [_why_not(report)])
    recipe = Recipe.objects.filter(storage_name=target.storage_name).first()
    if recipe is None:
        raise Refused("\n".join(lines), code="unpublished")
    return Submitted(recipe, commit, tuple(lines))


def _why_not(report: bytes) -> str:
    """Return git's own reason, of its report: that somebody was quicker, or that it could not read what it was sent."""
    lines = [payload for payload in read_packets(io.BytesIO(report)) if payload]
    refused = [line.decode("utf-8", "replace").strip() for line in lines if line.startswith((b"ng ", b"unpack "))]
    reasons = [line.removeprefix(f"ng {MAIN} ") for line in refused if line != "unpack ok"]
    return reasons[0] if reasons else "git took nothing and gave no reason: try again"
