"""What changed since a dump."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.services.dumps import changes

from ..framework.base import PortalView, list_answer, operation
from ..framework.links import absolute
from ..framework.paging import wrong_cursor
from ..framework.parameters import ChangesParameters
from ..schemas.changes import ChangedRecipeSerializer, ChangeListSerializer

# No longer number is a serial or a row's in any database.
_DIGITS = 18


class ChangesView(PortalView):
    """What changed between the dump that a client has and the newest one."""

    parameters = ChangesParameters

    @operation("changes", "What changed since a dump", ChangeListSerializer, parameters=ChangesParameters)
    def get(self, request: Request) -> Response:
        """Return a page of the recipes whose line in recipes.jsonl is another one than in the dump `since`."""
        found = changes.since(self.given["since"], after=self._place(), limit=self.given["limit"])
        self.unless_known(request, found)
        next_cursor = ".".join(map(str, found.next_after)) if found.next_after else None
        results = [ChangedRecipeSerializer(line).data for line in found.lines]
        return list_answer(self, absolute("api:changes"), results, None, next_cursor, serial=found.serial)

    def _place(self) -> tuple[int, int] | None:
        """Return serial and row of the cursor, None without one. Raises Problem."""
        cursor = self.given["cursor"]
        if not cursor:
            return None
        serial, _, row = cursor.partition(".")
        if not all(part.isascii() and part.isdecimal() and len(part) <= _DIGITS for part in (serial, row)):
            raise wrong_cursor()
        return int(serial), int(row)


PATHS = [path("changes/", ChangesView.as_view(), name="changes")]
