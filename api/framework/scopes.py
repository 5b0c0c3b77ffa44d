"""What a token must be made for: the scope of the action that a view names (`permissions.Action`)."""

from __future__ import annotations

from rest_framework.request import Request

from recipes_app.models import Scope
from recipes_app.services.core.permissions import Action


def needed(request: Request) -> Scope | None:
    """Return the scope that a token needs for `request`: that of the action which its view names for the method; None: any."""
    if getattr((request.parser_context or {}).get("view"), "any_token", False):
        return None
    return (action_of(request) or Action.READ).value.scope


def action_of(request: Request) -> Action | None:
    """Return the action that the view of `request` names for its method, or None where the method takes no account."""
    actions = getattr((request.parser_context or {}).get("view"), "actions", {})
    action: Action | None = actions.get("GET" if request.method == "HEAD" else request.method)
    return action
