"""From the first page to a recipe of one's own: account, verified address, token, push, page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import PortalServer

from .conftest import BOTH_WAYS

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-first-visit")]
PASSWORD = "a long and quiet evening"


def sign_up(page: Page, server: PortalServer, username: str) -> None:
    """Make an account by the pages alone, follow the link of the mail, sign in, and go on to the account's page."""
    page.goto("/")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Email", exact=True).fill(f"{username}@example.org")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Sign Up").click()
    expect(page.get_by_role("heading", name="Verify Your Email Address")).to_be_visible()
    mail = server.manage("deliver_mail")
    link = re.search(rf"{re.escape(server.url)}(/accounts/confirm-email/\S+)", mail)
    assert link, mail
    page.goto(link[1])
    page.get_by_role("button", name="Confirm").click()
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.get_by_role("link", name="Account and settings").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


@BOTH_WAYS
def test_newcomer_pushes_a_recipe_and_sees_it(
    page: Page, portal_server: PortalServer, tmp_path: Path, fresh: Callable[[str], str]
) -> None:
    newcomer, recipe = fresh("beginner"), fresh("first-steps")
    sign_up(page, portal_server, newcomer)
    expect(page.get_by_text("verified", exact=True)).to_be_visible()
    page.get_by_label("Name").fill("laptop")
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#new-secret").inner_text()
    page.reload()
    expect(page.get_by_text(secret)).to_have_count(0)

    commit = commit_tree(recipe_tree(recipe), tmp_path)
    pushed = portal_server.git("push", portal_server.git_url(recipe, newcomer, secret), "HEAD:main", cwd=tmp_path)
    assert pushed.status == 0, pushed.output

    page.goto("/")
    page.get_by_role("link", name=recipe).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{recipe} 1.0-1")
    expect(page.locator('[data-block="get"]')).to_contain_text(f"clone {portal_server.url}/git/{recipe}.git {commit}")
    page.get_by_role("link", name="Files", exact=True).click()
    page.get_by_role("link", name="debian/").click()
    page.get_by_role("link", name="rules").click()
    page.get_by_role("link", name="line 2", exact=True).click()
    assert page.url == f"{portal_server.url}/recipes/{recipe}/files/{commit}/debian/rules#L2"


def test_token_is_revoked_by_its_button(page: Page, portal_server: PortalServer) -> None:
    sign_up(page, portal_server, "forgetful")
    page.get_by_label("Name").fill("lost laptop")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("button", name="Revoke lost laptop").click()
    expect(page.get_by_role("status")).to_contain_text("The token is revoked")
    expect(page.get_by_text("lost laptop")).to_have_count(0)
