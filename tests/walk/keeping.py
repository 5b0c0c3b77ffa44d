"""The cases of who looks after a recipe, and of moderators."""

from __future__ import annotations

from recipes_app.models import IncidentNotice, LintState, NameRule, News, OwnershipRequest, RelintRun, Revision, Switch, User
from recipes_app.services.core.permissions import Action, Role

from . import world as prepare
from .tries import (
    API,
    RECIPE,
    SSH,
    WEB,
    WHY,
    Case,
    api,
    column,
    decided,
    filled,
    invited,
    long_ago,
    on_thing,
    recipe_filled,
    requested,
    set_team,
    shows,
    ssh,
    web,
    web_on_thing,
)
from .world import HOOK, NAME, NEW_LINTIAN, stage_of

OWNERSHIP = (
    Case(
        "set keywords", Action.SET_KEYWORDS,
        {
            WEB: web(f"{RECIPE}team/", act="keywords", keywords="walked"),
            API: api("PUT", f"{RECIPE}keywords/", keywords=["walked"]),
            SSH: ssh(f"set-keywords {NAME} walked"),
        },
        lambda world, _who, _answer: world.recipe_now().extra_keywords == ["walked"],
    ),
    Case(
        "choose trial builds", Action.CHOOSE_TRIAL_BUILDS,
        {
            WEB: web(f"{RECIPE}team/", act="trial-builds", choice="always"),
            API: api("PUT", f"{RECIPE}trial-builds/", choice="always"),
        },
        lambda world, _who, _answer: world.recipe_now().trial_builds == "always",
        without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "choose staging", Action.CHOOSE_STAGING,
        {
            WEB: web(f"{RECIPE}team/", act="staging", staging="on"),
            API: api("PUT", f"{RECIPE}staging/", choice="on"),
        },
        lambda world, _who, _answer: world.recipe_now().staging == "on",
        without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "stop a delayed revision", Action.DECIDE_DELAYED,
        {
            WEB: lambda world, who: who.web(
                f"/{RECIPE}revisions/{world.more['revision'].commit}/waiting/stop/", decision="not ours"
            ),
            API: lambda world, who: who.api(
                "POST", f"{RECIPE}revisions/{world.more['revision'].commit}/delayed/", release=False, decision="not ours"
            ),
        },
        lambda world, _who, _answer: Revision.objects.get(pk=world.more["revision"].pk).review == Revision.Review.QUARANTINED,
        prepare.delayed, without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "approve a staged revision", Action.APPROVE_STAGED,
        {WEB: lambda world, who: who.web(f"/{RECIPE}revisions/{world.more['revision'].commit}/waiting/approve/")},
        lambda world, _who, _answer: Revision.objects.get(pk=world.more["revision"].pk).review == Revision.Review.PUBLISHED,
        prepare.staged, without={API: "a person does it on the site: a token is what it guards against", SSH: "as the API"},
    ),
    Case(
        "invite", Action.INVITE,
        {
            WEB: web(f"{RECIPE}team/", act="invite", username="target", role="push"),
            API: api("POST", f"{RECIPE}invitations/", username="target"),
            SSH: lambda _world, who: set_team(who, "target"),
        },
        invited,
    ),
    Case(
        "remove a co-maintainer", Action.REMOVE_CO_MAINTAINER,
        {
            WEB: web(f"{RECIPE}team/target/remove/"),
            API: api("DELETE", f"{RECIPE}team/target/"),
            SSH: lambda _world, who: set_team(who),
        },
        lambda world, _who, _answer: not world.recipe.co_maintainers.filter(user=world.target).exists(), prepare.member,
    ),
    Case(
        "give a recipe away", Action.TRANSFER,
        {
            WEB: web(f"{RECIPE}team/", act="transfer", username="target"),
            API: api("POST", f"{RECIPE}transfer/", username="target"),
        },
        invited, without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "add a webhook", Action.MANAGE_WEBHOOKS,
        {
            WEB: web(f"{RECIPE}webhooks/", url=HOOK, events=["comment.added"]),
            API: api("POST", f"{RECIPE}webhooks/", url=HOOK, events=["comment.added"]),
        },
        lambda world, _who, _answer: world.recipe.webhooks.exists(),
        without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "see webhooks", Action.MANAGE_WEBHOOKS,
        {WEB: lambda _world, who: who.page(f"/{RECIPE}webhooks/"), API: api("GET", f"{RECIPE}webhooks/")},
        shows(HOOK), prepare.hook, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "end a webhook", Action.MANAGE_WEBHOOKS,
        {
            WEB: web_on_thing(f"{RECIPE}webhooks/{{}}/", act="end"),
            API: on_thing("DELETE", f"{RECIPE}webhooks/{{}}/"),
        },
        lambda world, _who, _answer: not world.recipe.webhooks.exists(),
        prepare.hook, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "try a webhook", Action.MANAGE_WEBHOOKS,
        {
            WEB: web_on_thing(f"{RECIPE}webhooks/{{}}/", act="ping"),
            API: on_thing("POST", f"{RECIPE}webhooks/{{}}/ping/"),
        },
        lambda world, _who, _answer: world.thing.deliveries.exists(),
        prepare.hook, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "disown", Action.DISOWN,
        {
            WEB: web(f"{RECIPE}team/disown/"), API: api("POST", f"{RECIPE}disown/"), SSH: ssh(f"disown {NAME}"),
        },
        lambda world, _who, _answer: world.recipe_now().ownership_changed_at is not None,
    ),
    Case(
        "adopt", Action.ADOPT,
        {
            WEB: web(f"{RECIPE}requests/", kind="adoption", text="I use it"),
            API: api("POST", f"{RECIPE}adopt/", text="I use it"),
            SSH: ssh(f"adopt {NAME} I use it"),
        },
        requested(OwnershipRequest.Kind.ADOPTION), prepare.orphan, impossible=frozenset({Role.MAINTAINER}),
    ),
    Case(
        "ask for a deletion", Action.REQUEST,
        {
            WEB: web(f"{RECIPE}requests/", kind="deletion", text="nobody needs it"),
            API: api("POST", f"{RECIPE}requests/", kind="deletion", text="nobody needs it"),
        },
        requested(OwnershipRequest.Kind.DELETION), without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "withdraw a request", Action.WITHDRAW_REQUEST,
        {
            WEB: web_on_thing(f"{RECIPE}requests/{{}}/", act="withdraw"),
            API: on_thing("POST", "requests/{}/withdraw/"),
        },
        column("state", "withdrawn"), prepare.request, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "lint again", Action.REQUEUE_LINT,
        {
            WEB: lambda world, who: who.web(f"/{stage_of(world)}", act="retry"),
            API: lambda world, who: who.api("POST", f"{RECIPE}revisions/{world.recipe.current.commit}/lint/"),
        },
        column("state", LintState.QUEUED), prepare.linted, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "cancel lint", Action.CANCEL_LINT,
        {
            WEB: lambda world, who: who.web(f"/{stage_of(world)}", act="cancel"),
            API: lambda world, who: who.api("POST", f"{stage_of(world)}cancel/"),
        },
        column("state", LintState.CANCELLED), prepare.queued_lint, {SSH: "the AUR's commands have none"},
    ),
    Case(
        "run a stage again", Action.REQUEUE_LINT,
        {
            WEB: lambda world, who: who.web(f"/{stage_of(world)}", act="retry"),
            API: lambda world, who: who.api("POST", f"{stage_of(world)}retry/"),
        },
        column("state", LintState.QUEUED), prepare.linted, {SSH: "the AUR's commands have none"},
    ),
)  # fmt: skip

