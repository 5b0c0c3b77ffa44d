"""A Chromium that talks to nobody but the portal; what its console complains of fails the test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from devtools.screenshots import ARGUMENTS, CHROMIUM
from tests.servers.portal import PortalServer

from .pages import World, make_world

# For a journey that everybody must be able to make, also where no script runs.
BOTH_WAYS = pytest.mark.parametrize(
    "page", [{"java_script_enabled": True}, {"java_script_enabled": False}], ids=["scripts", "no-scripts"], indirect=True
)
_NUMBERS = itertools.count(1)


# Not for the whole session: Playwright's event loop runs in this thread as long, and Django refuses its database beside one.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one for each module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, portal_server: PortalServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh window on the portal. `indirect` parameters are those of a browser context, such as `color_scheme`."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # An answer of 400 or 404 is noted by the browser as well; that is the page's business.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    context = chromium.new_context(base_url=portal_server.url, **getattr(request, "param", {}))
    window = context.new_page()
    window.on("console", note)
    window.on("pageerror", lambda error: complaints.append(str(error)))
    yield window
    context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def world(portal_server: PortalServer) -> World:
    """The recipes that the addresses of all pages lead to; made once, as their names are taken then."""
    return make_world(portal_server)


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """Make names of accounts and recipes that no other test of the same portal has taken."""
    number = next(_NUMBERS)
    return lambda stem: f"{stem}-{number}"
