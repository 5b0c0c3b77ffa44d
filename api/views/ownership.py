"""Who looks after a recipe: its team, invitations to it, and what only its owners do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import CoRole, Invitation, OwnershipRequest, Recipe, Staging, TrialBuilds, User
from recipes_app.services.core.permissions import Action, allowed
from recipes_app.services.lint import actions as lint_acts
from recipes_app.services.lint import trial_builds
from recipes_app.services.moderation import lifecycle, requests
from recipes_app.services.ownership import invitations, ownership
from recipes_app.services.publishing import staging

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, operation
from ..schemas.ownership import (
    InvitationSerializer,
    KeywordsSerializer,
    RequestSerializer,
    StagingSerializer,
    StandingSerializer,
    TeamSerializer,
    TrialBuildsSerializer,
)
from ..schemas.requests import (
    InvitationBody,
    KeywordsBody,
    NameBody,
    OrderBody,
    ReasonBody,
    RoleBody,
    StagingBody,
    TextBody,
    TrialBuildsBody,
    UsernameBody,
)


def _team(user: User | Any, recipe: Recipe) -> dict[str, Any]:
    """Return who looks after `recipe`, as `user` may see it: one's own invitation, or all for who may invite. Two queries."""
    offers = recipe.invitations.filter(expires_at__gt=timezone.now()).select_related("user", "recipe")
    if not isinstance(user, User):
        offers = offers.none()
    elif not allowed(Action.INVITE, user, recipe):
        offers = offers.filter(user_id=user.pk)
    return {
        "recipe": recipe,
        "co_maintainers": list(recipe.co_maintainers.select_related("user")),
        "invitations": list(offers),
    }


def _fresh_team(user: User, recipe: Recipe) -> dict[str, Any]:
    return _team(user, Recipe.objects.select_related("maintainer").get(pk=recipe.pk))


