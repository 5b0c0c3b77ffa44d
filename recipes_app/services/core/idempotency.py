"""Acts that are done once though they are asked for twice: draft-ietf-httpapi-idempotency-key-header.

A client that lost the answer to an act asks again with the same key, and gets the first answer instead of a second act.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from recipes_app.limits import IDEMPOTENCY_HOURS, MAX_KEPT_ANSWERS, MAX_REQUEST_MINUTES
from recipes_app.models import KeptAnswer, User

from .errors import Refused

HEADER = "Idempotency-Key"


def begin(user: User, key: str, fingerprint: str) -> KeptAnswer:
    """Reserve `key` for the request that `fingerprint` stands for; return its row, with the first answer where there is one.

    Without a status the act is the caller's to do, and `finish` or `forget` its duty. Raises Refused: in HEADER where the key
    stood for another request, code "in-progress" where that request is still under way, "too-many-keys".
    """
    now = timezone.now()
    if KeptAnswer.objects.filter(user=user).count() >= MAX_KEPT_ANSWERS:
        message = f"{MAX_KEPT_ANSWERS} keys in {IDEMPOTENCY_HOURS} hours are too many: send the request without {HEADER}"
        raise Refused(message, code="too-many-keys")
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(user=user, key=key, fingerprint=fingerprint, begun_at=now)
    except IntegrityError:
        row = KeptAnswer.objects.filter(user=user, key=key).first()
    if row is None or _take_over(row, fingerprint):
        # The other request was forgotten meanwhile, or long ago.
        return row or KeptAnswer.objects.create(user=user, key=key, fingerprint=fingerprint, begun_at=now)
    if row.fingerprint != fingerprint:
        raise Refused("this key was sent with another request: make a new one for each act", field=HEADER, code="other-request")
    if row.status is None:
        raise Refused("the first request with this key is still under way: ask again in some seconds", code="in-progress")
    return row


def _take_over(row: KeptAnswer, fingerprint: str) -> bool:
    """Make a row that is too old the present request's; return whether it was, and nobody else was quicker.

    No request lives for MAX_REQUEST_MINUTES: one without an answer after that died with its process.
    """
    now = timezone.now()
    lifetime = timedelta(minutes=MAX_REQUEST_MINUTES) if row.status is None else timedelta(hours=IDEMPOTENCY_HOURS)
    if row.begun_at > now - lifetime:
        return False
    same = KeptAnswer.objects.filter(pk=row.pk, begun_at=row.begun_at)
    if not same.update(begun_at=now, fingerprint=fingerprint, status=None, body=None):
        return False
    row.begun_at, row.fingerprint, row.status, row.body = now, fingerprint, None, None
    return True


def finish(row: KeptAnswer, status: int, body: Any) -> None:
    """Keep the answer of the request that reserved `row`."""
    KeptAnswer.objects.filter(pk=row.pk).update(status=status, body=body)


def forget(row: KeptAnswer) -> None:
    """Give the key back: the request failed by no fault of its own, and may be made again."""
    row.delete()


def drop_expired() -> int:
    """Remove answers that are kept for long enough; return how many. A beat task calls it."""
    oldest = timezone.now() - timedelta(hours=IDEMPOTENCY_HOURS)
    deleted, _rows = KeptAnswer.objects.filter(begun_at__lt=oldest).delete()
    return deleted
