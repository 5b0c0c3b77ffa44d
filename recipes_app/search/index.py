"""Writing the index: what of a recipe's metadata is found by which words and fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Max, Q

from ..formats.metadata import Person, RecipeMetadata, Relation
from ..limits import MAX_KEYWORD_LENGTH, MAX_KEYWORDS_LISTED, MAX_NAME_LENGTH, MAX_VOCABULARY_WORDS
from ..models import Keyword, Recipe, SearchDocument, SearchWord
from .tokens import fold, tag, token_text, within_limits, words

# Shorter words have too many neighbours to be corrected to, or from.
SHORTEST_CORRECTED = 4
_BATCH = 500
# Recipes that are written anew at a time; a push waits for them.
_PORTION = 100
_BUILD_RELATIONS = ("Build-Depends", "Build-Depends-Indep", "Build-Depends-Arch")
# The changelog's word for "not released yet" is no suite.
_NO_SUITE = "unreleased"


def index_recipe(recipe: Recipe, metadata: RecipeMetadata) -> None:
    """Write the search row of `recipe`, and teach the corrector its words. Called in the transaction that changed it."""
    _write(recipe, metadata)
    _learn(vocabulary_of(recipe, metadata))


def _write(recipe: Recipe, metadata: RecipeMetadata) -> None:
    SearchDocument.objects.bulk_create(
        [document_of(recipe, metadata)],
        update_conflicts=True,
        unique_fields=["recipe"],
        update_fields=["names", "topics", "body", "tags"],
    )
    _list_keywords(recipe, metadata)


def keywords_of(recipe: Recipe, metadata: RecipeMetadata) -> list[str]:
    """Return the keywords of `recipe` by which it is counted, each once."""
    folded = (fold(word)[:MAX_KEYWORD_LENGTH] for word in (*metadata.keywords, *recipe.extra_keywords))
    return list(dict.fromkeys(word for word in folded if word))[:MAX_KEYWORDS_LISTED]


def _list_keywords(recipe: Recipe, metadata: RecipeMetadata) -> None:
    """Write the rows by which keywords are counted; a row stays while its keyword does."""
    wanted = keywords_of(recipe, metadata)
    known = dict(recipe.keyword_rows.values_list("word", "pk"))
    gone = [pk for word, pk in known.items() if word not in wanted]
    if gone:
        Keyword.objects.filter(pk__in=gone).delete()
    Keyword.objects.bulk_create(Keyword(recipe=recipe, word=word) for word in wanted if word not in known)


def remove_recipe(recipe: Recipe) -> None:
    """Take `recipe` out of the search: it was deleted."""
    SearchDocument.objects.filter(recipe=recipe).delete()


def rebuild_index() -> int:
    """Write every search row and the corrector's words anew; return how many recipes were indexed.

    For a change of the rules in this room, and to forget the words of recipes that are gone. It is done in portions, recipes by
    their ids, each in a transaction of its own: whoever pushes waits for one portion at most, and who searches finds everything
    all the time. A portion locks its recipes first, as a push does (services/core/locks.py).
    """
    SearchDocument.objects.filter(Q(recipe__current=None) | Q(recipe__deleted_at__isnull=False)).delete()
    # What is pushed meanwhile may bring words that are newer.
    newest = SearchWord.objects.aggregate(newest=Max("pk"))["newest"] or 0
    words: set[str] = set()
    indexed = after = 0
    while portion := _rebuild_portion(after, words):
        indexed, after = indexed + len(portion), portion[-1]
    _forget_words(words, newest)
    return indexed


def _rebuild_portion(after: int, words: set[str]) -> list[int]:
    """Write the next recipes with ids above `after` and add their vocabulary to `words`; return their ids."""
    with transaction.atomic():
        living = Recipe.objects.filter(current__isnull=False, deleted_at=None, pk__gt=after).select_related("current")
        vocabulary: set[str] = set()
        rows = list(living.select_for_update(no_key=True, of=("self",)).order_by("pk")[:_PORTION])
        for recipe in rows:
            if recipe.current is not None:
                metadata = recipe.current.data
                _write(recipe, metadata)
                vocabulary |= vocabulary_of(recipe, metadata)
        _learn(vocabulary)
    words |= vocabulary
    return [recipe.pk for recipe in rows]


def document_of(recipe: Recipe, metadata: RecipeMetadata) -> SearchDocument:
    """Return the search row that `metadata` makes, not saved."""
    tags = dict.fromkeys(_tags(recipe, metadata))
    return SearchDocument(
        recipe=recipe,
        names=token_text(_names(recipe.name, metadata)),
        topics=token_text(_topics(recipe, metadata)),
        body=token_text(_body(metadata)),
        tags=within_limits(tags),
    )


def _names(name: str, metadata: RecipeMetadata) -> Iterator[str]:
    yield name
    for package in metadata.binaries:
        yield package.name
    for package in metadata.binaries:
        yield from _targets(package.relations.get("Provides", ()))


def _topics(recipe: Recipe, metadata: RecipeMetadata) -> Iterator[str]:
    yield from metadata.keywords
    yield from recipe.extra_keywords
    for package in metadata.binaries:
        yield package.synopsis


def _body(metadata: RecipeMetadata) -> Iterator[str]:
    for package in metadata.binaries:
        yield package.description
    for person in (metadata.maintainer, *metadata.uploaders):
        yield person.name
    for model in metadata.models:
        yield model.name


def _tags(recipe: Recipe, metadata: RecipeMetadata) -> Iterator[str]:
    """Yield the tags of a recipe: a block for each kind of field in `fields.FIELDS`, the most sought first."""
    yield from _name_tags("name", recipe.name)
    for package in metadata.binaries:
        yield from _name_tags("binary", package.name)
    for licence in metadata.licences:
        yield from (tag("licence", value) for value in (licence.spdx, licence.name) if value)
    yield from (tag("suite", suite) for suite in suites_of(metadata.suites, metadata.changelog.distributions))
    yield from (tag("arch", architecture) for package in metadata.binaries for architecture in package.architectures)
    yield from (tag("keyword", keyword) for keyword in (*metadata.keywords, *recipe.extra_keywords))
    yield from _person_tags("maintainer", metadata.maintainer)
    for person in metadata.uploaders:
        yield from _person_tags("uploader", person)
    for package in metadata.binaries:
        relations = package.relations
        yield from (tag("provides", target) for target in _targets(relations.get("Provides", ())))
        for kind in ("Pre-Depends", "Depends"):
            yield from (tag("depends", target) for target in _targets(relations.get(kind, ())))
        yield from (tag("recommends", target) for target in _targets(relations.get("Recommends", ())))
    for kind in _BUILD_RELATIONS:
        yield from (tag("builddepends", target) for target in _targets(metadata.relations.get(kind, ())))


def _name_tags(field: str, name: str) -> Iterator[str]:
    """Yield the whole name and its parts: `name:libfoo-bar`, `name:libfoo`, `name:bar`."""
    yield tag(field, name)
    yield from (tag(field, word) for word in words(name))


def _person_tags(field: str, person: Person) -> Iterator[str]:
    if person.email:
        yield tag(field, person.email)
    yield from (tag(field, word) for word in words(person.name))


def suites_of(named: Iterable[str], distributions: Iterable[str]) -> tuple[str, ...]:
    """Return the suites that a recipe is for: those `named` in its manifest; without any, its newest changelog entry's."""
    return tuple(named) or tuple(each for each in distributions if each.lower() != _NO_SUITE)


