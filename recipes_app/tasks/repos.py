"""Celery tasks of this room: the portal's own, beside the web."""

from __future__ import annotations

import logging

from ..repos.store import store
from ..services.operations import reconciliation
from .register import task

logger = logging.getLogger(__name__)


@task("repos")
def settle_interrupted_pushes() -> None:
    """Settle what acts left behind whose process died, and clear away first pushes that never came to an end."""
    for each in reconciliation.settle_interrupted():
        if not each.error:
            logger.warning("%s: an act was interrupted; database and git agree now", each.name)
    abandoned = store().discard_abandoned()
    if abandoned:
        logger.warning("%d abandoned first pushes removed", abandoned)


@task("repos")
def pack_repositories() -> None:
    """Pack the repositories that have become untidy; what cannot be packed is noted as damaged."""
    packed, failed = reconciliation.pack_repositories()
    logger.info("%d repositories packed, %d could not be", packed, len(failed))
