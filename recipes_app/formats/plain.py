"""Dataclasses to plain JSON types and back, by their annotations. Readers are made once for each type: pages call this often."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

_Reader = Callable[[Any], Any]
_readers: dict[Any, _Reader] = {}


def to_plain(value: Any) -> Any:
    """Return `value` with dataclasses as dicts and tuples as lists, as `json.loads` would give them back."""
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: to_plain(each) for key, each in value.items()}
    return {name: to_plain(getattr(value, name)) for name in value.__dataclass_fields__}


def reader(annotation: Any) -> _Reader:
    """Return the function that reads plain JSON types as the type that `annotation` names.

    A field that the JSON lacks gets its default, so that what an older version wrote can be read; one that the type lacks is
    passed over.
    """
    if annotation not in _readers:
        _readers[annotation] = _make_reader(annotation)
    return _readers[annotation]


def _make_reader(annotation: Any) -> _Reader:
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in {typing.Union, types.UnionType}:
        return _optional(reader(next(each for each in arguments if each is not types.NoneType)))
    if origin is tuple:
        return _tuple(reader(arguments[0]))
    if origin is Mapping:
        return _mapping(reader(arguments[1]))
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _record(annotation)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _optional(inner: _Reader) -> _Reader:
    return lambda value: None if value is None else inner(value)


def _tuple(inner: _Reader) -> _Reader:
    return tuple if inner is _as_it_is else lambda value: tuple([inner(each) for each in value])


def _mapping(inner: _Reader) -> _Reader:
    return lambda value: {key: inner(each) for key, each in value.items()}


def _record(kind: type) -> _Reader:
    hints = typing.get_type_hints(kind)
    readers = [(each.name, reader(hints[each.name])) for each in fields(kind)]
    return lambda value: kind(**{name: read(value[name]) for name, read in readers if name in value})
