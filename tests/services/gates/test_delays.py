"""Delayed and staged revisions, how a push came, the incident level: through the real store, as people and time act on them."""

import subprocess
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recipes_app.limits import DELAY_HOURS
from recipes_app.models import (
    CoMaintainer,
    Event,
    Hold,
    IncidentNotice,
    Notification,
    QueueEntry,
    Rank,
    Recipe,
    Report,
    Revision,
    Staging,
    User,
)
from recipes_app.repos.gitconfig import committer
from recipes_app.repos.signatures import Signature, signature_of
from recipes_app.repos.store import store
from recipes_app.services.accounts import security_history, ssh_keys
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.gates import gate_table, holds, incident, provenance
from recipes_app.services.gates.gate_table import Incident
from recipes_app.services.gates.gates import Examination
from recipes_app.services.gates.provenance import Provenance
from recipes_app.services.moderation import malware, reports, requests
from recipes_app.services.moderation.reports import Subject
from recipes_app.services.publishing import git_access, publish, reviews, staging
from tests import factories
from tests.factories import commit_tree, git, make_user, publish_recipe, push_tree, recipe_tree

pytestmark = pytest.mark.django_db
REVIEW = Revision.Review
RULES = {"debian/rules": "#!/usr/bin/make -f\n%:\n\tdh $@ --parallel\n"}


