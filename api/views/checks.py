"""The recipe checks: what each looks for and what to do about it."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ListSerializer

from recipes_app.services.lint import checks as recipe_checks

from ..framework import lookups
from ..framework.base import PortalView, operation
from ..schemas.checks import CheckSerializer


class ChecksView(PortalView):
    """All recipe checks."""

    @operation("checks", "The recipe checks, by their stable ids", ListSerializer(child=CheckSerializer()))
    def get(self, request: Request) -> Response:
        """Return every check."""
        checks = CheckSerializer([about for family in recipe_checks.by_family().values() for about in family], many=True).data
        self.unless_known(request, checks)
        return Response(checks)


class CheckView(PortalView):
    """One recipe check."""

    @operation("check", "One recipe check", CheckSerializer, problems=[404])
    def get(self, request: Request, check_id: str) -> Response:
        """Return the check."""
        check = CheckSerializer(lookups.check(check_id)).data
        self.unless_known(request, check)
        return Response(check)


PATHS = [
    path("checks/", ChecksView.as_view(), name="checks"),
    path("checks/<str:check_id>/", CheckView.as_view(), name="check"),
]
