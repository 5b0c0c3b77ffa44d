"""Celery tasks of this room: the portal's own, beside the web."""

from __future__ import annotations

import logging

from celery import shared_task

from ..services import publish
from .store import store

logger = logging.getLogger(__name__)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def settle_interrupted_pushes() -> None:
    """Publish what pushes left behind whose process died, and clear away first pushes that never came to an end."""
    for name in publish.settle_interrupted():
        logger.warning("%s: a push was interrupted; what git had accepted is published now", name)
    abandoned = store().discard_abandoned()
    if abandoned:
        logger.warning("%d abandoned first pushes removed", abandoned)
