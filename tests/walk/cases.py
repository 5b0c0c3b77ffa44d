"""How each action of the table is tried at each entrance, and by what one sees that it was done.

A case that no entrance offers says why. `done` looks at the database, not at the answer: a page that says no and does it all the
same would be found out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from recipes_app.models import (
    Comment,
    Flag,
    Follow,
    Invitation,
    LintState,
    NameRule,
    Notification,
    OwnershipRequest,
    Report,
    Revision,
    Switch,
    User,
    Vote,
)
from recipes_app.repos.transports.access import AccessRefused, push_target, read_target
from recipes_app.services import ssh_access
from recipes_app.services.errors import Refused
from recipes_app.services.permissions import Action, Role

from . import world as prepare
from .accounts import CO_ROLES, Knocker
from .world import NAME, SECRET_WORDS, World

WEB, API, SSH = "web", "API", "SSH"
Try = Callable[[World, Knocker], Any]
RECIPE = f"recipes/{NAME}/"
WHY = {"reason": "because"}
# Who offers a key that is none, or one of a frozen account, is turned away at SSH's door; reading goes on over HTTPS.
_NOT_AT_SSH = {SSH: frozenset({Role.VISITOR, Role.FROZEN})}


@dataclass(frozen=True)
class Case:
    """One way in which an action shows. `also` are actions that an entrance's one command covers beside `action`.

    `closed` are roles that an entrance turns away before the table is asked; `impossible` are roles that cannot be there.
    """

    name: str
    action: Action
    tries: Mapping[str, Try]
    done: Callable[[World, Knocker, Any], bool]
    prepared: Callable[[World], None] = lambda _world: None
    without: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, Action] = field(default_factory=dict)
    closed: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    impossible: frozenset[Role] = frozenset()


def _web(address: str, **form: Any) -> Try:
    return lambda _world, who: who.web(f"/{address}", **form)


def _api(method: str, address: str, **body: Any) -> Try:
    return lambda _world, who: who.api(method, address, **body)


def _ssh(asked: str) -> Try:
    return lambda _world, who: who.ssh(asked)


def _on_thing(method: str, address: str, **body: Any) -> Try:
    """Return a try whose address has the number of the case's thing in it."""
    return lambda world, who: who.api(method, address.format(world.thing.pk), **body)


def _web_on_thing(address: str, **form: Any) -> Try:
    return lambda world, who: who.web(f"/{address}".format(world.thing.pk), **form)


def _decided(**form: Any) -> Try:
    """Return a try that decides the case's thing on its page of the queue."""
    return lambda world, who: who.web(world.entry, **form)


def _shows(words: str) -> Callable[[World, Knocker, Any], bool]:
    """Return whether an answer has status 200 and `words` in it."""
    return lambda _world, _who, answer: answer.status_code == 200 and words in answer.content.decode()


def _column(name: str, value: Any) -> Callable[[World, Knocker, Any], bool]:
    return lambda world, _who, _answer: getattr(world.again(), name) == value


def _filled(name: str) -> Callable[[World, Knocker, Any], bool]:
    return lambda world, _who, _answer: getattr(world.again(), name) is not None


def _recipe_filled(name: str) -> Callable[[World, Knocker, Any], bool]:
    return lambda world, _who, _answer: getattr(world.recipe_now(), name) is not None


def _push(world: World, who: Knocker, name: str) -> bool:
    """Return whether SSH lets the account push to `name`; git itself, which would take over the process, is not started."""
    try:
        push_target(ssh_access.sign_in(who.key), name)
    except (AccessRefused, Refused):
        return False
    return True


def _rewrite(_world: World, who: Knocker) -> bool:
    try:
        return push_target(ssh_access.sign_in(who.key), NAME).may_rewrite
    except (AccessRefused, Refused):
        return False


def _fetch(_world: World, who: Knocker) -> bool:
    try:
        read_target(ssh_access.sign_in(who.key), NAME)
    except (AccessRefused, Refused):
        return False
    return True


def _answered(_world: World, _who: Knocker, answer: Any) -> bool:
    return answer.status_code == 200 if isinstance(answer, HttpResponse) else bool(answer)


def _set_team(who: Knocker, *others: str) -> int:
    """Set the co-maintainers by SSH; who is one of them names himself, since who is not named leaves."""
    himself = [who.user.username] if who.user is not None and who.role in CO_ROLES else []
    return who.ssh(" ".join(["set-comaintainers", NAME, *himself, *others]))


