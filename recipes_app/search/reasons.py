"""Why a recipe was found: where the sought words stand in it. At most two queries a page of hits, none where names say it all.

The index holds stems; what is shown is what was written. So the words of a text are stemmed again here, and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..formats.metadata import RecipeMetadata
from ..limits import PASSAGE_LENGTH
from ..models import BinaryPackage, Recipe, Revision
from .query import SearchQuery, WordTerm
from .tokens import fold, stem

# A piece of text, and whether it is a sought word.
Part = tuple[str, bool]
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 2_000


@dataclass(frozen=True)
class Passage:
    """A place that has a sought word: `field` is binary, provides, keyword, description, maintainer, uploader or model."""

    field: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Match:
    """A hit with what was sought marked in its name and synopsis, and the places elsewhere that have what these lack."""

    name: tuple[Part, ...]
    synopsis: tuple[Part, ...]
    elsewhere: tuple[Passage, ...] = ()


class _Wanted:
    """The sought words as they are compared with those of a text."""

    def __init__(self, query: SearchQuery) -> None:
        self.terms = query.sought
        self.beginning = query.beginning
        begun = [term.words[-1] if term.prefix else "" for term in self.terms]
        self._stems = [
            (term, {stem(word) for word in term.words}, begins) for term, begins in zip(self.terms, begun, strict=True)
        ]
        # The texts of a page's hits have most of their words in common.
        self._found: dict[str, frozenset[WordTerm]] = {}

    def found(self, word: str) -> frozenset[WordTerm]:
        """Return the terms that `word` of a text answers."""
        known = self._found.get(word)
        if known is None:
            folded = fold(word)
            stemmed = stem(folded)
            answered = (term for term, stems, begins in self._stems if stemmed in stems or (begins and folded.startswith(begins)))
            known = self._found[word] = frozenset(answered)
        return known

    def mark(self, text: str) -> tuple[tuple[Part, ...], set[WordTerm]]:
        """Return `text` in parts, and which terms it answers."""
        parts: list[Part] = []
        answered: set[WordTerm] = set()
        end = 0
        for match in _WORD.finditer(text[:_LONGEST]):
            if terms := self.found(match[0]):
                answered |= terms
                parts += [(text[end : match.start()], False), (match[0], True)]
                end = match.end()
        parts.append((text[end:], False))
        return tuple(part for part in parts if part[0]), answered

    def mark_name(self, name: str) -> tuple[tuple[Part, ...], set[WordTerm]]:
        """Return a name in parts; its beginning is marked as a whole where it is what was typed."""
        if self.beginning and fold(name).startswith(self.beginning):
            size = len(self.beginning)
            return tuple(part for part in ((name[:size], True), (name[size:], False)) if part[0]), set(self.terms)
        return self.mark(name)


def explain(query: SearchQuery, hits: Iterable[Recipe]) -> dict[int, Match]:
    """Return for each hit, by its id, why `query` found it; nothing for a query without words."""
    wanted = _Wanted(query)
    if not wanted.terms:
        return {}
    names, open_terms, recipes = {}, {}, list(hits)
    for recipe in recipes:
        name, by_name = wanted.mark_name(recipe.name)
        synopsis, by_synopsis = wanted.mark(recipe.synopsis)
        names[recipe.pk] = (name, synopsis)
        open_terms[recipe.pk] = set(wanted.terms) - by_name - by_synopsis
    elsewhere = _elsewhere(wanted, recipes, open_terms)
    return {pk: Match(name, synopsis, tuple(elsewhere.get(pk, ()))) for pk, (name, synopsis) in names.items()}


def _elsewhere(wanted: _Wanted, recipes: list[Recipe], open_terms: dict[int, set[WordTerm]]) -> dict[int, list[Passage]]:
    """Return the passages that answer what names and synopses do not; `open_terms` shrinks with each."""
    passages: dict[int, list[Passage]] = {}
    unexplained = [pk for pk, terms in open_terms.items() if terms]
    if not unexplained:
        return {}
    binaries = BinaryPackage.objects.filter(recipe__in=unexplained).values_list("recipe_id", "name", "synopsis")
    for pk, name, synopsis in binaries:
        _take(passages, open_terms, pk, "binary", wanted.mark_name(name))
        _take(passages, open_terms, pk, "binary", wanted.mark(synopsis))
    revisions = {recipe.current_id: recipe.pk for recipe in recipes if recipe.current_id and open_terms[recipe.pk]}
    if revisions:
        for revision_id, metadata in Revision.objects.filter(pk__in=revisions).values_list("pk", "metadata"):
            pk = revisions[revision_id]
            for field, text in _texts(RecipeMetadata.from_json(metadata)):
                if not open_terms[pk]:
                    break
                parts, answered = wanted.mark(text)
                _take(passages, open_terms, pk, field, (_shortened(parts), answered))
    return passages


def _take(
    passages: dict[int, list[Passage]],
    open_terms: dict[int, set[WordTerm]],
    pk: int,
    field: str,
    marked: tuple[tuple[Part, ...], set[WordTerm]],
) -> None:
    """Keep a passage if it answers a term that nothing before it did."""
    parts, answered = marked
    if answered & open_terms[pk]:
        open_terms[pk] -= answered
        passages.setdefault(pk, []).append(Passage(field, parts))


def _texts(metadata: RecipeMetadata) -> Iterator[tuple[str, str]]:
    """Yield the texts that `search.index` indexes beside names and synopses, with their fields."""
    for package in metadata.binaries:
        for relation in package.relations.get("Provides", ()):
            yield from (("provides", term.name) for term in relation.alternatives)
    yield from (("keyword", keyword) for keyword in metadata.keywords)
    yield from (("description", package.description) for package in metadata.binaries)
    yield "maintainer", metadata.maintainer.name
    yield from (("uploader", person.name) for person in metadata.uploaders)
    yield from (("model", model.name) for model in metadata.models)


def _shortened(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts around the first sought word, on one line."""
    first = next((number for number, part in enumerate(parts) if part[1]), None)
    if first is None:
        return parts
    before = " ".join("".join(text for text, _ in parts[:first])[-PASSAGE_LENGTH:].split(" "))
    head = _cut(before, at_start=True) if first else ""
    room, kept = PASSAGE_LENGTH, []
    for text, is_hit in parts[first:]:
        shown = text if is_hit or len(text) <= room else _cut(text[:room], at_start=False)
        kept.append((shown, is_hit))
        room -= len(shown)
        if room <= 0 or shown != text:
            break
    return tuple(part for part in ((head, False), *kept) if part[0])


def _cut(text: str, *, at_start: bool) -> str:
    """Return the half line of `text` that is next to a found word, cut between words."""
    half = PASSAGE_LENGTH // 2
    if at_start:
        return text if len(text) <= half else "…" + text[-half:].partition(" ")[2]
    return text[:half].rpartition(" ")[0] + " …" if len(text) > half else text
