"""Deciding what waits: each kind has its facts, its form and its two buttons, and a refusal keeps the words."""

import pytest
from django.urls import reverse

from recipes_app.models import Flag, OwnershipRequest, QueueEntry, Rank, Report
from recipes_app.services.audit import moderation_queue
from recipes_app.services.gates import gate_table
from recipes_app.services.moderation import flags, reports, requests
from recipes_app.services.moderation.flags import FlagText
from recipes_app.services.moderation.reports import Subject
from tests.factories import make_recipe, make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db
Kind = QueueEntry.Kind


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False


@pytest.fixture
def moderator(client):
    user = make_user("mod", rank=Rank.MODERATOR)
    client.force_login(user)
    return user


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def grace():
    return make_user("grace")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def address_of(kind):
    return reverse("queue_entry", args=[QueueEntry.objects.get(kind=kind).pk])


def decide(client, kind, verdict, **words):
    return client.post(address_of(kind), {"verdict": verdict, **words})


def is_open(kind):
    return QueueEntry.objects.filter(kind=kind, closed_at=None).exists()


@pytest.mark.parametrize(("verdict", "state"), [("yes", "resolved"), ("no", "rejected")])
def test_flag_is_decided(client, moderator, grace, recipe, verdict, state):
    flag = flags.raise_flag(grace, recipe, Flag.Kind.MALICIOUS, FlagText("it mines coins"))
    assert "it mines coins" in client.get(address_of(Kind.FLAG)).content.decode()
    decide(client, Kind.FLAG, verdict, decision="looked at it")
    flag.refresh_from_db()
    assert (flag.state, is_open(Kind.FLAG)) == (state, False)


def test_toxic_candy_flag_leads_to_the_ruling(client, moderator, grace, recipe):
    words = FlagText("scraped", subject="mini", proposed_class="toxic-candy")
    flags.raise_flag(grace, recipe, Flag.Kind.TOXIC_CANDY, words)
    page = client.get(address_of(Kind.FLAG)).content.decode()
    assert reverse("rule_model", args=[recipe.name]) + "?model=mini" in page


def test_request_is_rejected(client, moderator, grace, recipe):
    request = requests.file(grace, recipe, OwnershipRequest.Kind.DELETION, "it is junk")
    decide(client, Kind.REQUEST, "no", reason="it is not")
    request.refresh_from_db()
    assert (request.state, request.decision) == ("rejected", "it is not")


def test_request_that_waits_for_the_maintainer_is_not_accepted_and_the_words_stay(client, moderator, grace, recipe):
    requests.file(grace, recipe, OwnershipRequest.Kind.DELETION, "it is junk")
    answer = decide(client, Kind.REQUEST, "yes", reason="agreed")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "the maintainer has until" in page
    assert "agreed</textarea>" in page
    assert is_open(Kind.REQUEST)


def test_report_is_upheld_and_its_words_go_to_the_private_part_of_the_log(client, moderator, grace, recipe):
    report = reports.file(grace, Report.Kind.ABUSE, Subject(recipe=recipe), "insults in the changelog")
    assert "insults in the changelog" in client.get(address_of(Kind.REPORT)).content.decode()
    decide(client, Kind.REPORT, "yes", decision="hidden")
    report.refresh_from_db()
    assert (report.upheld, is_open(Kind.REPORT)) == (True, False)
    assert "insults in the changelog" in client.get(reverse("log")).content.decode()
    client.force_login(grace)
    assert "insults in the changelog" not in client.get(reverse("log")).content.decode()


def test_name_is_accepted(client, moderator, recipe):
    moderation_queue.open_entry(Kind.NAME, recipe.pk, recipe=recipe, account=None, summary="is much like hello")
    decide(client, Kind.NAME, "yes", reason="fine")
    recipe.refresh_from_db()
    assert (recipe.deleted_at, is_open(Kind.NAME)) == (None, False)


def test_recipe_of_a_bad_name_is_deleted_and_waits_no_more(client, moderator, recipe):
    moderation_queue.open_entry(Kind.NAME, recipe.pk, recipe=recipe, account=None, summary="is much like hello")
    decide(client, Kind.NAME, "no", reason="typosquatting")
    recipe.refresh_from_db()
    assert recipe.deleted_at is not None
    assert not is_open(Kind.NAME)


def test_decided_entry_says_so_and_offers_no_form(client, moderator, grace, recipe):
    flags.raise_flag(grace, recipe, Flag.Kind.MALICIOUS, FlagText("it mines coins"))
    decide(client, Kind.FLAG, "no", decision="it does not")
    page = client.get(address_of(Kind.FLAG)).content.decode()
    assert "This is decided." in page
    assert 'name="verdict"' not in page


def test_second_decision_is_refused_with_words(client, moderator, grace, recipe):
    flags.raise_flag(grace, recipe, Flag.Kind.MALICIOUS, FlagText("it mines coins"))
    decide(client, Kind.FLAG, "no", decision="it does not")
    answer = decide(client, Kind.FLAG, "yes", decision="it does")
    assert answer.status_code == 400
    assert "this flag is rejected already" in answer.content.decode()


def test_entry_that_is_none_is_not_found(client, moderator):
    assert client.get(reverse("queue_entry", args=[123])).status_code == 404


class TestHeld:
    @pytest.fixture(autouse=True)
    def own_store(self, settings, tmp_path):
        settings.REPOSITORY_ROOT = tmp_path / "repos"

    @pytest.fixture
    def held(self, ada, settings):
        settings.REVIEW_GATES = gate_table.at_home()
        publish_recipe(recipe_tree(), ada)
        return publish_recipe(recipe_tree(version="1.1-1", **{"debian/postinst": "#!/bin/sh\nexit 0\n"}), ada)

    def test_page_gives_the_reasons_word_by_word_and_the_diff(self, client, moderator, held):
        page = client.get(address_of(Kind.HOLD)).content.decode()
        assert "debian/postinst" in page
        newest = held.revisions.first()
        assert reverse("diff", args=[held.name, held.current.commit, newest.commit]) in page

    def test_reviewer_releases_it(self, client, held):
        client.force_login(make_user("trusty", rank=Rank.TRUSTED))
        decide(client, Kind.HOLD, "yes", decision="the script does nothing")
        held.refresh_from_db()
        assert (held.version, is_open(Kind.HOLD)) == ("1.1-1", False)

    def test_recipes_page_shows_what_waits_and_why(self, client, held):
        page = client.get(held.get_absolute_url()).content.decode()
        assert "debian/postinst" in page
        assert "1.1-1" in page
        assert held.version == "1.0-1"

    def test_way_to_build_it_leads_to_the_published_revision(self, client, held, settings):
        (build,) = client.get(held.get_absolute_url()).context["builds"]
        assert f"clone {settings.PORTAL_URL}/git/{held.name}.git {held.current.commit}\n" in build.blocks["get"]

    def test_page_of_the_held_revision_gives_the_reasons(self, client, held):
        page = client.get(held.revisions.first().get_absolute_url()).content.decode()
        assert "waits for a trusted reviewer" in page
        assert "debian/postinst" in page

    def test_recipe_with_nothing_but_a_held_revision_has_a_page_that_says_so(self, client, ada, settings):
        settings.REVIEW_GATES = {}
        recipe = publish_recipe(recipe_tree(), ada)
        assert recipe.current is None
        page = client.get(recipe.get_absolute_url()).content.decode()
        assert "Nothing has been published here yet" in page
        assert "the account ada is younger than 7 days" in page