def _mark_read(_world: World, who: Knocker) -> HttpResponse:
    if who.user is not None:
        Notification.objects.create(user=who.user, kind=Notification.Kind.UPDATE, text="news", url="/")
    return who.api("POST", "notifications/read/")


def _mark_read_on_page(_world: World, who: Knocker) -> HttpResponse:
    if who.user is not None:
        Notification.objects.create(user=who.user, kind=Notification.Kind.UPDATE, text="news", url="/")
    return who.web("/inbox/read/")


def _invited(world: World, _who: Knocker, _answer: Any) -> bool:
    return Invitation.objects.filter(recipe=world.recipe, user=world.target).exists()


def _requested(kind: OwnershipRequest.Kind) -> Callable[[World, Knocker, Any], bool]:
    return lambda world, _who, _answer: OwnershipRequest.objects.filter(recipe=world.recipe, kind=kind).exists()


_READING = (
    Case(
        "read a recipe", Action.READ,
        {
            WEB: lambda _world, who: who.page(f"/{RECIPE}"),
            API: _api("GET", RECIPE),
            SSH: _fetch,
            "git over HTTP": lambda _world, who: who.git_over_http(NAME, "git-upload-pack"),
        },
        _answered, prepare.publish, closed=_NOT_AT_SSH,
    ),
    Case(
        "read a hidden comment", Action.READ_HIDDEN,
        {
            WEB: lambda _world, who: who.page(f"/{RECIPE}comments/"),
            API: _on_thing("GET", f"{RECIPE}comments/{{}}/"),
        },
        _shows(SECRET_WORDS), prepare.hidden_comment, {SSH: "no command shows comments"},
    ),
    Case(
        "read the queue", Action.READ_QUEUE,
        {WEB: lambda _world, who: who.page("/moderation/"), API: _api("GET", "queue/")},
        _answered, prepare.request, {SSH: "moderators work on the site"},
    ),
)  # fmt: skip

_ACCOUNT = (
    Case(
        "make a token", Action.CREATE_TOKEN,
        {WEB: _web("account/tokens/", name="walked", scopes_chosen=["read"], lifetime="30")},
        lambda _world, who, _answer: who.user is not None and who.user.tokens.filter(name="walked").exists(),
        without={API: "a token that makes tokens would outlive its own end", SSH: "no command has secrets in its answer"},
    ),
    Case(
        "mark messages as read", Action.EDIT_ACCOUNT, {WEB: _mark_read_on_page, API: _mark_read},
        lambda _world, who, _answer: Notification.objects.filter(user=who.user).exclude(read_at=None).exists(),
        without={SSH: "the inbox is on the site"},
    ),
    Case(
        "edit the profile", Action.EDIT_ACCOUNT, {WEB: _web("account/profile/", about="walked")},
        lambda _world, who, _answer: who.user is not None and User.objects.get(pk=who.user.pk).about == "walked",
        without={API: "nothing but a person edits a profile", SSH: "as in the API"},
    ),
)  # fmt: skip

_GIT = (
    Case(
        "push a new recipe", Action.CREATE_RECIPE,
        {
            SSH: lambda world, who: _push(world, who, "newcomer"),
            "git over HTTP": lambda _world, who: who.git_over_http("newcomer", "git-receive-pack"),
        },
        _answered, without={WEB: "a recipe is made by its first push", API: "as on the site"},
    ),
    Case(
        "push", Action.PUSH,
        {
            SSH: lambda world, who: _push(world, who, NAME),
            "git over HTTP": lambda _world, who: who.git_over_http(NAME, "git-receive-pack"),
        },
        _answered, prepare.publish, {WEB: "recipes are changed with git", API: "as on the site"},
    ),
    Case(
        "rewrite history", Action.REWRITE_HISTORY, {SSH: _rewrite}, _answered, prepare.publish,
        {WEB: "recipes are changed with git", API: "as on the site"},
    ),
)  # fmt: skip

