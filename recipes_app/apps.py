"""The Django application that holds the domain."""

from django.apps import AppConfig


class RecipesConfig(AppConfig):
    """Recipes, accounts and everything about them."""

    name = "recipes_app"
    verbose_name = "Recipes"

    def ready(self) -> None:
        """Connect what listens to allauth; its models, and ours, can be imported only now."""
        from . import leaked_passwords  # noqa: F401, PLC0415 - registers its check
        from .services.accounts import account_events  # noqa: PLC0415

        account_events.connect()
