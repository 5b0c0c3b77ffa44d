"""What an address names: each function returns it or raises the Problem that says what was looked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet

from recipes_app.lint.checks.base import About
from recipes_app.models import (
    Comment,
    Flag,
    LintJob,
    NameRule,
    News,
    OwnershipRequest,
    QueueEntry,
    Recipe,
    RelintRun,
    Report,
    Revision,
    Switch,
    User,
    Webhook,
    WebhookDelivery,
)
from recipes_app.services.catalogue import catalogue
from recipes_app.services.lint import checks
from recipes_app.services.moderation import news
from recipes_app.services.notifications import webhooks

from .problems import Problem

_COMMIT = re.compile(r"[0-9a-f]{40}", re.ASCII)
_Row = TypeVar("_Row", bound=Model)


def recipe(name: str) -> Recipe:
    """Return the recipe `name`. Raises Problem where there is none, RecipeMoved where it has another name by now."""
    return _recipe(name, catalogue.get_recipe)


def _recipe(name: str, get: Callable[[str], Recipe]) -> Recipe:
    try:
        return get(name)
    except Recipe.DoesNotExist as error:
        raise Problem("unknown-recipe", f"there is no recipe {name!r}: search with /api/v1/recipes/?q=") from error


def recipe_row(name: str) -> Recipe:
    """Return the recipe `name` without what its files say. Raises Problem, RecipeMoved as `recipe` does."""
    return _recipe(name, catalogue.get_row)


def revision(name: str, commit: str) -> Revision:
    """Return the revision of the recipe `name` at `commit`. Raises Problem where there is none, RecipeMoved as `recipe` does."""
    if not _COMMIT.fullmatch(commit) or "\0" in name:
        recipe_row(name)
        check_commit(commit)
    try:
        return catalogue.find_revision(name, commit)
    except Revision.DoesNotExist as error:
        named = recipe_row(name).name
        raise Problem("unknown-revision", f"{named} has no revision at commit {commit}") from error


def lint_job(name: str, commit: str, job_id: int) -> LintJob:
    """Return the job `job_id` of the revision at `commit`, with its revision. Raises Problem, RecipeMoved as `revision` does."""
    found = revision(name, commit)
    job = _row(LintJob.objects.filter(revision=found).defer("log", "effects"), job_id, "stage of this revision")
    job.revision = found
    return job


def check_commit(commit: str) -> None:
    """Raise Problem for what is no full commit id, before a database sees it: PostgreSQL takes no NUL."""
    if not _COMMIT.fullmatch(commit):
        raise Problem("unknown-revision", f"{commit[:80]!r} is no commit: give all 40 digits, 0-9 and a-f")


def deleted_recipe(name: str) -> Recipe:
    """Return the recipe `name`, deleted or not: for those who bring it back. Raises Problem."""
    found = Recipe.objects.select_related("current", "maintainer").filter(name=name).first() if "\0" not in name else None
    if found is None:
        raise Problem("unknown-recipe", f"no recipe was ever called {name!r}")
    return found


def account(username: str) -> User:
    """Return the account `username`. Raises Problem."""
    found = User.objects.filter(username=username).first() if "\0" not in username else None
    if found is None:
        raise Problem("unknown-account", f"there is no account {username!r}")
    return found


def public_account(username: str) -> User:
    """Return the account `username` as the public sees it. Raises Problem, also for one that was deleted."""
    try:
        return catalogue.account_of(username.replace("\0", " "))
    except User.DoesNotExist as error:
        raise Problem("unknown-account", f"there is no account {username!r}") from error


def _row(rows: QuerySet[_Row], number: int, what: str) -> _Row:
    found = rows.filter(pk=number).first()
    if found is None:
        raise Problem("unknown-thing", f"there is no {what} {number}")
    return found


def comment(name: str, comment_id: int) -> Comment:
    """Return the comment `comment_id` of the recipe `name`, its words not loaded. Raises Problem, RecipeMoved."""
    found = recipe(name)
    rows = Comment.objects.filter(recipe=found).defer("text", "html").select_related("recipe", "author")
    return _row(rows, comment_id, "comment")


def flag(flag_id: int) -> Flag:
    """Return the flag `flag_id`. Raises Problem."""
    return _row(Flag.objects.filter(recipe__deleted_at=None).select_related("recipe", "author", "revision"), flag_id, "flag")


def request(request_id: int) -> OwnershipRequest:
    """Return the request `request_id`. Raises Problem."""
    return _row(OwnershipRequest.objects.select_related("recipe", "requester"), request_id, "request")


def report(report_id: int) -> Report:
    """Return the report `report_id`. Raises Problem."""
    return _row(Report.objects.select_related("recipe", "comment", "account"), report_id, "report")


def relint_run(run_id: int) -> RelintRun:
    """Return the re-lint `run_id`. Raises Problem."""
    return _row(RelintRun.objects.all(), run_id, "re-lint")


def queue_entry(entry_id: int) -> int:
    """Return the number of an entry of the queue. Raises Problem; who may see the entry is for the service to say."""
    return _row(QueueEntry.objects.only("pk"), entry_id, "entry of the queue").pk


def webhook(user: User, name: str, webhook_id: int) -> Webhook:
    """Return the webhook `webhook_id` of the recipe `name`. Raises Problem, RecipeMoved, PermissionDenied."""
    return _row(webhooks.of_recipe(user, recipe_row(name)), webhook_id, "webhook of this recipe")


def delivery(user: User, name: str, webhook_id: int, delivery_id: int) -> WebhookDelivery:
    """Return what was sent to the webhook under the number `delivery_id`. Raises as `webhook` does."""
    return _row(webhooks.log_of(user, webhook(user, name, webhook_id)), delivery_id, "delivery of this webhook")


def name_rule(rule_id: int) -> NameRule:
    """Return the rule `rule_id`. Raises Problem."""
    return _row(NameRule.objects.all(), rule_id, "name rule")


def news_item(news_id: int) -> News:
    """Return the news `news_id`, which stand. Raises Problem, also where they were withdrawn."""
    return _row(news.published(), news_id, "news")


def switch(switch_name: str) -> Switch.Name:
    """Return the name of a switch. Raises Problem."""
    try:
        return Switch.Name(switch_name)
    except ValueError as error:
        known = ", ".join(Switch.Name.values)
        raise Problem("unknown-thing", f"there is no switch {switch_name!r}: there is {known}") from error


def check(check_id: str) -> About:
    """Return the words of a recipe check. Raises Problem."""
    about = checks.find(check_id)
    if about is None:
        raise Problem("unknown-thing", f"there is no check {check_id[:40]!r}")
    return about
