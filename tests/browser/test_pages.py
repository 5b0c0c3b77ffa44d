"""What is asked of every page: no barrier (axe, WCAG 2.2 AA), 320 pixels are enough, light in weight, and nothing that moves."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import RequestFactory
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, BrowserContext, Page, Response

from recipes_app.models import User
from tests.servers.portal import PortalServer

from .pages import ACCOUNT, LONG, MEMBER, OWNER, STAFF, VISITOR, World, signed_in, signed_in_again

pytestmark = pytest.mark.server

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
# A page is opened in light colours, and then asked to show itself in others.
SCHEMES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "light": ({"color_scheme": "light"}, RULES),
    "dark": ({"color_scheme": "dark"}, COLOURS),
    "more contrast": ({"color_scheme": "dark", "contrast": "more"}, COLOURS),
}
WHO = {"visitor": VISITOR, "account": ACCOUNT, "owner": OWNER, "member": MEMBER, "staff": STAFF}
# Two groups, so that both workers have pages to look at.
VISITS = [
    pytest.param(
        who, pattern, id=f"{who}-{pattern}",
        marks=pytest.mark.xdist_group("browser-pages-visitor" if who == "visitor" else "browser-pages-account"),
    )
    for who, patterns in WHO.items() for pattern in patterns
]  # fmt: skip
# Everything has been painted once that the page asked for at its start.
AT_REST = "() => new Promise((done) => requestIdleCallback(() => requestAnimationFrame(() => requestAnimationFrame(done))))"


@pytest.fixture(scope="module")
def state_of(chromium: Browser, portal_server: PortalServer, world: World) -> Callable[[str], dict[str, object]]:
    """The state of the browser of each who goes somewhere, made when the first page asks."""

    @lru_cache
    def state(who: str) -> dict[str, object]:
        if who == "visitor":
            return {}
        if who in ("owner", "member"):
            name = world.username if who == "owner" else world.member
            return {"storage_state": signed_in_again(chromium, portal_server, name)}
        rank = "moderator" if who == "staff" else "user"
        return {"storage_state": signed_in(chromium, portal_server, f"page-{who}", rank)}

    return state


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


@pytest.fixture
def visit(chromium: Browser, portal_server: PortalServer) -> Iterator[Callable[..., Visit]]:
    """Opens an address in a window with an empty cache; all are closed afterwards."""
    contexts: list[BrowserContext] = []

    def open_address(address: str, state: dict[str, Any]) -> Visit:
        contexts.append(chromium.new_context(base_url=portal_server.url, color_scheme="light", **state))
        contexts[-1].add_init_script(WATCH_LAYOUT)
        page, answers = contexts[-1].new_page(), []
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright takes no method of C
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == WRONG.get(address, 200)
        page.evaluate(AT_REST)
        return Visit(page, answers)

    yield open_address
    for context in contexts:
        context.close()


@dataclass
class Visit:
    """One look at a page, and the answers that it is made of."""

    page: Page
    answers: list[Response]

    def barriers(self) -> Iterator[str]:
        """Yield what axe finds, in each scheme of colours."""
        self.page.evaluate(Axe().axe_script)
        for scheme, (asked, rules) in SCHEMES.items():
            self.page.emulate_media(**asked)
            for violation in self.page.evaluate("(rules) => axe.run(document, rules)", rules)["violations"]:
                places = [" ".join(map(str, node["target"])) for node in violation["nodes"]]
                yield f"{scheme}: {violation['id']} ({violation['help']}) at {places[:3]}"

    def overflow(self) -> Iterator[str]:
        """Yield the width of a page that 320 pixels are not enough for, in both directions of writing."""
        self.page.set_viewport_size(NARROW)
        for direction in ("ltr", "rtl"):
            self.page.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
            if (width := self.page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
                yield f"{direction}: {width} pixels wide"

    def weight(self) -> str:
        """Return what is too much: bytes that a proxy that compresses (deploy/nginx.conf) sends, requests, layout that moves."""
        loaded = [each for each in self.answers if each.request.resource_type in _WEIGHED and not each.headers.get("location")]
        weight = sum(len(gzip.compress(each.body(), 6)) for each in loaded)
        shifted = self.page.evaluate("window.shifted")
        blocking = self.page.locator(
            "head link[rel=stylesheet], head script:not([type=module], [defer], [type='application/json'])"
        ).count()
        # A page that waits for a lint asks for its state from time to time, as long as it is open.
        requests = sum(each.request.resource_type != "fetch" for each in self.answers)
        if weight > MAX_BYTES or requests > MAX_REQUESTS or shifted > 0 or blocking > 2:
            return f"{weight} bytes, {requests} requests, {blocking} block, layout moved {shifted}"
        return ""


@pytest.mark.parametrize(("who", "pattern"), VISITS)
def test_page_has_no_barrier_fits_320_pixels_and_is_light_and_still(
    who: str, pattern: str, state_of, world: World, visit: Callable[..., Visit]
) -> None:
    """One visit for all that is asked of a page.

    A browser that waits for the processor paints half a table first, whose columns then move: what moves at every visit counts.
    """
    address, state = world.address(pattern), state_of(who)
    first = visit(address, state)
    heavy = [first.weight()]
    while heavy[-1] and len(heavy) < 3:
        heavy.append(visit(address, state).weight())
    assert heavy[-1] == "", heavy
    assert [*first.barriers(), *first.overflow()] == []
