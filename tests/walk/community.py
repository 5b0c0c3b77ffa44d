"""The cases of what everybody does: reading, one's account, git, votes, comments and flags."""

from __future__ import annotations

from recipes_app.models import Comment, Flag, Follow, MailChoice, Notification, Report, User, Vote
from recipes_app.services.core.permissions import Action

from . import world as prepare
from .tries import (
    API,
    NOT_AT_SSH,
    RECIPE,
    SSH,
    WEB,
    Case,
    answer_questions,
    answered,
    api,
    column,
    decided,
    edit,
    fetch,
    filled,
    mark_read,
    mark_read_on_page,
    on_thing,
    push,
    rewrite,
    shows,
    ssh,
    upload,
    web,
    web_on_thing,
)
from .world import NAME, SECRET_WORDS

READING = (
    Case(
        "read a recipe", Action.READ,
        {
            WEB: lambda _world, who: who.page(f"/{RECIPE}"),
            API: api("GET", RECIPE),
            SSH: fetch,
            "git over HTTP": lambda _world, who: who.git_over_http(NAME, "git-upload-pack"),
        },
        answered, prepare.published, closed=NOT_AT_SSH,
    ),
    Case(
        "read a hidden comment", Action.READ_HIDDEN,
        {
            WEB: lambda _world, who: who.page(f"/{RECIPE}comments/"),
            API: on_thing("GET", f"{RECIPE}comments/{{}}/"),
        },
        shows(SECRET_WORDS), prepare.hidden_comment, {SSH: "no command shows comments"},
    ),
    Case(
        "read what is held back", Action.READ_INTAKE,
        {
            WEB: lambda world, who: who.page(f"/{RECIPE}files/{world.more['revision'].commit}/debian/control"),
            API: lambda world, who: who.api("GET", f"{RECIPE}files/{world.more['revision'].commit}/debian/control"),
        },
        answered, prepare.taken_out, {SSH: "fetching is walked with `read`; what it gives, in tests/repos/test_doors.py"},
    ),
    Case(
        "read the queue", Action.READ_QUEUE,
        {WEB: lambda _world, who: who.page("/moderation/"), API: api("GET", "queue/")},
        answered, prepare.request, {SSH: "moderators work on the site"},
    ),
)  # fmt: skip

ACCOUNT = (
    Case(
        "make a token", Action.CREATE_TOKEN,
        {WEB: web("account/tokens/", name="walked", scopes_chosen=["read"], lifetime="30")},
        lambda _world, who, _answer: who.user is not None and who.user.tokens.filter(name="walked").exists(),
        without={API: "a token that makes tokens would outlive its own end", SSH: "no command has secrets in its answer"},
    ),
    Case(
        "mark messages as read", Action.EDIT_ACCOUNT, {WEB: mark_read_on_page, API: mark_read},
        lambda _world, who, _answer: Notification.objects.filter(user=who.user).exclude(read_at=None).exists(),
        without={SSH: "the inbox is on the site"},
    ),
    Case(
        "edit the profile", Action.EDIT_ACCOUNT,
        {WEB: web("account/profile/", about="walked"), API: api("PATCH", "account/", about="walked")},
        lambda _world, who, _answer: who.user is not None and User.objects.get(pk=who.user.pk).about == "walked",
        without={SSH: "the profile is on the site"},
    ),
    Case(
        "choose one's mail", Action.EDIT_ACCOUNT,
        {
            WEB: web("account/mail/", **dict.fromkeys(Notification.Kind.values, "never")),
            API: api("PUT", "account/mail/", choices={"lint": "never"}),
        },
        lambda _world, who, _answer: MailChoice.objects.filter(user=who.user, kind="lint", how="never").exists(),
        without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "choose an appearance", Action.EDIT_ACCOUNT, {WEB: web("appearance/", scheme="dark")},
        lambda _world, who, _answer: who.user is not None and User.objects.get(pk=who.user.pk).appearance == "dark",
        without={API: "it is how pages look", SSH: "as in the API"},
    ),
)  # fmt: skip

GIT = (
    Case(
        "push a new recipe", Action.CREATE_RECIPE,
        {
            WEB: upload,
            SSH: lambda world, who: push(world, who, "newcomer"),
            "git over HTTP": lambda _world, who: who.git_over_http("newcomer", "git-receive-pack"),
        },
        answered, without={API: "recipes are made with git or on the site"},
    ),
    Case(
        "answer the questions for a new recipe", Action.CREATE_RECIPE, {WEB: answer_questions}, answered,
        without={API: "recipes are made with git or on the site", SSH: "with git: the case above"},
    ),
    Case(
        "push", Action.PUSH,
        {
            WEB: edit,
            SSH: lambda world, who: push(world, who, NAME),
            "git over HTTP": lambda _world, who: who.git_over_http(NAME, "git-receive-pack"),
        },
        answered, prepare.publish, {API: "recipes are changed with git or on the site"},
    ),
    Case(
        "rewrite history", Action.REWRITE_HISTORY, {SSH: rewrite}, answered, prepare.publish,
        {WEB: "recipes are changed with git", API: "as on the site"},
    ),
)  # fmt: skip

