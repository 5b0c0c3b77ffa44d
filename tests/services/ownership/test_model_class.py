"""The class of a model: computed, overruled, and told to followers when it changes."""

import pytest

from recipes_app.models import ModelRuling, Notification, Rank
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.ownership import model_class
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db

FACTS = """\
Format: 1
Source: hello-dur
Category: model

Fetch: weights.bin
URL: https://example.org/weights.bin
SHA256: 1111111111111111111111111111111111111111111111111111111111111111
Size: 100
License: MIT
License-Class: dfsg-free

Model: mini
Files: weights.bin
Weights-License: MIT
Training-Program: https://example.org/train
Training-Program-License: MIT
Training-Program-Completeness: {completeness}

Dataset: corpus
For-Model: mini
Access: anonymous
License: CC0-1.0
License-Class: dfsg-free
"""


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def moderator():
    return make_user("moderator", rank=Rank.MODERATOR)


def push(ada, version="1.0-1", completeness="partial"):
    manifest = FACTS.format(completeness=completeness).encode()
    return publish_recipe(recipe_tree(version=version) | {"debian/dur": manifest}, ada)


def test_computed_class_counts_without_a_ruling(ada):
    assert push(ada).model_class == "toxic-candy"


def test_ruling_overrules_the_computed_class(ada, moderator):
    recipe = push(ada)
    model_class.rule(moderator, recipe, "mini", "free", "the training program is complete, see the paper")
    recipe.refresh_from_db()
    assert recipe.model_class == "free"


def test_computed_class_claim_and_ruling_stand_side_by_side(ada, moderator):
    recipe = push(ada)
    model_class.rule(moderator, recipe, "mini", "non-free", "the licence has a field of use")
    recipe.refresh_from_db()
    (shown,) = model_class.classes_of(recipe, recipe.current.data)
    assert (shown.model.computed.value, shown.ruling.value, shown.effective) == ("toxic-candy", "non-free", "non-free")


def test_ruling_outlives_a_revision_with_the_same_facts(ada, moderator):
    model_class.rule(moderator, push(ada), "mini", "free", "yes")
    assert push(ada, "1.1-1").model_class == "free"


def test_ruling_ends_when_the_facts_change(ada, moderator):
    model_class.rule(moderator, push(ada), "mini", "non-free", "no")
    assert push(ada, "1.1-1", completeness="complete").model_class == "free"
    assert ModelRuling.objects.get().ended_because == "the facts changed"


def test_newer_ruling_replaces_the_older(ada, moderator):
    recipe = push(ada)
    for value in ("free", "non-free"):
        model_class.rule(moderator, recipe, "mini", value, "on second thoughts")
    assert ModelRuling.objects.get(ended_at=None).value == "non-free"


def test_withdrawn_ruling_lets_the_computed_class_count_again(ada, moderator):
    recipe = push(ada)
    model_class.rule(moderator, recipe, "mini", "free", "yes")
    model_class.withdraw_ruling(moderator, recipe, "mini")
    recipe.refresh_from_db()
    assert recipe.model_class == "toxic-candy"


def test_changed_class_is_told_to_followers(ada):
    recipe = push(ada)
    bob = make_user("bob")
    recipe.follows.create(user=bob)
    push(ada, "1.1-1", completeness="complete")
    message = Notification.objects.get(user=bob, kind=Notification.Kind.MODEL_CLASS)
    assert message.text == "The model class of hello-dur changed from toxic-candy to free."


def test_first_class_of_a_new_recipe_is_no_change(ada):
    push(ada)
    assert not Notification.objects.filter(kind=Notification.Kind.MODEL_CLASS).exists()


def test_maintainer_does_not_rule(ada):
    with pytest.raises(PermissionDenied):
        model_class.rule(ada, push(ada), "mini", "free", "I say so")


def test_ruling_on_a_model_that_is_not_there_names_those_that_are(ada, moderator):
    with pytest.raises(Refused, match="it has mini"):
        model_class.rule(moderator, push(ada), "maxi", "free", "yes")


def test_ruling_needs_a_known_class_and_a_reason(ada, moderator):
    recipe = push(ada)
    with pytest.raises(Refused, match="is no class"):
        model_class.rule(moderator, recipe, "mini", "lovely", "yes")
    with pytest.raises(Refused, match="give a reason"):
        model_class.rule(moderator, recipe, "mini", "free", " ")
