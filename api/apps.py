"""The API as a Django application."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registers the schema's extensions once everything is loaded."""

    name = "api"

    def ready(self) -> None:
        """Import the extensions: drf-spectacular finds them by their classes."""
        from .framework import schema  # noqa: F401, PLC0415