_MODERATED = f"moderation/recipes/{NAME}/"
_STAFF_ON_SITE = {SSH: "moderators work on the site"}
MODERATION = (
    Case(
        "decide a request", Action.DECIDE_REQUEST,
        {
            WEB: decided(verdict="no", reason="no"),
            API: on_thing("POST", "requests/{}/decide/", accept=False, reason="no"),
        },
        column("state", "rejected"), prepare.request, _STAFF_ON_SITE,
    ),
    Case(
        "decide a report", Action.DECIDE_REPORT,
        {
            WEB: decided(verdict="no", decision="no"),
            API: on_thing("POST", "reports/{}/decide/", uphold=False, decision="no"),
        },
        filled("decided_at"), prepare.report, _STAFF_ON_SITE,
    ),
    Case(
        "review a held revision", Action.RELEASE_HOLD,
        {
            WEB: decided(verdict="yes", decision="read it"),
            API: lambda world, who: who.api(
                "POST", f"{RECIPE}revisions/{world.more['revision'].commit}/review/", release=True, decision="read it"
            ),
        },
        lambda world, _who, _answer: Revision.objects.get(pk=world.more["revision"].pk).review == Revision.Review.PUBLISHED,
        prepare.held, _STAFF_ON_SITE,
    ),
    Case(
        "quarantine", Action.QUARANTINE,
        {WEB: web(f"{_MODERATED}quarantine/", **WHY), API: api("POST", f"{RECIPE}quarantine/", **WHY)},
        recipe_filled("quarantined_at"), without=_STAFF_ON_SITE,
    ),
    Case(
        "purge a revision", Action.PURGE,
        {
            WEB: lambda world, who: who.web(f"/{_MODERATED}revision/purge/", commit=world.more["revision"].commit, **WHY),
            API: lambda world, who: who.api("POST", f"{RECIPE}revisions/{world.more['revision'].commit}/purge/", **WHY),
        },
        lambda world, _who, _answer: Revision.objects.get(pk=world.more["revision"].pk).purged_at is not None,
        prepare.taken_out, without=_STAFF_ON_SITE,
    ),
    Case(
        "delete a recipe", Action.DELETE,
        {WEB: web(f"{_MODERATED}delete/", **WHY), API: api("POST", f"{RECIPE}delete/", **WHY)},
        recipe_filled("deleted_at"), without={SSH: "the AUR's commands have none"},
    ),
    Case(
        "restore a recipe", Action.DELETE,
        {
            WEB: web(f"{_MODERATED}restore/", **WHY),
            API: api("POST", f"{RECIPE}restore/"),
            SSH: ssh(f"restore {NAME}"),
        },
        lambda world, _who, _answer: world.recipe_now().deleted_at is None, prepare.deleted,
    ),
    Case(
        "rename", Action.RENAME,
        {WEB: web(f"{_MODERATED}rename/", name="renamed"), API: api("POST", f"{RECIPE}rename/", name="renamed")},
        lambda world, _who, _answer: world.recipe_now().name == "renamed", without=_STAFF_ON_SITE,
    ),
    Case(
        "rule on a model", Action.RULE_MODEL,
        {
            WEB: web(f"{_MODERATED}rule/", model="tiny", value="free", **WHY),
            API: api("POST", f"{RECIPE}rulings/", model="tiny", value="free", **WHY),
        },
        lambda world, _who, _answer: world.recipe.rulings.exists(), without=_STAFF_ON_SITE,
    ),
    Case(
        "freeze an account", Action.FREEZE_ACCOUNT,
        {
            WEB: web("moderation/accounts/target/", freeze="on", **WHY),
            API: api("POST", "accounts/target/freeze/", **WHY),
        },
        lambda world, _who, _answer: User.objects.get(pk=world.target.pk).frozen_at is not None, without=_STAFF_ON_SITE,
    ),
    Case(
        "roll an account back", Action.FREEZE_ACCOUNT,
        {API: lambda world, who: who.api("POST", "accounts/owner/roll-back/", since=long_ago(), **WHY)},
        lambda world, _who, _answer: Revision.objects.get(recipe=world.recipe).review == Revision.Review.QUARANTINED,
        prepare.publish, {WEB: "the same form as freezing", **_STAFF_ON_SITE},
    ),
    Case(
        "add a name rule", Action.NAME_RULES,
        {
            WEB: web("moderation/names/", pattern="walked-*", effect="refuse", **WHY),
            API: api("POST", "name-rules/", pattern="walked-*", effect="refuse", **WHY),
        },
        lambda _world, _who, _answer: NameRule.objects.exists(), without=_STAFF_ON_SITE,
    ),
    Case(
        "write news", Action.WRITE_NEWS,
        {
            WEB: web("moderation/news/", title="walked", text="walked"),
            API: api("POST", "news/", title="walked", text="walked"),
        },
        lambda _world, _who, _answer: News.objects.exists(), without=_STAFF_ON_SITE,
    ),
    Case(
        "withdraw news", Action.WRITE_NEWS,
        {
            WEB: lambda world, who: who.web(f"/moderation/news/{world.thing.pk}/withdraw/"),
            API: on_thing("POST", "news/{}/withdraw/"),
        },
        lambda world, _who, _answer: News.objects.get(pk=world.thing.pk).withdrawn_at is not None, prepare.news_item,
        without=_STAFF_ON_SITE,
    ),
    Case(
        "set the incident level", Action.SET_INCIDENT_LEVEL,
        {
            WEB: web("moderation/incident/", level="raised", words="an attack"),
            API: api("PUT", "incident/", level="raised", words="an attack"),
        },
        lambda _world, _who, _answer: IncidentNotice.objects.exists(), without=_STAFF_ON_SITE,
    ),
    Case(
        "turn a switch", Action.SWITCH,
        {WEB: web("moderation/switches/adoption/"), API: api("PUT", "switches/adoption/", off=True)},
        lambda _world, _who, _answer: Switch.objects.filter(off=True).exists(), without=_STAFF_ON_SITE,
    ),
    Case(
        "lint the whole catalogue again", Action.RELINT,
        {
            WEB: web("moderation/relint/", stage="source-lint"),
            API: api("POST", "relint/", stage="source-lint"),
        },
        lambda _world, _who, _answer: RelintRun.objects.exists(), prepare.new_lintian, _STAFF_ON_SITE,
    ),
    Case(
        "pause a re-lint", Action.RELINT,
        {WEB: web_on_thing("moderation/relint/{}/", act="pause"), API: on_thing("POST", "relint/{}/pause/")},
        column("state", "paused"), prepare.relint_run, _STAFF_ON_SITE,
    ),
    Case(
        "resume a re-lint", Action.RELINT,
        {WEB: web_on_thing("moderation/relint/{}/", act="resume"), API: on_thing("POST", "relint/{}/resume/")},
        column("state", "running"), prepare.paused_relint, _STAFF_ON_SITE,
    ),
    Case(
        "see a re-lint", Action.READ_QUEUE,
        {WEB: lambda world, who: who.page(f"/moderation/relint/{world.thing.pk}/"), API: on_thing("GET", "relint/{}/")},
        shows(NEW_LINTIAN), prepare.relint_run, _STAFF_ON_SITE,
    ),
    Case(
        "see all re-lints", Action.READ_QUEUE,
        {WEB: lambda _world, who: who.page("/moderation/relint/"), API: api("GET", "relint/")},
        shows(NEW_LINTIAN), prepare.relint_run, _STAFF_ON_SITE,
    ),
    Case(
        "edit news", Action.WRITE_NEWS, {WEB: web_on_thing("moderation/news/{}/", title="walked", text="walked")},
        lambda world, _who, _answer: News.objects.get(pk=world.thing.pk).title == "walked", prepare.news_item,
        without={API: "the page shows how it will look", **_STAFF_ON_SITE},
    ),
    Case(
        "set a rank", Action.SET_RANK,
        {
            WEB: web("moderation/accounts/target/rank/", rank="trusted"),
            API: api("POST", "accounts/target/rank/", rank="trusted"),
        },
        lambda world, _who, _answer: User.objects.get(pk=world.target.pk).rank == "trusted", without=_STAFF_ON_SITE,
    ),
)  # fmt: skip

CASES = (*OWNERSHIP, *MODERATION)
