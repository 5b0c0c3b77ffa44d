"""The team's page: invitations, roles, order, transfer, and the acts that ask twice."""

import pytest
from django.urls import reverse

from recipes_app.models import CoMaintainer, CoRole, Invitation
from recipes_app.services.ownership import invitations
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
def team(recipe):
    return reverse("team", args=[recipe.name])


def join(recipe, user, role=CoRole.PUSH):
    invitations.invite(recipe.maintainer, recipe, user, role)
    invitations.accept(user, recipe)


def answer(client, recipe, act):
    return client.post(reverse("answer_invitation", args=[recipe.name]), {"act": act}, follow=True)


def test_maintainer_invites_and_the_invited_accepts(client, ada, grace, recipe, team):
    client.force_login(ada)
    client.post(team, {"act": "invite", "username": "grace", "role": "triage"})
    assert not CoMaintainer.objects.exists()
    client.force_login(grace)
    assert "ada invites you" in client.get(recipe.get_absolute_url()).content.decode()
    answer(client, recipe, "accept")
    assert CoMaintainer.objects.get().role == CoRole.TRIAGE


def test_invited_declines(client, ada, grace, recipe):
    invitations.invite(ada, recipe, grace, CoRole.PUSH)
    client.force_login(grace)
    answer(client, recipe, "decline")
    assert not Invitation.objects.exists()
    assert not CoMaintainer.objects.exists()


def test_invitation_of_nobody_is_refused_at_the_name(client, ada, team):
    client.force_login(ada)
    page = client.post(team, {"act": "invite", "username": "nobody", "role": "push"})
    assert page.status_code == 400
    assert page.context["invite_form"].errors["username"] == ["there is no account 'nobody'"]
    assert 'value="nobody"' in page.content.decode()


def test_stranger_has_no_forms_and_is_refused(client, grace, team):
    client.force_login(grace)
    assert 'value="invite"' not in client.get(team).content.decode()
    page = client.post(team, {"act": "invite", "username": "grace", "role": "push"})
    assert page.status_code == 403
    assert "you may not invite co-maintainers" in page.content.decode()


def test_offers_are_seen_by_who_may_take_them_back(client, ada, grace, recipe, team):
    invitations.invite(ada, recipe, grace, CoRole.PUSH)
    assert "grace" not in client.get(team).content.decode().split("public log")[0].replace("/users/ada/", "")
    client.force_login(ada)
    client.post(reverse("take_back_invitation", args=[recipe.name, "grace"]))
    assert not Invitation.objects.exists()


def test_role_is_changed(client, ada, grace, recipe):
    join(recipe, grace)
    client.force_login(ada)
    client.post(reverse("change_role", args=[recipe.name, "grace"]), {"role": "maintain"})
    assert CoMaintainer.objects.get().role == CoRole.MAINTAIN


def test_member_is_taken_out_after_a_question(client, ada, grace, recipe):
    join(recipe, grace)
    client.force_login(ada)
    address = reverse("remove_member", args=[recipe.name, "grace"])
    assert "Take grace out" in client.get(address).content.decode()
    assert CoMaintainer.objects.exists()
    client.post(address)
    assert not CoMaintainer.objects.exists()


def test_leaving_is_asked_twice(client, grace, recipe):
    join(recipe, grace)
    client.force_login(grace)
    address = reverse("leave", args=[recipe.name])
    client.get(address)
    assert CoMaintainer.objects.exists()
    client.post(address)
    assert not CoMaintainer.objects.exists()


def test_disown_says_who_follows_and_then_he_does(client, ada, grace, recipe):
    join(recipe, grace)
    client.force_login(ada)
    address = reverse("disown", args=[recipe.name])
    assert "grace is first in the order of succession" in client.get(address).content.decode()
    client.post(address)
    recipe.refresh_from_db()
    assert recipe.maintainer == grace


def test_disown_without_followers_says_that_it_becomes_an_orphan(client, ada, recipe):
    client.force_login(ada)
    assert "it becomes an orphan" in client.get(reverse("disown", args=[recipe.name])).content.decode()


def test_stranger_does_not_disown(client, ada, grace, recipe):
    client.force_login(grace)
    page = client.post(reverse("disown", args=[recipe.name]))
    recipe.refresh_from_db()
    assert (page.status_code, recipe.maintainer) == (400, ada)


def test_transfer_is_offered_and_accepted(client, ada, grace, recipe, team):
    client.force_login(ada)
    client.post(team, {"act": "transfer", "username": "grace"})
    client.force_login(grace)
    assert "ada offers you this recipe" in client.get(team).content.decode()
    answer(client, recipe, "accept")
    recipe.refresh_from_db()
    assert (recipe.maintainer, recipe.previous_maintainer_name) == (grace, "ada")
    page = client.get(recipe.get_absolute_url()).content.decode()
    assert "Changed hands" in page
    assert "owner.transferred" in client.get(f"{recipe.get_absolute_url()}security/").content.decode()


def test_order_of_succession_is_kept(client, ada, grace, recipe, team):
    linus = make_user("linus")
    join(recipe, grace)
    join(recipe, linus)
    client.force_login(ada)
    client.post(team, {"act": "order", "usernames": "linus grace"})
    assert [member.user for member in recipe.co_maintainers.all()] == [linus, grace]


def test_keyword_that_is_none_is_refused_at_its_field(client, ada, recipe, team):
    client.force_login(ada)
    page = client.post(team, {"act": "keywords", "keywords": "good, b@d"})
    assert page.context["keywords_form"].errors["keywords"]
    client.post(team, {"act": "keywords", "keywords": "good, better"})
    recipe.refresh_from_db()
    assert recipe.extra_keywords == ["good", "better"]


def test_act_that_is_none_is_not_found(client, ada, team):
    client.force_login(ada)
    assert client.post(team, {"act": "explode"}).status_code == 404


def test_team_page_takes_a_fixed_number_of_queries(client, recipe, team, django_assert_num_queries):
    for number in range(5):
        join(recipe, make_user(f"user{number}"))
    # The recipe, its co-maintainers, its invitations, the last lines of the log.
    with django_assert_num_queries(4):
        client.get(team)
