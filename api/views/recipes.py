"""Recipes: the list with search, one recipe, and many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import User
from recipes_app.response_cache.fragments import fragments_of_this_process
from recipes_app.search.engine import search_for
from recipes_app.search.fields import FIELDS
from recipes_app.search.query import QueryError, SearchQuery, parse_query
from recipes_app.services.catalogue import summaries
from recipes_app.services.gates import trust_facts

from ..framework import lookups
from ..framework.base import PortalView, list_answer, operation
from ..framework.links import absolute
from ..framework.parameters import LookupBody, SearchParameters
from ..framework.problems import Problem
from ..schemas.quick import recipe_detail, summary_list, summary_texts
from ..schemas.recipes import LookupSerializer, RecipeListSerializer, RecipeSerializer


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
        recipe = lookups.recipe(name)
        facts = trust_facts.facts_of(recipe, recipe.current) if recipe.current is not None else None
        # What falls by the day is its popularity.
        self.unless_known(request, recipe, asdict(facts) if facts else None, timezone.now().date(), modified=recipe.updated_at)
        if recipe.current is not None:
            recipe.current.recipe = recipe
        return Response(recipe_detail(recipe, facts))


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
        found = self._found(request, names)
        return Response(
            {
                "found": [found[name] for name in names if name in found],
                "unknown": [name for name in names if name not in found],
            }
        )

    def _found(self, request: Request, names: list[str]) -> Mapping[str, Any]:
        """Return what is said of each recipe, by name: to a visitor's program what is kept as JSON already."""
        kept = fragments_of_this_process()
        is_anybody = not request.COOKIES and not isinstance(request.user, User)
        if kept is not None and is_anybody and request.accepted_media_type == JSONRenderer.media_type:
            return {name: orjson.Fragment(text) for name, text in kept.of(names, summary_texts).items()}
        rows = summaries.by_names(names)
        return dict(zip(rows, summary_list(rows.values()), strict=True))
