"""What is asked of every page: no barrier (axe, WCAG 2.2 AA), 320 pixels are enough, light in weight, and nothing that moves."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import RequestFactory
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, BrowserContext, Page, Response

from recipes_app.models import User
from tests.servers.portal import PortalServer

from .pages import ACCOUNT, LONG, MEMBER, OWNER, STAFF, VISITOR, World, signed_in, signed_in_again

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser")]

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
RULES = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": list(WCAG)}}
# What differs from scheme to scheme is colour, and nothing else.
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# 400 % of a window of 1280 pixels: WCAG 2.2, 1.4.10.
NARROW = {"width": 320, "height": 800}
# Pages that say what is wrong.
WRONG = {"/recipes/?q=nonsense:value": 400, "/no/such/page/": 404}
MAX_BYTES = 60 * 1024
MAX_REQUESTS = 8
_WEIGHED = ("document", "stylesheet", "script")
WATCH_LAYOUT = """
    window.shifted = 0;
    new PerformanceObserver((list) => { for (const shift of list.getEntries()) window.shifted += shift.value; })
        .observe({ type: "layout-shift", buffered: true });
"""
SCHEMES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "light": ({"color_scheme": "light"}, RULES),
    "dark": ({"color_scheme": "dark"}, COLOURS),
    "more contrast": ({"color_scheme": "dark", "contrast": "more"}, COLOURS),
}
Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def visits(chromium: Browser, portal_server: PortalServer, world: World) -> list[tuple[str, dict[str, object]]]:
    """Each address with the state of who goes there."""
    account = signed_in(chromium, portal_server, "page-reader")
    staff = signed_in(chromium, portal_server, "page-judge", "moderator")
    owner = signed_in_again(chromium, portal_server, world.username)
    member = signed_in_again(chromium, portal_server, world.member)
    as_whom = [(VISITOR, {}), *(
        (pages, {"storage_state": state})
        for pages, state in ((ACCOUNT, account), (OWNER, owner), (MEMBER, member), (STAFF, staff))
    )]  # fmt: skip
    return [(world.address(pattern), state) for patterns, state in as_whom for pattern in patterns]


@pytest.fixture
def opened(chromium: Browser, portal_server: PortalServer) -> Iterator[Open]:
    """Opens windows on the portal and closes them afterwards."""
    contexts: list[BrowserContext] = []

    def open_context(**options: object) -> BrowserContext:
        contexts.append(chromium.new_context(base_url=portal_server.url, **options))
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
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == WRONG.get(address, 200), address
        yield address, page


# What GET answers with no page of ours, or with the one that another address here shows.
NOT_LOOKED_AT = {
    "home of machines": {
        "badge", "feed_new", "feed_recipe", "feed_search", "feed_updated", "feed_user", "dump_file", "opensearch", "metrics",
        "suggestions", "lint_state", "prometheus-django-metrics", "snapshot", "build_functions",
    },
    "there in debug mode alone": {"design"},
    "leads elsewhere": {
        "accounts/social/connections/", "accounts/social/login/cancelled/", "accounts/social/login/error/",
        "accounts/social/signup/", "open_message", "unsubscribe", "openid_connect_login", "openid_connect_callback",
    },
    "needs a second factor, or a sign-in elsewhere, on the way": {
        "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn",
        "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_login_webauthn",
        "account_confirm_login_code", "account_set_password", "socialaccount_login_cancelled", "socialaccount_login_error",
        "socialaccount_signup", "socialaccount_connections",
    },
    "the same question page as `disown`": {
        "delete_account", "rule_model", "withdraw_ruling", "moderate_revision", "rank_account", "thaw_account",
        "answer_invitation", "withdraw_news", "prove_address",
        "waiting_act",
    },
}  # fmt: skip


def test_every_page_of_the_site_is_looked_at() -> None:
    patterns = {*VISITOR, *ACCOUNT, *OWNER, *MEMBER, *STAFF}
    fill = dict.fromkeys(("comment", "flag", "request", "hook", "entry", "news"), 1)
    here = World("rich", LONG, "0" * 40, "1" * 40, "ada", "grace", **fill)
    visited = {name_of(here.address(pattern).partition("?")[0]) for pattern in patterns}
    assert every_page() - visited - set().union(*NOT_LOOKED_AT.values()) == set()


def name_of(address: str) -> str:
    try:
        return resolve(address).url_name or ""
    except Resolver404:
        return ""


def every_page() -> set[str]:
    """The names of all routes of the site, but for those of git, the API and acts that take POST alone."""
    found = set()
    routes: list[tuple[str, URLPattern | URLResolver]] = [("", each) for each in get_resolver().url_patterns]
    while routes:
        before, each = routes.pop()
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            routes += [(path, inner) for inner in each.url_patterns]
        elif not path.startswith(("api/", "git/")) and takes_get(each):
            found.add(each.name or path)
    return found


def takes_get(route: URLPattern) -> bool:
    """Ask the view itself, without a database: one that takes POST alone answers 405 before it looks at anything."""
    request = RequestFactory().get("/")
    request.user = User()
    values = {"name": "x", "username": "x", "act": "x", "tag": "x", "token": "x", "path": "x", "kind": "x", "key": "x"}
    try:
        return route.callback(request, **{name: values.get(name, "1") for name in route.pattern.converters}).status_code != 405
    except Exception:
        # It went on to look at something, so it takes GET.
        return True


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
    assert found == {}, found


def faults(context: BrowserContext, address: str) -> str:
    """Return what is too much at one visit, empty where nothing is; the window is closed afterwards."""
    context.add_init_script(WATCH_LAYOUT)
    answers: list[Response] = []
    page = context.new_page()
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright takes no method of C
    page.goto(address, wait_until="networkidle")
    bodies = [each.body() for each in answers if each.request.resource_type in _WEIGHED and not each.headers.get("location")]
    weight = sum(len(gzip.compress(body, 6)) for body in bodies)
    shifted = page.evaluate("window.shifted")
    blocking = page.locator(
        "head link[rel=stylesheet], head script:not([type=module], [defer], [type='application/json'])"
    ).count()
    context.close()
    # A page that waits for a lint asks for its state from time to time, as long as it is open.
    loaded = [each for each in answers if each.request.resource_type != "fetch"]
    if weight > MAX_BYTES or len(loaded) > MAX_REQUESTS or shifted > 0 or blocking > 2:
        return f"{weight} bytes, {len(loaded)} requests, {blocking} block, layout moved {shifted}"
    return ""
