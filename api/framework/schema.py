"""What drf-spectacular cannot find out by itself: how a token is sent, and the shapes of the parser's dataclasses.

Imported when the application is ready: extensions register themselves by being defined.
"""

from __future__ import annotations

import hashlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from recipes_app.languages import english

_PRIMITIVES = {str: "string", int: "integer", float: "number", bool: "boolean"}


class TokenScheme(OpenApiAuthenticationExtension):
    """How a token is sent."""

    target_class = "api.framework.authentication.TokenAuthentication"
    name = ["bearerToken", "basicToken"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Return the two schemes that OpenAPI has words for; `Token TOKEN` is a third spelling of the first."""
        return [
            {"type": "http", "scheme": "bearer", "description": "A token from the account page."},
            {"type": "http", "scheme": "basic", "description": "The account's name, and a token as the password."},
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        """Return that either scheme is enough."""
        return [{name: []} for name in self.name]


class DataclassSchema(OpenApiSerializerFieldExtension):
    """A dataclass becomes a named component, and so does each dataclass inside it."""

    target_class = "api.framework.fields.DataclassField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """Return the schema of the field: a reference to the dataclass's component, or a list of such."""
        inner = json_schema(self.target.shape, auto_schema.registry)
        return {"type": "array", "items": inner} if self.target.many else inner


def json_schema(annotation: Any, registry: ComponentRegistry) -> dict[str, Any]:
    """Return the JSON Schema of a type annotation of `formats`; dataclasses are registered as components.

    Raises TypeError for an annotation that JSON has no shape for, so that a new one is not described as "anything".
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in _PRIMITIVES:
        return {"type": _PRIMITIVES[annotation]}
    if is_dataclass(annotation) and isinstance(annotation, type):
        return _component(annotation, registry)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {"type": "string", "enum": [member.value for member in annotation]}
    if origin in (typing.Union, types.UnionType):
        given = [json_schema(each, registry) for each in arguments if each is not types.NoneType]
        return {"oneOf": [*given, {"type": "null"}]} if types.NoneType in arguments else {"oneOf": given}
    if origin is tuple:
        return {"type": "array", "items": json_schema(arguments[0], registry)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": json_schema(arguments[1], registry)}
    raise TypeError(f"no JSON Schema for {annotation!r}")


def _component(shape: type, registry: ComponentRegistry) -> dict[str, Any]:
    component = ResolvedComponent(name=shape.__name__, type=ResolvedComponent.SCHEMA, object=shape)
    if component in registry:
        return registry[component].ref
    registry.register(component)
    hints = typing.get_type_hints(shape)
    component.schema = {
        "type": "object",
        "description": " ".join((shape.__doc__ or "").split()),
        "properties": {each.name: json_schema(hints[each.name], registry) for each in fields(shape)},
        "required": [each.name for each in fields(shape)],
    }
    return component.ref


_TEXT = {"schema": {"type": "string"}}
_COUNTED = {
    "RateLimit-Policy": {"description": "How often one may ask: `q` times in `w` seconds.", **_TEXT},
    "RateLimit": {"description": "What is left of it: `r` times, for `t` seconds.", **_TEXT},
}
_KNOWN = {
    "ETag": {"description": "Send it back as `If-None-Match`.", **_TEXT},
    "Cache-Control": {"description": "How long the answer may be kept.", **_TEXT},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A value of one's own, such as a UUID: sent again within a day, the act is not done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
}


def describe_headers(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Return the document with what the views' common base does by headers: drf-spectacular's post-processing hook."""
    for methods in result["paths"].values():
        for method, said in methods.items():
            for answer in said["responses"].values():
                answer["headers"] = dict(_COUNTED)
            if method == "get":
                said["responses"]["200"]["headers"].update(_KNOWN)
                said["responses"]["304"] = {"description": "The client has the answer already.", "headers": _COUNTED | _KNOWN}
            elif method == "post" and "409" in said["responses"]:
                said.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            if "429" in said["responses"]:
                said["responses"]["429"]["headers"]["Retry-After"] = {
                    "description": "Seconds to wait.",
                    "schema": {"type": "integer"},
                }
    return result


@cache
def portal_schema() -> dict[str, Any]:
    """Return the OpenAPI document. It follows from the code alone, so it is made once in a process."""
    # Whoever asks first: its words are the same for all.
    with english():
        schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
        return schema


@cache
def schema_digest() -> str:
    """Return a digest of the document, for its tag."""
    return hashlib.sha256(json.dumps(portal_schema(), sort_keys=True).encode()).hexdigest()
