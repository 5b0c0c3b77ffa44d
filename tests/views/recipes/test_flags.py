"""Flags on pages: the whole life of one, who sees which form, and refusals that keep what was typed."""

import pytest
from django.urls import reverse

from recipes_app.models import Flag, Rank
from recipes_app.services.moderation import flags
from recipes_app.services.moderation.flags import FlagText
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def grace():
    return make_user("grace")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


@pytest.fixture
def broken(recipe, grace):
    return flags.raise_flag(grace, recipe, Flag.Kind.BROKEN, FlagText("does not build on arm64"))


def page_of(flag):
    return reverse("flag", args=[flag.recipe.name, flag.pk])


def test_flag_is_raised_and_stands_on_the_recipes_page(client, grace, recipe):
    client.force_login(grace)
    client.post(reverse("flags", args=[recipe.name]), {"kind": "broken", "text": "does not build"})
    page = client.get(recipe.get_absolute_url()).content.decode()
    assert "does not build" in page
    assert "Flag (1)" in page


def test_toxic_candy_flag_without_a_model_keeps_the_words(client, grace, recipe):
    client.force_login(grace)
    data = {"kind": "toxic-candy", "text": "the corpus is scraped", "proposed_class": "toxic-candy"}
    answer = client.post(reverse("flags", args=[recipe.name]), data)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "name the model or the file that you mean" in page
    assert "the corpus is scraped</textarea>" in page
    assert not Flag.objects.exists()


def test_flag_form_is_filled_from_the_models_section(client, grace, recipe):
    client.force_login(grace)
    page = client.get(reverse("flags", args=[recipe.name]), {"kind": "toxic-candy", "subject": "mini"}).content.decode()
    assert '<option value="toxic-candy" selected>' in page
    assert 'value="mini"' in page


def test_maintainer_answers_and_resolves(client, ada, broken):
    client.force_login(ada)
    client.post(page_of(broken), {"act": "answer", "text": "looking"})
    client.post(page_of(broken), {"act": "resolve", "decision": "fixed in 1.1"})
    page = client.get(page_of(broken)).content.decode()
    for words in ("looking", "answered by ada", "fixed in 1.1", "resolved"):
        assert words in page


def test_decision_without_words_is_refused_at_its_field(client, ada, broken):
    client.force_login(ada)
    answer = client.post(page_of(broken), {"act": "resolve", "decision": ""})
    assert answer.status_code == 400
    assert answer.context["decision_form"].errors["decision"]


def test_flagger_takes_it_back(client, grace, broken):
    client.force_login(grace)
    assert 'value="withdraw"' in client.get(page_of(broken)).content.decode()
    client.post(page_of(broken), {"act": "withdraw"})
    broken.refresh_from_db()
    assert broken.state == Flag.State.REJECTED


def test_stranger_sees_no_form_and_is_refused(client, broken):
    client.force_login(make_user("linus"))
    assert "<textarea" not in client.get(page_of(broken)).content.decode()
    answer = client.post(page_of(broken), {"act": "resolve", "decision": "no"})
    assert answer.status_code == 403
    assert "you may not close flags about packaging" in answer.content.decode()


def test_maintainer_is_told_that_a_moderator_decides_about_his_model(client, ada, grace, recipe):
    words = FlagText("scraped", subject="mini", proposed_class="toxic-candy")
    flag = flags.raise_flag(grace, recipe, Flag.Kind.TOXIC_CANDY, words)
    client.force_login(ada)
    page = client.get(page_of(flag)).content.decode()
    assert "A moderator decides this flag" in page
    assert 'value="resolve"' not in page


def test_moderator_decides_about_a_model(client, grace, recipe, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    flag = flags.raise_flag(grace, recipe, Flag.Kind.MALICIOUS, FlagText("mines coins"))
    client.force_login(make_user("mod", rank=Rank.MODERATOR))
    client.post(page_of(flag), {"act": "reject", "decision": "it does not"})
    flag.refresh_from_db()
    assert flag.state == Flag.State.REJECTED


def test_flag_of_another_recipe_is_not_found(client, broken):
    make_recipe("other")
    assert client.get(reverse("flag", args=["other", broken.pk])).status_code == 404


def test_list_takes_the_same_queries_for_many_flags(client, grace, recipe, django_assert_num_queries):
    for number in range(6):
        flags.raise_flag(make_user(f"user{number}"), recipe, Flag.Kind.BROKEN, FlagText("does not build"))
    # The recipe and its flags.
    with django_assert_num_queries(2):
        client.get(reverse("flags", args=[recipe.name]))


def test_words_of_a_flag_are_text(client, grace, recipe):
    flags.raise_flag(grace, recipe, Flag.Kind.BROKEN, FlagText("<script>alert(1)</script>"))
    assert "<script>alert" not in client.get(recipe.get_absolute_url()).content.decode()
