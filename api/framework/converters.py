"""The one part of an address that Django has no converter for."""

from __future__ import annotations

from django.urls import register_converter


class RestConverter:
    """The rest of an address, whatever is in it: Django's own converter ends at a line break, and gives a page of 404."""

    regex = "(?s:.+)"

    def to_python(self, value: str) -> str:
        """Return the part as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return the part as it is."""
        return value


register_converter(RestConverter, "rest")
