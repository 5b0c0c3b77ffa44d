"""Sign-in with another site's account, from browser to browser's end: a real provider, a real redirect, under the real policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.oidc import TwoSites
from tests.servers.oidc_site.prepare import PASSWORD, USERNAMES

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-account-elsewhere")]


@pytest.fixture
def page(chromium: Browser, two_sites: TwoSites) -> Iterator[Page]:
    """A window on the portal that knows the other site."""
    context = chromium.new_context(base_url=two_sites.portal.url)
    window = context.new_page()
    complaints: list[str] = []
    window.on("console", lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None)
    yield window
    context.close()
    assert complaints == []


def sign_in_elsewhere(page: Page, username: str = USERNAMES[0]) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Other Site").click()
    page.get_by_role("button", name="Continue").click()
    if page.get_by_label("Password").count():
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign In").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def test_newcomer_from_another_site_chooses_a_name_and_comes_back_to_it(page: Page) -> None:
    sign_in_elsewhere(page)
    expect(page.get_by_label("Email")).to_have_value("linus@example.org")
    page.get_by_label("Username").fill("linus-here")
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Sign Up").click()
    expect(page.get_by_role("link", name="linus-here", exact=True)).to_be_visible()
    page.get_by_role("link", name="Account and settings").click()
    expect(page.get_by_text("verified", exact=True)).to_be_visible()

    sign_out(page)
    sign_in_elsewhere(page)
    expect(page.get_by_role("link", name="linus-here", exact=True)).to_be_visible()


def test_account_of_the_same_address_is_not_taken_over(page: Page, two_sites: TwoSites) -> None:
    two_sites.portal.manage("create_account", "eve", "eve@example.org", "--verified", "--no-password")
    sign_in_elsewhere(page, "eve")
    page.get_by_label("Username").fill("eve-too")
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Sign Up").click()
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Your account")).to_have_count(0)
