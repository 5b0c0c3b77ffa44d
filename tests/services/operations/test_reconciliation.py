"""Repair: one damaged repository stops no other, is listed, and is forgotten when it is whole again."""

import shutil

import pytest
from django.core.management import CommandError, call_command

from recipes_app.models import Revision
from recipes_app.repos.store import store
from recipes_app.services.gates.gate_table import GATES
from recipes_app.services.operations import backlog, reconciliation
from recipes_app.services.publishing import publish
from tests.factories import make_user, publish_recipe, push_tree, recipe_tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = dict.fromkeys(GATES, "off")


@pytest.fixture
def two_interrupted(tmp_path):
    """Two recipes with a push each that nobody published; the first by name has lost its objects. Returns where they are kept."""
    ada = make_user("ada")
    for name in ("a-damaged", "b-whole"):
        publish_recipe(recipe_tree(name), ada)
        marker = store().pending(name)
        push_tree(recipe_tree(name, "1.1-1"), ada, name)
        marker.close()
    kept = tmp_path / "kept"
    (store().intake("a-damaged") / "objects").rename(kept)
    (store().intake("a-damaged") / "objects").mkdir()
    return kept


def versions(name):
    return set(Revision.objects.filter(recipe__name=name).values_list("version", flat=True))


def test_sweep_goes_on_past_a_damaged_repository_and_notes_it(two_interrupted):
    settled = {each.name: bool(each.error) for each in reconciliation.settle_interrupted()}
    assert settled == {"a-damaged": True, "b-whole": False}
    assert (versions("a-damaged"), versions("b-whole")) == ({"1.0-1"}, {"1.0-1", "1.1-1"})
    assert store().interrupted() == ["a-damaged"]
    assert list(backlog.damaged_repositories()) == ["a-damaged"]
    assert backlog.measure().damaged_repositories == 1


def test_mended_repository_is_settled_and_no_longer_listed(two_interrupted):
    reconciliation.settle_interrupted()
    shutil.rmtree(store().intake("a-damaged") / "objects")
    two_interrupted.rename(store().intake("a-damaged") / "objects")
    assert [each.error for each in reconciliation.settle_interrupted()] == [""]
    assert versions("a-damaged") == {"1.0-1", "1.1-1"}
    assert backlog.damaged_repositories() == {}
    assert store().interrupted() == []


def test_reconcile_names_what_is_damaged_and_does_the_others(two_interrupted, capsys):
    with pytest.raises(CommandError, match="1 repositories are damaged: restore them from a backup"):
        call_command("reconcile")
    said = capsys.readouterr()
    assert "a-damaged: could not be reconciled, the others go on" in said.err
    assert "1 repositories reconciled" in said.out
    assert versions("b-whole") == {"1.0-1", "1.1-1"}


def test_reconcile_makes_lost_public_repositories_anew():
    recipe = publish_recipe(recipe_tree(), make_user("ada"))
    shown = store().shown("hello-dur")
    store().pack("hello-dur")
    # The intake borrows from it: only a copy of everything makes up for it, as a backup has it.
    backup = store().root.parent / "backup"
    shutil.copytree(store().public("hello-dur"), backup)
    (store().public("hello-dur") / "refs" / "heads" / "main").unlink(missing_ok=True)
    (store().public("hello-dur") / "packed-refs").unlink(missing_ok=True)
    assert store().shown("hello-dur") == {}
    list(reconciliation.reconcile())
    assert store().shown("hello-dur") == shown == dict(publish.wanted_branches(recipe))


def test_packing_is_noted_where_it_fails(two_interrupted):
    for number in range(6):
        (store().intake("a-damaged") / "objects" / "pack").mkdir(exist_ok=True)
        (store().intake("a-damaged") / "objects" / "pack" / f"pack-{number:040d}.pack").write_bytes(b"damaged")
    _packed, failed = reconciliation.pack_repositories()
    assert [each.name for each in failed] == ["a-damaged"]
    assert backlog.damaged_repositories()["a-damaged"].startswith("cannot be packed")
