"""Mails about what opens an account: nobody can turn them off, and they go out whoever did it.

A new factor, another address and a changed password are told by allauth's own mails (ACCOUNT_EMAIL_NOTIFICATIONS).
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from recipes_app.models import User

from ..core import texts
from ..notifications import outbox
from . import security_history

_SUBJECT = 200


def tell(user: User, subject: Callable[[], str], detail: str = "", advice: Callable[[], str] | None = None) -> bool:
    """Mail `user` what happened, in their language, with time, address and browser; return whether there is an address.

    Call it in the transaction of what it tells of. `subject` says one line, `detail` which key, token or device, `advice` what
    to do besides looking at the security history.
    """
    address = EmailAddress.objects.filter(user=user, primary=True, verified=True).values_list("email", flat=True).first()
    if address is None:
        return False
    client, browser = security_history.origin()
    with translation.override(user.language or settings.LANGUAGE_CODE):
        line = subject()
        facts = {
            "site_name": settings.SITE_NAME,
            "username": user.username,
            "line": line,
            "detail": detail,
            "advice": advice() if advice else "",
            "at": timezone.now(),
            "client": client,
            "browser": browser,
            "history": settings.PORTAL_URL + reverse("security_history"),
        }
        body = render_to_string("mail/security.txt", facts)
        one_line = texts.shortened(" ".join(f"[{settings.SITE_NAME}] {line}".split()), _SUBJECT)
    outbox.put(EmailMessage(one_line, body, to=[address], headers={"Auto-Submitted": "auto-generated"}))
    return True
