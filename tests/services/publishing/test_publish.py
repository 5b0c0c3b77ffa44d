"""Publishing and reconciling: one path, one transaction, and the repositories as the truth."""

import subprocess
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from recipes_app.models import BinaryPackage, LintJob, PackageRelation, Recipe, Revision, SearchDocument, SuiteBranch, User
from recipes_app.repos.store import store
from recipes_app.services.catalogue import catalogue
from recipes_app.services.gates.gate_table import GATES
from recipes_app.services.operations import reconciliation
from recipes_app.services.publishing import inspection, publish
from tests.factories import make_user, publish_recipe, push_tree, recipe_tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = dict.fromkeys(GATES, "off")


@pytest.fixture
def ada():
    return make_user("ada")


def test_first_push_makes_the_recipe(ada):
    recipe = publish_recipe(recipe_tree(), ada)
    assert (recipe.name, recipe.maintainer, recipe.version) == ("hello-dur", ada, "1.0-1")
    assert recipe.current is not None
    assert recipe.current.pusher == ada


def test_second_push_moves_the_current_revision(ada):
    publish_recipe(recipe_tree(), ada)
    recipe = publish_recipe(recipe_tree(version="1.1-1"), ada)
    assert recipe.version == "1.1-1"
    assert recipe.revisions.count() == 2


def test_time_and_account_of_a_revision_come_from_the_repository(ada):
    recipe = publish_recipe(recipe_tree(), ada)
    (record,) = store().push_history("hello-dur")
    revision = recipe.revisions.get()
    assert (revision.pushed_at, revision.pusher_name) == (record.pushed_at, record.username)
    assert abs(timezone.now() - revision.pushed_at) < timedelta(minutes=1)


def test_syncing_again_changes_nothing(ada):
    publish_recipe(recipe_tree(), ada)
    before = everything()
    result = publish.settle("hello-dur")
    assert result.new_revisions == []
    assert everything() == before


def test_lint_is_queued_once_for_each_revision(ada):
    publish_recipe(recipe_tree(), ada)
    publish.settle("hello-dur")
    assert sorted(LintJob.objects.values_list("stage", flat=True)) == ["recipe-checks", "source-lint"]


def test_suite_branch_does_not_move_the_current_revision(ada):
    publish_recipe(recipe_tree(), ada)
    recipe = publish_recipe(recipe_tree(version="1.0-1~bpo12+1"), ada, branch="debian/bookworm")
    assert recipe.version == "1.0-1"
    assert {branch.name: branch.revision.version for branch in recipe.branches.all()} == {
        "main": "1.0-1",
        "debian/bookworm": "1.0-1~bpo12+1",
    }


@pytest.mark.django_db(transaction=True)
def test_pushes_settled_together_are_compared_with_each_other_before_the_transaction(ada, monkeypatch, settings):
    def looked(function, *arguments, **limits):
        assert not connection.in_atomic_block
        return run_bounded(function, *arguments, **limits)

    run_bounded = inspection.run_bounded
    monkeypatch.setattr(inspection, "run_bounded", looked)
    push_tree(recipe_tree(), ada, "hello-dur")
    push_tree(recipe_tree(version="1.1-1"), ada, "hello-dur")
    push_tree(recipe_tree(version="1.1-1~bpo12+1"), ada, "hello-dur", branch="debian/bookworm")
    settings.REVIEW_GATES = dict.fromkeys(GATES, "off") | {"not-looked-at": "hold"}
    recipe = publish.settle("hello-dur").recipe
    assert recipe is not None
    assert {each.review for each in recipe.revisions.all()} == {Revision.Review.PUBLISHED}
    first, second, third = recipe.revisions.order_by("pushed_at", "pk")
    assert [catalogue.published_before(each) for each in (first, second, third)] == [None, first, second]


def test_what_was_compared_with_a_revision_that_is_not_current_is_compared_anew(ada):
    publish_recipe(recipe_tree(), ada)
    push_tree(recipe_tree(version="1.1-1"), ada, "hello-dur")
    stale = inspection.inspect_pushed("hello-dur", store().push_history("hello-dur"))
    publish.settle("hello-dur")
    push_tree(recipe_tree(version="1.2-1"), ada, "hello-dur")
    (new,) = inspection.inspect_pushed("hello-dur", store().push_history("hello-dur"))
    (old,) = stale
    before = {new: inspection.Inspection(stale[old].tree, stale[old].inspected)}
    (fresh,) = inspection.inspect_pushed("hello-dur", store().push_history("hello-dur"), before).values()
    assert list(fresh.inspected.comparisons) == [old]


