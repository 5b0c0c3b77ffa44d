"""Names of recipes, and what moderators set for the whole site."""

import random

import pytest

from recipes_app.models import Event, NameRedirect, NameRule, Rank, Switch
from recipes_app.services.catalogue import names
from recipes_app.services.catalogue.archive_names import archive_names
from recipes_app.services.catalogue.likeness import How
from recipes_app.services.core import switches
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.moderation import site
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
    names.check_new_name("greeting-official")
    assert names.reasons_for_review("greeting-official") == ["fits *-official: nothing here is official"]


@pytest.mark.parametrize(
    ("known", "name", "words"),
    [
        ("eigen-matmul", "eigen-matmu1", "looks like eigen-matmul of this portal"),
        ("python-plotille", "python3-plotille", "is python-plotille of this portal but for what stands before or behind it"),
        ("ffmpeg-cuda", "ffmpeg-cuda-patched", "is ffmpeg-cuda of this portal but for what stands before or behind it"),
        ("hello-moon-data", "hello-mon-data", "looks"),
        ("greeting-cards", "greeting-card", "differs from greeting-cards of this portal in one letter"),
        ("burning-lights", "buming-lights", "looks like burning-lights of this portal"),
    ],
)
def test_name_that_is_like_one_of_this_portal(known, name, words):
    make_recipe(known)
    reasons = names.likeness(name)
    assert any(words in reason and known in reason for reason in reasons) or words == "looks", reasons
    assert reasons


def test_renamed_recipe_keeps_both_names_from_others():
    recipe = make_recipe("aurora-borealis")
    recipe.name = "polar-lights"
    recipe.save()
    NameRedirect.objects.create(name="aurora-borealis", recipe=recipe)
    assert names.likeness("polar-lights-bin")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ffmpeg-cuda-patched", "is ffmpeg of Debian but for what stands before or behind it"),
        ("firefox-bin", "is firefox of Debian"),
        ("openssh-git", "is openssh of Debian"),
        ("firefx-bin", "differs from firefox of Debian in one letter"),
        ("chrornium", "looks like chromium of Debian"),
        ("systemdd", "looks like systemd of Debian"),
        ("gimp-dkms", "is gimp of Debian"),
        ("libreofice", "looks like libreoffice of Debian"),
        ("coreuti1s", "looks like coreutils of Debian"),
    ],
)
def test_name_that_is_like_one_of_debian(name, words):
    assert any(words in reason for reason in names.likeness(name)), names.likeness(name)


@pytest.mark.parametrize(
    ("name", "kind"), [("ffmpeg", "a source package"), ("bash", "a source package"), ("libc6", "a binary package")]
)
def test_name_of_a_package_of_debian_is_said_as_such(name, kind):
    assert names.likeness(name)[0].startswith(f"is the name of {kind} in Debian")


@pytest.mark.parametrize("name", ["hello-moon", "penguins-of-palmer", "lua5.9", "my-own-thing"])
def test_name_that_is_like_none(name):
    assert names.likeness(name) == []


def test_real_names_are_seldom_like_another_one():
    archive = archive_names()
    sources = sorted(archive.names - archive.binaries)
    sample = random.Random(11).sample(sources, 2_000)
    like = [name for name in sample if any(each.how is not How.SAME for each in archive.like(name))]
    # Every 25th at most: a moderator looks at each.
    assert len(like) <= 80


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
