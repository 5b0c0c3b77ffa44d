"""A leaked secret is removed for good: out of git, metadata and reports, and it does not come back."""

import subprocess

import pytest

from recipes_app.models import Event, LintJob, Rank, Revision
from recipes_app.repos.store import store
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.gates.gate_table import GATES
from recipes_app.services.lint import jobs
from recipes_app.services.moderation import revisions
from recipes_app.services.publishing import publish
from tests.factories import make_user, publish_recipe, push_tree, recipe_tree

pytestmark = pytest.mark.django_db
NAME = "hello-dur"
SECRET = {"debian/notes": "password: hunter2\n"}


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = dict.fromkeys(GATES, "off")
    settings.STAFF_NEEDS_SECOND_FACTOR = False


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def moderator():
    return make_user("mod", rank=Rank.MODERATOR)


def push(user, version, **files):
    return publish_recipe(recipe_tree(NAME, version, **files), user).revisions.get(version=version)


def objects(revision):
    """Return which of the intake and the public repository still has the commit."""
    paths = {"intake": store().intake(NAME), "public": store().public(NAME)}
    command = ["cat-file", "-e", revision.commit]
    return {
        name
        for name, path in paths.items()
        if subprocess.run(["git", "--git-dir", str(path), *command], capture_output=True, check=False).returncode == 0
    }


def grep(path):
    """Return whether any object of a repository has the secret."""
    listed = subprocess.run(
        ["git", "--git-dir", str(path), "cat-file", "--batch-all-objects", "--batch", "--buffer"], capture_output=True, check=True
    )
    return b"hunter2" in listed.stdout


def test_nothing_of_it_is_left_and_the_log_says_so(ada, moderator):
    first = push(ada, "1.0-1")
    leaked = push(ada, "1.1-1", **SECRET)
    jobs.enqueue(leaked)
    revisions.take_out(moderator, leaked, "a password")
    assert objects(leaked) == {"intake"}
    assert revisions.purge(moderator, leaked, "a password") == [leaked.commit]
    assert objects(leaked) == set()
    assert not grep(store().intake(NAME))
    leaked.refresh_from_db()
    assert (leaked.metadata, leaked.findings) == ({}, [])
    assert not LintJob.objects.filter(revision=leaked).exists()
    line = Event.objects.get(kind="revision.purged")
    assert line.public["commit"] == leaked.commit
    assert line.actor_name == "mod"
    first.recipe.refresh_from_db()
    assert first.recipe.current == first


def test_it_stays_away_from_reconciling_and_pushing(ada, moderator):
    push(ada, "1.0-1")
    leaked = push(ada, "1.1-1", **SECRET)
    revisions.take_out(moderator, leaked, "a password")
    revisions.purge(moderator, leaked, "a password")
    with store().lock(NAME):
        assert publish.settle(NAME).new_revisions == []
    assert Revision.objects.filter(recipe=leaked.recipe).count() == 2
    # Pushing goes on from what is published.
    assert push(ada, "1.2-1").review == Revision.Review.PUBLISHED
    assert {record.new for record in store().push_history(NAME)} & {leaked.commit} == set()


def test_what_was_pushed_upon_it_goes_with_it(ada, moderator):
    push(ada, "1.0-1")
    leaked = push(ada, "1.1-1", **SECRET)
    upon = push(ada, "1.2-1")
    revisions.take_out(moderator, leaked, "a password")
    with pytest.raises(Refused, match=r"1\.2-1 .* has it and is not taken out"):
        revisions.purge(moderator, leaked, "a password")
    revisions.take_out(moderator, upon, "it has the password in its history")
    assert revisions.purge(moderator, leaked, "a password") == [leaked.commit, upon.commit]
    assert (objects(leaked), objects(upon)) == (set(), set())


def test_first_revision_of_a_recipe_leaves_an_empty_repository_that_takes_pushes(ada, moderator):
    leaked = push(ada, "1.0-1", **SECRET)
    revisions.take_out(moderator, leaked, "a password")
    revisions.purge(moderator, leaked, "a password")
    assert not grep(store().intake(NAME))
    assert store().branches(NAME) == {}
    commit = push_tree(recipe_tree(NAME, "1.0-2"), ada, NAME)
    with store().lock(NAME):
        (again,) = publish.settle(NAME).new_revisions
    assert (again.commit, again.review) == (commit, Revision.Review.PUBLISHED)


def test_refusals(ada, moderator):
    published = push(ada, "1.0-1")
    with pytest.raises(Refused, match="is not taken out"):
        revisions.purge(moderator, published, "a password")
    with pytest.raises(Refused, match="give a reason"):
        revisions.purge(moderator, published, " ")
    with pytest.raises(PermissionDenied):
        revisions.purge(ada, published, "mine")
    revisions.take_out(moderator, published, "a password")
    revisions.purge(moderator, published, "a password")
    with pytest.raises(Refused, match="for good already"):
        revisions.purge(moderator, published, "again")
    with pytest.raises(Refused, match="nothing is left"):
        revisions.bring_back(moderator, published, "it was none")
