"""What git's answer to a push, and a page, say of where a revision stands: published, held, delayed until when, and why."""

from __future__ import annotations

from collections.abc import Iterator

from recipes_app.limits import MAX_FINDINGS_SHOWN
from recipes_app.models import Hold, Recipe, Revision
from recipes_app.repos.push_rules import escape


def announced(revision: Revision, recipe: Recipe) -> str:
    """Return the line for the pusher: `published NAME VERSION (BRANCH)`, `held …`, or `delayed … until TIME`."""
    hold = _hold(revision)
    what = f"{recipe.name} {escape(revision.version)} ({revision.branch})"
    if hold is not None and hold.is_delayed and hold.release_at is not None:
        return f"delayed {what} until {hold.release_at:%Y-%m-%d %H:%M} UTC"
    return f"{revision.review} {what}"


def reasons(revision: Revision) -> Iterator[str]:
    """Yield why it waits, a line each, and who ends that; nothing for a published one."""
    hold = _hold(revision)
    if hold is None or revision.review != Revision.Review.HELD:
        return
    for reason in hold.reasons[:MAX_FINDINGS_SHOWN]:
        yield f"reason: {reason}"
    if hold.is_delayed:
        yield "It becomes current then by itself. A reviewer or a second member of the team may release it before, or stop it."
    elif hold.gates == ["staging"]:
        yield "A member of the team approves it on the page of the revision."
    else:
        yield "A trusted reviewer looks at it. Nothing else has to be pushed meanwhile."


def _hold(revision: Revision) -> Hold | None:
    return Hold.objects.filter(revision=revision).first() if revision.review == Revision.Review.HELD else None