_VOICES = (
    Case(
        "vote", Action.VOTE, {WEB: _web(f"{RECIPE}vote/"), API: _api("PUT", f"{RECIPE}vote/"), SSH: _ssh(f"vote {NAME}")},
        lambda world, who, _answer: Vote.objects.filter(recipe=world.recipe, user=who.user).exists(),
    ),
    Case(
        "follow", Action.FOLLOW,
        {WEB: _web(f"{RECIPE}following/", act="follow"), API: _api("PUT", f"{RECIPE}follow/")},
        lambda world, who, _answer: Follow.objects.filter(recipe=world.recipe, user=who.user).exists(),
        without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "comment", Action.COMMENT,
        {WEB: _web(f"{RECIPE}comments/", text="a word"), API: _api("POST", f"{RECIPE}comments/", text="a word")},
        lambda world, _who, _answer: Comment.objects.filter(recipe=world.recipe).exists(),
        without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "edit a comment", Action.EDIT_COMMENT,
        {
            WEB: _web_on_thing(f"{RECIPE}comments/{{}}/edit/", text="another word"),
            API: _on_thing("PATCH", f"{RECIPE}comments/{{}}/", text="another word"),
        },
        _column("text", "another word"), prepare.comment, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "delete a comment", Action.HIDE_COMMENT,
        {WEB: _web_on_thing(f"{RECIPE}comments/{{}}/hide/"), API: _on_thing("POST", f"{RECIPE}comments/{{}}/hide/")},
        _filled("hidden_at"), prepare.comment, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "pin a comment", Action.PIN_COMMENT,
        {WEB: _web_on_thing(f"{RECIPE}comments/{{}}/pin/"), API: _on_thing("POST", f"{RECIPE}comments/{{}}/pin/")},
        _filled("pinned_at"), prepare.comment, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "report", Action.REPORT,
        {
            WEB: _web(f"{RECIPE}report/", kind="spam", text="look"),
            API: _api("POST", "reports/", kind="spam", text="look", recipe=NAME),
        },
        lambda world, _who, _answer: Report.objects.filter(recipe=world.recipe).exists(),
        without={SSH: "the AUR's commands have none"},
    ),
)  # fmt: skip

_FLAGS = (
    Case(
        "flag", Action.FLAG,
        {
            WEB: _web(f"{RECIPE}flags/", kind="out-of-date", text="2.0 is out"),
            API: _api("POST", f"{RECIPE}flags/", kind="out-of-date", text="2.0 is out"),
            SSH: _ssh(f"flag {NAME} 2.0 is out"),
        },
        lambda world, _who, _answer: Flag.objects.filter(recipe=world.recipe).exists(),
    ),
    Case(
        "answer a flag", Action.ANSWER_FLAG,
        {
            WEB: _web_on_thing(f"{RECIPE}flags/{{}}/", act="answer", text="soon"),
            API: _on_thing("POST", "flags/{}/answer/", text="soon"),
        },
        _column("answer", "soon"), prepare.flag, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "object to a request", Action.ANSWER_FLAG,
        {
            WEB: _web_on_thing(f"{RECIPE}requests/{{}}/", act="object", text="no"),
            API: _on_thing("POST", "requests/{}/object/", text="no"),
        },
        _column("decision", "no"), prepare.request, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "close a flag", Action.CLOSE_FLAG,
        {
            WEB: _web_on_thing(f"{RECIPE}flags/{{}}/", act="resolve", decision="done"),
            API: _on_thing("POST", "flags/{}/close/", resolved=True, decision="done"),
            SSH: _ssh(f"unflag {NAME} done"),
        },
        _filled("decided_at"), prepare.flag, also={SSH: Action.WITHDRAW_FLAG},
    ),
    Case(
        "withdraw a flag", Action.WITHDRAW_FLAG,
        {
            WEB: _web_on_thing(f"{RECIPE}flags/{{}}/", act="withdraw"),
            API: _on_thing("POST", "flags/{}/withdraw/"),
            SSH: _ssh(f"unflag {NAME} done"),
        },
        _filled("decided_at"), prepare.flag, also={SSH: Action.CLOSE_FLAG},
    ),
    Case(
        "rule on a flag", Action.RULE_FLAG,
        {
            WEB: _web_on_thing(f"{RECIPE}flags/{{}}/", act="resolve", decision="so it is"),
            API: _on_thing("POST", "flags/{}/rule/", resolved=True, decision="so it is"),
        },
        _filled("decided_at"), prepare.ruled_flag, {SSH: "moderators work on the site"},
    ),
    Case(
        "rule on a flag in the queue", Action.RULE_FLAG,
        {WEB: _decided(verdict="yes", decision="so it is")},
        _filled("decided_at"), prepare.ruled_flag, {API: "one address", SSH: "moderators work on the site"},
    ),
)  # fmt: skip

