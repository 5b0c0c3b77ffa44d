"""What is asked of every page: no barrier (axe, WCAG 2.2 AA), 320 pixels are enough, light in weight, and nothing that moves."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.servers.portal import PortalServer

from .pages import ACCOUNT, STAFF, VISITOR, World, make_world, signed_in

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser")]

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
RULES = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": list(WCAG)}}
# What differs from scheme to scheme is colour, and nothing else.
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# 400 % of a window of 1280 pixels: WCAG 2.2, 1.4.10.
NARROW = {"width": 320, "height": 800}
MAX_BYTES = 60 * 1024
MAX_REQUESTS = 8
_WEIGHED = ("document", "stylesheet", "script")
WATCH_LAYOUT = """
    window.shifted = 0;
    new PerformanceObserver((list) => { for (const shift of list.getEntries()) window.shifted += shift.value; })
        .observe({ type: "layout-shift", buffered: true });
"""
SCHEMES: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "light": ({"color_scheme": "light"}, RULES),
    "dark": ({"color_scheme": "dark"}, COLOURS),
    "more contrast": ({"color_scheme": "dark", "contrast": "more"}, COLOURS),
}
Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def world(portal_server: PortalServer) -> World:
    """The recipes that the addresses lead to."""
    return make_world(portal_server)


@pytest.fixture(scope="module")
def visits(chromium: Browser, portal_server: PortalServer, world: World) -> list[tuple[str, dict[str, object]]]:
    """Each address with the state of who goes there."""
    account = signed_in(chromium, portal_server, "page-reader")
    staff = signed_in(chromium, portal_server, "page-judge", "moderator")
    as_whom = [(VISITOR, {}), (ACCOUNT, {"storage_state": account}), (STAFF, {"storage_state": staff})]
    return [(world.address(pattern), state) for patterns, state in as_whom for pattern in patterns]


@pytest.fixture
def opened(chromium: Browser, portal_server: PortalServer) -> Iterator[Open]:
    """Opens windows on the portal and closes them afterwards."""
    contexts: list[BrowserContext] = []

    def open_context(**options: object) -> BrowserContext:
        contexts.append(chromium.new_context(base_url=portal_server.url, **options))  # type: ignore[arg-type]
        return contexts[-1]

    yield open_context
    for context in contexts:
        context.close()


def each_page(visits: list[tuple[str, dict[str, object]]], opened: Open, **options: object) -> Iterator[tuple[str, Page]]:
    """Go to every address, one window for each who goes there."""
    windows: dict[int, Page] = {}
    for address, state in visits:
        if id(state) not in windows:
            windows[id(state)] = opened(**options, **state).new_page()
        page = windows[id(state)]
        page.goto(address)
        yield address, page


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_barrier(scheme: str, visits, opened: Open) -> None:
    found = []
    asked, rules = SCHEMES[scheme]
    for address, page in each_page(visits, opened, **asked):
        for violation in Axe().run(page, options=rules).response["violations"]:
            places = [" ".join(map(str, node["target"])) for node in violation["nodes"]]
            found.append(f"{address}: {violation['id']} ({violation['help']}) at {places[:3]}")
    assert found == []


def test_320_pixels_are_enough_in_both_directions(visits, opened: Open) -> None:
    wide = []
    for address, page in each_page(visits, opened, viewport=NARROW):
        for direction in ("ltr", "rtl"):
            page.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
            if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
                wide.append((address, direction, width))
    assert wide == []


def test_page_is_light_and_still(visits, opened: Open) -> None:
    """Weight: what a proxy that compresses (deploy/nginx.conf) sends of page, sheets and scripts, in an empty cache.

    A browser that waits for the processor paints half a table first, whose columns then move: what moves at every visit counts.
    """
    found = {}
    for address, state in visits:
        seen = [faults(opened(**state), address)]
        while seen[-1] and len(seen) < 3:
            seen.append(faults(opened(**state), address))
        if seen[-1]:
            found[address] = seen
    assert found == {}


def faults(context: BrowserContext, address: str) -> str:
    """Return what is too much at one visit, empty where nothing is; the window is closed afterwards."""
    context.add_init_script(WATCH_LAYOUT)
    answers: list[Response] = []
    page = context.new_page()
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright takes no method of C
    page.goto(address, wait_until="networkidle")
    weight = sum(len(gzip.compress(each.body(), 6)) for each in answers if each.request.resource_type in _WEIGHED)
    shifted = page.evaluate("window.shifted")
    blocking = page.locator(
        "head link[rel=stylesheet], head script:not([type=module], [defer], [type='application/json'])"
    ).count()
    context.close()
    if weight > MAX_BYTES or len(answers) > MAX_REQUESTS or shifted > 0 or blocking > 2:
        return f"{weight} bytes, {len(answers)} requests, {blocking} block, layout moved {shifted}"
    return ""
