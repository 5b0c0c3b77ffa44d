"""What people come for, by pages alone: they search, vote, comment, follow, and take over what its maintainer gave up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import PortalServer

from .conftest import BOTH_WAYS
from .test_account import sign_out
from .test_first_visit import sign_up

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-journeys")]
# What the beat does by itself, when the seven days are over.
_NIGHT_IN_A_WEEK = """
from datetime import timedelta
from django.utils import timezone
from recipes_app.services.moderation import requests
requests.sweep(timezone.now() + timedelta(days=8))
"""


@pytest.fixture
def recipe(portal_server: PortalServer, tmp_path: Path, fresh: Callable[[str], str]) -> str:
    """A recipe that somebody else has pushed."""
    name, keeper = fresh("visited"), fresh("keeper")
    secret = portal_server.create_account(keeper)
    commit_tree(recipe_tree(name), tmp_path)
    pushed = portal_server.git("push", portal_server.git_url(name, keeper, secret), "HEAD:main", cwd=tmp_path)
    assert pushed.status == 0, pushed.output
    return name


@BOTH_WAYS
def test_visitor_finds_votes_follows_and_comments(
    page: Page, portal_server: PortalServer, recipe: str, fresh: Callable[[str], str]
) -> None:
    visitor = fresh("visitor")
    sign_up(page, portal_server, visitor)
    page.goto("/")
    box = page.locator("#q")
    box.fill(recipe)
    box.press("Enter")
    page.get_by_role("main").get_by_role("link", name=recipe).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{recipe} 1.0-1")

    standing = page.locator("#standing")
    standing.get_by_role("button", name="Vote").click()
    expect(standing).to_contain_text("1 vote")
    standing.get_by_role("button", name="Take my vote back").click()
    expect(standing).to_contain_text("0 votes")
    standing.get_by_role("button", name="Follow").click()
    page.goto(f"/recipes/{recipe}/")
    expect(standing.get_by_role("button", name="Stop following")).to_be_visible()

    page.get_by_label("Your comment").fill("It works **well** for me.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview strong")).to_have_text("well")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment strong", has_text="well")).to_be_visible()
    page.reload()
    expect(page.get_by_role("article").filter(has_text=visitor)).to_contain_text("It works well for me.")


@BOTH_WAYS
def test_orphan_is_adopted(page: Page, portal_server: PortalServer, tmp_path: Path, fresh: Callable[[str], str]) -> None:
    keeper, heir, name = fresh("tired"), fresh("heir"), fresh("given-up")
    sign_up(page, portal_server, keeper)
    page.get_by_label("Name").fill("laptop")
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#new-secret").inner_text()
    commit_tree(recipe_tree(name), tmp_path)
    pushed = portal_server.git("push", portal_server.git_url(name, keeper, secret), "HEAD:main", cwd=tmp_path)
    assert pushed.status == 0, pushed.output
    page.goto(f"/recipes/{name}/team/")
    page.get_by_role("link", name="Disown").click()
    expect(page.get_by_text("Nobody is there to follow: it becomes an orphan")).to_be_visible()
    page.get_by_role("button", name="Disown").click()
    expect(page.get_by_role("status")).to_contain_text("You do not maintain this recipe any more")
    sign_out(page)

    sign_up(page, portal_server, heir)
    page.goto(f"/recipes/{name}/")
    page.get_by_role("link", name="Adopt", exact=True).click()
    page.get_by_label("What you ask for").select_option("adoption")
    page.get_by_label("Why").fill("I use it every day.")
    page.get_by_role("button", name="File it").click()
    page.goto(f"/recipes/{name}/")
    expect(page.locator("main")).to_contain_text(f"{heir} asks to adopt this recipe. It is granted on")

    portal_server.manage("shell", "-c", _NIGHT_IN_A_WEEK)
    page.reload()
    expect(page.locator("#people")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text=heir).first).to_be_visible()
    page.goto(f"/recipes/{name}/requests/")
    expect(page.get_by_text("accepted").first).to_be_visible()
