"""A malicious recipe from the flag to the quarantine, by pages alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import PortalServer

from .conftest import BOTH_WAYS
from .test_first_visit import sign_up

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-moderation")]
PROMOTE = "from recipes_app.models import User; User.objects.filter(username='{}').update(rank='moderator')"


@BOTH_WAYS
def test_flag_leads_to_quarantine_and_to_the_log(
    page: Page, portal_server: PortalServer, tmp_path: Path, fresh: Callable[[str], str]
) -> None:
    shady, judge, miner = fresh("shady"), fresh("judge"), fresh("coin-miner")
    secret = portal_server.create_account(shady)
    commit_tree(recipe_tree(miner), tmp_path)
    pushed = portal_server.git("push", portal_server.git_url(miner, shady, secret), "HEAD:main", cwd=tmp_path)
    assert pushed.status == 0, pushed.output

    sign_up(page, portal_server, judge)
    page.goto(f"/recipes/{miner}/")
    page.get_by_role("button", name="Vote").click()
    expect(page.locator("#standing")).to_contain_text("1 vote")
    page.locator("#standing").get_by_role("link", name="Flag").click()
    page.get_by_label("What is wrong").select_option("malicious")
    page.get_by_label("In your words").fill(f"{miner} mines coins while it builds.")
    page.get_by_role("button", name="Raise the flag").click()
    expect(page.get_by_role("status")).to_contain_text("Your flag stands here")

    portal_server.manage("shell", "-c", PROMOTE.format(judge))
    page.goto("/")
    page.get_by_role("link", name="Moderation").click()
    page.get_by_role("link", name=f"malicious: {miner} mines coins while it builds.").click()
    page.get_by_role("button", name="Claim it").click()
    page.get_by_role("link", name="Quarantine or release the recipe").click()
    page.locator("main").get_by_role("link", name="Quarantine").first.click()
    page.get_by_label("Reason").fill("It mines coins.")
    page.get_by_role("button", name="Quarantine").click()
    page.goto(f"/recipes/{miner}/")
    expect(page.get_by_role("alert")).to_contain_text("It mines coins.")

    page.goto(f"/log/?recipe={miner}")
    expect(page.locator(".log-lines .kind").first).to_have_text("recipe.quarantined")
    assert "all as they were written" in portal_server.manage("verify_log")
