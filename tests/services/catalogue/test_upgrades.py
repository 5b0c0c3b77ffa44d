"""What is newer than what is installed, and what changed since."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.limits import MAX_LOOKUP_NAMES
from recipes_app.models import Hold, Recipe, Revision
from recipes_app.services.catalogue import upgrades
from recipes_app.services.core.errors import Refused
from tests.api.rows import add_recipe, add_revision, metadata

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("installed", "available", "newer"),
    [
        ("1.0-1", "1.0-2", True),
        ("1.9-1", "1.10-1", True),
        ("1.0-1", "1.0-1", False),
        ("1.0-1", "1.0~rc1-1", False),
        ("1.0~rc1-1", "1.0-1", True),
        ("9.0-1", "1:1.0-1", True),
        ("1.0-1+local1", "1.0-1", False),
    ],
)
def test_versions_are_compared_as_dpkg_does(installed, available, newer):
    add_recipe("hello", version=available)

    result = upgrades.check({"hello": installed})

    assert bool(result.newer) is newer
    assert result.current == ([] if newer else ["hello"])


def test_a_name_means_a_recipe_or_else_the_most_popular_that_builds_it():
    add_recipe("source-a", version="2.0-1", binaries=metadata("tools").binaries)
    popular = add_recipe("source-b", version="3.0-1", binaries=metadata("tools").binaries)
    Recipe.objects.filter(pk=popular.pk).update(vote_weight=9.0)
    add_recipe("hello", version="1.1-1")

    result = upgrades.check({"tools": "1.0-1", "hello": "1.0-1", "nothing": "1"})

    assert [(each.name, each.recipe.name) for each in result.newer] == [("tools", "source-b"), ("hello", "hello")]
    assert result.unknown == ["nothing"]


def test_what_changed_since_the_installed_version_is_told():
    recipe = add_recipe("hello", version="1.0-1")
    add_revision(recipe, "2.0-1", licence_class="nonfree", needs_acceptance=True)
    Recipe.objects.filter(pk=recipe.pk).update(ownership_changed_at=timezone.now())

    (told,) = upgrades.check({"hello": "1.0-1"}).newer

    assert [(each.field, each.then, each.now) for each in told.changes] == [
        ("licence_class", "dfsg-free", "nonfree"),
        ("needs_acceptance", False, True),
    ]
    assert told.owner_changed is True


def test_an_older_change_of_owner_is_no_news():
    recipe = add_recipe("hello", version="1.0-1")
    add_revision(recipe, "2.0-1")
    Recipe.objects.filter(pk=recipe.pk).update(ownership_changed_at=timezone.now() - timedelta(days=90))

    (told,) = upgrades.check({"hello": "1.0-1"}).newer

    assert (told.owner_changed, told.changes) == (False, ())


def test_of_a_version_that_was_never_pushed_nothing_is_said_to_have_changed():
    add_recipe("hello", version="2.0-1")

    (told,) = upgrades.check({"hello": "0.1-1"}).newer

    assert (told.since, told.owner_changed, told.changes) == (None, None, ())


def test_a_quarantined_recipe_is_told_of_though_nothing_is_newer():
    recipe = add_recipe("hello", version="1.0-1")
    Recipe.objects.filter(pk=recipe.pk).update(quarantined_at=timezone.now(), quarantine_reason="a backdoor")

    result = upgrades.check({"hello": "1.0-1"})

    assert (result.current, [each.review_status for each in result.quarantined]) == (["hello"], ["quarantined"])


def test_a_version_that_waits_for_its_review_is_told_of_and_is_not_newer():
    recipe = add_recipe("hello", version="1.0-1")
    waiting = add_revision(recipe, "2.0-1")
    Revision.objects.filter(pk=waiting.pk).update(review=Revision.Review.HELD)
    Recipe.objects.filter(pk=recipe.pk).update(version="1.5-1")

    (told,) = upgrades.check({"hello": "1.0-1"}).newer

    assert (told.review_status, told.held_versions) == ("held", ("2.0-1",))


@pytest.mark.parametrize("version", ["not a version", "x:1", "1_0", "1/0"])
def test_what_is_no_version_is_refused_by_name(version):
    with pytest.raises(Refused) as refusal:
        upgrades.check({"hello": version})

    assert refusal.value.field == "installed.hello"


def test_a_thousand_names_take_four_queries(django_assert_max_num_queries):
    for number in range(20):
        add_recipe(f"recipe-{number}", version="2.0-1", binaries=metadata(f"package-{number}").binaries)
    installed = {f"package-{number}": "1.0-1" for number in range(20)} | {
        f"recipe-{number}": "1.0-1" for number in range(MAX_LOOKUP_NAMES - 20)
    }

    with django_assert_max_num_queries(4):
        result = upgrades.check(installed)

    assert (len(result.newer), len(result.unknown)) == (40, MAX_LOOKUP_NAMES - 40)


@pytest.mark.parametrize(
    ("review", "released", "state"),
    [("held", None, "held"), ("quarantined", False, "rejected"), ("quarantined", None, "quarantined")],
)
def test_an_installed_revision_that_was_withdrawn_is_named_though_nothing_is_newer(review, released, state):
    recipe = add_recipe("hello", version="1.0-1")
    taken = add_revision(recipe, "2.0-1")
    Revision.objects.filter(pk=taken.pk).update(review=review)
    Recipe.objects.filter(pk=recipe.pk).update(version="1.0-1")
    Hold.objects.create(revision=taken, reasons=["x"], released=released, created_at=timezone.now())

    for asked in ("2.0-1", taken.commit):
        result = upgrades.check({"hello": asked})

        assert result.current == ["hello"]
        assert [(each.version, each.state) for each in result.withdrawn] == [("2.0-1", state)]


def test_other_content_under_an_installed_version_is_named_by_the_commit():
    recipe = add_recipe("hello", version="1.0-1")
    first = recipe.current
    second = add_revision(recipe, "1.0-1")

    assert [each.name for each in upgrades.check({"hello": "1.0-1"}).changed] == ["hello"]
    assert [each.name for each in upgrades.check({"hello": first.commit}).changed] == ["hello"]
    assert upgrades.check({"hello": second.commit}).changed == []


def test_a_commit_of_nobodys_is_unknown():
    add_recipe("hello", version="1.0-1")

    assert upgrades.check({"hello": "a" * 40}).unknown == ["hello"]


def test_another_maintainer_is_told_of_though_nothing_is_newer():
    recipe = add_recipe("hello", version="1.0-1")
    Recipe.objects.filter(pk=recipe.pk).update(ownership_changed_at=timezone.now() + timedelta(seconds=1))

    assert [each.name for each in upgrades.check({"hello": "1.0-1"}).owner_changed] == ["hello"]


def test_of_an_installed_revision_that_was_purged_no_change_is_told():
    recipe = add_recipe("hello", version="1.0-1")
    purged = add_revision(recipe, "0.9-1")
    Revision.objects.filter(pk=purged.pk).update(review="quarantined", purged_at=timezone.now(), metadata={})

    result = upgrades.check({"hello": "0.9-1"})

    assert [(each.state, each.changes) for each in result.withdrawn] == [("quarantined", ())]
