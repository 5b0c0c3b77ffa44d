"""From text to the tokens that both engines index. No Django.

The engines are dumb inverted indexes over tokens with a space between them: what a word is, how it is folded and stemmed
is decided here, once, so that SQLite and PostgreSQL find the same recipes.

There are two kinds of tokens. A *stem* is made of letters and digits only. A *tag* is a field's name, a colon, and a value
as it was written (`depends:libc6`): never stemmed, and no stem is ever equal to one.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

import snowballstemmer

from ..limits import MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TOKENS

# Stands between values that are no neighbours in a text, so that a phrase never matches across them.
BOUNDARY = "."
# A token beyond this is noise (a checksum, a base64 line); what is cut is cut in the index and in the query alike.
MAX_TOKEN_LENGTH = 64
MAX_TAG_LENGTH = 200
# Longer words are no English and cost the stemmer most.
_LONGEST_STEMMED = 24

_WORD = re.compile(r"[^\W_]+")
# What a word loses when its signs are taken away would make c++ and c# the word "c".
_SIGNS = (("++", "pp"), ("c#", "csharp"), ("f#", "fsharp"))
_local = threading.local()


def fold(text: str) -> str:
    """Return `text` in lower case, without accents, with compatibility characters (ligatures, full width) resolved."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def printable(text: str) -> str:
    """Return `text` with control characters and lone surrogates as spaces: no database takes all of them as text."""
    return "".join(" " if unicodedata.category(character) in {"Cc", "Cs"} else character for character in text)


def words(text: str) -> list[str]:
    """Return the folded words of `text`, unstemmed: runs of letters and digits."""
    folded = fold(text)
    for signs, letters in _SIGNS:
        folded = folded.replace(signs, letters)
    return [word[:MAX_TOKEN_LENGTH] for word in _WORD.findall(folded)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of one folded word (Snowball's English stemmer; names pass through mostly unchanged)."""
    if len(word) > _LONGEST_STEMMED:
        return word
    # A stemmer keeps the word that it works on: each thread needs its own.
    if not hasattr(_local, "stemmer"):
        _local.stemmer = snowballstemmer.stemmer("english")
    return str(_local.stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text`, in their order."""
    return [stem(word) for word in words(text)]


def token_text(values: Iterable[str]) -> str:
    """Return the stems of `values` as the text that is indexed: a boundary before each value, within the limits of a document."""
    return within_limits(_token_stream(values))


def within_limits(tokens: Iterable[str]) -> str:
    """Return `tokens` with a blank between them, as many as fit MAX_DOCUMENT_TOKENS and MAX_DOCUMENT_BYTES."""
    kept: list[str] = []
    room = MAX_DOCUMENT_BYTES
    for token in islice(tokens, MAX_DOCUMENT_TOKENS):
        room -= len(token.encode()) + 1
        if room < 0:
            break
        kept.append(token)
    return " ".join(kept)


def _token_stream(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        # Cut before the work is done, not only after it: one character may decompose into eighteen.
        found = words(value[:MAX_DOCUMENT_BYTES])
        if found:
            yield BOUNDARY
            yield from map(stem, found)


def tag_value(value: str) -> str:
    """Return `value` as it stands in a tag: folded, without quotation marks, an underscore for each run of blanks."""
    return "_".join(fold(printable(value)).replace('"', "").split())[:MAX_TAG_LENGTH]


def tag(field: str, value: str) -> str:
    """Return the tag for `value` of `field`."""
    return f"{field}:{tag_value(value)}"
