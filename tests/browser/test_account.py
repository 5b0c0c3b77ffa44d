"""Second factors in a real browser, under the real policy: TOTP, recovery codes, a passkey on a virtual authenticator."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import BOTH_WAYS
from tests.browser.test_first_visit import PASSWORD, sign_up
from tests.servers.portal import PortalServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-account")]
_PERIOD = 30


def code_of(secret: str, steps_ahead: int = 0) -> str:
    """Return what an authenticator application shows; `steps_ahead` for one whose clock is fast, as a code works only once."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // _PERIOD + steps_ahead))


def give_password_again(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


@BOTH_WAYS
def test_newcomer_sets_up_totp_and_signs_in_with_it(page: Page, portal_server: PortalServer, fresh: Callable[[str], str]) -> None:
    careful = fresh("careful")
    sign_up(page, portal_server, careful)
    page.goto("/accounts/2fa/totp/activate/")
    give_password_again(page)
    secret = page.locator("#authenticator_secret").input_value()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()

    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill(careful)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Two-Factor Authentication")).to_be_visible()
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Your account")).to_have_count(0)
    page.goto("/accounts/2fa/authenticate/")
    page.get_by_label("Code").fill(code_of(secret, 1))
    page.locator("main").get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.goto("/account/security/")
    expect(page.get_by_role("cell", name="Second factor added")).to_be_visible()


@pytest.fixture
def page_on_localhost(chromium: Browser, portal_server: PortalServer) -> Iterator[Page]:
    """A window on the portal by a name: browsers make no passkey for a bare address. It has a virtual authenticator."""
    context = chromium.new_context(base_url=f"http://localhost:{portal_server.port}")
    window = context.new_page()
    complaints: list[str] = []
    window.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    devtools = context.new_cdp_session(window)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield window
    context.close()
    assert complaints == []


def test_passkey_is_made_and_signs_in_under_the_content_policy(page_on_localhost: Page, portal_server: PortalServer) -> None:
    page = page_on_localhost
    sign_up(page, portal_server, "keyholder")
    page.goto("/accounts/2fa/webauthn/add/")
    give_password_again(page)
    page.get_by_label("Name").fill("virtual")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()

    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    expect(page.get_by_role("link", name="keyholder", exact=True)).to_be_visible()
