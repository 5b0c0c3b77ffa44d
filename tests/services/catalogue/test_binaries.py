"""Who builds or provides a binary package."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from recipes_app.formats.metadata import Relation, RelationTerm
from recipes_app.models import Recipe, SuiteBranch
from recipes_app.services.catalogue import binaries
from tests.api.rows import add_recipe, add_revision, metadata

pytestmark = pytest.mark.django_db


def package(name, *architectures, provides=None):
    (made,) = metadata(name).binaries
    relations = {"Provides": (Relation((RelationTerm(provides),), f"{provides} (= 1.0)"),)} if provides else {}
    return replace(made, architectures=architectures or ("any",), relations=relations)


def offers(*asked):
    wanted = binaries.Asked(*asked)
    return binaries.offers(wanted, binaries.find(wanted, limit=25))


def found(*asked):
    return [(each.package.recipe.name, each.package.name) for each in offers(*asked)]


def test_a_package_is_found_by_its_name_and_by_what_it_provides():
    add_recipe("postfix-dur", binaries=(package("postfix-dur", provides="mail-transport-agent"),))
    add_recipe("mta", binaries=(package("mail-transport-agent"),))
    add_recipe("other", binaries=(package("other", provides="imap-server"),))

    assert [(each.package.name, each.provides) for each in offers("mail-transport-agent")] == [
        ("postfix-dur", ("mail-transport-agent (= 1.0)",)),
        ("mail-transport-agent", ()),
    ]


@pytest.mark.parametrize(
    ("built_for", "asked", "fits"),
    [
        ("amd64", "amd64", True),
        ("amd64", "arm64", False),
        ("any", "riscv64", True),
        ("all", "riscv64", True),
        ("linux-any", "amd64", True),
        ("any-amd64", "hurd-amd64", True),
        ("linux-any", "hurd-amd64", False),
    ],
)
def test_an_architecture_is_covered_by_wildcards(built_for, asked, fits):
    add_recipe("hello", binaries=(package("hello", built_for),))

    assert bool(found("hello", "", asked)) is fits


def test_a_suite_is_the_manifests_or_else_the_changelogs():
    add_recipe("named", binaries=(package("hello"),), suites=("trixie", "bookworm"))
    add_recipe("unnamed", binaries=(package("hello"),))

    assert found("hello", "bookworm") == [("named", "hello")]
    assert found("hello", "unstable") == [("unnamed", "hello")]
    assert [each.suites for each in offers("hello")] == [("trixie", "bookworm"), ("unstable",)]


def test_a_branch_of_the_suite_is_what_to_build_for_it():
    recipe = add_recipe("hello")
    older = recipe.current
    add_revision(recipe, "2.0-1")
    SuiteBranch.objects.create(recipe=recipe, name="debian/bookworm", revision=older)

    (offer,) = offers("hello", "bookworm")

    assert offer.tip is not None
    assert (offer.tip.name, offer.tip.revision.commit) == ("debian/bookworm", older.commit)


def test_a_deleted_recipe_offers_nothing():
    recipe = add_recipe("hello")
    Recipe.objects.filter(pk=recipe.pk).update(deleted_at=timezone.now())

    assert found("hello") == []


def test_pages_follow_each_other_and_take_three_queries(django_assert_max_num_queries):
    for number in range(5):
        add_recipe(f"recipe-{number}", binaries=(package(f"package-{number}", provides="thing"),), suites=("sid",))

    wanted = binaries.Asked("thing", "sid", "amd64")
    seen, after = [], None
    while True:
        with django_assert_max_num_queries(3):
            page = binaries.find(wanted, after=after, limit=2)
            seen += [each.package.name for each in binaries.offers(wanted, page)]
        after = page.next_after
        if after is None:
            break

    assert seen == [f"package-{number}" for number in range(5)]
