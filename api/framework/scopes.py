"""What a token must be made for: one scope for each action of the table of permissions.

A scope never gives what the account's roles do not; it takes away, so that a token in a script that votes cannot push.
"""

from __future__ import annotations

from rest_framework.request import Request

from recipes_app.models import Scope
from recipes_app.services.core.permissions import Action

SCOPES: dict[Action, Scope] = {
    Action.READ: Scope.READ,
    # Moderators read hidden text with the token that they read all else with.
    Action.READ_HIDDEN: Scope.READ,
    Action.READ_INTAKE: Scope.READ,
    Action.EDIT_ACCOUNT: Scope.COMMENT,
    Action.VOTE: Scope.COMMENT,
    Action.FOLLOW: Scope.COMMENT,
    Action.COMMENT: Scope.COMMENT,
    Action.EDIT_COMMENT: Scope.COMMENT,
    Action.HIDE_COMMENT: Scope.COMMENT,
    Action.PIN_COMMENT: Scope.COMMENT,
    Action.FLAG: Scope.COMMENT,
    Action.WITHDRAW_FLAG: Scope.COMMENT,
    Action.ANSWER_FLAG: Scope.COMMENT,
    Action.REPORT: Scope.COMMENT,
    # What changes a recipe's content, and nothing about who has it: this scope stands in git remotes and in CI.
    Action.CREATE_RECIPE: Scope.PUSH,
    Action.PUSH: Scope.PUSH,
    Action.REQUEUE_LINT: Scope.PUSH,
    Action.CANCEL_LINT: Scope.PUSH,
    Action.SET_KEYWORDS: Scope.PUSH,
    Action.CHOOSE_TRIAL_BUILDS: Scope.PUSH,
    Action.DECIDE_DELAYED: Scope.PUSH,
    # Not offered by the API: a person approves on the site, since a token is what staging is there against.
    Action.APPROVE_STAGED: Scope.MODERATE,
    Action.CHOOSE_STAGING: Scope.MODERATE,
    Action.CLOSE_FLAG: Scope.PUSH,
    # Who has a recipe, whether it stays, and who else is told of it: a stolen push token is no stolen recipe.
    Action.CREATE_TOKEN: Scope.OWN,
    Action.INVITE: Scope.OWN,
    Action.REMOVE_CO_MAINTAINER: Scope.OWN,
    Action.MANAGE_WEBHOOKS: Scope.OWN,
    Action.TRANSFER: Scope.OWN,
    Action.DISOWN: Scope.OWN,
    Action.REQUEST: Scope.OWN,
    Action.WITHDRAW_REQUEST: Scope.OWN,
    Action.ADOPT: Scope.OWN,
    Action.REWRITE_HISTORY: Scope.MODERATE,
    Action.RULE_FLAG: Scope.MODERATE,
    Action.DECIDE_REQUEST: Scope.MODERATE,
    Action.RENAME: Scope.MODERATE,
    Action.READ_QUEUE: Scope.MODERATE,
    Action.RELEASE_HOLD: Scope.MODERATE,
    Action.SET_INCIDENT_LEVEL: Scope.MODERATE,
    Action.DECIDE_REPORT: Scope.MODERATE,
    Action.QUARANTINE: Scope.MODERATE,
    Action.PURGE: Scope.MODERATE,
    Action.DELETE: Scope.MODERATE,
    Action.RULE_MODEL: Scope.MODERATE,
    Action.FREEZE_ACCOUNT: Scope.MODERATE,
    Action.NAME_RULES: Scope.MODERATE,
    Action.RELINT: Scope.MODERATE,
    Action.SWITCH: Scope.MODERATE,
    Action.SET_RANK: Scope.MODERATE,
    Action.WRITE_NEWS: Scope.MODERATE,
}


def needed(request: Request) -> Scope | None:
    """Return the scope that a token needs for `request`: that of the action which its view names for the method; None: any."""
    if getattr((request.parser_context or {}).get("view"), "any_token", False):
        return None
    return SCOPES[action_of(request) or Action.READ]


def action_of(request: Request) -> Action | None:
    """Return the action that the view of `request` names for its method, or None where the method takes no account."""
    actions = getattr((request.parser_context or {}).get("view"), "actions", {})
    action: Action | None = actions.get("GET" if request.method == "HEAD" else request.method)
    return action
