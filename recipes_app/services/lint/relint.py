"""Re-lint: a stage of every current revision once more, at the lowest priority, when its tool or the tool's rules have changed.

A run begins by itself when a runner tells of a version that is new here (`lint_versions`), or by a moderator. `go_on`, called
each minute, queues the next portion, counts, and ends it. Each recipe gets a job and a sandbox of its own: docs/lint.md says why.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.limits import RELINT_PORTION
from recipes_app.lint.protocol.stages import Mode, Stage
from recipes_app.models import LintJob, LintPriority, LintState, LintTool, Recipe, RelintRun, Revision, Switch, User

from ..core import locks, switches
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..core.retrying import retried
from . import queue, stages, versions

STAGES = (Stage.RECIPE_CHECKS, Stage.SOURCE_LINT)
UNFINISHED = (RelintRun.State.RUNNING, RelintRun.State.PAUSED)
_VERDICTS = (LintState.PASSED, LintState.FAILED)


def named(stage: str) -> Stage:
    """Return the stage of that name. Raises Refused for one that is not run again for all."""
    if stage not in STAGES:
        known = ", ".join(STAGES)
        words = _("%(stage)r is no stage that is run again for all: there are %(known)s") % {"stage": stage[:40], "known": known}
        raise Refused(words, field="stage", code="no-stage")
    return Stage(stage)


def start(user: User | AnonymousUser | None, stage: Stage) -> RelintRun:
    """Begin a run of `stage` for what the newest tool has not looked at. Raises PermissionDenied, and Refused as `begin` does."""
    require(Action.RELINT, user)
    return begin(stage, user.username if isinstance(user, User) else "")


def begin(stage: Stage, by: str = "") -> RelintRun:
    """Begin a run of `stage` and queue its first portion; `by` is the name of who asked, empty for the site itself.

    A run of an older tool that is not finished ends, and the new one takes its jobs and whether it is paused. Raises Refused
    where no runner has told of a tool, where a run of this tool is under way, and where it has looked at every recipe.
    """
    tool = versions.newest(stage)
    if tool is None:
        words = _("no runner has told which %(stage)s of this release it has: start one, and try again") % {"stage": stage}
        raise Refused(words, code="no-tool")
    with transaction.atomic():
        run = _begin(tool, by)
    go_on_with(run)
    run.refresh_from_db()
    return run


def _begin(tool: LintTool, by: str) -> RelintRun:
    older = RelintRun.objects.select_for_update(no_key=True).filter(stage=tool.stage, state__in=UNFINISHED).first()
    if older is not None and (older.tool_version, older.profile) == (tool.tool_version, tool.profile):
        raise Refused(_("a run for %(tool)s goes on already") % {"tool": tool}, code="already")
    run = RelintRun(stage=tool.stage, tool=tool.tool, tool_version=tool.tool_version, profile=tool.profile, started_by_name=by)
    run.total = outdated(run).count()
    if older is None and not run.total:
        raise Refused(_("%(tool)s has looked at every recipe: there is nothing to do") % {"tool": tool}, code="up-to-date")
    run.was_version, run.was_profile = _were(run)
    if older is not None:
        run.state, run.changed_by_name = RelintRun.State(older.state), older.changed_by_name
        _count(older, 0)
        _finish(older)
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError as error:
        raise Refused(_("a run for %(tool)s goes on already") % {"tool": tool}, code="already") from error
    if older is not None:
        older.jobs.filter(state__in=queue.UNSETTLED).update(relint=run)
    return run


def pause(user: User | AnonymousUser | None, run: RelintRun) -> RelintRun:
    """Hand out no more jobs of `run`. Raises PermissionDenied, Refused where it does not run."""
    return _turn(user, run, RelintRun.State.RUNNING, RelintRun.State.PAUSED)


def resume(user: User | AnonymousUser | None, run: RelintRun) -> RelintRun:
    """Go on with a paused `run`. Raises PermissionDenied, Refused where it is not paused."""
    return _turn(user, run, RelintRun.State.PAUSED, RelintRun.State.RUNNING)


def _turn(user: User | AnonymousUser | None, run: RelintRun, old: RelintRun.State, new: RelintRun.State) -> RelintRun:
    require(Action.RELINT, user)
    with transaction.atomic():
        locked = RelintRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.state != old:
            words = _("this run is %(state)s, and not %(wanted)s") % {"state": locked.state, "wanted": old.value}
            raise Refused(words, code="wrong-state")
        locked.state, locked.changed_by_name = new, user.username if isinstance(user, User) else ""
        locked.save(update_fields=["state", "changed_by_name"])
        queue.dispatch_on_commit()
    return locked


def go_on() -> list[RelintRun]:
    """Begin what new tools ask for, and go on with every run that is not finished; return the runs that were begun.

    Nothing is done in maintenance mode. A beat task calls it.
    """
    if switches.message_if_off(Switch.Name.WRITES) is not None:
        return []
    begun = [run for stage in STAGES if (run := _begin_for_new_tool(stage)) is not None]
    for run in RelintRun.objects.filter(state__in=UNFINISHED).order_by("pk"):
        go_on_with(run)
    return begun


def _begin_for_new_tool(stage: Stage) -> RelintRun | None:
    with transaction.atomic():
        fresh = list(LintTool.objects.select_for_update(no_key=True).filter(stage=stage, considered_at=None))
        if not fresh:
            return None
        LintTool.objects.filter(pk__in=[tool.pk for tool in fresh]).update(considered_at=timezone.now())
        tool = versions.newest(stage)
        if tool not in fresh:
            return None
        try:
            return _begin(tool, "")
        except Refused:
            # A new site, whose first report this is, or who asked was quicker.
            return None


@retried
def go_on_with(run: RelintRun) -> None:
    """Queue the next portion of `run` where it runs, count, and end it where nothing is left."""
    with transaction.atomic():
        locked = RelintRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.state not in UNFINISHED:
            return
        waiting = locked.jobs.filter(state__in=queue.UNSETTLED).count()
        if locked.state == RelintRun.State.RUNNING and waiting < RELINT_PORTION:
            waiting += _queue_portion(locked, RELINT_PORTION - waiting)
        left = outdated(locked).count()
        _count(locked, waiting + left)
        if waiting or left:
            locked.save()
        else:
            _finish(locked)
        queue.dispatch_on_commit()


def outdated(run: RelintRun) -> QuerySet[Revision]:
    """Return the current revisions that the tool of `run` has not looked at, whose job it has not queued and that wait for none.

    Those without a verdict are among them where a job ended in an error: the new tool may reach one. What was cancelled is not.
    """
    jobs = LintJob.objects.filter(revision=OuterRef("pk"), stage=run.stage, suite="")
    current = Recipe.objects.filter(deleted_at=None, current__isnull=False).values("current")
    looked = Q(tool_version=run.tool_version, profile=run.profile) | Q(state__in=queue.UNSETTLED)
    if run.pk is not None:
        looked |= Q(relint=run)
    ended = jobs.filter(state__in=(*_VERDICTS, LintState.ERROR))
    return Revision.objects.filter(Exists(ended), ~Exists(jobs.filter(looked)), pk__in=current).order_by("pk")


def _queue_portion(run: RelintRun, number: int) -> int:
    """Queue the jobs of the next `number` revisions; return how many there were.

    A job that ended without a tool's version has the key that a new job would have: it is queued again itself.
    """
    keys = list(outdated(run).values_list("pk", flat=True)[:number])
    locks.lock_recipes(list(Revision.objects.filter(pk__in=keys).values_list("recipe_id", flat=True)))
    asked = {"state": LintState.QUEUED, "priority": LintPriority.RELINT, "turn": queue.first_turn(LintPriority.RELINT)}
    jobs = LintJob.objects.filter(revision__in=keys, stage=run.stage, mode=Mode.RECIPE_ONLY, suite="")
    again = jobs.filter(tool_version="", profile="")
    reused = set(again.values_list("revision_id", flat=True))
    again.update(**asked, relint=run, attempts=0, first_run=None, finished_at=None, sent_at=None)
    LintJob.objects.bulk_create(
        LintJob(revision_id=key, stage=run.stage, mode=Mode.RECIPE_ONLY, relint=run, **asked) for key in keys if key not in reused
    )
    for revision_id in reused:
        stages.show_on_recipe(revision_id)
    return len(keys)


def _were(run: RelintRun) -> tuple[str, str]:
    """Return version and profile by which most of what `run` is about had been looked at; empty where there are none."""
    jobs = LintJob.objects.filter(revision__in=outdated(run).values("pk"), stage=run.stage, state__in=_VERDICTS).order_by()
    rows = jobs.values_list("tool_version", "profile").annotate(number=Count("pk")).order_by("-number")
    row = rows.first()
    return (row[0], row[1]) if row else ("", "")


def _count(run: RelintRun, left: int) -> None:
    """Count how far `run` is; `left` are those that are not over. One query."""
    over = Q(state__in=(*_VERDICTS, LintState.ERROR, LintState.CANCELLED))
    unstable = Q(state=LintState.ERROR, first_run__isnull=False)
    numbers = run.jobs.aggregate(done=Count("pk", filter=over), unstable=Count("pk", filter=unstable))
    run.done, run.unstable, run.total = numbers["done"], numbers["unstable"], numbers["done"] + left


def _finish(run: RelintRun) -> None:
    run.state, run.finished_at = RelintRun.State.FINISHED, timezone.now()
    run.save()
