"""The generated rows against those that the services would write, and the log, the counts and the refusals."""

import pytest
from django.db import connection
from django.db.models import Count, F, Sum
from django.forms.models import model_to_dict

from recipes_app.generator.catalogue import NotEmpty
from recipes_app.models import (
    BinaryPackage,
    Comment,
    Flag,
    Keyword,
    LintHint,
    LintJob,
    PackageRelation,
    Recipe,
    Revision,
    SearchDocument,
    SearchWord,
    User,
    Vote,
)
from recipes_app.repos.store import store
from recipes_app.services.audit import audit
from recipes_app.services.catalogue import votes
from recipes_app.services.lint.jobs import SETTLED
from recipes_app.services.moderation.flags import OPEN_STATES
from recipes_app.services.publishing import publish
from recipes_app.services.publishing.projection import project_current
from tests.factories import make_recipe

from .conftest import fill

pytestmark = pytest.mark.django_db


def projected() -> dict[str, list]:
    """Return every row that the projection writes, but for the ids that the database gives."""
    return {
        "recipes": list(Recipe.objects.order_by("pk").values()),
        "binaries": list(BinaryPackage.objects.order_by("recipe", "position").values(*_fields(BinaryPackage))),
        "relations": sorted(PackageRelation.objects.values_list(*_fields(PackageRelation))),
        "documents": list(SearchDocument.objects.order_by("pk").values()),
        "keywords": sorted(Keyword.objects.values_list("recipe", "word")),
        "words": sorted(SearchWord.objects.values_list("word", flat=True)),
    }


def _fields(model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if not field.primary_key]


def test_the_rows_are_those_that_publishing_writes():
    fill()
    generated = projected()
    for model in (BinaryPackage, Keyword, PackageRelation, SearchDocument, SearchWord):
        model.objects.all().delete()
    for recipe in Recipe.objects.select_related("current"):
        project_current(recipe)
    assert projected() == generated
    assert len(generated["recipes"]) == 60
    assert len(generated["relations"]) > 100


def test_the_same_seed_makes_the_same_rows_and_another_seed_others():
    fill()
    first = projected()
    _empty()
    fill()
    assert projected() == first
    _empty()
    fill(seed=6)
    assert projected()["documents"] != first["documents"]


def _empty() -> None:
    """Forget the catalogue: the models that others point at take the rest with them."""
    for model in (Recipe, User, SearchWord):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM recipes_app_event")


def test_votes_and_flags_are_counted_as_their_services_count_them():
    fill(recipes=300, votes=3000, users=300)
    assert Vote.objects.count() == 3000
    for recipe in Recipe.objects.annotate(given=Count("votes"), weight=Sum("votes__weight")):
        assert recipe.vote_count == recipe.given
        assert recipe.vote_weight == pytest.approx(recipe.weight or 0.0)
    assert Vote.objects.filter(weight=0).count() == 0
    vote = Vote.objects.first()
    assert vote.weight == pytest.approx(votes.weight_at(vote.at))
    assert Flag.objects.count() > 5
    for flagged in Recipe.objects.filter(flags__state__in=OPEN_STATES).distinct():
        assert flagged.open_flags == flagged.flags.filter(state__in=OPEN_STATES).count()
        oldest = recipe.flags.filter(kind=Flag.Kind.OUT_OF_DATE).values_list("created_at", flat=True).first()
        assert recipe.out_of_date_since == oldest


def test_each_revision_was_linted_and_the_verdict_follows_from_its_hints():
    fill()
    assert LintJob.objects.count() == Revision.objects.count()
    assert set(LintJob.objects.values_list("state", flat=True)) <= {state.value for state in SETTLED}
    refused = set(LintHint.objects.filter(severity="error", overridden=False).values_list("job_id", flat=True))
    assert set(LintJob.objects.filter(state="failed").values_list("pk", flat=True)) == refused
    assert not Recipe.objects.exclude(lint_state__in=("passed", "failed")).exists()


def test_a_held_revision_is_not_current_and_waits_in_the_queue():
    fill(recipes=250)
    held = Revision.objects.filter(review=Revision.Review.HELD)
    assert held.exists()
    for revision in held.select_related("recipe", "hold"):
        assert revision.recipe.current_id != revision.pk
        assert revision.recipe.queue_entries.filter(kind="hold", subject_id=revision.hold.pk, closed_at=None).exists()
    assert not Recipe.objects.exclude(current__review=Revision.Review.PUBLISHED).exists()


def test_the_log_is_a_chain_and_tells_of_each_recipe():
    fill()
    assert audit.verify() >= 60
    created = audit.Event.objects.filter(kind=audit.EventKind.RECIPE_CREATED)
    assert set(created.values_list("recipe_name", flat=True)) == set(Recipe.objects.values_list("name", flat=True))


def test_answers_of_comments_stand_below_a_comment_of_the_same_recipe():
    fill(comments=300)
    assert Comment.objects.count() == 300
    answers = Comment.objects.exclude(parent=None)
    assert answers.exists()
    assert not answers.exclude(recipe=F("parent__recipe")).exists()


def test_what_comes_after_the_catalogue_has_ids_of_its_own():
    fill()
    recipe = make_recipe("a-new-one")
    assert recipe.pk == 61
    assert User.objects.create_user("nora", "nora@example.org").pk == 91


def test_a_database_that_holds_something_is_refused_and_left_alone():
    before = model_to_dict(make_recipe("mine"))
    with pytest.raises(NotEmpty, match="1 recipes already"):
        fill()
    assert model_to_dict(Recipe.objects.get()) == before


def test_sampled_recipes_have_repositories_in_which_reconcile_finds_no_news(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    fill(recipes=30, repositories=8)
    assert len(store().names()) == 8
    before = projected()
    revisions = list(Revision.objects.order_by("pk").values())
    for name in store().names():
        with store().lock(name):
            result = publish.settle(name)
        assert (result.new_revisions, result.unreadable) == ([], [])
    after = projected()
    assert {key: value for key, value in after.items() if key != "recipes"} == {
        key: value for key, value in before.items() if key != "recipes"
    }
    assert list(Revision.objects.order_by("pk").values()) == revisions


def test_a_failed_load_leaves_no_repository(settings, tmp_path, monkeypatch):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    make_recipe("taken-already", pk=1)
    monkeypatch.setattr("recipes_app.generator.catalogue.require_empty", lambda wish: None)
    with pytest.raises(Exception, match=r"UNIQUE|duplicate"):
        fill(recipes=10, repositories=3)
    assert store().names() == []
