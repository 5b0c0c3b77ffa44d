"""A plain bump with new files waits for a witness, and becomes current when a runner's report has one for each of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.formats.confirmation import Confirmations, Witness, confirmed, unconfirmed
from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintHint, LintJob, LintState, Recipe, Revision, User
from recipes_app.services.gates import confirmations
from recipes_app.services.gates.gate_table import GATES
from recipes_app.services.publishing import report_gates
from tests.factories import make_user, publish_recipe
from tests.services.gates.test_gates import BUMP, tree_of

pytestmark = pytest.mark.django_db
REVIEW = Revision.Review


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_SAMPLE_PERCENT = 0.0
    settings.LINT_GATES = {}


@pytest.fixture
def bump(settings):
    """A plain bump with a new file, pushed by an account that has earned some trust in the recipe."""
    ada = make_user("ada")
    User.objects.filter(pk=ada.pk).update(date_joined=timezone.now() - timedelta(days=400))
    settings.REVIEW_GATES = dict.fromkeys(GATES, "off")
    recipe = publish_recipe(tree_of(), ada)
    first = recipe.revisions.get()
    for number in range(4):
        at = timezone.now() - timedelta(days=120 - number * 20)
        Revision.objects.create(
            recipe=recipe, commit=f"{number:040x}", version=f"0.{number}-1", branch="old", pushed_at=at, pusher=ada,
            pusher_name="ada", metadata=first.metadata,
        )  # fmt: skip
    settings.REVIEW_GATES = {"newcomer": "off"}
    # Many use it: what earned trust alone would let pass at a small reach waits.
    Recipe.objects.filter(pk=recipe.pk).update(vote_count=12)
    publish_recipe(tree_of("1.1-1", BUMP), ada)
    return recipe.revisions.get(version="1.1-1")


def report(revision, *entries):
    """Let a runner's report of the source lint have come, with what witnesses say; ask the gates about it."""
    job, _ = LintJob.objects.get_or_create(revision=revision, stage=Stage.SOURCE_LINT, suite="")
    job.state, job.finished_at, job.gates_asked_at = LintState.PASSED, timezone.now(), None
    job.confirmations = Confirmations(tuple(entries)).to_json()
    job.save()
    report_gates.ask(job.pk)
    revision.refresh_from_db()
    revision.recipe.refresh_from_db()
    return revision


def test_it_waits_until_somebody_confirms_its_files(bump):
    assert (bump.review, bump.hold.gates) == (REVIEW.HELD, ["unconfirmed"])
    assert bump.hold.release_at is not None
    (fetch,) = bump.data.fetches
    report(bump, confirmed(fetch, Witness.REGISTRY, "the registry has the same bytes"))
    assert (bump.review, bump.recipe.current_id) == (REVIEW.PUBLISHED, bump.pk)
    bump.hold.refresh_from_db()
    assert bump.hold.decision == "its files are confirmed by registry"
    assert confirmations.confirmed_by(bump) == ("registry",)


def test_it_waits_on_where_nobody_does(bump):
    (fetch,) = bump.data.fetches
    report(bump, unconfirmed(fetch, "no signature beside it"))
    assert bump.review == REVIEW.HELD
    assert confirmations.confirmed_by(bump) == ()


def test_a_contradiction_holds_it_for_a_reviewer(bump):
    (fetch,) = bump.data.fetches
    report(bump, unconfirmed(fetch, "the registry has other bytes", contradicts=True))
    bump.hold.refresh_from_db()
    assert (bump.review, bump.hold.release_at) == (REVIEW.HELD, None)
    assert "contradicted" in bump.hold.gates


def test_a_contradiction_takes_a_published_one_back(bump):
    (fetch,) = bump.data.fetches
    report(bump, confirmed(fetch, Witness.REGISTRY, "the same bytes"))
    bump.hold.delete()
    report(bump, unconfirmed(fetch, "the registry has other bytes", contradicts=True))
    assert bump.review == REVIEW.HELD
    assert bump.recipe.current.version == "1.0-1"


def test_a_finding_that_is_only_observed_does_not_keep_it_waiting(bump, settings):
    settings.LINT_GATES = {"some-tag": "observe"}
    (fetch,) = bump.data.fetches
    job = LintJob.objects.get(revision=bump, stage=Stage.SOURCE_LINT)
    LintHint.objects.create(job=job, position=0, severity="warning", tag="some-tag")
    report(bump, confirmed(fetch, Witness.REGISTRY, "the same bytes"))
    assert bump.review == REVIEW.PUBLISHED
    bump.hold.refresh_from_db()
    assert any("some-tag" in each for each in bump.hold.observed)


def test_what_else_holds_it_is_not_released(bump):
    bump.hold.gates = ["unconfirmed", "sampled"]
    bump.hold.save()
    (fetch,) = bump.data.fetches
    report(bump, confirmed(fetch, Witness.DEBIAN, "the same bytes"))
    assert bump.review == REVIEW.HELD
