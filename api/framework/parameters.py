"""Query parameters and bodies, read strictly: what is not known is an error that names the nearest known name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from recipes_app.formats.metadata import BINARY_RELATIONS, SOURCE_RELATIONS
from recipes_app.limits import (
    MAX_CHANGES,
    MAX_KEYWORD_LENGTH,
    MAX_LOOKUP_NAMES,
    MAX_NAME_LENGTH,
    MAX_PAGE_SIZE,
    MAX_QUERY_LENGTH,
    MAX_VERSION_LENGTH,
    PAGE_SIZE,
)
from recipes_app.search.fields import FIELDS, ColumnField, StateField
from recipes_app.search.query import RELEVANCE, SORT_KEYS

from .problems import MAX_ERRORS_SHOWN, Problem, field_errors

# Longer than any cursor that was given out; the rooms that make them check what is in them.
_MAX_CURSOR_LENGTH = 4_000
_MAX_ECHO = 80


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer for input that refuses members it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated members. Raises ValidationError, also for a member that does not exist."""
        if isinstance(data, Mapping):
            # The first few and their first letters: the answer to two megabytes of nonsense is short and quick.
            unknown = list(islice((_echo(name) for name in data if name not in self.fields), MAX_ERRORS_SHOWN))
            if unknown:
                raise ValidationError({name: [_unknown(name, list(self.fields))] for name in unknown})
        return super().to_internal_value(data)


def _echo(name: str) -> str:
    """Return the beginning of a member's name as text that an answer can hold: JSON has escapes for half a character."""
    return name[:_MAX_ECHO].encode("utf-8", "backslashreplace").decode("utf-8")


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"unknown: did you mean {near[0]!r}?"
    return f"unknown: there is {', '.join(map(repr, known))}" if known else "unknown: nothing can be said here"


class NoParameters(StrictSerializer):
    """For addresses that take no parameter."""


class PageParameters(StrictSerializer):
    """What every list takes."""

    cursor = serializers.CharField(
        required=False, default="", max_length=_MAX_CURSOR_LENGTH, help_text="`next_cursor` of the page before."
    )
    limit = serializers.IntegerField(
        required=False, default=PAGE_SIZE, min_value=1, max_value=MAX_PAGE_SIZE, help_text="Results on a page."
    )


class ChangesParameters(StrictSerializer):
    """What the list of changes takes."""

    since = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**62, help_text="The `serial` of the dump that you have; 0: none."
    )
    cursor = serializers.CharField(
        required=False, default="", max_length=_MAX_CURSOR_LENGTH, help_text="`next_cursor` of the page before."
    )
    limit = serializers.IntegerField(
        required=False, default=MAX_CHANGES, min_value=1, max_value=MAX_CHANGES, help_text="Recipes on a page."
    )


class SearchParameters(PageParameters):
    """What the list of recipes takes."""

    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_QUERY_LENGTH, help_text="Words and filters, as on the site."
    )
    sort = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=40,
        help_text=f"The order: {', '.join((RELEVANCE, *SORT_KEYS))}; a minus before it turns it round.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the parameters, a filter for each field of the search box among them."""
        return {**super().get_fields(), **{name: _filter_field(name) for name in FIELDS}}


def _filter_field(name: str) -> serializers.CharField:
    field = FIELDS[name]
    choices = field.choices if isinstance(field, ColumnField | StateField) else ()
    meaning = f"As {name}:VALUE in `q`; several values with a comma between them: any of them will do."
    return serializers.CharField(
        required=False, max_length=MAX_QUERY_LENGTH, help_text=f"{meaning} One of {', '.join(choices)}." if choices else meaning
    )


