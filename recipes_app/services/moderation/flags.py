"""Flags: somebody says that something is wrong with a recipe. open -> answered -> resolved | rejected.

Flags about packaging (out of date, broken) are the maintainers' to close; those about licence, model class and malice are the
moderators', since the maintainer is a party to them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.languages import english
from recipes_app.limits import MAX_EVIDENCE_LENGTH, MAX_OPEN_FLAGS_PER_ACCOUNT
from recipes_app.models import Flag, Notification, QueueEntry, Recipe, User

from ..audit import events, moderation_queue
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, allowed, require
from ..core.retrying import retried
from ..notifications import notify, webhooks
from ..ownership.ownership import lock
from . import malware

Kind = Flag.Kind
State = Flag.State
_SUBJECT = 200
OPEN_STATES = (State.OPEN, State.ANSWERED)


@dataclass(frozen=True)
class FlagText:
    """What a flagger writes. `subject` (a model's or a file's name) and `proposed_class` are for licence and ToxicCandy flags."""

    text: str
    evidence: str = ""
    subject: str = ""
    proposed_class: str = ""


@retried
def raise_flag(user: User, recipe: Recipe, kind: Kind, words: FlagText) -> Flag:
    """Flag `recipe`. Raises PermissionDenied, and Refused where words are missing, or the same flag of `user` is open."""
    require(Action.FLAG, user, recipe)
    words = _checked(kind, words)
    with transaction.atomic():
        locked = lock(recipe)
        mine = Flag.objects.filter(author=user, state__in=OPEN_STATES)
        if mine.filter(recipe=locked, kind=kind, subject=words.subject).exists():
            raise Refused(
                _("you have flagged %(recipe)s as %(kind)s already: wait for its answer")
                % {"recipe": recipe.name, "kind": kind.label},
                code="already",
            )
        if mine.count() >= MAX_OPEN_FLAGS_PER_ACCOUNT:
            raise Refused(
                _("you have %(most)s open flags: wait until some are answered") % {"most": MAX_OPEN_FLAGS_PER_ACCOUNT},
                code="too-many",
            )
        flag = Flag.objects.create(
            recipe=locked,
            revision=locked.current,
            kind=kind,
            subject=words.subject,
            proposed_class=words.proposed_class,
            text=words.text,
            evidence=words.evidence,
            author=user,
            author_name=user.username,
        )
        _count(locked)
        if kind.is_ruled:
            with english():
                summary = f"{kind.label}: {words.text}"
            moderation_queue.open_entry(QueueEntry.Kind.FLAG, flag.pk, recipe=locked, account=user, summary=summary)
        values = {"user": user.username, "recipe": recipe.name, "kind": kind.label}
        notify.notify_followers(
            Notification.Kind.FLAG, locked, actor=user, url=recipe.get_absolute_url() + "#flags",
            text=lambda: _("%(user)s flagged %(recipe)s: %(kind)s.") % values,
        )  # fmt: skip
        facts = {"flag": flag.pk, "kind": kind.value, "subject": words.subject, "proposed_class": words.proposed_class}
        webhooks.emit(locked, webhooks.FLAGGED, {**facts, "actor": user.username})
    if kind == Kind.MALICIOUS:
        malware.act_if_reported_enough(locked)
    return flag


def _checked(kind: Kind, words: FlagText) -> FlagText:
    """Return the words as they are kept. Raises Refused for a flag that nobody could act on."""
    classes = kind.classes
    text = texts.checked(words.text, "text", blank=_("say what is wrong: a flag without words cannot be answered"))
    evidence = texts.checked(words.evidence, "evidence", most=MAX_EVIDENCE_LENGTH)
    nameless = _("name the model or the file that you mean") if classes else ""
    subject = texts.checked(words.subject, "subject", blank=nameless, most=_SUBJECT)
    if classes and words.proposed_class not in classes:
        raise Refused(
            _("say which class you think right: %(choices)s") % {"choices": ", ".join(classes)},
            field="proposed_class",
            code="bad-class",
        )
    return FlagText(text, evidence, subject, words.proposed_class)


def _count(recipe: Recipe) -> None:
    """Write the columns of the locked `recipe` that lists and rules read; the only place that does."""
    still_open = Flag.objects.filter(recipe=recipe, state__in=OPEN_STATES)
    recipe.open_flags = still_open.count()
    recipe.out_of_date_since = still_open.filter(kind=Kind.OUT_OF_DATE).aggregate(oldest=Min("created_at"))["oldest"]
    recipe.save(update_fields=["open_flags", "out_of_date_since"])


@retried
def answer(user: User, flag: Flag, text: str) -> None:
    """Answer a flag for the maintainers; it stays open for its decision. Raises PermissionDenied, Refused."""
    require(Action.ANSWER_FLAG, user, flag.recipe)
    words = texts.checked(text, "text", blank=_("an answer needs words"))
    with transaction.atomic():
        locked = _locked(flag)
        locked.state = State.ANSWERED
        locked.answer = words
        locked.answered_by_name = user.username
        locked.answered_at = timezone.now()
        locked.save(update_fields=["state", "answer", "answered_by_name", "answered_at"])
        notify.notify(
            Notification.Kind.FLAG, [locked.author] if locked.author else [], recipe=flag.recipe, actor=user,
            text=lambda: _("Your flag on %(recipe)s was answered.") % {"recipe": flag.recipe.name},
            url=flag.recipe.get_absolute_url() + "#flags",
        )  # fmt: skip


@retried
def close(user: User, flag: Flag, *, resolved: bool, decision: str) -> None:
    """Resolve or reject a flag, with words. Who may depends on its kind. Raises PermissionDenied, Refused."""
    require(Action.RULE_FLAG if Kind(flag.kind).is_ruled else Action.CLOSE_FLAG, user, flag.recipe)
    words = texts.checked(decision, "decision", blank=_("say why: the flagger and the readers want to know"))
    with transaction.atomic():
        _close(_locked(flag), user, State.RESOLVED if resolved else State.REJECTED, words)


@retried
def withdraw(user: User, flag: Flag) -> None:
    """Take a flag back. Raises PermissionDenied, Refused where it is closed."""
    require(Action.WITHDRAW_FLAG, user, flag.recipe, author_id=flag.author_id)
    with transaction.atomic():
        _close(_locked(flag), user, State.REJECTED, "taken back")


@retried
def unflag(user: User, recipe: Recipe, why: str) -> int:
    """Close the open out-of-date flags of `recipe` that are `user`'s to close; return how many.

    His own are taken back; others' are resolved where he may close flags, with `why` as the decision that they need.
    Raises PermissionDenied, and Refused where none is his to close.
    """
    with transaction.atomic():
        found = recipe.flags.filter(kind=Kind.OUT_OF_DATE, state__in=OPEN_STATES).select_related("author", "recipe")
        mine = [flag for flag in found if flag.author_id == user.pk]
        others = [flag for flag in found if flag.author_id != user.pk and allowed(Action.CLOSE_FLAG, user, recipe)]
        for flag in mine:
            withdraw(user, flag)
        for flag in others:
            close(user, flag, resolved=True, decision=why)
        if not mine and not others:
            require(Action.FLAG, user, recipe)
            raise Refused(
                _("%(recipe)s has no open out-of-date flag that is yours to close") % {"recipe": recipe.name}, code="no-flag"
            )
    return len(mine) + len(others)


def _locked(flag: Flag) -> Flag:
    """Return the flag, locked; raise Refused where it is closed."""
    fresh = Flag.objects.select_for_update(no_key=True, of=("self",)).select_related("recipe", "author").get(pk=flag.pk)
    if fresh.state not in OPEN_STATES:
        raise Refused(_("this flag is %(state)s already") % {"state": fresh.get_state_display()}, code="already-decided")
    return fresh


def _close(flag: Flag, actor: User, state: State, decision: str) -> None:
    flag.state = state
    flag.decision = decision
    flag.decided_by_name = actor.username
    flag.decided_at = timezone.now()
    flag.save(update_fields=["state", "decision", "decided_by_name", "decided_at"])
    _count(lock(flag.recipe))
    values = {"recipe": flag.recipe.name, "state": state.label, "decision": decision}
    events.publish(events.Happened(
        EventKind.FLAG_DECIDED, actor, recipe=flag.recipe, account=flag.author, ends=(QueueEntry.Kind.FLAG, flag.pk),
        public={"flag": flag.pk, "kind": flag.kind, "state": state.value, "decision": decision},
        told=events.Told(
            Notification.Kind.FLAG, lambda: _("Your flag on %(recipe)s: %(state)s. %(decision)s") % values,
            flag.recipe.get_absolute_url() + "#flags", [flag.author],
        ),
    ))  # fmt: skip


def of_recipe(recipe: Recipe) -> list[Flag]:
    """Return all flags of `recipe`, open ones first, then the newest. One query."""
    flags = recipe.flags.select_related("revision").order_by("-created_at", "-id")
    return sorted(flags, key=lambda flag: flag.state not in OPEN_STATES)
