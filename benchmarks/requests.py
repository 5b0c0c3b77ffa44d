"""What is asked of the site in a measurement: varied terms, names and places, drawn from the catalogue at hand with a fixed seed.

python -m benchmarks.requests FOLDER      writes FOLDER/NAME.txt for each kind, as benchmarks/requests.lua reads it
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import django

django.setup()

from django.db import connection  # noqa: E402 - models can be imported only after the set-up
from django.urls import NoReverseMatch, reverse  # noqa: E402

from recipes_app.models import Recipe  # noqa: E402
from recipes_app.repos.store import store  # noqa: E402
from recipes_app.search.cursor import Cursor, encode  # noqa: E402
from recipes_app.search.engine import search  # noqa: E402
from recipes_app.search.query import QueryError, parse_query  # noqa: E402

SEED = 7
# Names that are asked for by turns; a batch, and the hits of a search, as the goals have them.
NAMES, TERMS, BATCH = 2_000, 150, 50
FEWEST_HITS, MOST_HITS = 100, 320


def main(folder: Path) -> None:
    """Write every list."""
    random = Random(SEED)
    names = list(Recipe.objects.filter(current__isnull=False).order_by("id").values_list("name", flat=True))
    chosen = [random.choice(names) for _ in range(NAMES)]
    terms = _terms(random)
    api = reverse("api:recipes")
    lists = {
        "search": [_get(api, q=term) for term in terms],
        "detail": [_get(reverse("api:recipe", args=[name])) for name in chosen],
        "batch": [_post(reverse("api:lookup"), {"names": random.sample(names, min(BATCH, len(names)))}) for _ in range(300)],
        "lookup-1000": [_post(reverse("api:lookup"), {"names": random.sample(names, min(1_000, len(names)))}) for _ in range(20)],
        "deep-page": [_get(api, sort="name", cursor=cursor) for cursor in _deep_cursors(random, names)],
        "home": [_get("/")],
        "search-page": [_get(reverse("recipe_list"), q=term) for term in terms],
        "recipe-page": [_get(reverse("recipe", args=[name])) for name in store().names() or chosen],
        **_suggestions(random, chosen),
        **_feed(),
    }
    for name, lines in lists.items():
        (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _get(address: str, **parameters: str) -> str:
    return f"GET\t{address}" + (f"?{urlencode(parameters)}" if parameters else "")


def _post(address: str, body: object) -> str:
    return f"POST\t{address}\t{json.dumps(body)}"


def _terms(random: Random) -> list[str]:
    """Return words that find about two hundred recipes each."""
    share = min(1.0, 20_000 / max(1, Recipe.objects.count()))
    with connection.cursor() as cursor:
        # The words of a sample of the documents, with the number of documents that have them.
        cursor.execute(
            "SELECT word, ndoc FROM ts_stat(%s) WHERE word NOT LIKE '%%:%%' AND length(word) > 3 AND ndoc BETWEEN %s AND %s",
            [
                f"SELECT vector FROM recipes_app_searchdocument WHERE recipe_id % 1000 < {int(1000 * share)}",
                int(FEWEST_HITS * share), int(MOST_HITS * share),
            ],
        )  # fmt: skip
        words = sorted(word for word, _ in cursor.fetchall())
    random.shuffle(words)
    found = [word for word in words[: 4 * TERMS] if FEWEST_HITS <= _hits(word) <= MOST_HITS]
    return found[:TERMS] or words[:TERMS]


def _hits(word: str) -> int:
    try:
        return search(parse_query(word), limit=1).total
    except QueryError:
        return 0


def _deep_cursors(random: Random, names: list[str]) -> Iterable[str]:
    """Yield places far from the first page of the list by name."""
    query = parse_query("", sort="name")
    for name in random.sample(names, min(300, len(names))):
        yield encode(Cursor((name,), len(names), broad=True), query)


def _suggestions(random: Random, names: list[str]) -> dict[str, list[str]]:
    """Return what somebody types of each name: two to seven letters of it."""
    address = _address("api:suggest")
    return {"suggest": [_get(address, q=name[: random.randint(2, 7)]) for name in names]} if address else {}


def _feed() -> dict[str, list[str]]:
    """Return the feed that every reader asks for again and again."""
    return {"feed": [_get(reverse("feed_new"))]}


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
