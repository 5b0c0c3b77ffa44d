"""The addresses of the API, below /api/v1/."""

from django.urls import path

from .views import (
    account,
    catalogue,
    changes,
    checks,
    comments,
    community,
    files,
    flags,
    leaks,
    lint_tags,
    moderation,
    news,
    ownership,
    relint,
    requests,
    revisions,
    site,
    webhooks,
)
from .views.about import ProblemsView, RootView, SchemaView, UnknownAddressView
from .views.recipes import LookupView, RecipesView, RecipeView

app_name = "api"
urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("recipes/", RecipesView.as_view(), name="recipes"),
    path("recipes/<str:name>/", RecipeView.as_view(), name="recipe"),
    *revisions.PATHS,
    *files.PATHS,
    *catalogue.PATHS,
    *account.PATHS,
    *leaks.PATHS,
    *community.PATHS,
    *comments.PATHS,
    *flags.PATHS,
    *ownership.PATHS,
    *requests.PATHS,
    *webhooks.PATHS,
    *moderation.PATHS,
    *site.PATHS,
    *news.PATHS,
    *relint.PATHS,
    *changes.PATHS,
    *lint_tags.PATHS,
    *checks.PATHS,
    path("lookup/", LookupView.as_view(), name="lookup"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("problems/", ProblemsView.as_view(), name="problems"),
    # Last, and only with a slash at its end: without one, Django leads on to the address that has it.
    path("<rest:unknown>/", UnknownAddressView.as_view()),
]
