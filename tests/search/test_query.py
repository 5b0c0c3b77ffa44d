"""The search box's text: what is read, and what is refused in which words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app.limits import MAX_QUERY_LENGTH, MAX_QUERY_TERMS
from recipes_app.models import LintState
from recipes_app.search.fields import ALIASES, FIELDS, ColumnField, StateField
from recipes_app.search.query import FieldTerm, QueryError, parse_query


def message(text: str, sort: str = "", **options: object) -> str:
    with pytest.raises(QueryError) as caught:
        parse_query(text, sort, **options)
    return str(caught.value)


def test_words_are_folded() -> None:
    assert [term.words for term in parse_query("Vidéo EDITOR").words] == [("video",), ("editor",)]


def test_quotes_hold_words_together() -> None:
    [term] = parse_query('"video  editor"').words
    assert term.words == ("video", "editor")
    assert term.quoted


def test_an_open_quotation_reaches_to_the_end() -> None:
    assert parse_query('a "video editor').words == parse_query('a "video editor"').words


def test_a_word_with_a_hyphen_is_a_phrase() -> None:
    assert parse_query("visual-studio").words[0].words == ("visual", "studio")


def test_signs_that_make_a_name_are_kept_apart() -> None:
    assert [term.words for term in parse_query("c c++ c# g++").words] == [("c",), ("cpp",), ("csharp",), ("gpp",)]


def test_a_leading_minus_negates() -> None:
    query = parse_query('-gui -"for x11" -suite:sid')
    assert [term.negated for term in (*query.words, *query.fields)] == [True, True, True]


def test_a_minus_within_a_word_is_data() -> None:
    assert not parse_query("apt-get").words[0].negated


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_each_field_is_read(field: str) -> None:
    known = FIELDS[field]
    value = known.choices[0] if isinstance(known, ColumnField | StateField) and known.choices else "ada"
    assert parse_query(f"{field}:{value}").fields == (FieldTerm(field, (value,)),)


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_each_alias_stands_for_its_field(alias: str) -> None:
    assert parse_query(f"{alias}:x").fields[0].field == ALIASES[alias]


def test_a_field_takes_a_quoted_value() -> None:
    assert parse_query('maintainer:"Ada Lovelace"').fields == (FieldTerm("maintainer", ("ada_lovelace",)),)


def test_a_star_asks_for_a_beginning() -> None:
    query = parse_query("ffm* binary:libav*")
    assert query.words[0].prefix
    assert query.fields == (FieldTerm("binary", ("libav",), prefix=True),)


def test_a_quoted_star_is_data() -> None:
    assert parse_query('name:"a*"').fields == (FieldTerm("name", ("a*",)),)


@pytest.mark.parametrize("text", ["https://example.org/x", "std::vector", "12:30"])
def test_a_colon_that_is_no_fields_is_data(text: str) -> None:
    assert not parse_query(text).fields


def test_an_unknown_field_names_the_nearest() -> None:
    assert "'maintaner' in 'maintaner:ada' is no field (did you mean 'maintainer'?)" in message("x maintaner:ada")


def test_an_unknown_value_names_the_nearest_and_all() -> None:
    refused = message("class:nonfre")
    assert "'nonfre' is no value of class (did you mean 'nonfree'?)" in refused
    assert "dfsg-free, unknown, nonfree, nonfree-noredist" in refused


@pytest.mark.parametrize("text", ["%", "foo _", '"***"', "-", '""'])
def test_a_term_without_letters_is_refused(text: str) -> None:
    assert "no letter and no digit" in message(text)


def test_a_field_without_value_is_refused() -> None:
    assert "write maintainer:VALUE without a space" in message("maintainer: ada")


def test_an_empty_quoted_value_is_refused() -> None:
    assert "has no value" in message('name:""')


def test_a_star_after_a_person_is_refused() -> None:
    assert "takes whole values only" in message("maintainer:ad*")


def test_a_star_after_one_letter_is_refused() -> None:
    assert "too short" in message("a*")


def test_a_person_without_letters_is_refused() -> None:
    assert "no letter and no digit" in message("maintainer:%")


def test_a_long_query_is_refused() -> None:
    assert f"at most {MAX_QUERY_LENGTH}" in message("x" * (MAX_QUERY_LENGTH + 1))


def test_many_terms_are_refused() -> None:
    assert f"more than {MAX_QUERY_TERMS} terms" in message("ab " * (MAX_QUERY_TERMS + 1))


def test_filters_take_one_value_or_several() -> None:
    query = parse_query("", filters={"class": ["nonfree", "unknown"], "suite": "sid"})
    assert query.filters == (FieldTerm("class", ("nonfree", "unknown")), FieldTerm("suite", ("sid",)))


def test_an_unknown_filter_is_refused() -> None:
    assert "did you mean 'suite'" in message("", filters={"siute": "sid"})


def test_a_long_filter_value_is_refused() -> None:
    assert f"at most {MAX_QUERY_LENGTH}" in message("", filters={"suite": "x" * (MAX_QUERY_LENGTH + 1)})


def test_a_filter_without_values_is_refused() -> None:
    assert "needs 1 to" in message("", filters={"suite": []})


def test_words_sort_by_relevance_and_their_absence_by_newness() -> None:
    assert [parse_query(text).sort for text in ("x1", "", "-x1", "suite:sid")] == [
        "relevance",
        "-updated",
        "-updated",
        "-updated",
    ]


def test_an_unknown_sort_key_names_the_keys() -> None:
    refused = message("", "nmae")
    assert "did you mean 'name'" in refused
    assert "popularity" in refused


def test_the_name_is_guessed_from_the_words() -> None:
    assert parse_query("Visual Studio code suite:sid -x").name == "visual-studio-code"


def test_the_choices_of_lint_are_the_states_that_a_revision_can_have() -> None:
    field = FIELDS["lint"]
    assert isinstance(field, ColumnField)
    # A cancelled stage counts as one without a verdict (services.lint.stages.overall).
    assert set(field.choices) == set(LintState.values) - {LintState.CANCELLED}


_query_text = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            ['"', "-", "name:", "arch:amd64", 'binary:"a b"', "*", "ab*", "%", "_", "'", "\\", "c++", "ﬀ", "＂", "\0"]
        ),
    ),
    max_size=10,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(_query_text)
def test_any_text_is_read_or_refused_and_reads_back_the_same(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    if len(query.text) <= MAX_QUERY_LENGTH:
        assert parse_query(query.text) == query