def test_row_ids_stay_while_their_facts_stand(ada):
    publish_recipe(recipe_tree(), ada)
    before = list(BinaryPackage.objects.values_list("pk")), list(PackageRelation.objects.order_by("pk").values_list("pk"))
    publish_recipe(recipe_tree(version="1.1-1"), ada)
    after = list(BinaryPackage.objects.values_list("pk")), list(PackageRelation.objects.order_by("pk").values_list("pk"))
    assert after == before


def test_binary_package_that_went_away_is_gone(ada):
    publish_recipe(recipe_tree(), ada)
    control = recipe_tree()["debian/control"].replace(b"Package: hello-dur", b"Package: hello-other")
    publish_recipe(recipe_tree(version="1.1-1") | {"debian/control": control}, ada)
    assert [package.name for package in BinaryPackage.objects.all()] == ["hello-other"]


def test_fault_4_push_that_cannot_be_recorded_leaves_nothing_half_written(ada, monkeypatch):
    def full_disk(*_arguments):
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(publish, "project_current", full_disk)
    push_tree(recipe_tree(), ada, "hello-dur")
    with pytest.raises(DatabaseError):
        publish.settle("hello-dur")
    assert not Recipe.objects.exists()
    assert not Revision.objects.exists()


def test_push_whose_process_died_before_publishing_is_settled(ada):
    marker = store().pending("hello-dur")
    push_tree(recipe_tree(), ada, "hello-dur")
    marker.close()
    assert [each.name for each in reconciliation.settle_interrupted()] == ["hello-dur"]
    assert Recipe.objects.get().version == "1.0-1"
    assert reconciliation.settle_interrupted() == []


def test_marker_of_a_first_push_that_git_refused_is_cleared(ada):
    store().pending("hello-dur").close()
    assert [each.name for each in reconciliation.settle_interrupted()] == ["hello-dur"]
    assert store().interrupted() == []


def test_refused_push_leaves_no_repository(ada):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        push_tree(recipe_tree() | {"debian/control": b"nonsense"}, ada, "hello-dur")
    assert "debian/control" in refused.value.stderr
    assert not store().exists("hello-dur")


def everything() -> dict[str, list[dict[str, object]]]:
    """All that can be rebuilt from the repositories, without the ids that a database gives."""
    volatile = {"id", "recipe_id", "current_id", "revision_id", "lint_state"}

    def rows(queryset):
        return sorted(({key: value for key, value in row.items() if key not in volatile} for row in queryset.values()), key=str)

    return {
        "recipes": rows(Recipe.objects.all()),
        "current": sorted(Recipe.objects.values_list("name", "current__commit")),
        "revisions": rows(Revision.objects.all()),
        "branches": sorted(SuiteBranch.objects.values_list("recipe__name", "name", "revision__commit")),
        "binaries": rows(BinaryPackage.objects.all()),
        "relations": rows(PackageRelation.objects.all()),
        "search": rows(SearchDocument.objects.all()),
    }


def fill(ada: User) -> None:
    bob = make_user("bob")
    publish_recipe(recipe_tree(), ada)
    publish_recipe(recipe_tree(version="1.1-1"), ada)
    publish_recipe(recipe_tree(version="1.0-1~bpo12+1"), ada, branch="debian/bookworm")
    publish_recipe(recipe_tree("other-dur", "1:2.0~rc1-3"), bob)


def test_reconcile_rebuilds_from_the_repositories_alone_what_was_there(ada):
    fill(ada)
    before = everything()
    assert [len(rows) for rows in before.values()] == [2, 2, 4, 3, 2, 2 * len(before["relations"]) // 2, 2]
    Recipe.objects.all().delete()
    assert [recipe.new_revisions for recipe in reconciliation.reconcile()] == [3, 1]
    assert everything() == before


def test_reconcile_of_an_untouched_database_changes_nothing(ada):
    fill(ada)
    before = everything()
    assert [recipe.new_revisions for recipe in reconciliation.reconcile()] == [0, 0]
    assert everything() == before


def test_reconcile_brings_back_what_was_lost_in_the_middle(ada):
    fill(ada)
    before = everything()
    Revision.objects.filter(version="1.1-1").delete()
    SearchDocument.objects.all().delete()
    BinaryPackage.objects.all().delete()
    list(reconciliation.reconcile())
    assert everything() == before


def test_reconcile_keeps_who_maintains(ada):
    recipe = publish_recipe(recipe_tree(), ada)
    bob = make_user("bob")
    Recipe.objects.filter(pk=recipe.pk).update(maintainer=bob)
    list(reconciliation.reconcile())
    recipe.refresh_from_db()
    assert recipe.maintainer == bob


def test_recipe_whose_repository_is_missing_is_named(ada):
    recipe = publish_recipe(recipe_tree(), ada)
    store().intake(recipe.storage_name).rename(store().root / "moved-away")
    assert reconciliation.recipes_without_repository() == ["hello-dur"]