class BinaryParameters(PageParameters):
    """What binary packages are looked up by."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH, help_text="The binary package's name, or what it provides.")
    suite = serializers.CharField(required=False, default="", max_length=80, help_text="A Debian suite: bookworm, sid.")
    architecture = serializers.CharField(
        required=False, default="", max_length=80, help_text="An architecture; what is built for any or all fits it."
    )


class KeywordParameters(PageParameters):
    """What keywords are listed."""

    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_KEYWORD_LENGTH, help_text="The beginning of the keywords."
    )


class RelationParameters(PageParameters):
    """What narrows the relations of other recipes down."""

    kind = serializers.ChoiceField(required=False, default="", choices=[*BINARY_RELATIONS, *SOURCE_RELATIONS])


class SuggestParameters(StrictSerializer):
    """What was typed so far."""

    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MAX_NAME_LENGTH, help_text="The beginning of a name."
    )


class StringField(serializers.CharField):
    """A JSON string: DRF's own field takes numbers for strings, and cuts spaces."""

    def to_internal_value(self, data: Any) -> str:
        """Return `data`. Raises ValidationError where it is no string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class BoundedListField(serializers.ListField):
    """A list whose length is looked at first: DRF validates half a million members before it counts them."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the validated members. Raises ValidationError, for a list that is too long before all else."""
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            raise ValidationError([f"{len(data)} members; at most {self.max_length} can be given: split the request"])
        return super().to_internal_value(data)


class NamesField(BoundedListField):
    """Names of packages. A thousand of them, each by DRF's own way, take longer than to look them up."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the names. What is plain passes at once; everything else goes DRF's way, which says what is wrong with it."""
        if isinstance(data, list) and len(data) <= MAX_LOOKUP_NAMES and all(map(_is_plain_name, data)):
            return list(data)
        return super().to_internal_value(data)


def _is_plain_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_NAME_LENGTH and value.isascii() and value.isprintable()


class LookupBody(StrictSerializer):
    """Names to look up, all in one request."""

    names = NamesField(
        child=StringField(max_length=MAX_NAME_LENGTH, trim_whitespace=False, allow_blank=True),
        max_length=MAX_LOOKUP_NAMES,
        help_text=f"Names of recipes, at most {MAX_LOOKUP_NAMES}.",
    )


_A_NAME = StringField(max_length=MAX_NAME_LENGTH, trim_whitespace=False, allow_blank=True)


class BoundedDictField(serializers.DictField):
    """A JSON object of which the size is looked at first. `names` are all that its members can have; without, a recipe's."""

    def __init__(self, *, max_length: int, names: Sequence[str] = (), **options: Any) -> None:
        self.max_length = max_length
        self.names = names
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the validated members. Raises ValidationError, for too many before all else, and for a name that is too long."""
        if isinstance(data, Mapping):
            if len(data) > self.max_length:
                raise ValidationError([f"{len(data)} members; at most {self.max_length} can be given: split the request"])
            for name in data:
                try:
                    _A_NAME.run_validation(name)
                except ValidationError as error:
                    raise ValidationError({_echo(name): error.detail}) from error
                if self.names and name not in self.names:
                    raise ValidationError({name: [_unknown(name, list(self.names))]})
        return super().to_internal_value(data)


class UpgradeBody(StrictSerializer):
    """What is installed."""

    installed = BoundedDictField(
        child=StringField(max_length=MAX_VERSION_LENGTH),
        max_length=MAX_LOOKUP_NAMES,
        help_text=f"Versions by name of recipe or binary package, at most {MAX_LOOKUP_NAMES}.",
    )


@lru_cache
def _defaults(shape: type[StrictSerializer]) -> dict[str, Any] | None:
    """Return what is read where no parameter is given; None where one has to be. Values of parameters are never changed."""
    serializer = shape(data={})
    return dict(serializer.validated_data) if serializer.is_valid() else None


def read_parameters(shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return the query parameters of `request` as `shape` describes them. Raises Problem that names the wrong one."""
    try:
        unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("invalid-parameter", "the query parameters are not UTF-8: encode them so and escape with %") from error
    given = request.query_params
    for name in given:
        if len(given.getlist(name)) > 1:
            raise Problem("invalid-parameter", f"{name}: given {len(given.getlist(name))} times; give it once", field=name)
    if not given and (defaults := _defaults(shape)) is not None:
        return dict(defaults)
    serializer = shape(data=given.dict())
    if not serializer.is_valid():
        first = next(field_errors(serializer.errors))
        raise Problem("invalid-parameter", f"{first.field}: {first.detail}", field=first.field)
    return dict(serializer.validated_data)
