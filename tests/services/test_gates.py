"""Gates: each holds what it is for, with its sentence, and a plain bump passes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.formats.recipe import parse_recipe
from recipes_app.models import Rank
from recipes_app.services import gates
from recipes_app.services.gates import Pushed
from tests.factories import make_recipe, make_user, recipe_tree

pytestmark = pytest.mark.django_db

MANIFEST = """\
Format: 1
Source: hello-dur

Fetch: hello-1.0.tar.gz
URL: https://example.org/hello-1.0.tar.gz
SHA256: {checksum}
Size: 100
Role: orig
"""
ONE, TWO = "1" * 64, "2" * 64
FIRST = MANIFEST.format(checksum=ONE)


def tree_of(version="1.0-1", manifest=FIRST, files=()):
    return recipe_tree(version=version) | {"debian/dur": manifest.encode()} | dict(files)


@pytest.fixture
def ada():
    user = make_user("ada")
    user.date_joined = timezone.now() - timedelta(days=400)
    user.save()
    return user


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def pushed(recipe, pusher, tree, old_tree=None):
    def metadata(files):
        parsed = parse_recipe(files)
        assert parsed.metadata is not None, parsed.errors
        return parsed.metadata

    return Pushed(
        recipe=recipe,
        pusher=pusher,
        pushed_at=timezone.now(),
        metadata=metadata(tree),
        tree=tree,
        old_metadata=metadata(old_tree) if old_tree else None,
        old_tree=old_tree or {},
    )


BUMP = MANIFEST.format(checksum=TWO).replace("hello-1.0", "hello-1.1")


def test_old_account_with_an_ordinary_change_is_held_by_nothing(recipe, ada, settings):
    settings.REVIEW_GATES = {}
    changed = tree_of("1.0-2") | {"debian/rules": b"#!/usr/bin/make -f\n%:\n\tdh $@ --no-parallel\n"}
    assert gates.examine(pushed(recipe, ada, changed, tree_of())).held == ()


def test_young_account_is_held(recipe):
    newbie = make_user("newbie")
    assert list(gates.young_account(pushed(recipe, newbie, tree_of()))) == ["the account newbie is younger than 7 days"]


def test_young_account_may_bump_a_reviewed_recipe(recipe):
    newbie = make_user("newbie")
    assert list(gates.young_account(pushed(recipe, newbie, tree_of("1.1-1", BUMP), tree_of()))) == []


def test_young_account_of_a_trusted_person_is_not_held(recipe):
    assert list(gates.young_account(pushed(recipe, make_user("trusted", rank=Rank.TRUSTED), tree_of()))) == []


def test_push_of_an_account_that_is_gone_is_held(recipe):
    assert list(gates.young_account(pushed(recipe, None, tree_of()))) == ["the account that pushed this is gone"]


def test_new_owner_is_held_after_adoption(recipe, ada):
    recipe.adopted_at = timezone.now() - timedelta(days=2)
    changed = tree_of("1.0-2") | {"debian/rules": b"#!/usr/bin/make -f\n%:\n\tdh $@ --parallel\n"}
    (reason,) = gates.new_owner(pushed(recipe, ada, changed, tree_of()))
    assert reason.startswith("ada took this recipe over on ")


def test_owner_since_long_is_not_held(recipe, ada):
    recipe.adopted_at = timezone.now() - timedelta(days=31)
    assert list(gates.new_owner(pushed(recipe, ada, tree_of("1.0-2"), tree_of()))) == []


def test_new_source_host_is_held(recipe, ada):
    elsewhere = MANIFEST.format(checksum=ONE).replace("example.org", "evil.example")
    assert list(gates.new_source_host(pushed(recipe, ada, tree_of("1.0-2", elsewhere), tree_of()))) == [
        "debian/dur:4: hello-1.0.tar.gz is fetched from a new host, evil.example"
    ]


def test_another_project_on_a_mirror_scheme_is_a_new_host(recipe, ada):
    before = MANIFEST.format(checksum=ONE).replace("https://example.org/hello", "pypi:hello/1.0/hello")
    after = MANIFEST.format(checksum=ONE).replace("https://example.org/hello", "pypi:he11o/1.0/hello")
    (reason,) = gates.new_source_host(pushed(recipe, ada, tree_of("1.0-2", after), tree_of(manifest=before)))
    assert reason.endswith("pypi:he11o")


@pytest.mark.parametrize("path", ["debian/postinst", "debian/hello-dur.preinst", "debian/hello-dur.config"])
def test_new_maintainer_script_is_held(recipe, ada, path):
    changed = tree_of("1.0-2") | {path: b"#!/bin/sh\nset -e\n"}
    assert list(gates.changed_maintainer_script(pushed(recipe, ada, changed, tree_of()))) == [
        f"{path}: this maintainer script is new"
    ]


def test_changed_maintainer_script_is_held(recipe, ada):
    before = tree_of() | {"debian/postinst": b"#!/bin/sh\n"}
    after = tree_of("1.0-2") | {"debian/postinst": b"#!/bin/sh\nid\n"}
    assert list(gates.changed_maintainer_script(pushed(recipe, ada, after, before))) == [
        "debian/postinst: this maintainer script is changed"
    ]


@pytest.mark.parametrize("path", ["debian/tests/config", "debian/postinst.md", "debian/patches/x.postinst"])
def test_other_files_are_no_maintainer_scripts(path):
    assert not gates.is_maintainer_script(path)


def test_changed_checksum_at_an_unchanged_address_is_held(recipe, ada):
    changed = tree_of("1.0-2", MANIFEST.format(checksum=TWO))
    (reason,) = gates.changed_checksum(pushed(recipe, ada, changed, tree_of()))
    assert "the checksum of hello-1.0.tar.gz changed though its address did not" in reason


def test_plain_bump_is_held_by_no_gate(recipe, settings):
    settings.REVIEW_GATES = {}
    recipe.adopted_at = timezone.now()
    newbie = make_user("newbie")
    assert gates.examine(pushed(recipe, newbie, tree_of("1.1-1", BUMP), tree_of())).held == ()


@pytest.mark.parametrize(
    "change",
    [
        {"manifest": BUMP + "Acceptance: explicit\n"},
        {"manifest": BUMP.replace("example.org", "example.com")},
        {"manifest": BUMP + "\nVariant: native\nFlags: -O3\n"},
        {"files": {"debian/rules": b"#!/usr/bin/make -f\n%:\n\tdh $@ --x\n"}.items()},
        {"files": {"debian/postinst": b"#!/bin/sh\n"}.items()},
    ],
)
def test_more_than_version_checksums_and_changelog_is_no_plain_bump(recipe, ada, change):
    assert not gates.is_plain_bump(pushed(recipe, ada, tree_of("1.1-1", **({"manifest": BUMP} | change)), tree_of()))


def test_observed_gate_holds_nothing_and_says_what_it_would_have_said(recipe, settings):
    settings.REVIEW_GATES = {"young-account": "observe"}
    examination = gates.examine(pushed(recipe, make_user("newbie"), tree_of()))
    assert examination.held == ()
    assert examination.observed == ("the account newbie is younger than 7 days",)


def test_gate_that_is_off_says_nothing(recipe, settings):
    settings.REVIEW_GATES = {"young-account": "off"}
    examination = gates.examine(pushed(recipe, make_user("newbie"), tree_of()))
    assert (examination.held, examination.observed) == ((), ())