_OWNERSHIP = (
    Case(
        "set keywords", Action.SET_KEYWORDS,
        {
            WEB: _web(f"{RECIPE}team/", act="keywords", keywords="walked"),
            API: _api("PUT", f"{RECIPE}keywords/", keywords=["walked"]),
            SSH: _ssh(f"set-keywords {NAME} walked"),
        },
        lambda world, _who, _answer: world.recipe_now().extra_keywords == ["walked"],
    ),
    Case(
        "invite", Action.INVITE,
        {
            WEB: _web(f"{RECIPE}team/", act="invite", username="target", role="push"),
            API: _api("POST", f"{RECIPE}invitations/", username="target"),
            SSH: lambda _world, who: _set_team(who, "target"),
        },
        _invited,
    ),
    Case(
        "remove a co-maintainer", Action.REMOVE_CO_MAINTAINER,
        {
            WEB: _web(f"{RECIPE}team/target/remove/"),
            API: _api("DELETE", f"{RECIPE}team/target/"),
            SSH: lambda _world, who: _set_team(who),
        },
        lambda world, _who, _answer: not world.recipe.co_maintainers.filter(user=world.target).exists(), prepare.member,
    ),
    Case(
        "give a recipe away", Action.TRANSFER,
        {
            WEB: _web(f"{RECIPE}team/", act="transfer", username="target"),
            API: _api("POST", f"{RECIPE}transfer/", username="target"),
        },
        _invited, without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "disown", Action.DISOWN,
        {
            WEB: _web(f"{RECIPE}team/disown/"), API: _api("POST", f"{RECIPE}disown/"), SSH: _ssh(f"disown {NAME}"),
        },
        lambda world, _who, _answer: world.recipe_now().ownership_changed_at is not None,
    ),
    Case(
        "adopt", Action.ADOPT,
        {
            WEB: _web(f"{RECIPE}requests/", kind="adoption", text="I use it"),
            API: _api("POST", f"{RECIPE}adopt/", text="I use it"),
            SSH: _ssh(f"adopt {NAME} I use it"),
        },
        _requested(OwnershipRequest.Kind.ADOPTION), prepare.orphan, impossible=frozenset({Role.MAINTAINER}),
    ),
    Case(
        "ask for a deletion", Action.REQUEST,
        {
            WEB: _web(f"{RECIPE}requests/", kind="deletion", text="nobody needs it"),
            API: _api("POST", f"{RECIPE}requests/", kind="deletion", text="nobody needs it"),
        },
        _requested(OwnershipRequest.Kind.DELETION), without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "withdraw a request", Action.WITHDRAW_REQUEST,
        {
            WEB: _web_on_thing(f"{RECIPE}requests/{{}}/", act="withdraw"),
            API: _on_thing("POST", "requests/{}/withdraw/"),
        },
        _column("state", "withdrawn"), prepare.request, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "lint again", Action.REQUEUE_LINT,
        {API: lambda world, who: who.api("POST", f"{RECIPE}revisions/{world.recipe.current.commit}/lint/")},
        _column("state", LintState.QUEUED), prepare.linted,
        {WEB: "a push lints by itself; who repairs a broken runner has the API", SSH: "the AUR's commands have none"},
    ),
)  # fmt: skip

