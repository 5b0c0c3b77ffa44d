"""What a word is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app.limits import MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TOKENS
from recipes_app.search.tokens import BOUNDARY, MAX_TAG_LENGTH, MAX_TOKEN_LENGTH, stems, tag, token_text, words


def test_inflections_have_one_stem() -> None:
    assert stems("library libraries edits editing") == ["librari", "librari", "edit", "edit"]


def test_names_fall_into_words() -> None:
    assert words("libfoo-bar2.0+git") == ["libfoo", "bar2", "0", "git"]


def test_accents_ligatures_and_case_are_folded() -> None:
    assert words("Müller ﬁle STRASSE straße") == ["muller", "file", "strasse", "strasse"]


def test_values_are_kept_apart() -> None:
    assert token_text(["one two", "%", "three"]) == f"{BOUNDARY} one two {BOUNDARY} three"


def test_a_document_holds_a_limited_number_of_tokens() -> None:
    assert len(token_text(["word " * 2 * MAX_DOCUMENT_TOKENS]).split()) == MAX_DOCUMENT_TOKENS


def test_a_document_holds_a_limited_number_of_bytes() -> None:
    # One character that decomposes into eighteen.
    assert len(token_text(["\ufdfa " * MAX_DOCUMENT_BYTES]).encode()) <= MAX_DOCUMENT_BYTES


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_no_text_makes_a_token_that_the_engines_would_split(text: str) -> None:
    for word in words(text):
        assert word.isalnum()
        assert len(word) <= MAX_TOKEN_LENGTH
    made = tag("keyword", text)
    assert made.split() == [made]
    assert len(made) <= len("keyword:") + MAX_TAG_LENGTH
    made.encode()
