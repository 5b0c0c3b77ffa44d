"""From notifications to mails: one at once for each, or one digest a day for all. Only ever called by a worker.

A notification's `mailed_at` and its mail's row in the outbox are written in one transaction under the notification's lock, so
that a task that runs twice makes one mail, and one that dies makes none that is not made again by the sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from recipes_app.limits import MAIL_BATCH, MAIL_OVERDUE_MINUTES, MAX_DIGEST_LINES
from recipes_app.models import MailTime, Notification, User

from . import mail_choices, outbox

_SUBJECT = 200


def mail_at_once(ids: Sequence[int]) -> int:
    """Make the mails of the notifications `ids` that are to be mailed at once and are not yet; return how many were made."""
    with transaction.atomic():
        rows = _locked(Notification.objects.filter(pk__in=ids, mail=MailTime.AT_ONCE))
        addresses = _verified_addresses(rows)
        for row in rows:
            if row.user_id in addresses:
                outbox.put(_notification_mail(row, addresses[row.user_id]))
        return _settle(rows, addresses)


def mail_digest(user_id: int) -> bool:
    """Make one mail of all that waits for the digest of `user_id`; return whether there was anything to tell."""
    with transaction.atomic():
        rows = _locked(Notification.objects.filter(user=user_id, mail=MailTime.DAILY))
        addresses = _verified_addresses(rows)
        if rows and addresses:
            outbox.put(_digest_mail(rows, addresses[user_id]))
        return _settle(rows, addresses) > 0


def accounts_with_digest() -> list[int]:
    """Return the numbers of the accounts for which something waits for the daily digest."""
    waiting = Notification.objects.filter(mail=MailTime.DAILY, mailed_at=None)
    return list(waiting.order_by("user").values_list("user", flat=True).distinct())


def overdue() -> list[int]:
    """Return the numbers of notifications that should have been mailed a while ago: their message was lost."""
    before = timezone.now() - timedelta(minutes=MAIL_OVERDUE_MINUTES)
    late = Notification.objects.filter(mail=MailTime.AT_ONCE, mailed_at=None, created_at__lt=before)
    return list(late.order_by("created_at").values_list("pk", flat=True)[:MAIL_BATCH])


def _locked(rows: QuerySet[Notification]) -> list[Notification]:
    unmailed = rows.filter(mailed_at=None).select_for_update(no_key=True, of=("self",))
    return list(unmailed.select_related("user", "recipe", "comment").order_by("pk"))


def _verified_addresses(rows: Sequence[Notification]) -> dict[int, str]:
    """Return the address of each account that has proved one and is open. Mail goes nowhere else."""
    people = {row.user_id for row in rows}
    proved = EmailAddress.objects.filter(user__in=people, user__is_active=True, primary=True, verified=True)
    return dict(proved.values_list("user_id", "email"))


def _settle(rows: Sequence[Notification], addresses: dict[int, str]) -> int:
    """Mark what was mailed, and what never can be; return how many were."""
    mailed = [row.pk for row in rows if row.user_id in addresses]
    Notification.objects.filter(pk__in=mailed).update(mailed_at=timezone.now())
    unreachable = [row.pk for row in rows if row.user_id not in addresses]
    Notification.objects.filter(pk__in=unreachable).update(mail=MailTime.NEVER)
    return len(mailed)


def _notification_mail(row: Notification, address: str) -> EmailMessage:
    recipe_id = row.recipe_id
    unsubscribe = mail_choices.unsubscribe_url(row.user_id, row.kind, recipe_id)
    headers = _headers(unsubscribe)
    headers["Message-ID"] = f"<notification.{row.pk}@{outbox.mail_domain()}>"
    if row.recipe is not None:
        # No mail has this number: readers gather under it all that was said about the recipe.
        thread = f"<recipe.{row.recipe.pk}@{outbox.mail_domain()}>"
        headers |= {"In-Reply-To": thread, "References": thread}
        headers["List-Id"] = f"<{row.recipe.name}.recipes.{outbox.mail_domain()}>"
    with _language_of(row.user):
        facts = {"row": row, "words": _comment_words(row), "unsubscribe": unsubscribe, **_site()}
        subject = f"{row.recipe.name}: {row.text}" if row.recipe is not None else row.text
        return _message(subject, render_to_string("mail/notification.txt", facts), address, headers)


def _comment_words(row: Notification) -> str:
    """Return the words of the comment that the notification is about: as they stand now, and none where it is hidden."""
    return row.comment.text if row.comment is not None and row.comment.hidden_at is None else ""


def _digest_mail(rows: Sequence[Notification], address: str) -> EmailMessage:
    user = rows[0].user
    unsubscribe = mail_choices.unsubscribe_url(user.pk, mail_choices.DIGEST, None)
    by_recipe: dict[str, list[Notification]] = {}
    for row in rows[:MAX_DIGEST_LINES]:
        by_recipe.setdefault(row.recipe.name if row.recipe else "", []).append(row)
    headers = _headers(unsubscribe)
    # The last row of a digest is in no other, so the number is this digest's alone.
    headers["Message-ID"] = f"<digest.{rows[-1].pk}@{outbox.mail_domain()}>"
    with _language_of(user):
        facts = {"groups": by_recipe, "left_out": max(0, len(rows) - MAX_DIGEST_LINES), "unsubscribe": unsubscribe, **_site()}
        subject = ngettext("%(count)d message today", "%(count)d messages today", len(rows)) % {"count": len(rows)}
        return _message(subject, render_to_string("mail/digest.txt", facts), address, headers)


def _headers(unsubscribe: str) -> dict[str, str]:
    """Return what every mail of notifications carries: one-click unsubscribe (RFC 8058) and "no one wrote this" (RFC 3834)."""
    return {
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }


def _message(subject: str, body: str, address: str, headers: dict[str, str]) -> EmailMessage:
    one_line = " ".join(f"[{settings.SITE_NAME}] {subject}".split())
    return EmailMessage(one_line[:_SUBJECT], body, to=[address], headers=headers)


def _site() -> dict[str, Any]:
    choices = settings.PORTAL_URL + reverse("mail_choices")
    return {"site_name": settings.SITE_NAME, "portal_url": settings.PORTAL_URL, "choices": choices}


def _language_of(user: User) -> translation.override:
    return translation.override(user.language or settings.LANGUAGE_CODE)