@pytest.fixture(autouse=True)
def settings_of_tests(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = {"young-account": "off", "newcomer": "off", "build": "delay"}
    settings.REVIEW_SAMPLE_PERCENT = 0.0
    settings.STAFF_NEEDS_SECOND_FACTOR = False


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def reviewer():
    return make_user("trusty", rank=Rank.TRUSTED)


def push(user, version, **files):
    return publish_recipe(recipe_tree(version=version, **files), user).revisions.get(version=version)


def current(recipe):
    return Recipe.objects.get(pk=recipe.pk).current.version


def in_a_while(hours=DELAY_HOURS["none"]):
    return timezone.now() + timedelta(hours=hours, minutes=1)


@pytest.fixture
def delayed(ada):
    push(ada, "1.0-1")
    return push(ada, "1.0-2", **RULES)


class TestDelay:
    def test_it_is_not_current_and_says_until_when(self, delayed):
        assert (delayed.review, current(delayed.recipe)) == (REVIEW.HELD, "1.0-1")
        assert delayed.hold.release_at > timezone.now() + timedelta(hours=23)
        assert Event.objects.filter(kind="revision.delayed").count() == 1
        assert "delayed until" in QueueEntry.objects.get(closed_at=None).summary

    def test_it_becomes_current_by_itself(self, delayed, ada):
        assert publish.release_due() == 0
        assert publish.release_due(in_a_while()) == 1
        assert current(delayed.recipe) == "1.0-2"
        assert not QueueEntry.objects.filter(closed_at=None).exists()
        assert Notification.objects.filter(user=ada, text__contains="nobody stopped it").exists()
        assert publish.release_due(in_a_while()) == 0

    def test_a_reviewer_stops_it(self, delayed, reviewer):
        publish.review(reviewer, delayed, release=False, decision="calls home")
        assert publish.release_due(in_a_while()) == 0
        assert current(delayed.recipe) == "1.0-1"
        assert store().branches("hello-dur")["main"] == delayed.recipe.revisions.get(version="1.0-1").commit

    def test_a_reviewer_releases_it_early(self, delayed, reviewer):
        publish.review(reviewer, delayed, release=True, decision="read it")
        assert current(delayed.recipe) == "1.0-2"

    def test_its_pusher_may_stop_it_and_not_release_it(self, delayed, ada):
        with pytest.raises(Refused, match="another reviewer"):
            publish.review(ada, delayed, release=True, decision="mine")
        publish.review(ada, delayed, release=False, decision="a mistake")
        assert Revision.objects.get(pk=delayed.pk).review == REVIEW.QUARANTINED

    def test_a_second_member_with_earned_trust_releases_it(self, delayed):
        grace = make_user("grace")
        long_ago = timezone.now() - timedelta(days=100)
        CoMaintainer.objects.create(recipe=delayed.recipe, user=grace, role="push", position=0, since=long_ago)
        with pytest.raises(Refused, match="not earned trust"):
            publish.review(grace, delayed, release=True, decision="read it")
        old = delayed.recipe.revisions.get(version="1.0-1")
        for number in range(3):
            Revision.objects.create(
                recipe=delayed.recipe, commit=f"{number:040x}", version="0", pushed_at=long_ago, pusher=grace,
                pusher_name="grace", metadata=old.metadata, branch="old",
            )  # fmt: skip
        publish.review(grace, delayed, release=True, decision="read it")
        assert current(delayed.recipe) == "1.0-2"

    def test_a_stranger_does_neither(self, delayed):
        for release in (True, False):
            with pytest.raises(PermissionDenied):
                publish.review(make_user(f"eve{release}".lower()), delayed, release=release, decision="read it")

    def test_a_held_one_is_not_for_the_team(self, ada):
        push(ada, "1.0-1")
        held = push(ada, "1.0-2", **{"debian/postinst": "#!/bin/sh\n"})
        assert held.hold.release_at is None
        with pytest.raises(PermissionDenied):
            publish.review(ada, held, release=False, decision="a mistake")

    def test_a_report_that_holds_it_ends_the_delay(self, delayed):
        holds.add(delayed, Examination(held=("a tag",), gates=("security-findings",)))
        assert publish.release_due(in_a_while()) == 0
        assert Hold.objects.get(revision=delayed).release_at is None

    def test_the_team_and_followers_hear_of_it(self, ada):
        grace, bob = make_user("grace"), make_user("bob")
        recipe = push(ada, "1.0-1").recipe
        CoMaintainer.objects.create(recipe=recipe, user=grace, role="push", position=0, since=timezone.now())
        recipe.follows.create(user=bob)
        Notification.objects.all().delete()
        push(ada, "1.0-2", **RULES)
        heard = Notification.objects.filter(text__contains="is delayed until").values_list("user__username", flat=True)
        assert set(heard) == {"grace", "bob"}

    def test_page_and_api_say_it(self, delayed, ada, client):
        page = client.get(delayed.get_absolute_url())
        assert "It becomes current by itself" in page.content.decode()
        assert "waiting/stop/" not in page.content.decode()
        said = client.get(f"/api/v1/recipes/hello-dur/revisions/{delayed.commit}/").json()
        assert said["release_at"] is not None
        client.force_login(ada)
        assert "waiting/stop/" in client.get(delayed.get_absolute_url()).content.decode()
        [held] = client.get("/api/v1/holds/").json()["results"]
        assert (held["gates"], held["release_at"]) == (["build"], said["release_at"])


class TestStaging:
    @pytest.fixture
    def staged(self, ada, settings):
        settings.REVIEW_GATES = gate_table.at_home()
        recipe = push(ada, "1.0-1").recipe
        staging.choose(ada, recipe, Staging.ON)
        return self.push_by_token(ada, "1.0-2")

    def push_by_token(self, user, version):
        """Push as CI does, by a token: the same git, with how it came in the reflog."""
        came_by = Provenance(provenance.TOKEN, "dur_abcdef").encoded()
        with pytest.MonkeyPatch.context() as patch:
            made = factories.push_environment
            patch.setattr(factories, "push_environment", lambda *facts, **options: made(*facts, came_by=came_by, **options))
            push_tree(recipe_tree(version=version), user, "hello-dur")
        with store().lock("hello-dur"):
            publish.settle("hello-dur")
        return Revision.objects.get(version=version)

    def test_it_waits_and_says_how_it_came(self, staged):
        assert (staged.hold.gates, current(staged.recipe)) == (["staging"], "1.0-1")
        assert staged.came_by["credential"] == "dur_abcdef"

    def test_the_pusher_approves_it_on_the_site(self, staged, ada):
        client = Client()
        client.force_login(ada)
        address = f"{staged.get_absolute_url()}waiting/approve/"
        assert client.get(address).status_code == 200
        client.post(address)
        assert current(staged.recipe) == "1.0-2"
        assert Event.objects.filter(kind="revision.approved").exists()

    def test_an_account_with_a_second_factor_is_asked_for_it_again(self, staged, ada):
        ada.authenticator_set.create(type="totp", data={})
        client = Client()
        client.force_login(ada)
        answer = client.post(f"{staged.get_absolute_url()}waiting/approve/")
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/2fa/reauthenticate/")
        assert current(staged.recipe) == "1.0-1"

    def test_where_it_is_required_an_account_without_one_cannot(self, staged, ada, settings):
        settings.STAFF_NEEDS_SECOND_FACTOR = True
        client = Client()
        client.force_login(ada)
        assert "second factor" in client.post(f"{staged.get_absolute_url()}waiting/approve/").content.decode()
        assert current(staged.recipe) == "1.0-1"

    def test_what_else_holds_it_goes_on(self, staged, ada):
        Hold.objects.filter(revision=staged).update(gates=["staging", "root"])
        assert not publish.approve(ada, staged)
        assert current(staged.recipe) == "1.0-1"
        with pytest.raises(Refused, match="does not wait for its team"):
            publish.approve(ada, staged)

    def test_a_push_by_hand_is_not_staged(self, staged, ada):
        assert push(ada, "1.0-3").review == REVIEW.PUBLISHED


class TestProvenance:
    def test_encoding_survives_the_reflog(self, ada):
        came = Provenance(provenance.SSH_KEY, "SHA256:a+/b=.", second_factor=True)
        name = committer("ada", came.encoded())["GIT_COMMITTER_NAME"]
        assert not set(name) & set("<>\n\"'\\")
        assert Provenance.decoded(name.removeprefix("ada ")) == came

    @pytest.mark.parametrize("text", ["", "kind=", "kind=door", "x", "%ff%00", "kind=token&factor=7"])
    def test_what_is_no_provenance_says_nothing(self, text):
        assert not Provenance.decoded(text).second_factor

    def test_lost_second_factor_signature_and_kind_are_named(self, ada):
        old = Revision(came_by=Provenance(provenance.SSH_KEY, "SHA256:x", True, "ssh SHA256:x").to_json())
        found = [change.what for change in provenance.changes(old, Provenance(provenance.TOKEN, "dur_x"))]
        assert [words.split(";")[0] for words in found] == [
            "The commit has no signature",
            "The account that pushed has no second factor",
            "It came by a token for all recipes",
        ]

    def test_the_stronger_way_loses_nothing(self):
        old = Revision(came_by=Provenance(provenance.TOKEN, "dur_x").to_json())
        assert not list(provenance.changes(old, Provenance(provenance.SSH_KEY, "SHA256:x", second_factor=True)))

    def test_a_key_and_an_address_are_new(self, ada):
        line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHhDPRBIzMlUM5ho7ZPCqfrtNzVqjb0YVYLjkO3n5pmd x"
        key = ssh_keys.add(ada, "laptop", line)
        assert provenance.credential_since(ada, provenance.by_key(key)) == key.created_at
        security_history.record(ada, security_history.SecurityKind.ADDRESS_CHANGED)
        assert User.objects.get(pk=ada.pk).armour_changed_at is not None

    def test_ssh_signature_is_checked(self, tmp_path):
        key = tmp_path / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        work = tmp_path / "work"
        commit_tree(recipe_tree(), work)
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key}"]
        git(*signing, "commit", "-q", "--amend", "--no-edit", "-S", cwd=work)
        commit = git("rev-parse", "HEAD", cwd=work).strip()
        told = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], capture_output=True, text=True, check=True).stdout
        found = signature_of(work / ".git", commit)
        assert found == Signature("ssh", told.split()[1], fits=True)
        raw = git("cat-file", "commit", commit, cwd=work).replace("Release", "Releases")
        write = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
        forged = subprocess.run(write, input=raw, cwd=work, capture_output=True, text=True, check=True).stdout.strip()
        assert str(signature_of(work / ".git", forged)) == "ssh (does not fit)"


