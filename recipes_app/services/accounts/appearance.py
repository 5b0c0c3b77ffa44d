"""What an account has chosen of the site's look."""

from __future__ import annotations

from recipes_app.appearance import Look
from recipes_app.models import User

from ..core.permissions import Action, require


def keep(user: User, look: Look) -> None:
    """Write the choice to the account. Raises PermissionDenied."""
    require(Action.EDIT_ACCOUNT, user)
    user.appearance = look.text
    user.save(update_fields=["appearance"])
