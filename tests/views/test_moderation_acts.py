"""What moderators do from their pages: accounts, recipes, revisions, rulings, names, switches."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from recipes_app.models import NameRule, Rank, Recipe, Revision, Switch, User
from recipes_app.services.catalogue import names
from recipes_app.services.gates import gate_table
from tests.factories import make_recipe, make_user, publish_recipe, recipe_tree
from tests.views.pages import make_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def settings_of_tests(settings, tmp_path):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    settings.REVIEW_GATES = gate_table.at_home()
    settings.REPOSITORY_ROOT = tmp_path / "repos"


@pytest.fixture
def moderator(client):
    user = make_user("mod", rank=Rank.MODERATOR)
    client.force_login(user)
    return user


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def recipe_act(client, recipe, act, **said):
    return client.post(reverse("moderate_recipe_act", args=[recipe.name, act]), {"reason": "seen", **said})


PAGES = [
    ("moderate_account", ["ada"]), ("moderate_recipe", ["hello-dur"]), ("name_rules", []), ("switches", []), ("moderation", []),
]  # fmt: skip
FORMS = [
    ("moderate_account", ["ada"], {"reason": "seen", "freeze": "on"}),
    ("thaw_account", ["ada"], {"reason": "seen"}),
    ("rank_account", ["ada"], {"rank": "moderator"}),
    ("moderate_recipe_act", ["hello-dur", "quarantine"], {"reason": "seen"}),
    ("moderate_recipe_act", ["hello-dur", "delete"], {"reason": "seen"}),
    ("moderate_revision", ["hello-dur", "quarantine"], {"commit": "a" * 40, "reason": "seen"}),
    ("rule_model", ["hello-dur"], {"model": "mini", "value": "free", "reason": "seen"}),
    ("withdraw_ruling", ["hello-dur"], {"model": "mini"}),
    ("rename_recipe", ["hello-dur"], {"name": "better-name"}),
    ("name_rules", [], {"pattern": "linux-*", "effect": "refuse", "reason": "kernel"}),
    ("turn_switch", ["pushes"], {"message": "later"}),
]


@pytest.mark.parametrize(("name", "arguments"), PAGES)
def test_stranger_reads_no_page_of_moderation(client, ada, name, arguments):
    make_page(maintainer=ada)
    client.force_login(make_user("grace"))
    assert client.get(reverse(name, args=arguments)).status_code == 403


@pytest.mark.parametrize(("name", "arguments", "said"), FORMS)
def test_stranger_and_maintainer_change_nothing(client, ada, name, arguments, said):
    make_page(maintainer=ada)
    before = (list(Recipe.objects.values()), list(User.objects.values("username", "rank", "frozen_at")))
    for user in (ada, make_user("trusty", rank=Rank.TRUSTED)):
        client.force_login(user)
        assert client.post(reverse(name, args=arguments), said).status_code in (400, 403)
    assert (
        list(Recipe.objects.values()),
        list(User.objects.exclude(username="trusty").values("username", "rank", "frozen_at")),
    ) == before
    assert not Switch.objects.exists()
    assert not NameRule.objects.exists()


class TestAccounts:
    def test_freeze_and_roll_back_in_one_click(self, client, moderator, ada):
        publish_recipe(recipe_tree(), ada)
        Revision.objects.update(pushed_at=timezone.now() - timedelta(days=2))
        since = timezone.now() - timedelta(days=1)
        publish_recipe(recipe_tree(version="1.1-1"), ada)
        address = reverse("moderate_account", args=["ada"])
        data = {"reason": "stolen password", "freeze": "on", "since": since.strftime("%Y-%m-%dT%H:%M:%S")}
        page = client.post(address, data, follow=True).content.decode()
        assert "ada is frozen." in page
        assert "1 revisions rolled back" in page
        ada.refresh_from_db()
        assert ada.frozen_at is not None
        assert Recipe.objects.get().version == "1.0-1"

    def test_nothing_chosen_is_refused_with_the_reason_kept(self, client, moderator, ada):
        answer = client.post(reverse("moderate_account", args=["ada"]), {"reason": "hm"})
        assert answer.status_code == 400
        assert "hm</textarea>" in answer.content.decode()

    def test_thaw(self, client, moderator, ada):
        User.objects.filter(pk=ada.pk).update(frozen_at=timezone.now(), frozen_reason="stolen password")
        address = reverse("thaw_account", args=["ada"])
        assert "stolen password" in client.get(address).content.decode()
        client.post(address, {"reason": "has a new one"})
        ada.refresh_from_db()
        assert ada.frozen_at is None

    def test_moderator_gives_no_ranks_and_administrator_does(self, client, moderator, ada):
        address = reverse("rank_account", args=["ada"])
        assert client.post(address, {"rank": "trusted"}).status_code == 400
        client.force_login(make_user("root", rank=Rank.ADMINISTRATOR))
        client.post(address, {"rank": "trusted"})
        ada.refresh_from_db()
        assert ada.rank == Rank.TRUSTED

    def test_page_takes_a_fixed_number_of_queries(self, client, moderator, ada, django_assert_max_num_queries):
        for number in range(3):
            make_page(f"recipe-{number}", ada)
        # Session, account, the shown account, verified address, its recipes, its pushes, the log, unread messages.
        with django_assert_max_num_queries(10):
            client.get(reverse("moderate_account", args=["ada"]))


class TestRecipes:
    def test_quarantine_shows_its_reason_and_release_ends_it(self, client, moderator, recipe):
        recipe_act(client, recipe, "quarantine", reason="mines coins")
        assert "mines coins" in client.get(recipe.get_absolute_url()).content.decode()
        recipe_act(client, recipe, "release")
        assert "mines coins" not in client.get(recipe.get_absolute_url()).content.decode().split("public log")[0]

    def test_reason_is_asked_for(self, client, moderator, recipe):
        answer = recipe_act(client, recipe, "quarantine", reason="")
        recipe.refresh_from_db()
        assert (answer.status_code, recipe.quarantined_at) == (400, None)

    def test_destructive_act_is_never_a_link(self, client, moderator, recipe):
        assert client.get(reverse("moderate_recipe_act", args=[recipe.name, "delete"])).status_code == 200
        recipe.refresh_from_db()
        assert recipe.deleted_at is None

    def test_deleted_recipe_is_restored_from_its_page(self, client, moderator, recipe):
        recipe_act(client, recipe, "delete")
        assert client.get(recipe.get_absolute_url()).status_code == 404
        assert "Restore" in client.get(reverse("moderate_recipe", args=[recipe.name])).content.decode()
        recipe_act(client, recipe, "restore")
        assert client.get(recipe.get_absolute_url()).status_code == 200

    def test_rename_leads_on_and_a_taken_name_is_refused_at_its_field(self, client, moderator, recipe):
        make_recipe("taken")
        address = reverse("rename_recipe", args=[recipe.name])
        assert "taken" in client.post(address, {"name": "taken"}).context["form"].errors["name"][0]
        client.post(address, {"name": "better-name"})
        assert names.resolve("hello-dur").name == "better-name"

    def test_act_that_is_none_is_not_found(self, client, moderator, recipe):
        assert recipe_act(client, recipe, "explode").status_code == 404

    def test_revision_is_taken_out_and_brought_back(self, client, moderator, ada):
        publish_recipe(recipe_tree(), ada)
        recipe = publish_recipe(recipe_tree(version="1.1-1"), ada)
        data = {"commit": recipe.current.commit, "reason": "backdoor"}
        client.post(reverse("moderate_revision", args=[recipe.name, "quarantine"]), data)
        recipe.refresh_from_db()
        assert recipe.version == "1.0-1"
        client.post(reverse("moderate_revision", args=[recipe.name, "release"]), data)
        recipe.refresh_from_db()
        assert recipe.version == "1.1-1"

    def test_revision_that_is_none_is_refused_at_its_field(self, client, moderator, recipe):
        answer = client.post(
            reverse("moderate_revision", args=[recipe.name, "quarantine"]), {"commit": "b" * 40, "reason": "seen"}
        )
        assert answer.context["form"].errors["commit"] == ["hello-dur has no such revision"]

    def test_page_takes_a_fixed_number_of_queries(self, client, moderator, ada, django_assert_max_num_queries):
        make_page(maintainer=ada)
        # Session, account, recipe, verified address, co-maintainer's role, revisions, rulings, log, unread messages.
        with django_assert_max_num_queries(11):
            client.get(reverse("moderate_recipe", args=["hello-dur"]))


class TestSite:
    def test_name_rule_is_added_and_removed(self, client, moderator):
        client.post(reverse("name_rules"), {"pattern": "linux-image-*", "effect": "refuse", "reason": "the kernel's"})
        assert "linux-image-*" in client.get(reverse("name_rules")).content.decode()
        client.post(reverse("remove_name_rule", args=[NameRule.objects.get().pk]))
        assert not NameRule.objects.exists()

    def test_rule_for_every_name_is_refused_at_its_field(self, client, moderator):
        answer = client.post(reverse("name_rules"), {"pattern": "*", "effect": "refuse", "reason": "no"})
        assert answer.context["form"].errors["pattern"]

    def test_switch_is_turned_off_with_its_message_and_on_again(self, client, moderator):
        address = reverse("turn_switch", args=["adoption"])
        client.post(address, {"message": "too many orphans were taken"})
        assert "too many orphans were taken" in client.get(reverse("switches")).content.decode()
        client.post(address, {})
        assert not Switch.objects.get(name="adoption").off

    def test_maintenance_can_be_ended_from_its_page(self, client, moderator):
        address = reverse("turn_switch", args=["writes"])
        client.post(address, {"message": "back soon"})
        assert Switch.objects.get(name="writes").off
        client.post(address, {})
        assert not Switch.objects.get(name="writes").off

    def test_switch_that_is_none_is_not_found(self, client, moderator):
        assert client.get(reverse("turn_switch", args=["gravity"])).status_code == 404


def test_since_is_read_as_utc(client, moderator, ada):
    publish_recipe(recipe_tree(), ada)
    since = (timezone.now() + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")
    page = client.post(
        reverse("moderate_account", args=["ada"]), {"reason": "seen", "since": since}, follow=True
    ).content.decode()
    assert "0 revisions rolled back" in page
