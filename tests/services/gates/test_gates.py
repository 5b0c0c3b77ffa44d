"""Gates: each fact holds what it is for, the table decides by trust, effect and reach, and modes do what they say."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.formats.effects import Side
from recipes_app.formats.recipe import parse_recipe
from recipes_app.lint.inspection import inspect_tree
from recipes_app.models import Follow, Hold, IncidentNotice, Rank, Revision, Staging
from recipes_app.services.gates import gate_table, gates, incident
from recipes_app.services.gates.gate_table import TABLE, Decision, Incident, Mode, Reach, Trust
from recipes_app.services.gates.gates import Pushed
from recipes_app.services.gates.provenance import TOKEN, Provenance
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
BUMP = MANIFEST.format(checksum=TWO).replace("hello-1.0", "hello-1.1")
RULES = {"debian/rules": b"#!/usr/bin/make -f\n%:\n\tdh $@ --parallel\n"}
SCRIPT = {"debian/postinst": b"#!/bin/sh\nset -e\n"}


def tree_of(version="1.0-1", manifest=FIRST, **files):
    return recipe_tree(version=version) | {"debian/dur": manifest.encode()} | files


@pytest.fixture(autouse=True)
def _enforced(settings):
    settings.REVIEW_GATES = {}
    settings.REVIEW_SAMPLE_PERCENT = 0.0


@pytest.fixture
def ada():
    return grown("ada")


def grown(name, days=400, **columns):
    user = make_user(name, **columns)
    user.date_joined = timezone.now() - timedelta(days=days)
    user.save()
    return user


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def published(recipe, user, days_ago, number=0):
    """Write a published revision, as a push of so many days ago."""
    at = timezone.now() - timedelta(days=days_ago)
    return Revision.objects.create(
        recipe=recipe,
        commit=f"{number:040x}",
        version=f"1.0-{number}",
        pushed_at=at,
        pusher=user,
        pusher_name=user.username,
        metadata=metadata(tree_of()).to_json(),
    )


def history(recipe, user, number, over_days):
    """Publish so many revisions of `user`, evenly over the days up to now."""
    for each in range(number):
        published(recipe, user, over_days - each * over_days / number, each + 1)


def metadata(files):
    parsed = parse_recipe(files)
    assert parsed.metadata is not None, parsed.errors
    return parsed.metadata


def pushed(recipe, pusher, tree, old_tree=None, **facts):
    old = Side(old_tree, metadata(old_tree)) if old_tree else None
    return Pushed(
        recipe=recipe,
        pusher=pusher,
        pushed_at=timezone.now(),
        metadata=metadata(tree),
        old_metadata=old.metadata if old else None,
        **{"comparison": inspect_tree(tree, {"": old}, False).comparisons[""], **facts},
    )


def decision(examination):
    if examination.held:
        return Decision.HOLD
    return Decision.DELAY if examination.delayed else Decision.PUBLISH


class TestTable:
    def test_every_cell_is_filled(self):
        for trust in Trust:
            assert set(TABLE[trust]) == {gate.id for gate in gate_table.CLASSES}
            assert all(len(row) == len(Reach) for row in TABLE[trust].values())

    def test_more_trust_is_never_stricter_and_more_reach_never_milder(self):
        earned = [trust for trust in Trust if trust is not Trust.FIRST]
        for what in TABLE[Trust.NONE]:
            for less, more in itertools.pairwise(earned):
                for reach in Reach:
                    assert gate_table.decide(more, what, reach).rank <= gate_table.decide(less, what, reach).rank
            for trust in Trust:
                ranks = [gate_table.decide(trust, what, reach).rank for reach in Reach]
                assert ranks == sorted(ranks)

    def test_nobody_alone_changes_root_or_origin(self):
        for trust in Trust:
            assert set(TABLE[trust]["root"]) == {Decision.HOLD}
            if trust is not Trust.FIRST:
                assert set(TABLE[trust]["origin"]) == {Decision.HOLD}

    @pytest.mark.parametrize(("number", "days", "expected"), [(1, 10, "delay"), (3, 40, "delay"), (10, 200, "delay")])
    def test_build_by_trust(self, recipe, ada, number, days, expected):
        history(recipe, ada, number, days)
        assert decision(gates.examine(pushed(recipe, ada, tree_of("1.0-99", **RULES), tree_of()))) == expected

    def test_delay_grows_with_reach(self, recipe, ada):
        history(recipe, ada, 3, 40)
        hours = []
        for votes in (0, 1, 10):
            recipe.vote_count = votes
            hours.append(gates.examine(pushed(recipe, ada, tree_of("1.0-99", **RULES), tree_of())).hours)
        assert hours == [24, 24, 48]

    def test_followers_and_recipes_that_need_it_are_reach(self, recipe, ada):
        other = make_recipe("other", maintainer=ada)
        recipe.binary_packages.create(name="libhello")
        other.package_relations.create(kind="Depends", target="libhello", text="libhello")
        for name in ("bob", "eve"):
            Follow.objects.create(recipe=recipe, user=make_user(name))
        assert gates.trust.reach_of(recipe) is Reach.SMALL
        recipe.vote_count = 3
        assert gates.trust.reach_of(recipe) is Reach.MEDIUM

    def test_plain_bump_of_earned_trust_passes(self, recipe, ada):
        history(recipe, ada, 3, 40)
        assert not gates.examine(pushed(recipe, ada, tree_of("1.1-1", BUMP), tree_of())).stops

    def test_plain_bump_without_trust_waits_for_a_reviewer_until_its_files_are_confirmed(self, recipe, ada):
        published(recipe, grown("bob"), 100)
        found = gates.examine(pushed(recipe, ada, tree_of("1.1-1", BUMP), tree_of()))
        assert (decision(found), found.gates) == ("hold", ("unconfirmed",))

    def test_bump_of_the_packaging_alone_has_nothing_to_be_confirmed(self, recipe, ada):
        published(recipe, grown("bob"), 100)
        found = gates.examine(pushed(recipe, ada, tree_of("1.0-2", FIRST), tree_of()))
        assert "unconfirmed" not in found.gates

    def test_script_of_an_established_maintainer_is_held(self, recipe, ada):
        history(recipe, ada, 12, 300)
        found = gates.examine(pushed(recipe, ada, tree_of("1.0-99", **SCRIPT), tree_of()))
        assert (decision(found), found.gates) == ("hold", ("root",))

    def test_first_revision_is_classed_by_content(self, recipe, ada):
        published(make_recipe("older", maintainer=ada), ada, 100)
        assert not gates.examine(pushed(recipe, ada, tree_of())).stops
        assert gates.examine(pushed(recipe, ada, tree_of(**SCRIPT))).gates == ("root",)

    def test_reviewers_rank_is_no_second_pair_of_eyes_for_root_of_others(self, recipe, ada):
        reviewer = grown("rita", rank=Rank.TRUSTED)
        history(recipe, ada, 3, 40)
        assert decision(gates.examine(pushed(recipe, reviewer, tree_of("1.0-99", **RULES), tree_of()))) == "delay"
        found = gates.examine(pushed(recipe, reviewer, tree_of("1.0-99", **SCRIPT), tree_of()))
        assert (found.gates, "nothing published here" in found.held[0]) == (("root",), True)


class TestFacts:
    def test_young_account(self, recipe):
        newbie = make_user("newbie")
        reasons = list(gates.young_account(pushed(recipe, newbie, tree_of())))
        assert reasons == ["the account newbie is younger than 7 days"]

    def test_newcomer_who_waited_eight_days(self, recipe):
        found = gates.examine(pushed(recipe, grown("newbie", 8), tree_of()))
        assert (decision(found), found.gates) == ("hold", ("newcomer",))

    def test_account_that_is_gone(self, recipe):
        assert "gone-account" in gates.examine(pushed(recipe, None, tree_of())).gates

    @pytest.mark.parametrize("days", [2, 29])
    def test_new_owner(self, recipe, ada, days):
        published(recipe, grown("bob"), 100)
        recipe.ownership_changed_at = timezone.now() - timedelta(days=days)
        assert "new-owner" in gates.examine(pushed(recipe, ada, tree_of("1.0-2", **RULES), tree_of())).gates

    def test_second_account_that_the_new_owner_invited(self, recipe):
        eve = grown("eve")
        published(recipe, grown("bob"), 100)
        recipe.ownership_changed_at = timezone.now() - timedelta(days=9)
        recipe.co_maintainers.create(user=eve, position=0, since=timezone.now() - timedelta(days=1))
        assert "new-owner" in gates.examine(pushed(recipe, eve, tree_of("1.0-2", **RULES), tree_of())).gates

    def test_member_from_before_the_change_of_hands_keeps_trust(self, recipe):
        old = grown("old")
        recipe.ownership_changed_at = timezone.now() - timedelta(days=9)
        recipe.co_maintainers.create(user=old, position=0, since=timezone.now() - timedelta(days=300))
        history(recipe, old, 12, 250)
        assert gates.examine(pushed(recipe, old, tree_of("1.0-99", **RULES), tree_of())).gates == ("build",)

    def test_new_owner_after_the_thirty_days_has_no_trust_yet(self, recipe, ada):
        published(recipe, ada, 400)
        recipe.ownership_changed_at = timezone.now() - timedelta(days=31)
        found = gates.examine(pushed(recipe, ada, tree_of("1.0-2", **RULES), tree_of()))
        assert (decision(found), found.gates) == ("hold", ("build",))

    def test_name_much_like_a_known_one(self, recipe, ada):
        published(make_recipe("helo-dur", maintainer=ada), ada, 100)
        assert "name-likeness" in gates.examine(pushed(recipe, ada, tree_of())).gates

    def test_what_was_not_looked_at_in_time(self, recipe, ada):
        history(recipe, ada, 12, 300)
        assert gates.examine(pushed(recipe, ada, tree_of("1.1-1", BUMP), tree_of(), comparison=None)).gates == ("not-looked-at",)

    def test_other_content_under_the_published_version(self, recipe, ada):
        history(recipe, ada, 12, 300)
        found = gates.examine(pushed(recipe, ada, tree_of(manifest=FIRST + "# a remark\n"), tree_of()))
        assert "same-version" in found.gates

    def test_token_with_staging(self, recipe, ada):
        history(recipe, ada, 12, 300)
        recipe.staging = Staging.ON
        Revision.objects.update(came_by={"kind": TOKEN, "credential": "dur_123456"})
        ada.tokens.create(name="ci", digest="x", hint="dur_123456", scopes=["push"])
        ada.tokens.update(created_at=timezone.now() - timedelta(days=300))
        found = gates.examine(pushed(recipe, ada, tree_of("1.1-1", BUMP), tree_of(), provenance=Provenance(TOKEN, "dur_123456")))
        assert found.gates == ("staging",)


class TestSampling:
    def bump(self, recipe, ada, checksum=TWO):
        manifest = MANIFEST.format(checksum=checksum).replace("hello-1.0", "hello-1.1")
        return pushed(recipe, ada, tree_of("1.1-1", manifest), tree_of())

    def test_share_is_what_the_setting_says(self, recipe, ada, settings):
        settings.REVIEW_SAMPLE_PERCENT = 10.0
        history(recipe, ada, 12, 300)
        drawn = sum(bool(list(gates.sampled(self.bump(recipe, ada, f"{each:064x}")))) for each in range(400))
        assert 15 < drawn < 70

    def test_lot_follows_from_the_sites_secret(self, recipe, ada, settings):
        settings.REVIEW_SAMPLE_PERCENT = 50.0
        lots = []
        for secret in ("one", "two", "one"):
            settings.SECRET_KEY = secret
            lots.append([bool(list(gates.sampled(self.bump(recipe, ada, f"{each:064x}")))) for each in range(32)])
        assert lots[0] == lots[2] != lots[1]

    def test_another_commit_with_the_same_files_draws_no_new_lot(self, recipe, ada, settings):
        settings.REVIEW_SAMPLE_PERCENT = 50.0
        once = bool(list(gates.sampled(self.bump(recipe, ada))))
        again = pushed(recipe, ada, tree_of("1.1-2", BUMP), tree_of())
        assert bool(list(gates.sampled(again))) == once

    def test_bumps_behind_a_sample_wait_too(self, recipe, ada):
        revision = published(recipe, ada, 1)
        Revision.objects.update(review=Revision.Review.HELD)
        Hold.objects.create(revision=revision, reasons=["x"], gates=["sampled"], created_at=timezone.now())
        assert list(gates.sampled(self.bump(recipe, ada)))


class TestIncident:
    def level(self, level):
        IncidentNotice.objects.create(level=level.value, words="an attack", changed_by_name="mod")

    def test_raised_lets_plain_bumps_of_earned_trust_go_on(self, recipe, ada):
        self.level(Incident.RAISED)
        history(recipe, ada, 3, 40)
        assert not gates.examine(pushed(recipe, ada, tree_of("1.1-1", BUMP), tree_of())).stops

    def test_raised_holds_who_has_earned_nothing(self, recipe, ada):
        self.level(Incident.RAISED)
        found = gates.examine(pushed(recipe, ada, tree_of()))
        assert (decision(found), found.gates) == ("hold", ("incident",))

    def test_siege_holds_everything(self, recipe, ada):
        self.level(Incident.SIEGE)
        history(recipe, ada, 12, 300)
        assert decision(gates.examine(pushed(recipe, ada, tree_of("1.1-1", BUMP), tree_of()))) == "hold"

    def test_the_newest_word_counts(self):
        self.level(Incident.SIEGE)
        self.level(Incident.NORMAL)
        assert incident.level() is Incident.NORMAL


class TestModes:
    def test_observed_gate_holds_nothing_and_says_what_it_would_do(self, recipe, settings):
        settings.REVIEW_GATES = {"young-account": "observe", "newcomer": "off"}
        found = gates.examine(pushed(recipe, make_user("newbie"), tree_of()))
        assert (found.stops, found.observed) == (False, ("hold: the account newbie is younger than 7 days",))

    def test_gate_that_is_off_says_nothing(self, recipe, settings):
        settings.REVIEW_GATES = {"young-account": "off", "newcomer": "off"}
        assert gates.examine(pushed(recipe, make_user("newbie"), tree_of())) == gates.Examination()

    def test_gate_that_only_delays(self, recipe, settings):
        settings.REVIEW_GATES = {"young-account": "delay", "newcomer": "off"}
        assert decision(gates.examine(pushed(recipe, make_user("newbie"), tree_of()))) == "delay"

    def test_gate_that_always_holds(self, recipe, ada, settings):
        settings.REVIEW_GATES = {"bump": "hold"}
        published(recipe, grown("bob"), 100)
        assert decision(gates.examine(pushed(recipe, ada, tree_of("1.1-1", BUMP), tree_of()))) == "hold"

    def test_at_home_a_young_account_builds_what_it_likes_and_reads_what_would_be(self, recipe, settings):
        settings.REVIEW_GATES = gate_table.at_home()
        newbie = make_user("newbie")
        published(recipe, newbie, 0)
        found = gates.examine(pushed(recipe, newbie, tree_of("1.0-2", **RULES), tree_of()))
        assert not found.stops
        assert any(each.startswith("delay: ") for each in found.observed)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("enforce", {}),
            ("", {"trust": "observe"}),
            ("root=observe, sampled=off", {"trust": "observe", "root": "observe", "sampled": "off"}),
            ("observe", dict.fromkeys(gate_table.GATES, "observe")),
        ],
    )
    def test_setting(self, text, expected):
        assert gate_table.modes(text, {"trust": Mode.OBSERVE.value}) == expected

    @pytest.mark.parametrize("text", ["rot=hold", "root=maybe", "root", "enforce,root=off"])
    def test_setting_that_is_none(self, text):
        with pytest.raises(gate_table.BadGates):
            gate_table.modes(text)
