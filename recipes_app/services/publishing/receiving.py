"""One push: git receive-pack takes it, the services publish it, and the user's git shows what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connection

from recipes_app.formats.findings import Finding, Severity
from recipes_app.limits import MAX_FINDINGS_SHOWN
from recipes_app.models import Revision
from recipes_app.repos.gitconfig import push_environment
from recipes_app.repos.pktline import (
    BAND_DATA,
    FLUSH,
    FramingError,
    accepted_references,
    packet,
    progress,
    read_packets,
    refuse_report,
)
from recipes_app.repos.process import CHUNK, GitProcess, Requests
from recipes_app.repos.push_rules import escape
from recipes_app.repos.store import NameTaken, store

from ..gates import provenance
from . import inspection, publish, review_words
from .git_access import PushTarget

logger = logging.getLogger(__name__)

_BANDS = (b"\x01", b"\x02", b"\x03")
_LATER = "error: git has your commits, but the site could not show them yet. It tries again by itself; you need not push again."


class Push:
    """A push under way: iterate to get git's answer, close at the end whatever happened in between.

    Progress goes to the client as it comes. The report of git, small and last, is held back until the push is published
    or has failed to be, so that the client is told the truth. A client that goes away changes nothing: what git accepted
    is published all the same. `cut_off` is called where a refused client does not stop sending. Every transport pushes through
    this: `requests` is what the client sends after it has read the advertisement, or the file descriptor where git reads it.
    """

    def __init__(self, target: PushTarget, requests: Requests | int, cut_off: Callable[[], None]) -> None:
        self._target = target
        self._cut_off = cut_off
        self._report = b""
        self._banded = False
        self._ended = False
        self._incoming: Path | None = None
        self._marker = store().pending(target.storage_name)
        try:
            if not target.exists:
                self._incoming = store().new_incoming()
            repository = self._incoming or store().intake(target.storage_name)
            self._process = GitProcess(
                ["receive-pack", "--stateless-rpc", str(repository)],
                push_environment(
                    target.user.username,
                    target.recipe_name,
                    may_rewrite=target.may_rewrite,
                    came_by=provenance.of(target.user).encoded(),
                ),
                repository,
                requests,
                pass_fds=(self._marker.descriptor,),
            )
        except BaseException:
            self._settle()
            raise

    def __iter__(self) -> Iterator[bytes]:
        """Yield the answer for the client."""
        yield from self._progress()
        lines = self._end()
        if self._banded:
            yield from map(progress, lines)
            for start in range(0, len(self._report), CHUNK // 2):
                yield packet(bytes([BAND_DATA]) + self._report[start : start + CHUNK // 2])
            yield FLUSH
        else:
            yield self._report

    def close(self) -> None:
        """Bring the push to its end, if the client did not wait for it."""
        if not self._ended:
            for _ in self._progress():
                continue
            self._end()

    def _progress(self) -> Iterator[bytes]:
        """Yield git's progress and what the hook says; keep the report."""
        try:
            for payload in read_packets(self._process.output):
                if payload is None:
                    self._report += b"" if self._banded else FLUSH
                elif payload[:1] not in _BANDS:
                    # No side band was agreed upon: the packets are the lines of the report themselves.
                    self._report += packet(payload)
                else:
                    self._banded = True
                    if payload[0] == BAND_DATA and len(payload) > 1:
                        self._report += payload[1:]
                    else:
                        yield packet(payload)
        except FramingError:
            # git was ended in the middle of a packet, by a limit or by the operator. What it had accepted is looked up.
            logger.warning("%s: git's answer to a push broke off", self._target.storage_name, exc_info=True)

    def _end(self) -> list[str]:
        """Wait for git and publish, once; return the lines for the user."""
        if self._ended:
            return []
        self._ended = True
        self._process.wait()
        if self._process.feeding:
            self._cut_off()
        self._process.close()
        return self._settle()

    def _settle(self) -> list[str]:
        """Make what git has accepted a recipe and publish it; leave the marker for the sweep where that fails."""
        name = self._target.storage_name
        # git may have taken long enough for the database to hang up; within a transaction that would show by itself.
        if not connection.in_atomic_block:
            close_old_connections()
        try:
            with self._marker.settling():
                result = self._publish()
        except Exception:
            logger.exception("%s: publishing failed; the marker stays for the sweep", name)
            return [_LATER] if accepted_references(self._report) else []
        finally:
            self._marker.close()
            if self._incoming is not None:
                store().discard(self._incoming)
        return list(_announcement(result)) if accepted_references(self._report) else []

    def _publish(self) -> publish.SyncResult:
        name = self._target.storage_name
        if not store().exists(name) and not accepted_references(self._report):
            return publish.SyncResult(recipe=None)
        self._adopt()
        # Read before the name is locked: hostile files hold up nobody else.
        inspected = inspection.inspect_pushed(name, store().push_history(name)) if accepted_references(self._report) else {}
        with store().lock(name):
            return publish.settle(name, inspected)

    def _adopt(self) -> None:
        """Give a first push its place in the store. Where another push was quicker, the client is told that it was refused."""
        if self._incoming is None or not accepted_references(self._report):
            return
        try:
            with store().lock(self._target.storage_name):
                store().adopt(self._incoming, self._target.storage_name)
        except (NameTaken, OSError) as error:
            logger.warning("%s: the first push could not be kept: %s", self._target.storage_name, error)
            self._report = refuse_report(self._report, str(error))


def _announcement(result: publish.SyncResult) -> Iterator[str]:
    """Yield what the user reads after a push that was taken."""
    if result.recipe is None:
        return
    for revision in result.new_revisions:
        yield review_words.announced(revision, result.recipe)
        yield from map(escape, review_words.reasons(revision))
        yield from _warnings(revision)
    for commit in result.unreadable:
        yield f"error: {commit[:12]} was not read in time and is not shown: make its files smaller or simpler, push again"
    if not result.new_revisions and result.recipe.version:
        yield f"{result.recipe.name} is at {escape(result.recipe.version)}"
    yield f"{settings.PORTAL_URL}{result.recipe.get_absolute_url()}"


def _warnings(revision: Revision) -> Iterator[str]:
    findings = [Finding.from_json(each) for each in revision.findings]
    found = [finding for finding in findings if finding.severity is Severity.WARNING]
    for finding in found[:MAX_FINDINGS_SHOWN]:
        yield f"warning: {escape(str(finding))}"
    if len(found) > MAX_FINDINGS_SHOWN:
        yield f"warning: and {len(found) - MAX_FINDINGS_SHOWN} more"