def _targets(relations: Iterable[Relation]) -> Iterator[str]:
    """Yield the package names of relations; a substitution variable is no name."""
    for relation in relations:
        for term in relation.alternatives:
            if term.name and "$" not in term.name:
                yield term.name


def vocabulary_of(recipe: Recipe, metadata: RecipeMetadata) -> set[str]:
    """Return the names and the words of synopses and keywords that misspellings are corrected to."""
    names = {metadata.source, *(package.name for package in metadata.binaries)}
    plain = {word for value in _topics(recipe, metadata) for word in words(value)} | {
        word for name in names for word in words(name)
    }
    known = {*sorted(names)[:MAX_VOCABULARY_WORDS], *sorted(plain)[:MAX_VOCABULARY_WORDS]}
    return {word for word in known if SHORTEST_CORRECTED <= len(word) <= MAX_NAME_LENGTH}


def _learn(vocabulary: set[str]) -> None:
    """Teach the corrector these words."""
    # Sorted: two transactions that teach the same words take their locks in the same order.
    SearchWord.objects.bulk_create([SearchWord(word=word) for word in sorted(vocabulary)], ignore_conflicts=True)


def _forget_words(kept: set[str], newest: int) -> None:
    """Take away the words with ids up to `newest` that are none of `kept`, some at a time."""
    gone = [pk for pk, word in SearchWord.objects.filter(pk__lte=newest).values_list("pk", "word").iterator() if word not in kept]
    for start in range(0, len(gone), _BATCH):
        SearchWord.objects.filter(pk__in=gone[start : start + _BATCH]).delete()
