"""The Django application that holds the domain."""

from django.apps import AppConfig


class RecipesConfig(AppConfig):
    """Recipes, accounts and everything about them."""

    name = "recipes_app"
    verbose_name = "Recipes"
