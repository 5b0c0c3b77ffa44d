"""What a reader's screen and settings do to the pages: nothing is cut off, everything can be read, also without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import PortalServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-layout")]
PHONE = {"viewport": {"width": 375, "height": 800}}
LONG = "a" + "-very-long-name" * 8
# WCAG 2.2, success criterion 1.4.3.
READABLE = 4.5
# The contrast of an element's text against the first opaque background behind it, by WCAG's formula.
CONTRAST = """
(elements) => elements.filter((element) => element.innerText.trim()).map((element) => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [red, green, blue] = channels(colour).slice(0, 3).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  let ground = element;
  while (ground && channels(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
  const pair = [getComputedStyle(element).color, getComputedStyle(ground || document.documentElement).backgroundColor].map(light);
  return [(Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05), element.innerText.slice(0, 40)];
})
"""


@pytest.fixture(scope="module")
def recipe_address(portal_server: PortalServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a recipe whose every word is long."""
    work: Path = tmp_path_factory.mktemp("recipe")
    secret = portal_server.create_account("verbose")
    commit_tree(
        recipe_tree(LONG, "1:" + "1.0" * 20 + "-1", **{"debian/rules": "#!/usr/bin/make -f\n# " + "x" * 900 + "\n%:\n\tdh $@\n"}),
        work,
    )
    pushed = portal_server.git("push", portal_server.git_url(LONG, "verbose", secret), "HEAD:main", cwd=work)
    assert pushed.status == 0, pushed.output
    return f"/recipes/{LONG}/"


def addresses(page: Page, recipe_address: str) -> list[str]:
    page.goto(recipe_address)
    tabs = [link.get_attribute("href") or "" for link in page.locator(".tabs a").all()]
    files = next(tab for tab in tabs if "/files/" in tab)
    community = [f"{recipe_address}{page}/" for page in ("flags", "team", "requests")]
    site = ["/", "/recipes/", "/users/verbose/", "/accounts/signup/", "/none/", "/classes/", "/log/"]
    return [*site, f"{files}debian/rules", *community, *tabs]


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_no_page_is_wider_than_a_phone(page: Page, recipe_address: str) -> None:
    for address in addresses(page, recipe_address):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"], address


@pytest.mark.parametrize("page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_text_stands_out_from_its_ground(page: Page, recipe_address: str) -> None:
    for address in addresses(page, recipe_address):
        page.goto(address)
        measured = page.locator(
            "p, h1, h2, h3, a, dt, dd, th, td, label, code, .badge, .small, .notice, button, .line span"
        ).evaluate_all(CONTRAST)
        assert measured
        assert [found for found in measured if found[0] < READABLE] == [], address


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_search_works_without_scripts(page: Page, recipe_address: str) -> None:
    page.goto("/")
    page.locator("main input[type=search]").fill("very-long")
    page.locator("main").get_by_role("button", name="Search").click()
    assert page.locator(".recipe-row .name").all_inner_texts() == [LONG]


def test_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