class TestIncident:
    @pytest.fixture
    def moderator(self):
        return make_user("mod", rank=Rank.MODERATOR)

    def test_every_page_and_the_api_say_it(self, moderator, client):
        assert client.get("/api/v1/").json()["incident"] == {"level": "normal", "words": ""}
        incident.set_level(moderator, Incident.RAISED, "Stolen tokens are about.")
        assert "Stolen tokens are about." in client.get("/classes/").content.decode()
        assert client.get("/api/v1/").json()["incident"] == {"level": "raised", "words": "Stolen tokens are about."}
        assert client.get("/api/v1/incident/").json()["changed_by"] == "mod"
        assert Event.objects.get(kind="incident.level-changed").public["level"] == "raised"
        incident.set_level(moderator, Incident.NORMAL, "")
        assert "Stolen tokens" not in client.get("/classes/").content.decode()

    def test_words_are_asked_for(self, moderator):
        with pytest.raises(Refused):
            incident.set_level(moderator, Incident.SIEGE, " ")

    def test_no_delay_ends_by_itself_meanwhile(self, delayed, moderator):
        incident.set_level(moderator, Incident.RAISED, "an attack")
        assert publish.release_due(in_a_while()) == 0
        incident.set_level(moderator, Incident.NORMAL, "")
        assert publish.release_due(in_a_while()) == 1

    def test_no_adoption_goes_through_meanwhile(self, ada, moderator):
        recipe = push(ada, "1.0-1").recipe
        Recipe.objects.filter(pk=recipe.pk).update(maintainer=None)
        recipe.refresh_from_db()
        requests.file(make_user("bob"), recipe, requests.Kind.ADOPTION, "I use it")
        IncidentNotice.objects.create(level="raised", words="x", changed_by_name="mod")
        assert requests.sweep(in_a_while(24 * 30)) == (0, 0)
        IncidentNotice.objects.all().delete()
        assert requests.sweep(in_a_while(24 * 30)) == (1, 0)


