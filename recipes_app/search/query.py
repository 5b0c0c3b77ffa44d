"""The search box's text as a query object. Pure: no database, and of Django only its translations.

    words "a phrase" -without field:value -field:"other value" start*

Every character but the quotation mark, a leading minus, a trailing star and the colon after a field's name is data.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ..limits import MAX_QUERY_LENGTH, MAX_QUERY_TERMS
from .fields import ALIASES, FIELDS, ColumnField, PersonField, StateField
from .tokens import printable, tag_value, words

# What orders hits; each is a line of `statement.SORTS`. A minus turns the order round.
RELEVANCE = "relevance"
NEWEST = "-updated"
SORT_KEYS = ("name", "updated", "created", "votes", "popularity")

# Below this many letters a word stands for itself alone: "a" and "go" begin thousands of names.
_SHORTEST_PREFIX = 3
_SHORTEST_STARRED = 2
_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[A-Za-z][A-Za-z_-]*):(?=[^\s:/]))?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<plain>\S+))')

# A value that needs no quotation marks.
_PLAIN_VALUE = re.compile(r"[^\W_][\w.+@-]*")


class QueryError(ValueError):
    """A query that cannot be run. The text names the term and what to do; `term` is what was written."""

    def __init__(self, message: str | Promise, term: str = "") -> None:
        super().__init__(str(message))
        self.term = term


@dataclass(frozen=True)
class WordTerm:
    """A word or a phrase anywhere in a recipe's text. `words` are folded and unstemmed; several stand next to each other."""

    text: str
    words: tuple[str, ...]
    negated: bool = False
    quoted: bool = False
    prefix: bool = False


@dataclass(frozen=True)
class FieldTerm:
    """A field with the values of which any satisfies it. `prefix`: the value is the beginning of what is sought."""

    field: str
    values: tuple[str, ...]
    negated: bool = False
    prefix: bool = False


@dataclass(frozen=True)
class SearchQuery:
    """What is searched for, and in which order hits come. Equal queries are equal objects.

    `fields` were written in the text, `filters` were chosen beside it; both restrict in the same way.
    """

    words: tuple[WordTerm, ...] = ()
    fields: tuple[FieldTerm, ...] = ()
    filters: tuple[FieldTerm, ...] = ()
    sort: str = NEWEST

    @property
    def digest(self) -> str:
        """A digest of what is found, whatever the order: the key under which the cache keeps what is known of it."""
        return hashlib.sha256(repr(replace(self, sort="")).encode("utf-8", "backslashreplace")).hexdigest()

    @property
    def sought(self) -> tuple[WordTerm, ...]:
        """The words that a hit has to have."""
        return tuple(term for term in self.words if not term.negated)

    @property
    def name(self) -> str:
        """The recipe's or binary package's name that the words may be meant as: `visual studio code` → visual-studio-code."""
        return "-".join(tag_value(term.text) for term in self.sought)

    @property
    def beginning(self) -> str:
        """The beginning of a name that the words may be meant as: what a person types of it. Empty where it is none."""
        plain = [term for term in self.sought if not term.quoted]
        if len(plain) != 1 or len(self.sought) != 1 or len(self.name) < _SHORTEST_PREFIX:
            return ""
        return self.name

    def with_words(self, corrected: Mapping[str, str]) -> SearchQuery:
        """Return the query with each sought word that `corrected` has as a key replaced by its value."""
        return replace(self, words=tuple(_corrected(term, corrected) for term in self.words))

    @property
    def text(self) -> str:
        """The query as one would write it in the search box, without filters: reads back as the same query."""
        return " ".join([_written_word(term) for term in self.words] + [_written_field(term) for term in self.fields])

    @property
    def whole_text(self) -> str:
        """The query as one would write it in the search box, its filters as fields; of a filter with several values the first."""
        return " ".join(part for part in (self.text, *(_written_field(term) for term in self.filters)) if part)


def parse_query(text: str, sort: str = "", filters: Mapping[str, str | Iterable[str]] | None = None) -> SearchQuery:
    """Return the query that `text`, a sort key and `filters` (field → value or values, any of which will do) make.

    Raises QueryError with a message that names the term, for what is too long, unknown or empty.
    """
    if len(text) > MAX_QUERY_LENGTH:
        raise QueryError(
            _("the query has %(length)s characters; at most %(most)s are searched: leave words out")
            % {"length": len(text), "most": MAX_QUERY_LENGTH}
        )
    found_words: list[WordTerm] = []
    found_fields: list[FieldTerm] = []
    for match in _TERM.finditer(printable(text)):
        if match["field"]:
            found_fields.append(_field_term(match))
        else:
            found_words.append(_word_term(match))
    chosen = [
        _filter_term(name, [values] if isinstance(values, str) else list(values)) for name, values in (filters or {}).items()
    ]
    if len(found_words) + len(found_fields) + len(chosen) > MAX_QUERY_TERMS:
        raise QueryError(_("the query has more than %(most)s terms: leave some out") % {"most": MAX_QUERY_TERMS})
    has_words = any(not term.negated for term in found_words)
    return SearchQuery(tuple(found_words), tuple(found_fields), tuple(chosen), _sort_key(sort, has_words=has_words))


