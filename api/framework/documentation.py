"""The schema as a page shows it: operations by subject, shapes as tables. The page is made from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .schema import portal_schema

_PREFIX = "/api/v1/"
_REFERENCE = "#/components/schemas/"
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """What a value is, in words; `shape` is the described shape that it is, or is a list of, or "" for none."""

    text: str
    shape: str = ""


@dataclass(frozen=True)
class Member:
    """A parameter or a member of a shape."""

    name: str
    kind: Kind
    required: bool
    meaning: str


@dataclass(frozen=True)
class Answer:
    """What an operation can be answered with."""

    status: str
    media_type: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    meaning: str
    parameters: tuple[Member, ...]
    body: Kind | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Shape:
    """A named shape of the schema."""

    name: str
    meaning: str
    members: tuple[Member, ...]
    kind: Kind


@dataclass
class Subject:
    """Operations whose addresses begin alike."""

    name: str
    operations: list[Operation] = field(default_factory=list)


@dataclass(frozen=True)
class Documentation:
    """All that the page shows."""

    version: str
    subjects: tuple[Subject, ...]
    shapes: tuple[Shape, ...]


@cache
def documentation() -> Documentation:
    """Return the schema in the form of the page. It follows from the code alone, so it is made once in a process."""
    schema = portal_schema()
    subjects: dict[str, Subject] = {}
    for path, methods in schema["paths"].items():
        name = path.removeprefix(_PREFIX).partition("/")[0] or "index"
        subject = subjects.setdefault(name, Subject(name))
        subject.operations += [_operation(method, path, said) for method, said in methods.items()]
    shapes = tuple(_shape(name, said) for name, said in sorted(schema["components"]["schemas"].items()))
    return Documentation(schema["info"]["version"], tuple(subjects.values()), shapes)


def _operation(method: str, path: str, said: Schema) -> Operation:
    parameters = tuple(
        Member(each["name"], kind_of(each["schema"]), each.get("required", False), each.get("description", ""))
        for each in said.get("parameters", ())
    )
    body = next(iter(said.get("requestBody", {}).get("content", {}).values()), None)
    answers = tuple(
        Answer(status, media_type, kind_of(content["schema"]), answer.get("description", ""))
        for status, answer in said["responses"].items()
        for media_type, content in answer.get("content", {"": {"schema": {}}}).items()
    )
    return Operation(
        said["operationId"], method.upper(), path, said["summary"], said.get("description", ""), parameters,
        kind_of(body["schema"]) if body else None, answers,
    )  # fmt: skip


def _shape(name: str, said: Schema) -> Shape:
    required = said.get("required", ())
    members = tuple(
        Member(member, kind_of(schema), member in required, schema.get("description", ""))
        for member, schema in said.get("properties", {}).items()
    )
    return Shape(name, said.get("description", ""), members, kind_of({**said, "properties": {}}))


def kind_of(schema: Schema) -> Kind:
    """Return in words what a value of `schema` is."""
    if reference := schema.get("$ref"):
        name = reference.removeprefix(_REFERENCE)
        return Kind(name, name)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            kinds = [kind_of(each) for each in schema[several]]
            return Kind(" or ".join(each.text for each in kinds), next((each.shape for each in kinds if each.shape), ""))
    if "enum" in schema:
        return Kind("one of " + ", ".join("null" if each is None else str(each) or '""' for each in schema["enum"]))
    return _plain_kind(schema)


def _plain_kind(schema: Schema) -> Kind:
    named = schema.get("type", "anything")
    types = [named] if isinstance(named, str) else list(named)
    if "array" in types:
        inner = kind_of(schema.get("items", {}))
        return Kind(f"list of {inner.text}" + (" or null" if "null" in types else ""), inner.shape)
    if "object" in types and isinstance(schema.get("additionalProperties"), Mapping):
        inner = kind_of(schema["additionalProperties"])
        return Kind(f"object, each member {inner.text}", inner.shape)
    form = schema.get("format", "")
    words = [f"{each} ({form})" if form and each != "null" else each for each in types]
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"), ("maxItems", "at most"))
        if key in schema
    ]
    return Kind(", ".join([" or ".join(words), *bounds]))
