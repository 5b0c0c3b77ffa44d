"""Flags and reports: each its own life, and the one rule that quarantines without a moderator."""

import pytest

from recipes_app.models import Flag, Notification, QueueEntry, Rank, Report
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.moderation import flags, reports
from recipes_app.services.moderation.flags import FlagText
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db

TOXIC = FlagText("the corpus is scraped", "https://example.org/paper", subject="mini", proposed_class="toxic-candy")


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def bob():
    return make_user("bob")


@pytest.fixture
def moderator():
    return make_user("moderator", rank=Rank.MODERATOR)


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def test_flag_is_counted_on_the_recipe(recipe, bob):
    flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("does not build on arm64"))
    recipe.refresh_from_db()
    assert recipe.open_flags == 1


def test_out_of_date_flag_starts_the_clock_and_its_end_stops_it(recipe, ada, bob):
    flag = flags.raise_flag(bob, recipe, Flag.Kind.OUT_OF_DATE, FlagText("2.0 is out"))
    recipe.refresh_from_db()
    assert recipe.out_of_date_since == flag.created_at
    flags.close(ada, flag, resolved=True, decision="packaged 2.0")
    recipe.refresh_from_db()
    assert (recipe.out_of_date_since, recipe.open_flags) == (None, 0)


def test_flag_tells_the_maintainer(recipe, ada, bob):
    flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("does not build"))
    assert Notification.objects.filter(user=ada, kind=Notification.Kind.FLAG).count() == 1


def test_flag_without_words_is_refused(recipe, bob):
    with pytest.raises(Refused) as refused:
        flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("  "))
    assert refused.value.field == "text"


@pytest.mark.parametrize("kind", [Flag.Kind.LICENCE, Flag.Kind.TOXIC_CANDY])
def test_flag_about_a_class_names_its_subject(recipe, bob, kind):
    with pytest.raises(Refused) as refused:
        flags.raise_flag(bob, recipe, kind, FlagText("wrong"))
    assert refused.value.field == "subject"


def test_flag_about_a_class_says_which_is_right(recipe, bob):
    with pytest.raises(Refused, match="free, toxic-candy, non-free"):
        flags.raise_flag(bob, recipe, Flag.Kind.TOXIC_CANDY, FlagText("wrong", subject="mini", proposed_class="evil"))


def test_same_flag_twice_is_refused_until_the_first_is_closed(recipe, ada, bob):
    flag = flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("no"))
    with pytest.raises(Refused, match="already"):
        flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("still"))
    flags.close(ada, flag, resolved=True, decision="mended")
    assert flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("again")).state == Flag.State.OPEN


def test_life_of_a_flag_open_answered_resolved(recipe, ada, bob):
    flag = flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("no"))
    flags.answer(ada, flag, "which architecture?")
    flag.refresh_from_db()
    assert flag.state == Flag.State.ANSWERED
    flags.close(ada, flag, resolved=True, decision="mended in 1.1")
    flag.refresh_from_db()
    assert (flag.state, flag.decided_by_name) == (Flag.State.RESOLVED, "ada")


def test_closed_flag_is_not_answered(recipe, ada, bob):
    flag = flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("no"))
    flags.close(ada, flag, resolved=False, decision="works here")
    with pytest.raises(Refused, match="is rejected already"):
        flags.answer(ada, flag, "really")


def test_maintainer_does_not_close_a_flag_about_his_model(recipe, ada, bob):
    flag = flags.raise_flag(bob, recipe, Flag.Kind.TOXIC_CANDY, TOXIC)
    with pytest.raises(PermissionDenied):
        flags.close(ada, flag, resolved=False, decision="no")


def test_flag_about_a_model_waits_for_moderators(recipe, bob, moderator):
    flag = flags.raise_flag(bob, recipe, Flag.Kind.TOXIC_CANDY, TOXIC)
    assert QueueEntry.objects.filter(kind="flag", subject_id=flag.pk, closed_at=None).exists()
    flags.close(moderator, flag, resolved=True, decision="the paper says so")
    assert not QueueEntry.objects.filter(kind="flag", subject_id=flag.pk, closed_at=None).exists()


def test_only_its_author_withdraws_a_flag(recipe, ada, bob):
    flag = flags.raise_flag(bob, recipe, Flag.Kind.BROKEN, FlagText("no"))
    with pytest.raises(PermissionDenied):
        flags.withdraw(ada, flag)
    flags.withdraw(bob, flag)
    flag.refresh_from_db()
    assert flag.state == Flag.State.REJECTED


def accuse(user, recipe):
    flags.raise_flag(user, recipe, Flag.Kind.MALICIOUS, FlagText("sends the home directory away"))


def report(user, recipe):
    reports.file(user, Report.Kind.MALWARE, reports.Subject(recipe=recipe), "sends the home directory away")


def is_quarantined(recipe):
    recipe.refresh_from_db()
    return recipe.quarantined_at is not None


def test_two_verified_accounts_one_trusted_quarantine(recipe, bob):
    accuse(bob, recipe)
    assert not is_quarantined(recipe)
    report(make_user("trusted", rank=Rank.TRUSTED), recipe)
    assert is_quarantined(recipe)


def test_two_ordinary_accounts_do_not_quarantine(recipe, bob):
    report(bob, recipe)
    report(make_user("carol"), recipe)
    assert not is_quarantined(recipe)


def test_one_trusted_account_that_speaks_twice_does_not_quarantine(recipe):
    trusted = make_user("trusted", rank=Rank.TRUSTED)
    accuse(trusted, recipe)
    report(trusted, recipe)
    assert not is_quarantined(recipe)


def test_decided_report_counts_no_more(recipe, bob, moderator):
    report(bob, recipe)
    reports.decide(moderator, Report.objects.get(), uphold=False, decision="it backs up, as it says")
    report(make_user("trusted", rank=Rank.TRUSTED), recipe)
    assert not is_quarantined(recipe)


def test_report_is_decided_once(recipe, bob, moderator):
    report(bob, recipe)
    reports.decide(moderator, Report.objects.get(), uphold=True, decision="yes")
    with pytest.raises(Refused, match="decided this report already"):
        reports.decide(moderator, Report.objects.get(), uphold=False, decision="no")


def test_report_needs_a_subject(bob):
    with pytest.raises(Refused, match="say what you report"):
        reports.file(bob, Report.Kind.SPAM, reports.Subject(), "this")
