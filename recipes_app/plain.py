"""Values as JSON and back, for what is kept in the cache: plain data, which does nothing where it is read.

JSON has no tuples, no times, no keys but texts and no classes: these are written as an object with one key that names what it is.
A class comes back only if it is a dataclass that was marked with `kept_plain`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

_TUPLE, _TIME, _PAIRS, _OBJECT = "()", "@", "{}", "#"
_TAGS = frozenset({_TUPLE, _TIME, _PAIRS, _OBJECT})
_CLASSES: dict[str, type] = {}
_Class = TypeVar("_Class", bound=type)


class NotPlain(TypeError):
    """The value cannot be kept; the text names what in it is no plain data."""


class Unreadable(ValueError):
    """The bytes are nothing that `dumps` has written."""


def kept_plain(marked: _Class) -> _Class:
    """Mark a dataclass whose objects may be kept: its fields hold plain data."""
    _CLASSES[marked.__qualname__] = marked
    return marked


def dumps(value: object) -> bytes:
    """Return `value` as JSON. Raises NotPlain."""
    return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False, allow_nan=True).encode("utf-8", "surrogatepass")


def loads(content: bytes) -> Any:
    """Return what `dumps` has written. Raises Unreadable."""
    try:
        return json.loads(content.decode("utf-8", "surrogatepass"), object_hook=_object)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unreadable(f"the cache holds something that is no plain data: {error}") from error


def _plain(value: object) -> object:
    """Return `value` in JSON's own types."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        # A safe string, or the member of an enumeration, comes back as a text.
        return str(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _tagged(value)


def _tagged(value: object) -> dict[str, object]:
    if type(value) is tuple:
        return {_TUPLE: [_plain(each) for each in value]}
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and key not in _TAGS for key in value):
            return {str(key): _plain(each) for key, each in value.items()}
        return {_PAIRS: [[_plain(key), _plain(each)] for key, each in value.items()]}
    name = type(value).__qualname__
    if _CLASSES.get(name) is not type(value):
        raise NotPlain(f"{type(value).__module__}.{name} is no plain data: it cannot be kept in the cache")
    # Its fields one by one: `asdict` would forget what is inside.
    fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}  # type: ignore[arg-type]  # kept classes are dataclasses
    return {_OBJECT: [name, _plain(fields)]}


def _object(found: dict[str, Any]) -> Any:
    if len(found) != 1 or not _TAGS & found.keys():
        return found
    ((tag, content),) = found.items()
    if tag == _TUPLE:
        return tuple(content)
    if tag == _TIME:
        return datetime.fromisoformat(content)
    if tag == _PAIRS:
        return {key: each for key, each in content}  # noqa: C416 - a pair that is none is an error
    name, fields = content
    return _CLASSES[name](**fields)
