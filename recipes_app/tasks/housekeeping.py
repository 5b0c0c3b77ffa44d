"""Celery tasks of time. Each may run twice, or late: what is due is found in the rows, not in the schedule."""

from __future__ import annotations

import logging

from ..services.accounts import mail_domains
from ..services.core import idempotency
from ..services.dumps import making
from ..services.moderation import malware, requests
from ..services.operations import pruning
from ..services.ownership import invitations
from ..services.publishing import publish, reviews
from .register import task

logger = logging.getLogger(__name__)


@task("housekeeping")
def sweep_requests() -> None:
    """Let adoptions through whose waiting time is over, and close stale requests."""
    adopted, stale = requests.sweep()
    if adopted or stale:
        logger.info("requests: %d adoptions went through, %d closed as stale", adopted, stale)


@task("housekeeping")
def drop_expired_invitations() -> None:
    """Remove invitations that ran out."""
    if number := invitations.drop_expired():
        logger.info("invitations: %d ran out", number)


@task("housekeeping")
def drop_kept_answers() -> None:
    """Remove the answers of the API that were kept for a second request."""
    if number := idempotency.drop_expired():
        logger.info("API: %d kept answers ran out", number)


@task("housekeeping")
def prune() -> None:
    """Remove sessions that are over, old notifications and old logs."""
    gone = {kind: number for kind, number in pruning.prune().items() if number}
    if gone:
        logger.info("pruned: %s", ", ".join(f"{number} {kind}" for kind, number in gone.items()))


@task("housekeeping")
def make_dumps() -> None:
    """Write the catalogue down, where it differs from the newest dump."""
    try:
        made = making.make()
    except making.DumpRunning:
        # Another worker is at it; the next turn finds what it leaves out.
        logger.info("dumps: another worker makes one")
        return
    if made.changed:
        logger.info("dumps: %d has %d recipes, %d changed", made.serial, made.recipes, made.changed)


@task("housekeeping")
def release_delayed_revisions() -> None:
    """Publish the delayed revisions whose time has come and that nobody stopped."""
    if number := publish.release_due():
        logger.info("delays: %d revisions became current", number)


@task("housekeeping")
def see_to_reviews() -> None:
    """Remind the reviewers of what waits, and close what nobody has decided on."""
    reminded, closed = reviews.remind(), publish.close_stale_reviews()
    if reminded or closed:
        logger.info("reviews: reminded of %d, closed %d", reminded, closed)


@task("housekeeping")
def check_mail_domains() -> None:
    """Ask DNS whether the domains of accounts' addresses are still there."""
    if lost := mail_domains.check():
        logger.info("mail domains: %d are gone: %s", len(lost), ", ".join(lost))


@task("housekeeping")
def act_on_reports() -> None:
    """Take out what enough accounts call malicious, where the process that took the last report died before it could."""
    if number := malware.sweep():
        logger.warning("reports: %d recipes were acted on late", number)