def _word_term(match: re.Match[str]) -> WordTerm:
    quoted = match["quoted"] is not None
    text = match["quoted"] if quoted else match["plain"]
    if not quoted and text.endswith(":") and ALIASES.get(text[:-1], text[:-1]) in FIELDS:
        raise QueryError(_("the term %(text)r has no value: write %(text)sVALUE without a space") % {"text": text}, text)
    prefix = not quoted and text.endswith("*")
    found = tuple(words(text))
    if not found:
        raise QueryError(
            _("the term %(term)r has no letter and no digit: there is nothing to search for") % {"term": match[0]}, match[0]
        )
    if prefix and len(found[-1]) < _SHORTEST_STARRED:
        raise QueryError(
            _("the term %(term)r is too short: write at least %(least)s letters before *")
            % {"term": match[0], "least": _SHORTEST_STARRED},
            match[0],
        )
    return WordTerm(text.rstrip("*") if prefix else text, found, match["minus"] == "-", quoted, prefix)


def _field_term(match: re.Match[str]) -> FieldTerm:
    name = _field_name(match["field"], match[0])
    quoted = match["quoted"] is not None
    value = match["quoted"] if quoted else match["plain"]
    prefix = not quoted and value.endswith("*")
    return _checked(name, [value.rstrip("*") if prefix else value], match[0], negated=match["minus"] == "-", prefix=prefix)


def _filter_term(name: str, values: list[str]) -> FieldTerm:
    for value in values:
        if len(value) > MAX_QUERY_LENGTH:
            raise QueryError(
                _("the value of %(name)r has %(length)s characters; at most %(most)s are searched")
                % {"name": name, "length": len(value), "most": MAX_QUERY_LENGTH},
                name,
            )
    if not values or len(values) > MAX_QUERY_TERMS:
        raise QueryError(
            _("the filter %(name)r needs 1 to %(most)s values") % {"name": name, "most": MAX_QUERY_TERMS},
            name,
        )
    return _checked(_field_name(name, name), values, name, negated=False, prefix=False)


def _checked(name: str, values: list[str], term: str, *, negated: bool, prefix: bool) -> FieldTerm:
    """Return the term if the field knows its values."""
    field = FIELDS[name]
    folded = tuple(tag_value(value) for value in values)
    if not all(folded):
        raise QueryError(_("the term %(term)r has no value: write %(name)s:VALUE") % {"term": term, "name": name}, term)
    if prefix and isinstance(field, ColumnField | StateField | PersonField):
        raise QueryError(_("the term %(term)r ends in *: %(name)s takes whole values only") % {"term": term, "name": name}, term)
    if isinstance(field, PersonField) and not all("@" in value or words(value) for value in folded):
        raise QueryError(_("the term %(term)r has no letter and no digit: there is nothing to search for") % {"term": term}, term)
    if isinstance(field, ColumnField | StateField) and field.choices:
        for value in folded:
            if value not in field.choices:
                hint = _nearest(value, field.choices)
                raise QueryError(
                    _("%(value)r is no value of %(name)s%(hint)s; it takes %(choices)s")
                    % {"value": value, "name": name, "hint": hint, "choices": ", ".join(field.choices)},
                    term,
                )
    return FieldTerm(name, folded, negated, prefix)


def _field_name(written: str, term: str) -> str:
    name = ALIASES.get(written.lower(), written.lower())
    if name not in FIELDS:
        hint = _nearest(name, (*FIELDS, *ALIASES))
        raise QueryError(
            _(
                "%(written)r in %(term)r is no field%(hint)s; fields are %(choices)s."
                " To search for the text itself, put it in quotation marks"
            )
            % {"written": written, "term": term, "hint": hint, "choices": ", ".join(FIELDS)},
            term,
        )
    return name


def _sort_key(sort: str, *, has_words: bool) -> str:
    if sort in {"", RELEVANCE}:
        # Where there are no words nothing is more relevant than the rest.
        return RELEVANCE if has_words else NEWEST
    if sort.removeprefix("-") not in SORT_KEYS:
        keys = (RELEVANCE, *SORT_KEYS)
        raise QueryError(
            _("%(sort)r is no sort key%(hint)s; keys are %(choices)s, with - for descending")
            % {"sort": sort, "hint": _nearest(sort, keys), "choices": ", ".join(keys)},
            sort,
        )
    return sort


def _nearest(value: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(value, list(known), n=1, cutoff=0.6)
    return " " + _("(did you mean %(value)r?)") % {"value": close[0]} if close else ""


def _corrected(term: WordTerm, corrected: Mapping[str, str]) -> WordTerm:
    if term.negated or term.text not in corrected:
        return term
    text = corrected[term.text]
    return replace(term, text=text, words=tuple(words(text)))


def _written_word(term: WordTerm) -> str:
    text = f'"{term.text}"' if term.quoted else term.text
    return ("-" if term.negated else "") + text + ("*" if term.prefix else "")


def _written_field(term: FieldTerm) -> str:
    value = term.values[0]
    if not term.prefix and not _PLAIN_VALUE.fullmatch(value):
        value = f'"{value}"'
    return ("-" if term.negated else "") + f"{term.field}:{value}" + ("*" if term.prefix else "")
