"""A model's class on pages: what was computed, claimed, flagged and ruled, side by side, and what it means for the user."""

import pytest
from django.urls import reverse

from recipes_app.models import Flag, Rank
from recipes_app.services.moderation import flags
from recipes_app.services.moderation.flags import FlagText
from recipes_app.services.ownership import model_class
from tests.factories import make_user
from tests.views.pages import add_revision, make_page

pytestmark = pytest.mark.django_db

TOXIC = """\
Format: 1
Source: hello-dur
Category: model

Fetch: m.safetensors
URL: https://example.org/m
SHA256: {sha256}
Size: 5
Acceptance: risk-toxiccandy

Model: tiny
Files: m.safetensors
Weights-License: Apache-2.0
Training-Program: https://example.org/train
Training-Program-License: MIT
Training-Program-Completeness: complete
Inference-Program: libtiny
Claimed-Class: toxic-candy

Dataset: corpus
For-Model: tiny
Access: {access}
License: CC0-1.0
URL: https://example.org/corpus
"""


def manifest(access="private"):
    return {"debian/dur": TOXIC.format(sha256="a" * 64, access=access)}


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False


@pytest.fixture
def moderator():
    return make_user("mod", rank=Rank.MODERATOR)


@pytest.fixture
def recipe():
    return make_page(maintainer=make_user("ada"), **manifest())


def page_of(client, recipe):
    return client.get(recipe.get_absolute_url()).content.decode()


def rule(client, recipe, **said):
    data = {"model": "tiny", "value": "free", "reason": "the corpus was published", **said}
    return client.post(reverse("rule_model", args=[recipe.name]), data)


def test_computed_class_claim_and_flags_stand_side_by_side(client, recipe):
    words = FlagText("the licence forbids trade", subject="tiny", proposed_class="non-free")
    flags.raise_flag(make_user("grace"), recipe, Flag.Kind.TOXIC_CANDY, words)
    page = page_of(client, recipe)
    for said in ("An anonymous user cannot get the dataset corpus", "The maintainer claims", "says grace", "non-free model"):
        assert said in page


def test_banner_says_what_the_class_means_and_leads_to_the_explanation(client, recipe):
    page = page_of(client, recipe)
    assert "nobody can check or repeat how they were made" in page
    assert reverse("classes") in page


def test_ruling_is_shown_with_its_reason_and_takes_the_banner_away(client, moderator, recipe):
    client.force_login(moderator)
    rule(client, recipe)
    page = page_of(client, recipe)
    assert "the corpus was published" in page
    assert "ToxicCandy model.</strong>" not in page


def test_ruling_ends_when_the_facts_change(client, moderator, recipe):
    client.force_login(moderator)
    rule(client, recipe)
    add_revision(recipe, "b" * 40, "1.1-1", **manifest(access="registration"))
    page = page_of(client, recipe)
    assert "ToxicCandy model.</strong>" in page
    assert "the corpus was published" not in page


def test_ruling_is_ended_by_hand(client, moderator, recipe):
    client.force_login(moderator)
    rule(client, recipe)
    client.post(reverse("withdraw_ruling", args=[recipe.name]), {"model": "tiny"})
    recipe.refresh_from_db()
    assert recipe.model_class == "toxic-candy"


def test_ruling_on_no_such_model_is_refused_at_its_field_with_the_words_kept(client, moderator, recipe):
    client.force_login(moderator)
    answer = rule(client, recipe, model="huge")
    assert answer.context["form"].errors["model"]
    assert "the corpus was published</textarea>" in answer.content.decode()


def test_past_rulings_stand_on_the_moderators_page(client, moderator, recipe):
    model_class.rule(moderator, recipe, "tiny", "free", "first thought")
    model_class.rule(moderator, recipe, "tiny", "non-free", "second thought")
    client.force_login(moderator)
    page = client.get(reverse("moderate_recipe", args=[recipe.name])).content.decode()
    assert "first thought" in page
    assert "a newer ruling" in page


def test_page_that_explains_the_classes_takes_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get(reverse("classes")).content.decode()
    for said in ("ToxicCandy", "Non-free", "Open Source AI Definition", "ML-Policy"):
        assert said in page
