"""Why a recipe was found: the sought words as they were written, where they stand."""

import pytest

from recipes_app.search.engine import search
from recipes_app.search.query import parse_query
from recipes_app.search.reasons import explain
from tests.factories import CONTROL
from tests.views.pages import make_page

pytestmark = pytest.mark.django_db


def match_of(text, name="hello-dur", **files):
    recipe = make_page(name, **files)
    query = parse_query(text)
    assert [hit.pk for hit in search(query).hits] == [recipe.pk]
    return explain(query, [recipe])[recipe.pk]


def marks(parts):
    return [text for text, is_hit in parts if is_hit]


def test_word_of_the_synopsis_is_marked_as_it_is_written():
    match = match_of("GREETINGS")
    assert marks(match.synopsis) == ["greeting"]
    assert match.elsewhere == ()


def test_beginning_of_a_name_is_marked():
    assert match_of("hello-d").name == (("hello-d", True), ("ur", False))


def test_word_of_a_description_is_shown_where_it_stands():
    (passage,) = match_of("paragraph").elsewhere
    assert passage.field == "description"
    assert marks(passage.parts) == ["paragraph"]


def test_binary_package_is_named():
    control = CONTROL.format(name="hello-dur").replace("Package: hello-dur", "Package: libzebra1")
    (passage,) = match_of("libzebra1", **{"debian/control": control}).elsewhere
    assert (passage.field, passage.parts) == ("binary", (("libzebra1", True),))


def test_provided_name_is_named():
    control = CONTROL.format(name="hello-dur").replace("Architecture: any", "Architecture: any\nProvides: x-greeter")
    (passage,) = match_of("greeter", **{"debian/control": control}).elsewhere
    assert passage.field == "provides"


def test_person_is_named():
    assert [passage.field for passage in match_of("lovelace").elsewhere] == ["maintainer"]


def test_every_word_has_its_reason_and_each_one_only():
    match = match_of("greeting lovelace paragraph")
    assert marks(match.synopsis) == ["greeting"]
    assert {passage.field for passage in match.elsewhere} == {"description", "maintainer"}


def test_long_description_is_cut_around_the_word():
    long = " " + "many words before it " * 30 + "\n platypus " + "and as many after it " * 30
    control = CONTROL.format(name="hello-dur").replace(" It has a second paragraph.", long)
    (passage,) = match_of("platypus", **{"debian/control": control}).elsewhere
    assert marks(passage.parts) == ["platypus"]
    assert len("".join(text for text, _ in passage.parts)) < 200


def test_without_words_there_is_nothing_to_explain(django_assert_num_queries):
    recipe = make_page()
    with django_assert_num_queries(0):
        assert explain(parse_query("suite:unstable"), [recipe]) == {}


def test_names_that_say_it_all_take_no_query(django_assert_num_queries):
    recipe = make_page()
    with django_assert_num_queries(0):
        explain(parse_query("hello"), [recipe])


def test_two_queries_at_most_for_a_page(django_assert_max_num_queries):
    recipes = [make_page(f"recipe-{number}") for number in range(5)]
    with django_assert_max_num_queries(2):
        explain(parse_query("paragraph"), recipes)
