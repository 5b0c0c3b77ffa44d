"""The demo's accounts: made once, kept, and never on a real site."""

import stat
from pathlib import Path

import pytest

from devtools import demo
from recipes_app.models import Rank, Scope, User
from recipes_app.services.accounts import tokens

pytestmark = pytest.mark.django_db


def test_demo_and_moderator_are_made_with_tokens_that_open(tmp_path):
    accounts = demo.ensure_accounts(tmp_path)
    assert [account.username for account in accounts] == ["demo", "moderator"]
    assert [tokens.authenticate(account.token, Scope.PUSH).rank for account in accounts] == [Rank.USER, Rank.MODERATOR]
    assert all(User.objects.get(username=account.username).check_password(account.password) for account in accounts)


def test_a_second_start_keeps_passwords_and_tokens(tmp_path):
    assert demo.ensure_accounts(tmp_path) == demo.ensure_accounts(tmp_path)


def test_a_revoked_token_is_replaced_and_the_password_stays(tmp_path):
    before = demo.ensure_accounts(tmp_path)[0]
    User.objects.get(username="demo").tokens.all().delete()
    after = demo.ensure_accounts(tmp_path)[0]
    assert after.password == before.password
    assert tokens.authenticate(after.token, Scope.PUSH).username == "demo"


def test_a_lost_file_gives_the_accounts_new_secrets(tmp_path):
    before = demo.ensure_accounts(tmp_path)[0]
    (tmp_path / "demo.json").unlink()
    after = demo.ensure_accounts(tmp_path)[0]
    assert after.password != before.password
    assert User.objects.get(username="demo").check_password(after.password)


def test_only_the_moderator_has_a_token_that_moderates(tmp_path):
    maintainer, moderator = demo.ensure_accounts(tmp_path)
    assert tokens.authenticate(moderator.token, Scope.MODERATE).username == "moderator"
    with pytest.raises(tokens.TokenRefused):
        tokens.authenticate(maintainer.token, Scope.MODERATE)


def test_the_secrets_are_their_owners_alone(tmp_path):
    demo.ensure_accounts(tmp_path)
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600


def test_outside_the_embedded_setting_there_is_no_demo(tmp_path, settings):
    settings.EMBEDDED = False
    with pytest.raises(demo.DemoError, match="embedded setting only"):
        demo.ensure_accounts(tmp_path)
    assert not User.objects.exists()


def test_a_file_that_cannot_be_read_is_told_with_the_way_out(tmp_path):
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(demo.DemoError, match="remove it"):
        demo.ensure_accounts(tmp_path)


def test_every_example_waits_at_first(tmp_path):
    examples = {path.parent.name for path in Path(demo.EXAMPLES).glob("*/debian")}
    assert set(demo.waiting_examples(tmp_path)) == examples
