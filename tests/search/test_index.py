"""Writing the index: replaced as a whole, rebuilt from revisions, gone with its recipe."""

import pytest
from django.core.management import call_command
from django.db import connection

from recipes_app.limits import MAX_BLOB_BYTES, MAX_DOCUMENT_BYTES
from recipes_app.models import Recipe, SearchDocument, SearchWord
from recipes_app.search.index import index_recipe, rebuild_index, remove_recipe
from tests.search.catalogue import add_recipe, binary, found, metadata, relations

pytestmark = pytest.mark.django_db


def test_a_new_revision_replaces_what_the_old_one_said() -> None:
    recipe = add_recipe("aa", binary("aa", "video editor"), suites=("bookworm",))
    index_recipe(recipe, metadata("aa", binary("aa", "text processor"), suites=("trixie",)))
    assert found("video") == found("suite:bookworm") == []
    assert found("text suite:trixie") == ["aa"]


def test_indexing_again_changes_nothing() -> None:
    recipe = add_recipe("aa")
    before = list(SearchDocument.objects.values())
    index_recipe(recipe, metadata("aa"))
    assert list(SearchDocument.objects.values()) == before


def test_a_recipe_that_is_gone_is_found_no_more() -> None:
    add_recipe("aa").delete()
    assert found("aa") == []
    assert not SearchDocument.objects.exists()


def test_a_recipe_that_was_removed_is_found_no_more() -> None:
    remove_recipe(add_recipe("aa"))
    assert found("tool") == []


def test_rebuilding_gives_the_same_index() -> None:
    add_recipe("aa", binary("aa", "video editor"))
    add_recipe("bb", binary("bb", "text editor", relations=relations(Depends=["libc6"])))
    documents, words = (
        list(SearchDocument.objects.order_by("pk").values()),
        set(SearchWord.objects.values_list("word", flat=True)),
    )
    SearchDocument.objects.all().delete()
    assert rebuild_index() == 2
    assert list(SearchDocument.objects.order_by("pk").values()) == documents
    assert set(SearchWord.objects.values_list("word", flat=True)) == words
    assert found("editor depends:libc6") == ["bb"]


def test_rebuilding_forgets_the_words_of_recipes_that_are_gone() -> None:
    add_recipe("zathura").delete()
    assert SearchWord.objects.filter(word="zathura").exists()
    rebuild_index()
    assert not SearchWord.objects.filter(word="zathura").exists()


def test_rebuilding_leaves_deleted_recipes_out() -> None:
    recipe = add_recipe("aa")
    Recipe.objects.filter(pk=recipe.pk).update(deleted_at=recipe.created_at)
    assert rebuild_index() == 0


@pytest.mark.parametrize("character", ["a", "\ufdfa", "'", "\\"])
def test_the_largest_texts_are_indexed(character: str) -> None:
    word = character * 60
    long_words = " ".join(f"{word}{number}" for number in range(MAX_BLOB_BYTES // len(word.encode())))
    add_recipe(
        "aa",
        binary(
            "aa", long_words, long_words, relations=relations(Depends=[f"{character * 150}{number}" for number in range(1_000)])
        ),
        keywords=tuple(f"{character * 40} {number}" for number in range(1_000)),
    )
    document = SearchDocument.objects.get()
    assert (
        max(len(text.encode()) for text in (document.names, document.topics, document.body, document.tags)) <= MAX_DOCUMENT_BYTES
    )
    assert found("aa") == ["aa"]


@pytest.mark.django_db(transaction=True)
def test_the_migration_can_be_undone_and_done_again() -> None:
    call_command("migrate", "recipes_app", "zero", verbosity=0, skip_checks=True)
    assert "recipes_app_searchword" not in connection.introspection.table_names()
    call_command("migrate", verbosity=0, skip_checks=True)
    add_recipe("aa", binary("aa", "video editor"))
    assert found("video") == ["aa"]
    assert found("vidoe") == ["aa"]
