"""Names of recipes, and what moderators set for the whole site."""

import pytest

from recipes_app.models import Event, NameRedirect, NameRule, Rank, Switch
from recipes_app.services import names, site, switches
from recipes_app.services.errors import Refused
from recipes_app.services.permissions import PermissionDenied
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return make_user("moderator", rank=Rank.MODERATOR)


@pytest.mark.parametrize("name", ["A", "x", "UPPER", "under_score", "-dash", "white space", "ü", "a" * 129, "a/b", ""])
def test_impossible_name_is_refused(name):
    with pytest.raises(Refused, match="no name of a source package"):
        names.check_new_name(name)


@pytest.mark.parametrize("name", ["ab", "0ad", "libstdc++", "g++-12", "node.js"])
def test_name_of_a_source_package_is_free(name):
    names.check_new_name(name)


def test_refused_pattern_gives_its_reason(moderator):
    site.add_name_rule(moderator, "linux-image-*", NameRule.Effect.REFUSE, "kernels are Debian's")
    with pytest.raises(Refused, match="kernels are Debian's"):
        names.check_new_name("linux-image-gaming")


def test_pattern_for_review_lets_the_name_through_with_a_reason(moderator):
    site.add_name_rule(moderator, "*-official", NameRule.Effect.REVIEW, "nothing here is official")
    names.check_new_name("firefox-official")
    assert names.reasons_for_review("firefox-official") == ["fits *-official: nothing here is official"]


def test_taken_name_is_refused():
    make_recipe("taken-one")
    with pytest.raises(Refused, match="is taken"):
        names.check_new_name("taken-one")


def test_former_name_is_refused_with_where_it_leads():
    NameRedirect.objects.create(name="old-one", recipe=make_recipe("new-one"))
    with pytest.raises(Refused, match="leads to new-one"):
        names.check_new_name("old-one")


@pytest.mark.parametrize("pattern", ["", "*", "**", "?*"])
def test_pattern_that_fits_every_name_is_refused(moderator, pattern):
    with pytest.raises(Refused, match="cannot fit every name"):
        site.add_name_rule(moderator, pattern, NameRule.Effect.REFUSE, "all")


def test_name_rules_are_the_moderators(moderator):
    with pytest.raises(PermissionDenied):
        site.add_name_rule(make_user("bob"), "x-*", NameRule.Effect.REFUSE, "mine")
    rule = site.add_name_rule(moderator, "x-*", NameRule.Effect.REFUSE, "reserved")
    site.remove_name_rule(moderator, rule)
    names.check_new_name("x-ray")
    assert Event.objects.filter(kind="name-rule.changed").count() == 2


def test_switch_shows_its_message_while_it_is_off(moderator):
    site.turn(moderator, Switch.Name.PUSHES, off=True, message="the disk is being replaced")
    assert switches.message_if_off(Switch.Name.PUSHES) == "the disk is being replaced"
    site.turn(moderator, Switch.Name.PUSHES, off=False)
    assert switches.message_if_off(Switch.Name.PUSHES) is None


def test_switch_without_a_message_has_one():
    Switch.objects.create(name=Switch.Name.SIGN_UP, off=True)
    assert switches.message_if_off(Switch.Name.SIGN_UP) == "new accounts are not taken at the moment"


def test_every_switch_is_listed_before_it_was_ever_turned():
    assert [switch.name for switch in site.switches()] == list(Switch.Name)