class TeamView(PortalView):
    """Who looks after a recipe."""

    actions = {"PUT": Action.INVITE}

    @operation("team", "Who looks after a recipe", TeamSerializer, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return the maintainer, the co-maintainers and the invitations that the reader may see."""
        team = _team(request.user, lookups.recipe_row(name))
        self.unless_known(request, team)
        return Response(TeamSerializer(team).data)

    @operation("team_order", "Set the order of succession", TeamSerializer, request=OrderBody, problems=WRITE_PROBLEMS)
    def put(self, request: Request, name: str) -> Response:
        """Put the co-maintainers in order; those who are not named stand behind."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        ownership.order_succession(user, recipe, self.body(OrderBody, request)["usernames"])
        return Response(TeamSerializer(_fresh_team(user, recipe)).data)


class MemberView(PortalView):
    """One co-maintainer."""

    actions = {"PATCH": Action.INVITE, "DELETE": Action.REMOVE_CO_MAINTAINER}

    @operation("member_role", "Give a co-maintainer another role", TeamSerializer, request=RoleBody, problems=WRITE_PROBLEMS)
    def patch(self, request: Request, name: str, username: str) -> Response:
        """Change the role."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        role = CoRole(self.body(RoleBody, request)["role"])
        invitations.change_role(user, recipe, lookups.account(username), role)
        return Response(TeamSerializer(_fresh_team(user, recipe)).data)

    @operation("member_remove", "Take a co-maintainer out of the team, or leave it", TeamSerializer, problems=WRITE_PROBLEMS)
    def delete(self, request: Request, name: str, username: str) -> Response:
        """Remove the co-maintainer; anybody may remove himself."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        if username == user.username:
            ownership.leave(user, recipe)
        else:
            ownership.remove_co_maintainer(user, recipe, lookups.account(username))
        return Response(TeamSerializer(_fresh_team(user, recipe)).data)


class InvitationView(PortalView):
    """The invitation of one account."""

    actions = {"DELETE": Action.INVITE}

    @operation("invitation_take_back", "Take an invitation back", TeamSerializer, problems=WRITE_PROBLEMS)
    def delete(self, request: Request, name: str, username: str) -> Response:
        """Withdraw the offer."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        invitations.take_back(user, recipe, lookups.account(username))
        return Response(TeamSerializer(_fresh_team(user, recipe)).data)


class KeywordsView(PortalView):
    """The keywords that the maintainers set on the site."""

    actions = {"PUT": Action.SET_KEYWORDS}

    @operation("keywords", "The keywords that are set on the site", KeywordsSerializer, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return the keywords."""
        keywords = lookups.recipe_row(name).extra_keywords
        self.unless_known(request, keywords)
        return Response(KeywordsSerializer({"keywords": keywords}).data)

    @operation("keywords_set", "Set the keywords", KeywordsSerializer, request=KeywordsBody, problems=WRITE_PROBLEMS)
    def put(self, request: Request, name: str) -> Response:
        """Set all keywords."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        stored = ownership.set_keywords(user, recipe, self.body(KeywordsBody, request)["keywords"])
        return Response(KeywordsSerializer({"keywords": stored}).data)


class TrialBuildsView(PortalView):
    """Whether revisions are built for trial."""

    actions = {"PUT": Action.CHOOSE_TRIAL_BUILDS}

    @operation("trial_builds", "Whether a recipe is built for trial", TrialBuildsSerializer, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return what was chosen, and what it comes to."""
        answer = _trial_builds(lookups.recipe_row(name))
        self.unless_known(request, answer)
        return Response(TrialBuildsSerializer(answer).data)

    @operation(
        "trial_builds_choose", "Choose trial builds", TrialBuildsSerializer, request=TrialBuildsBody, problems=WRITE_PROBLEMS
    )
    def put(self, request: Request, name: str) -> Response:
        """Choose; the current revision is queued at once where it may be built."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        choice = TrialBuilds(self.body(TrialBuildsBody, request)["choice"])
        return Response(TrialBuildsSerializer(_trial_builds(lint_acts.choose_trial_builds(user, recipe, choice))).data)


class StagingView(PortalView):
    """Whether what a token pushes waits for the team."""

    actions = {"PUT": Action.CHOOSE_STAGING}

    @operation("staging", "Whether what a token pushes waits for the team", StagingSerializer, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return what was chosen, and what it comes to."""
        answer = _staging(lookups.recipe_row(name))
        self.unless_known(request, answer)
        return Response(StagingSerializer(answer).data)

    @operation("staging_choose", "Choose staging", StagingSerializer, request=StagingBody, problems=WRITE_PROBLEMS)
    def put(self, request: Request, name: str) -> Response:
        """Choose; it counts from the next push on."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        choice = Staging(self.body(StagingBody, request)["choice"])
        return Response(StagingSerializer(_staging(staging.choose(user, recipe, choice))).data)


def _staging(recipe: Recipe) -> dict[str, Any]:
    return {"choice": recipe.staging, "in_force": staging.in_force(recipe)}


def _trial_builds(recipe: Recipe) -> dict[str, Any]:
    return {
        "choice": recipe.trial_builds,
        "wanted": trial_builds.wanted(recipe),
        "suites": list(settings.TRIAL_BUILD_SUITES),
    }


def _disown(user: User, recipe: Recipe, _body: dict[str, Any]) -> dict[str, Any]:
    ownership.disown(user, recipe)
    return _fresh_team(user, recipe)


def _adopt(user: User, recipe: Recipe, body: dict[str, Any]) -> OwnershipRequest:
    return requests.file(user, recipe, OwnershipRequest.Kind.ADOPTION, body["text"])


def _invite(user: User, recipe: Recipe, body: dict[str, Any]) -> Invitation:
    return invitations.invite(user, recipe, lookups.account(body["username"]), CoRole(body["role"]), body["position"])


def _transfer(user: User, recipe: Recipe, body: dict[str, Any]) -> Invitation:
    return invitations.offer_transfer(user, recipe, lookups.account(body["username"]))


def _accept(user: User, recipe: Recipe, _body: dict[str, Any]) -> dict[str, Any]:
    invitations.accept(user, recipe)
    return _fresh_team(user, recipe)


def _decline(user: User, recipe: Recipe, _body: dict[str, Any]) -> dict[str, Any]:
    invitations.decline(user, recipe)
    return _fresh_team(user, recipe)


def _standing(recipe: Recipe) -> Recipe:
    return Recipe.objects.select_related("maintainer").get(pk=recipe.pk)


def _rename(user: User, recipe: Recipe, body: dict[str, Any]) -> Recipe:
    lifecycle.rename(user, recipe, body["name"])
    return _standing(recipe)


def _delete(user: User, recipe: Recipe, body: dict[str, Any]) -> Recipe:
    lifecycle.delete(user, recipe, body["reason"])
    return _standing(recipe)


def _restore(user: User, recipe: Recipe, _body: dict[str, Any]) -> Recipe:
    lifecycle.restore(user, recipe)
    return _standing(recipe)


_HERE = "recipes/<str:name>/"
_ACTS = (
    Act("disown", f"{_HERE}disown/", "Give a recipe up", Action.DISOWN, lookups.recipe_row, _disown, TeamSerializer),
    Act(
        "adopt", f"{_HERE}adopt/", "Ask to adopt an orphan", Action.ADOPT, lookups.recipe_row, _adopt,
        RequestSerializer, TextBody,
    ),
    Act(
        "invite", f"{_HERE}invitations/", "Invite a co-maintainer",
        Action.INVITE, lookups.recipe_row, _invite, InvitationSerializer, InvitationBody,
    ),
    Act(
        "transfer", f"{_HERE}transfer/", "Offer the recipe to another account",
        Action.TRANSFER, lookups.recipe_row, _transfer, InvitationSerializer, UsernameBody,
    ),
    # Who joins a team can push: that takes the scope that adopting takes.
    Act("accept", f"{_HERE}accept/", "Accept one's invitation", Action.ADOPT, lookups.recipe_row, _accept, TeamSerializer),
    Act("decline", f"{_HERE}decline/", "Turn one's invitation down", Action.FOLLOW, lookups.recipe_row, _decline, TeamSerializer),
    Act("rename", f"{_HERE}rename/", "Rename a recipe", Action.RENAME, lookups.recipe_row, _rename, StandingSerializer, NameBody),
    Act(
        "delete", f"{_HERE}delete/", "Delete a recipe", Action.DELETE, lookups.recipe_row, _delete,
        StandingSerializer, ReasonBody,
    ),
    Act(
        "restore", f"{_HERE}restore/", "Bring a recipe back", Action.DELETE, lookups.deleted_recipe, _restore, StandingSerializer,
    ),
)  # fmt: skip
PATHS = [
    path(f"{_HERE}team/", TeamView.as_view(), name="team"),
    path(f"{_HERE}team/<str:username>/", MemberView.as_view(), name="member"),
    path(f"{_HERE}invitations/<str:username>/", InvitationView.as_view(), name="invitation"),
    path(f"{_HERE}keywords/", KeywordsView.as_view(), name="keywords"),
    path(f"{_HERE}trial-builds/", TrialBuildsView.as_view(), name="trial_builds"),
    path(f"{_HERE}staging/", StagingView.as_view(), name="staging"),
    *map(act_path, _ACTS),
]
