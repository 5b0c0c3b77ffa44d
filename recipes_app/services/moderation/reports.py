"""Reports: what readers tell the moderators, and nobody else, about malware, abuse and spam."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.languages import english
from recipes_app.models import Comment, Notification, QueueEntry, Recipe, Report, User

from ..audit import events, moderation_queue
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..core.retrying import retried
from ..ownership.ownership import lock
from . import malware


@dataclass(frozen=True)
class Subject:
    """What a report is about: one of the three."""

    recipe: Recipe | None = None
    comment: Comment | None = None
    account: User | None = None

    @property
    def label(self) -> str:
        """What it is, for the queue."""
        if self.comment is not None:
            return f"comment {self.comment.pk} by {self.comment.author_name}"
        if self.account is not None:
            return f"account {self.account.username}"
        return self.recipe.name if self.recipe is not None else ""


@retried
def file(user: User, kind: Report.Kind, subject: Subject, text: str) -> Report:
    """Report `subject`, of a recipe the revision that people get now. See `malware` for what two accounts bring about.

    Raises PermissionDenied, Refused where words or the subject are missing, or the same report of `user` waits.
    """
    recipe = subject.recipe or (subject.comment.recipe if subject.comment else None)
    require(Action.REPORT, user, recipe)
    if not subject.label:
        raise Refused(_("say what you report: a recipe, a comment or an account"), field="subject", code="blank")
    words = texts.checked(text, "text", blank=_("say what you saw, and where"))
    with transaction.atomic():
        locked = lock(recipe) if recipe is not None else None
        mine = Report.objects.filter(
            reporter=user, kind=kind, recipe=recipe, comment=subject.comment, account=subject.account, decided_at=None
        )
        if mine.exists():
            raise Refused(_("you have reported this already: a moderator will look at it"), code="already")
        report = Report.objects.create(
            kind=kind, recipe=recipe, comment=subject.comment, account=subject.account,
            revision=locked.current if locked else None, text=words, reporter=user, reporter_name=user.username,
        )  # fmt: skip
        with english():
            summary = f"{kind.label}: {subject.label}: {words}"
        moderation_queue.open_entry(QueueEntry.Kind.REPORT, report.pk, recipe=recipe, account=user, summary=summary)
    if kind == Report.Kind.MALWARE and locked is not None:
        malware.act_if_reported_enough(locked)
    return report


def decide(user: User, report: Report, *, uphold: bool, decision: str) -> None:
    """Close a report with words. What follows from it (quarantine, freeze, a hidden comment) is an act of its own.

    Raises PermissionDenied, Refused.
    """
    require(Action.DECIDE_REPORT, user, report.recipe)
    words = texts.checked(decision, "decision", blank=_("say what you found: the reporter is told"))
    with transaction.atomic():
        locked = (
            Report.objects.select_for_update(no_key=True, of=("self",)).select_related("recipe", "reporter").get(pk=report.pk)
        )
        if locked.decided_at is not None:
            raise Refused(
                _("%(user)s has decided this report already") % {"user": locked.decided_by_name},
                code="already-decided",
            )
        locked.upheld = uphold
        locked.decision = words
        locked.decided_at = timezone.now()
        locked.decided_by_name = user.username
        locked.save(update_fields=["upheld", "decision", "decided_at", "decided_by_name"])
        events.publish(events.Happened(
            EventKind.REPORT_DECIDED, user, recipe=locked.recipe, ends=(QueueEntry.Kind.REPORT, locked.pk),
            public={"report": locked.pk, "kind": locked.kind, "upheld": uphold},
            private={"reporter": locked.reporter_name, "text": locked.text, "decision": locked.decision},
            told=events.Told(
                Notification.Kind.MODERATION, lambda: _("Your report was decided: %(decision)s") % {"decision": locked.decision},
                locked.recipe.get_absolute_url() if locked.recipe else "/", [locked.reporter],
            ),
        ))  # fmt: skip