VOICES = (
    Case(
        "vote", Action.VOTE, {WEB: web(f"{RECIPE}vote/"), API: api("PUT", f"{RECIPE}vote/"), SSH: ssh(f"vote {NAME}")},
        lambda world, who, _answer: Vote.objects.filter(recipe=world.recipe, user=who.user).exists(),
    ),
    Case(
        "follow", Action.FOLLOW,
        {WEB: web(f"{RECIPE}following/", act="follow"), API: api("PUT", f"{RECIPE}follow/")},
        lambda world, who, _answer: Follow.objects.filter(recipe=world.recipe, user=who.user).exists(),
        without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "comment", Action.COMMENT,
        {WEB: web(f"{RECIPE}comments/", text="a word"), API: api("POST", f"{RECIPE}comments/", text="a word")},
        lambda world, _who, _answer: Comment.objects.filter(recipe=world.recipe).exists(),
        without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "edit a comment", Action.EDIT_COMMENT,
        {
            WEB: web_on_thing(f"{RECIPE}comments/{{}}/edit/", text="another word"),
            API: on_thing("PATCH", f"{RECIPE}comments/{{}}/", text="another word"),
        },
        column("text", "another word"), prepare.comment, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "delete a comment", Action.HIDE_COMMENT,
        {WEB: web_on_thing(f"{RECIPE}comments/{{}}/hide/"), API: on_thing("POST", f"{RECIPE}comments/{{}}/hide/")},
        filled("hidden_at"), prepare.comment, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "pin a comment", Action.PIN_COMMENT,
        {WEB: web_on_thing(f"{RECIPE}comments/{{}}/pin/"), API: on_thing("POST", f"{RECIPE}comments/{{}}/pin/")},
        filled("pinned_at"), prepare.comment, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "report", Action.REPORT,
        {
            WEB: web(f"{RECIPE}report/", kind="spam", text="look"),
            API: api("POST", "reports/", kind="spam", text="look", recipe=NAME),
        },
        lambda world, _who, _answer: Report.objects.filter(recipe=world.recipe).exists(),
        without={SSH: "the AUR's commands have none"},
    ),
)  # fmt: skip

FLAGS = (
    Case(
        "flag", Action.FLAG,
        {
            WEB: web(f"{RECIPE}flags/", kind="out-of-date", text="2.0 is out"),
            API: api("POST", f"{RECIPE}flags/", kind="out-of-date", text="2.0 is out"),
            SSH: ssh(f"flag {NAME} 2.0 is out"),
        },
        lambda world, _who, _answer: Flag.objects.filter(recipe=world.recipe).exists(),
    ),
    Case(
        "answer a flag", Action.ANSWER_FLAG,
        {
            WEB: web_on_thing(f"{RECIPE}flags/{{}}/", act="answer", text="soon"),
            API: on_thing("POST", "flags/{}/answer/", text="soon"),
        },
        column("answer", "soon"), prepare.flag, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "object to a request", Action.ANSWER_FLAG,
        {
            WEB: web_on_thing(f"{RECIPE}requests/{{}}/", act="object", text="no"),
            API: on_thing("POST", "requests/{}/object/", text="no"),
        },
        column("decision", "no"), prepare.request, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "close a flag", Action.CLOSE_FLAG,
        {
            WEB: web_on_thing(f"{RECIPE}flags/{{}}/", act="resolve", decision="done"),
            API: on_thing("POST", "flags/{}/close/", resolved=True, decision="done"),
            SSH: ssh(f"unflag {NAME} done"),
        },
        filled("decided_at"), prepare.flag, also={SSH: Action.WITHDRAW_FLAG},
    ),
    Case(
        "withdraw a flag", Action.WITHDRAW_FLAG,
        {
            WEB: web_on_thing(f"{RECIPE}flags/{{}}/", act="withdraw"),
            API: on_thing("POST", "flags/{}/withdraw/"),
            SSH: ssh(f"unflag {NAME} done"),
        },
        filled("decided_at"), prepare.flag, also={SSH: Action.CLOSE_FLAG},
    ),
    Case(
        "rule on a flag", Action.RULE_FLAG,
        {
            WEB: web_on_thing(f"{RECIPE}flags/{{}}/", act="resolve", decision="so it is"),
            API: on_thing("POST", "flags/{}/rule/", resolved=True, decision="so it is"),
        },
        filled("decided_at"), prepare.ruled_flag, {SSH: "moderators work on the site"},
    ),
    Case(
        "rule on a flag in the queue", Action.RULE_FLAG,
        {WEB: decided(verdict="yes", decision="so it is")},
        filled("decided_at"), prepare.ruled_flag, {API: "one address", SSH: "moderators work on the site"},
    ),
)  # fmt: skip

CASES = (*READING, *ACCOUNT, *GIT, *VOICES, *FLAGS)
