"""The end of an account: what passes on, what goes, what stays, and that nothing of others goes with it."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.utils import timezone

from recipes_app.models import (  # fmt: skip
    CoMaintainer,
    Comment,
    CoRole,
    Event,
    Flag,
    KnownDevice,
    OwnershipRequest,
    Rank,
    Recipe,
    Scope,
    SecurityEvent,
    Switch,
    User,
)
from recipes_app.services.accounts import accounts, deletion, tokens
from recipes_app.services.audit import audit
from recipes_app.services.audit.audit import EventKind
from recipes_app.services.catalogue import votes
from recipes_app.services.community import comments
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.moderation import flags, requests
from recipes_app.services.moderation.flags import FlagText
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


def join(recipe: Recipe, user: User, position: int, role: CoRole = CoRole.PUSH) -> None:
    CoMaintainer.objects.create(recipe=recipe, user=user, role=role, position=position, since=timezone.now())


class TestRecipes:
    def test_recipe_passes_to_the_first_in_succession_and_plan_says_so_before(self, ada):
        recipe, bob, eve = make_recipe(maintainer=ada), make_user("bob"), make_user("eve")
        join(recipe, eve, 1)
        join(recipe, bob, 0)
        foretold = deletion.plan(ada).recipes[0].follower
        deletion.delete_account(ada)
        recipe.refresh_from_db()
        assert recipe.maintainer == foretold == bob

    def test_recipe_without_heirs_becomes_an_orphan(self, ada):
        recipe = make_recipe(maintainer=ada)
        assert deletion.plan(ada).recipes[0].follower is None
        deletion.delete_account(ada)
        recipe.refresh_from_db()
        assert recipe.maintainer is None
        assert recipe.previous_maintainer_name == "ada"

    def test_deleted_recipe_goes_to_nobody(self, ada):
        recipe = make_recipe(maintainer=ada, deleted_at=timezone.now())
        join(recipe, make_user("bob"), 0)
        deletion.delete_account(ada)
        recipe.refresh_from_db()
        assert recipe.maintainer is None

    def test_account_leaves_the_teams_of_others(self, ada):
        recipe = make_recipe(maintainer=make_user("bob"))
        join(recipe, ada, 0)
        deletion.delete_account(ada)
        assert not CoMaintainer.objects.exists()

    def test_open_request_is_withdrawn(self, ada):
        requests.file(ada, make_recipe(maintainer=make_user("bob")), OwnershipRequest.Kind.ORPHAN, "He has left.")
        deletion.delete_account(ada)
        request = OwnershipRequest.objects.get()
        assert (request.state, request.requester, request.requester_name) == ("withdrawn", None, "deleted-account")


class TestWords:
    def test_comment_stays_under_another_name(self, ada):
        comment = comments.add(ada, make_recipe(), "It builds.")
        deletion.delete_account(ada)
        comment.refresh_from_db()
        assert (comment.author, comment.author_name, comment.text) == (None, "deleted-account", "It builds.")
        assert comment.hidden_at is None

    def test_comment_is_hidden_where_the_author_wishes(self, ada):
        comment = comments.add(ada, make_recipe(), "I live at 5 Elm Street.")
        deletion.delete_account(ada, hide_comments=True)
        comment.refresh_from_db()
        assert comment.hidden_at is not None

    def test_flag_stays_open_under_another_name(self, ada):
        recipe = make_recipe(maintainer=make_user("bob"))
        flags.raise_flag(ada, recipe, Flag.Kind.BROKEN, FlagText("It does not build on arm64."))
        deletion.delete_account(ada)
        flag = Flag.objects.get()
        assert (flag.author, flag.author_name, flag.state) == (None, "deleted-account", "open")

    def test_vote_goes_and_is_counted_no_more(self, ada):
        recipe = make_recipe()
        votes.vote(ada, recipe)
        votes.vote(make_user("bob"), recipe)
        deletion.delete_account(ada)
        recipe.refresh_from_db()
        assert recipe.vote_count == 1

    def test_fault_6_deleted_moderator_takes_nothing_of_others_away(self, ada):
        moderator, recipe = make_user("mod", rank=Rank.MODERATOR), make_recipe(maintainer=ada)
        hidden = comments.add(ada, recipe, "Rude.")
        pinned = comments.add(ada, recipe, "Read this first.")
        comments.hide(moderator, hidden)
        comments.pin(moderator, pinned)
        before = list(Comment.objects.order_by("pk").values())
        deletion.delete_account(moderator)
        assert list(Comment.objects.order_by("pk").values()) == before
        assert Recipe.objects.get(pk=recipe.pk).maintainer == ada


class TestWhatIsPrivate:
    def test_tokens_factors_addresses_and_history_go(self, ada):
        _token, secret = tokens.issue(ada, "laptop", [Scope.READ])
        Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={})
        KnownDevice.objects.create(user=ada, digest="0" * 64, seen_at=timezone.now())
        deletion.delete_account(ada)
        with pytest.raises(tokens.TokenRefused):
            tokens.authenticate(secret, Scope.READ)
        for model in (Authenticator, EmailAddress, KnownDevice, SecurityEvent):
            assert not model.objects.filter(user=ada).exists()

    def test_row_keeps_the_name_and_no_address(self, ada):
        User.objects.filter(pk=ada.pk).update(about="Hello.", openpgp_fingerprint="A" * 40)
        deletion.delete_account(ada)
        left = User.objects.get(username="ada")
        assert (left.is_active, left.about, left.openpgp_fingerprint) == (False, "", "")
        assert left.email.endswith("@deleted.invalid")
        assert not left.has_usable_password()

    def test_username_is_never_given_again(self, ada):
        deletion.delete_account(ada)
        with pytest.raises(ValidationError):
            accounts.create_account("ada", "new@example.org", None, verified=True)

    def test_address_can_be_used_for_another_account(self, ada):
        deletion.delete_account(ada)
        assert accounts.create_account("ada2", "ada@example.org", None, verified=True).is_active

    def test_log_keeps_the_name_and_loses_what_was_private(self, ada):
        audit.record(EventKind.REPORT_DECIDED, None, account=ada, public={"upheld": False}, private={"text": "gossip"})
        deletion.delete_account(ada)
        line = Event.objects.get(kind=EventKind.REPORT_DECIDED)
        assert (line.account_name, line.private) == ("ada", {"erased": True})
        assert audit.verify() == Event.objects.count()

    def test_owner_of_the_address_is_told(self, ada, mailoutbox):
        deletion.delete_account(ada)
        assert [mail.to for mail in mailoutbox] == [["ada@example.org"]]
        assert "was deleted" in mailoutbox[0].body


class TestRefusals:
    def test_last_administrator_stays(self):
        root = make_user("root", rank=Rank.ADMINISTRATOR)
        with pytest.raises(Refused, match="only administrator"):
            deletion.delete_account(root)
        assert User.objects.get().is_active

    def test_one_of_two_administrators_can_go(self):
        make_user("root2", rank=Rank.ADMINISTRATOR)
        deletion.delete_account(make_user("root", rank=Rank.ADMINISTRATOR))
        assert User.objects.filter(is_active=True).count() == 1

    def test_frozen_account_cannot_remove_the_traces(self, ada):
        ada.frozen_at = timezone.now()
        ada.save()
        with pytest.raises(PermissionDenied, match="frozen"):
            deletion.delete_account(ada)

    def test_maintenance_mode_stops_it(self, ada):
        Switch.objects.create(name=Switch.Name.WRITES, off=True)
        with pytest.raises(PermissionDenied):
            deletion.delete_account(ada)
        assert User.objects.get(pk=ada.pk).is_active

    def test_what_fails_half_way_leaves_everything(self, ada, monkeypatch):
        recipe = make_recipe(maintainer=ada)

        def fail(*_arguments: object) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(deletion, "_say_goodbye", fail)
        with pytest.raises(OSError, match="disk is full"):
            deletion.delete_account(ada)
        recipe.refresh_from_db()
        assert recipe.maintainer == ada
        assert User.objects.get(pk=ada.pk).is_active
