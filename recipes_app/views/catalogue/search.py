"""The list of recipes and its search: the page, the part of it that changes while one types, and suggestions of names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from recipes_app.limits import MAX_QUERY_LENGTH, PAGE_SIZE
from recipes_app.search.engine import search
from recipes_app.search.facets import FACETS, Facets, facets
from recipes_app.search.query import QueryError, SearchQuery, parse_query
from recipes_app.search.reasons import explain
from recipes_app.search.suggest import Suggestion, suggest

from ..shared.labels import FACET_NAMES, SORT_CHOICES, facet_label

_SUGGESTED_SECONDS = 60


@dataclass(frozen=True)
class FacetLink:
    """A value that one can choose, with the address of the search narrowed down to it; of a chosen one, without it."""

    text: str | Promise
    number: int
    address: str


@dataclass(frozen=True)
class FacetList:
    """A facet as the page shows it. Where a value is chosen there is nothing more to choose of it."""

    title: str | Promise
    links: list[FacetLink]


@require_safe
def recipe_list(request: HttpRequest) -> HttpResponse:
    """Show what `q` and the facets find, in the order `sort`, from `cursor` on; all of the search's state is in the address.

    A query that cannot be run is explained above the box. Asked by the script of the page, only the hits are answered.
    At most three queries without words, six with.
    """
    text, sort, cursor = (request.GET.get(name, "").strip() for name in ("q", "sort", "cursor"))
    filters = {name: value for name in FACETS if (value := request.GET.get(name, "").strip())}
    context: dict[str, Any] = {
        "query": text,
        "sort": sort,
        "sort_choices": SORT_CHOICES,
        "chosen": _chosen(request.GET, filters),
        "filters": filters,
        "page": None,
        "is_continued": bool(cursor),
    }
    status = 200
    try:
        asked = parse_query(text, sort, filters)
        context |= _found(request.GET, asked, cursor)
    except QueryError as error:
        context["query_error"] = str(error)
        status = 400
    template = "recipes/_results.html" if request.headers.get("HX-Request") else "recipes/list.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _found(parameters: QueryDict, asked: SearchQuery, cursor: str) -> dict[str, Any]:
    page = search(asked, cursor=cursor or None, limit=PAGE_SIZE)
    ran = page.corrected or asked
    matches = explain(ran, page.hits)
    counted = facets(ran)
    return {
        "page": page,
        "rows": [(recipe, matches.get(recipe.pk)) for recipe in page.hits],
        "facets": _facet_lists(parameters, counted),
        "counted": counted,
        "feed": f"{reverse('home')}feeds/search/?{_feed_query(asked)}",
    }


def _feed_query(asked: SearchQuery) -> str:
    parameters = QueryDict(mutable=True)
    parameters["q"] = asked.whole_text
    return parameters.urlencode()


def _facet_lists(parameters: QueryDict, counted: Facets) -> list[FacetList]:
    """Return the facets that have something left to choose: values that not every hit has."""
    shown = []
    for name, values in counted.values.items():
        narrowing = [] if name in parameters else [(value, number) for value, number in values if number < counted.counted]
        if narrowing:
            links = [FacetLink(facet_label(name, value), number, _with(parameters, name, value)) for value, number in narrowing]
            shown.append(FacetList(FACET_NAMES[name], links))
    return shown


def _chosen(parameters: QueryDict, filters: dict[str, str]) -> list[FacetLink]:
    return [
        FacetLink(f"{FACET_NAMES[name]}: {facet_label(name, value)}", 0, _with(parameters, name, ""))
        for name, value in filters.items()
    ]


def _with(parameters: QueryDict, name: str, value: str) -> str:
    """Return the address's query with `name` set to `value`, or without it; what changes begins at its first page."""
    changed = parameters.copy()
    changed.pop("cursor", None)
    changed.pop(name, None)
    if value:
        changed[name] = value
    return f"?{changed.urlencode()}"


@require_safe
@cache_control(public=True, max_age=_SUGGESTED_SECONDS)
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return the lines of the list below a search box for what was typed. One query, or none where others typed the same.

    What is too long for a search has no suggestions; the search itself refuses it with the number.
    """
    typed = request.GET.get("q", "").strip()
    if len(typed) > MAX_QUERY_LENGTH:
        return render(request, "recipes/_suggestions.html", {"suggestions": []})
    key = f"suggest:{typed.lower().encode('utf-8', 'backslashreplace').hex()}"
    found: list[Suggestion] | None = cache.get(key)
    if found is None:
        found = suggest(typed)
        cache.set(key, found, _SUGGESTED_SECONDS)
    return render(request, "recipes/_suggestions.html", {"suggestions": found})