_MODERATED = f"moderation/recipes/{NAME}/"
_STAFF_ON_SITE = {SSH: "moderators work on the site"}
_MODERATION = (
    Case(
        "decide a request", Action.DECIDE_REQUEST,
        {
            WEB: _decided(verdict="no", reason="no"),
            API: _on_thing("POST", "requests/{}/decide/", accept=False, reason="no"),
        },
        _column("state", "rejected"), prepare.request, _STAFF_ON_SITE,
    ),
    Case(
        "decide a report", Action.DECIDE_REPORT,
        {
            WEB: _decided(verdict="no", decision="no"),
            API: _on_thing("POST", "reports/{}/decide/", uphold=False, decision="no"),
        },
        _filled("decided_at"), prepare.report, _STAFF_ON_SITE,
    ),
    Case(
        "review a held revision", Action.RELEASE_HOLD,
        {
            WEB: _decided(verdict="yes", decision="read it"),
            API: lambda world, who: who.api(
                "POST", f"{RECIPE}revisions/{world.more['revision'].commit}/review/", release=True, decision="read it"
            ),
        },
        lambda world, _who, _answer: Revision.objects.get(pk=world.more["revision"].pk).review == Revision.Review.PUBLISHED,
        prepare.held, _STAFF_ON_SITE,
    ),
    Case(
        "quarantine", Action.QUARANTINE,
        {WEB: _web(f"{_MODERATED}quarantine/", **WHY), API: _api("POST", f"{RECIPE}quarantine/", **WHY)},
        _recipe_filled("quarantined_at"), without=_STAFF_ON_SITE,
    ),
    Case(
        "delete a recipe", Action.DELETE,
        {WEB: _web(f"{_MODERATED}delete/", **WHY), API: _api("POST", f"{RECIPE}delete/", **WHY)},
        _recipe_filled("deleted_at"), without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "restore a recipe", Action.DELETE,
        {
            WEB: _web(f"{_MODERATED}restore/", **WHY),
            API: _api("POST", f"{RECIPE}restore/"),
            SSH: _ssh(f"restore {NAME}"),
        },
        lambda world, _who, _answer: world.recipe_now().deleted_at is None, prepare.deleted,
    ),
    Case(
        "rename", Action.RENAME,
        {WEB: _web(f"{_MODERATED}rename/", name="renamed"), API: _api("POST", f"{RECIPE}rename/", name="renamed")},
        lambda world, _who, _answer: world.recipe_now().name == "renamed", without=_STAFF_ON_SITE,
    ),
    Case(
        "rule on a model", Action.RULE_MODEL,
        {
            WEB: _web(f"{_MODERATED}rule/", model="tiny", value="free", **WHY),
            API: _api("POST", f"{RECIPE}rulings/", model="tiny", value="free", **WHY),
        },
        lambda world, _who, _answer: world.recipe.rulings.exists(), without=_STAFF_ON_SITE,
    ),
    Case(
        "freeze an account", Action.FREEZE_ACCOUNT,
        {
            WEB: _web("moderation/accounts/target/", freeze="on", **WHY),
            API: _api("POST", "accounts/target/freeze/", **WHY),
        },
        lambda world, _who, _answer: User.objects.get(pk=world.target.pk).frozen_at is not None, without=_STAFF_ON_SITE,
    ),
    Case(
        "roll an account back", Action.FREEZE_ACCOUNT,
        {API: lambda world, who: who.api("POST", "accounts/owner/roll-back/", since=_long_ago(), **WHY)},
        lambda world, _who, _answer: Revision.objects.get(recipe=world.recipe).review == Revision.Review.QUARANTINED,
        prepare.publish, {WEB: "the same form as freezing", **_STAFF_ON_SITE},
    ),
    Case(
        "add a name rule", Action.NAME_RULES,
        {
            WEB: _web("moderation/names/", pattern="walked-*", effect="refuse", **WHY),
            API: _api("POST", "name-rules/", pattern="walked-*", effect="refuse", **WHY),
        },
        lambda _world, _who, _answer: NameRule.objects.exists(), without=_STAFF_ON_SITE,
    ),
    Case(
        "turn a switch", Action.SWITCH,
        {WEB: _web("moderation/switches/adoption/"), API: _api("PUT", "switches/adoption/", off=True)},
        lambda _world, _who, _answer: Switch.objects.filter(off=True).exists(), without=_STAFF_ON_SITE,
    ),
    Case(
        "set a rank", Action.SET_RANK,
        {
            WEB: _web("moderation/accounts/target/rank/", rank="trusted"),
            API: _api("POST", "accounts/target/rank/", rank="trusted"),
        },
        lambda world, _who, _answer: User.objects.get(pk=world.target.pk).rank == "trusted", without=_STAFF_ON_SITE,
    ),
)  # fmt: skip


def _long_ago() -> str:
    return (timezone.now() - timedelta(days=365)).isoformat()


CASES = (*_READING, *_ACCOUNT, *_GIT, *_VOICES, *_FLAGS, *_OWNERSHIP, *_MODERATION)
