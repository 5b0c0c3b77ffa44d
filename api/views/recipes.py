"""Recipes: the list with search, one recipe, and many at once."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import OwnershipRequest, Revision
from recipes_app.search.engine import search_for
from recipes_app.search.fields import FIELDS
from recipes_app.search.query import QueryError, SearchQuery, parse_query
from recipes_app.services import catalogue, lint_reports, summaries
from recipes_app.services.model_class import classes_of

from .. import find
from ..base import PortalView, list_answer, operation
from ..links import absolute
from ..parameters import LookupBody, SearchParameters
from ..problems import Problem
from ..quick import summary_list
from ..serializers import (
    LookupSerializer,
    RecipeListSerializer,
    RecipeSerializer,
)
from ..shapes_lint_reports import LintSummary


def lint_summary(revision: Revision | None) -> LintSummary | None:
    """Return the numbers of what stands of the lint of `revision`, or None where there is none. Two queries."""
    found = lint_reports.lint_of(revision) if revision else None
    if revision is None or found is None:
        return None
    return LintSummary(found, revision, lint_reports.hint_counts(found.jobs))


class RecipesView(PortalView):
    """The recipes, searched and sorted."""

    parameters = SearchParameters

    @operation("recipes_list", "Search the recipes, or list them all", RecipeListSerializer, parameters=SearchParameters)
    def get(self, request: Request) -> Response:
        """Return a page of the recipes that `q` finds, in the order of `sort`."""
        query = self._query()
        try:
            page = search_for(query, summaries.by_ids, cursor=self.given["cursor"] or None, limit=self.given["limit"])
        except QueryError as error:
            raise Problem("invalid-parameter", str(error), field="cursor") from error
        self.unless_known(request, page, timezone.now().date())
        results = summary_list(page.hits)
        return list_answer(
            self,
            absolute("api:recipes"),
            results,
            page.total,
            page.next_cursor,
            total_is_exact=page.total_is_exact,
            corrected=page.corrected.text if page.corrected else None,
        )

    def _query(self) -> SearchQuery:
        """Return what is searched. Raises Problem that names the parameter which cannot be."""
        sort = self.given["sort"]
        filters = {name: self.given[name].split(",") for name in FIELDS if name in self.given}
        try:
            return parse_query(self.given["q"], sort=sort, filters=filters)
        except QueryError as error:
            field = "sort" if sort and error.term == sort else error.term if error.term in filters else "q"
            raise Problem("invalid-parameter", str(error), field=field) from error


class RecipeView(PortalView):
    """One recipe."""

    @operation("recipe", "One recipe, with everything that it says", RecipeSerializer, problems=[404])
    def get(self, request: Request, name: str) -> Response:
        """Return the recipe `name`."""
        recipe = find.recipe(name)
        # What falls by the day is its popularity.
        self.unless_known(request, recipe, timezone.now().date(), modified=recipe.updated_at)
        if recipe.current is not None:
            recipe.current.recipe = recipe
        context = {
            "branches": catalogue.branches(recipe),
            "lint_summary": lint_summary(recipe.current),
            "models": classes_of(recipe, recipe.current.data) if recipe.current else [],
            "pending_requests": recipe.requests.filter(state=OwnershipRequest.State.OPEN).order_by("pk"),
        }
        return Response(RecipeSerializer(recipe, context=context).data)


class LookupView(PortalView):
    """Many recipes by name."""

    @operation(
        "lookup", "Many recipes by name, in one request", LookupSerializer, request=LookupBody, problems=[403, 411, 413, 415]
    )
    def post(self, request: Request) -> Response:
        """Return those of the names that are recipes, and the names that are not."""
        body = LookupBody(data=request.data)
        body.is_valid(raise_exception=True)
        names = list(dict.fromkeys(body.validated_data["names"]))
        found = summaries.by_names(names)
        known = [found[name] for name in names if name in found]
        return Response(
            {
                "found": summary_list(known),
                "unknown": [name for name in names if name not in found],
            }
        )