class TestReviews:
    def test_forecast_is_the_median_of_the_last(self, delayed, reviewer):
        assert reviews.forecast() is None
        publish.review(reviewer, delayed, release=True, decision="read it")
        Hold.objects.update(created_at=timezone.now() - timedelta(days=3))
        assert reviews.forecast() == reviews.Forecast(days=3, waiting=0)

    def test_reviewers_are_reminded_once(self, ada, reviewer):
        held = self.held(ada, 1)[0]
        assert reviews.remind(in_a_while(24)) == 0
        assert reviews.remind(in_a_while(24 * 8)) == 1
        assert reviews.remind(in_a_while(24 * 8)) == 0
        assert Notification.objects.filter(user=reviewer, url="/moderation/").exists()
        assert Hold.objects.get(revision=held).reminded_at is not None

    def test_what_nobody_decides_is_closed_with_notice(self, ada):
        held = self.held(ada, 1)[0]
        assert publish.close_stale_reviews(in_a_while(24 * 59)) == 0
        assert publish.close_stale_reviews(in_a_while(24 * 61)) == 1
        assert Revision.objects.get(pk=held.pk).review == REVIEW.QUARANTINED
        assert store().branches("hello-dur")["main"] == held.recipe.revisions.get(version="1.0-1").commit
        assert Notification.objects.filter(user=ada, text__contains="push it again").exists()
        assert not QueueEntry.objects.filter(closed_at=None).exists()

    def test_an_account_has_a_quota_and_reads_what_waits(self, ada, settings, monkeypatch):
        monkeypatch.setattr(reviews, "MAX_OPEN_REVIEWS_PER_ACCOUNT", 2)
        self.held(ada, 2)
        with pytest.raises(Refused, match=r"hello-dur 1\.1-1, hello-dur 1\.1-2"):
            git_access.push_target(ada, "hello-dur")
        git_access.push_target(make_user("mod", rank=Rank.MODERATOR), "hello-dur")

    def held(self, user, number):
        push(user, "1.0-1")
        return [push(user, f"1.1-{each}", **{"debian/postinst": f"#!/bin/sh\n: {each}\n"}) for each in range(1, number + 1)]


class TestReported:
    """What enough people call malicious: the revision goes, and the one before it is current again."""

    @pytest.fixture(autouse=True)
    def _at_home(self, settings):
        settings.REVIEW_GATES = gate_table.at_home()

    def accuse(self, recipe, *people):
        for user in people:
            reports.file(user, Report.Kind.MALWARE, Subject(recipe=recipe), "it calls home")

    def test_the_revision_before_is_current_again(self, ada, reviewer):
        recipe = push(ada, "1.0-1").recipe
        harmful = push(ada, "1.1-1")
        bob = make_user("bob")
        recipe.follows.create(user=make_user("fay"))
        self.accuse(recipe, bob)
        assert current(recipe) == "1.1-1"
        self.accuse(recipe, reviewer)
        assert current(recipe) == "1.0-1"
        assert Revision.objects.get(pk=harmful.pk).review == REVIEW.QUARANTINED
        assert Recipe.objects.get().quarantined_at is None
        assert store().branches("hello-dur")["main"] == recipe.revisions.get(version="1.0-1").commit
        assert Notification.objects.filter(user__username="fay", text__contains="was taken out").exists()

    def test_what_was_said_of_another_revision_does_not_count(self, ada, reviewer):
        recipe = push(ada, "1.0-1").recipe
        self.accuse(recipe, make_user("bob"))
        push(ada, "1.1-1")
        self.accuse(Recipe.objects.get(), reviewer)
        assert current(recipe) == "1.1-1"

    def test_a_recipe_with_nothing_else_is_quarantined(self, ada, reviewer):
        recipe = push(ada, "1.0-1").recipe
        self.accuse(recipe, make_user("bob"), reviewer)
        assert Recipe.objects.get().quarantined_at is not None

    def test_what_a_dead_process_left_undone_is_done_by_the_sweep(self, ada, reviewer, monkeypatch):
        recipe = push(ada, "1.0-1").recipe
        push(ada, "1.1-1")
        with monkeypatch.context() as patch:
            patch.setattr(malware, "act_if_reported_enough", lambda _recipe: False)
            self.accuse(Recipe.objects.get(), make_user("bob"), reviewer)
        assert (current(recipe), malware.sweep(), current(recipe)) == ("1.1-1", 1, "1.0-1")
