"""The pages in German: no barrier, and its long words fit where English ones do."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.servers.portal import PortalServer

from .pages import ACCOUNT, STAFF, VISITOR, World, signed_in
from .test_pages import NARROW, RULES

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-german")]
GERMAN = {"locale": "de-DE"}


def test_german_pages_have_no_barriers_and_fit_320_pixels(chromium: Browser, portal_server: PortalServer, world: World) -> None:
    """One walk for both: to load a page takes longer than to look at it."""
    barriers, wide = [], []
    readers = {VISITOR: None, ACCOUNT: signed_in(chromium, portal_server, "leser"), STAFF: None}
    readers[STAFF] = signed_in(chromium, portal_server, "moderatorin", "moderator")
    for patterns, state in readers.items():
        context = chromium.new_context(base_url=portal_server.url, viewport=NARROW, storage_state=state, **GERMAN)
        page = context.new_page()
        for address in map(world.address, patterns):
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == "de", address
            barriers += [
                (address, each["id"], [node["target"] for node in each["nodes"]])
                for each in Axe().run(page, options=RULES).response["violations"]
            ]
            for direction in ("ltr", "rtl"):
                page.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
                if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
                    wide.append((address, direction, width))
        context.close()
    assert barriers == []
    assert wide == []
