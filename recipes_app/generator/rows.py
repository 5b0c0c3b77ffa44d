"""Rows for the tables of models, as plain values in the order of the columns: quick to make, and the same for both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from django.db import models

Row = list[Any]
# The rows that a part of the catalogue brings, by model.
Rows = dict[type[models.Model], list[Row]]


class Table:
    """A model's table: its columns, and rows of it from named values. A column that is not named has its field's default.

    A column of JSON takes what orjson takes: a dataclass is written as its own `to_json` would say.

    With `numbered` the rows bring their ids; without, the database gives them.
    """

    def __init__(self, model: type[models.Model], *, numbered: bool) -> None:
        self.model = model
        fields = [field for field in model._meta.concrete_fields if numbered or not isinstance(field, models.AutoField)]
        self.name = model._meta.db_table
        self.columns = tuple(field.column for field in fields)
        self._defaults = {field.attname: field.get_default() for field in fields}
        self._json = frozenset(field.attname for field in fields if isinstance(field, models.JSONField))

    def row(self, **values: Any) -> Row:
        """Return a row. Raises TypeError for a name that is no column."""
        merged = {**self._defaults, **values}
        if len(merged) != len(self._defaults):
            raise TypeError(f"{self.name} has no column {', '.join(values.keys() - self._defaults.keys())}")
        return [orjson.dumps(value).decode() if name in self._json else value for name, value in merged.items()]


@lru_cache
def table(model: type[models.Model]) -> Table:
    """Return the table of `model`. Those whose rows others point at bring their ids."""
    return Table(model, numbered=model.__name__ in _NUMBERED)


_NUMBERED = frozenset({"User", "Recipe", "Revision", "LintJob", "Comment", "Flag", "Hold", "SearchDocument"})


def add(rows: Rows, model: type[models.Model], **values: Any) -> None:
    """Put a row into `rows`."""
    rows.setdefault(model, []).append(table(model).row(**values))


def _copied(value: Any) -> str:
    """Return a value as COPY's text format has it. Four replacements are quicker than one translation of a long text."""
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def copy_text(rows: Iterable[Row]) -> bytes:
    """Return `rows` as PostgreSQL's COPY reads them (manual, COPY, "Text Format")."""
    lines = ["\t".join(map(_copied, row)) for row in rows]
    return ("\n".join(lines) + "\n").encode() if lines else b""


def adapted(rows: Iterable[Row], adapt: Callable[[datetime], Any]) -> list[Row]:
    """Return `rows` with each time as `adapt` makes it."""
    return [[adapt(value) if isinstance(value, datetime) else value for value in row] for row in rows]


def encoded(rows: Mapping[type[models.Model], list[Row]]) -> dict[type[models.Model], bytes]:
    """Return the text for COPY of each model."""
    return {model: copy_text(each) for model, each in rows.items()}
