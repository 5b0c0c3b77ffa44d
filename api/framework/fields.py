"""Fields that DRF lacks: a link, and the stored JSON of a dataclass."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from rest_framework import serializers

from .links import absolute, clone_url


class LinkField(serializers.URLField):
    """The absolute address of a named view, its arguments read from the object: `LinkField("api:recipe", "name")`."""

    def __init__(self, view_name: str, *attributes: str, **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)
        self.view_name = view_name
        self.readers = [attrgetter(attribute) for attribute in attributes]

    def to_representation(self, value: Any) -> str:
        """Return the address for the object `value`."""
        return absolute(self.view_name, *(str(read(value)) for read in self.readers))


class CloneField(serializers.URLField):
    """The address that `git clone` takes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)

    def to_representation(self, value: Any) -> str:
        """Return the address for the recipe `value`."""
        return clone_url(value)


class DataclassField(serializers.Field[Any, Any, Any, Any]):
    """Stored JSON of a dataclass (or of a list of them), given out as it is; `api.framework.schema` describes it from `shape`."""

    def __init__(self, shape: type, *, many: bool = False, **options: Any) -> None:
        super().__init__(read_only=True, **options)
        self.shape = shape
        self.many = many

    def to_representation(self, value: Any) -> Any:
        """Return the stored JSON itself."""
        return value
