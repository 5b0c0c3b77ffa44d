"""What is read across recipes: binary packages, relations, keywords, suggestions, upgrades, users, statistics."""

from __future__ import annotations

from dataclasses import asdict

from django.core.cache import cache
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.cached_counts import COUNTED_SECONDS
from recipes_app.models import Recipe, User
from recipes_app.search.suggest import Suggestion, suggest
from recipes_app.services.catalogue import binaries, catalogue, upgrades
from recipes_app.services.core.pages import cut

from ..framework import lookups
from ..framework.base import PortalView, list_answer, operation
from ..framework.links import absolute, page_of
from ..framework.paging import newest_first, number_given
from ..framework.parameters import (
    BinaryParameters,
    KeywordParameters,
    PageParameters,
    RelationParameters,
    SuggestParameters,
    UpgradeBody,
)
from ..framework.renderers import PageRenderer, SuggestionsRenderer
from ..schemas.catalogue import (
    KeywordListSerializer,
    OfferListSerializer,
    OfferSerializer,
    ReverseRelationListSerializer,
    ReverseRelationSerializer,
    StatisticsSerializer,
    SuggestionsSerializer,
    UpgradesSerializer,
    UserSerializer,
)
from ..schemas.recipes import RecipeListSerializer, RecipeSummarySerializer

# What is typed at each key stroke by many, and counts that nobody needs to the second.
_SUGGESTED_SECONDS = 60


class BinariesView(PortalView):
    """Binary packages by the name that they bear or provide."""

    parameters = BinaryParameters

    @operation("binaries", "Who builds or provides a binary package", OfferListSerializer, parameters=BinaryParameters)
    def get(self, request: Request) -> Response:
        """Return a page of the packages that bear or provide `name`, for the suite and the architecture."""
        given = self.given
        asked = binaries.Asked(given["name"], given["suite"], given["architecture"])
        page = binaries.find(asked, after=number_given(self), limit=given["limit"])
        self.unless_known(request, page)
        results = OfferSerializer(binaries.offers(asked, page), many=True).data
        return list_answer(self, absolute("api:binaries"), results, None, page.next_after)


class RequiredByView(PortalView):
    """What other recipes need of a recipe."""

    parameters = RelationParameters

    @operation(
        "required_by", "How other recipes relate to a recipe's packages", ReverseRelationListSerializer,
        parameters=RelationParameters, problems=[404],
    )  # fmt: skip
    def get(self, request: Request, name: str) -> Response:
        """Return a page of the relations of other recipes to the binary packages of this one."""
        recipe = lookups.recipe_row(name)
        rows = catalogue.relations_to(recipe)
        if self.given["kind"]:
            rows = rows.filter(kind=self.given["kind"])
        return newest_first(self, absolute("api:required_by", recipe.name), rows, ReverseRelationSerializer)


class KeywordsView(PortalView):
    """All keywords."""

    parameters = KeywordParameters

    @operation(
        "keywords_list", "Keywords, each with how many recipes have it", KeywordListSerializer, parameters=KeywordParameters
    )
    def get(self, request: Request) -> Response:
        """Return a page of the keywords that begin with `q`; the cursor is the last keyword of the page before."""
        limit = self.given["limit"]
        found = catalogue.keyword_counts(self.given["q"].lower(), self.given["cursor"], limit + 1)
        self.unless_known(request, found)
        page, next_cursor = cut(found, limit, lambda row: row[0])
        results = [{"keyword": word, "recipes": number} for word, number in page]
        return list_answer(self, absolute("api:all_keywords"), results, None, next_cursor)


def _suggestions(typed: str) -> list[Suggestion]:
    """Return what `typed` may be the beginning of; what many type is asked for once a minute."""
    key = f"suggest:{typed.lower().encode().hex()}"
    found: list[Suggestion] | None = cache.get(key)
    if found is None:
        found = suggest(typed)
        cache.set(key, found, _SUGGESTED_SECONDS)
    return found


class SuggestView(PortalView):
    """Names that begin as was typed."""

    parameters = SuggestParameters
    max_age = _SUGGESTED_SECONDS

    @operation("suggest", "Names that begin as was typed", SuggestionsSerializer, parameters=SuggestParameters)
    def get(self, request: Request) -> Response:
        """Return at most ten names of recipes and binary packages, the most popular first."""
        typed = self.given["q"]
        found = _suggestions(typed)
        self.unless_known(request, found)
        return Response({"query": typed, "suggestions": [asdict(each) for each in found]})


class OpenSearchView(PortalView):
    """The same for the search box of a browser."""

    parameters = SuggestParameters
    max_age = _SUGGESTED_SECONDS
    renderer_classes = [SuggestionsRenderer, JSONRenderer, PageRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the four lists of OpenSearch suggestions 1.0: what was typed, names, their synopses, their pages."""
        typed = self.given["q"]
        found = _suggestions(typed)
        self.unless_known(request, found)
        return Response(
            [typed, [each.name for each in found], [each.synopsis for each in found], [page_of(each.recipe) for each in found]]
        )


class UpgradesView(PortalView):
    """What is newer than what is installed."""

    @operation(
        "upgrades", "What is newer than what is installed", UpgradesSerializer,
        request=UpgradeBody, problems=[403, 411, 413, 415, 422],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Return what is newer, with what changed since the installed version, and what is quarantined or unknown."""
        return Response(UpgradesSerializer(upgrades.check(self.body(UpgradeBody, request)["installed"])).data)


class UserView(PortalView):
    """An account's public part."""

    @operation("user", "What an account tells the public", UserSerializer, problems=[404])
    def get(self, request: Request, username: str) -> Response:
        """Return what stands on the account's page."""
        account = lookups.public_account(username)
        self.unless_known(request, account)
        return Response(UserSerializer(account).data)


class UserRecipesView(PortalView):
    """An account's recipes."""

    parameters = PageParameters

    @operation(
        "user_recipes", "The recipes that an account maintains", RecipeListSerializer, parameters=PageParameters, problems=[404]
    )
    def get(self, request: Request, username: str) -> Response:
        """Return a page of the recipes, newest first."""
        account: User = lookups.public_account(username)
        rows = Recipe.objects.filter(maintainer=account, deleted_at=None).select_related("maintainer")
        more = {"total_is_exact": True, "corrected": None}
        return newest_first(self, absolute("api:user_recipes", username), rows, RecipeSummarySerializer, **more)


class StatisticsView(PortalView):
    """How much there is."""

    max_age = COUNTED_SECONDS

    @operation("statistics", "How much there is", StatisticsSerializer)
    def get(self, request: Request) -> Response:
        """Return counts of recipes, by class and kind, of maintainers and of revisions."""
        counts = {**asdict(catalogue.counted()), "by": catalogue.counted_by()}
        self.unless_known(request, counts)
        return Response(StatisticsSerializer(counts).data)


PATHS = [
    path("binaries/", BinariesView.as_view(), name="binaries"),
    path("recipes/<str:name>/required-by/", RequiredByView.as_view(), name="required_by"),
    path("keywords/", KeywordsView.as_view(), name="all_keywords"),
    path("suggest/", SuggestView.as_view(), name="suggest"),
    path("suggest/opensearch/", OpenSearchView.as_view(), name="opensearch_suggestions"),
    path("upgrades/", UpgradesView.as_view(), name="upgrades"),
    path("users/<str:username>/", UserView.as_view(), name="user"),
    path("users/<str:username>/recipes/", UserRecipesView.as_view(), name="user_recipes"),
    path("statistics/", StatisticsView.as_view(), name="statistics"),
]
