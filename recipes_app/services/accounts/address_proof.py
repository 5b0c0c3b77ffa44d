"""Proving an address again, so that it recovers the account: a link by mail that only who is signed in can use."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from recipes_app.limits import ADDRESS_PROOF_HOURS
from recipes_app.models import User

from ..core import pace
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..notifications import outbox
from . import mail_domains

_SALT = "address-proof"
_MAILS_PER_HOUR = 5


def send(user: User) -> None:
    """Mail a link to the address of `user`, who lost the right to recover by it. Raises PermissionDenied, Refused, TooOften."""
    require(Action.EDIT_ACCOUNT, user)
    if mail_domains.may_recover(user):
        raise Refused(_("your address can recover your account: there is nothing to prove"), code="already")
    words = _("a link was sent a short time ago: look for it, or wait an hour")
    pace.spend(f"address-proof:{pace.name_of(user)}", _MAILS_PER_HOUR, 3_600, words)
    key = _signer().sign_object({"user": user.pk, "address": user.email})
    with translation.override(user.language or settings.LANGUAGE_CODE), transaction.atomic():
        link = settings.PORTAL_URL + reverse("prove_address", args=[key])
        facts = {"site_name": settings.SITE_NAME, "username": user.username, "link": link, "hours": ADDRESS_PROOF_HOURS}
        subject = f"[{settings.SITE_NAME}] {_('Prove your address')}"
        outbox.put(EmailMessage(subject, render_to_string("mail/address_proof.txt", facts), to=[user.email]))


def accept(user: User, key: str) -> None:
    """Let the address of `user` recover the account again, where `key` is of a link that was mailed there. Raises Refused."""
    require(Action.EDIT_ACCOUNT, user)
    try:
        said = _signer().unsign_object(key, max_age=ADDRESS_PROOF_HOURS * 3_600)
    except BadSignature as error:
        raise Refused(_("this link has ended, or is not whole: let another one be sent"), code="bad-link") from error
    if said != {"user": user.pk, "address": user.email}:
        raise Refused(_("this link is for another account or another address"), code="bad-link")
    mail_domains.give_back(user)


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=_SALT)
