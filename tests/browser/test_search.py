"""Search as one types: hits, address, suggestions, keys; and the shortcuts switched off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import PortalServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-search")]
NAMES = ("zebra-finch", "zebra-stripes")


@pytest.fixture(scope="module", autouse=True)
def zebras(portal_server: PortalServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two recipes that begin alike."""
    secret = portal_server.create_account("zoologist")
    for name in NAMES:
        work: Path = tmp_path_factory.mktemp(name)
        commit_tree(recipe_tree(name), work)
        pushed = portal_server.git("push", portal_server.git_url(name, "zoologist", secret), "HEAD:main", cwd=work)
        assert pushed.status == 0, pushed.output


def test_hits_follow_what_is_typed_and_so_does_the_address(page: Page) -> None:
    page.goto("/recipes/")
    page.keyboard.press("/")
    page.keyboard.type("zebra-s")
    expect(page.locator(".recipe-row .name")).to_have_text(["zebra-stripes"])
    expect(page.locator("mark").first).to_have_text("zebra-s")
    expect(page).to_have_url(re.compile(r"/recipes/\?q=zebra-s(&sort=)?$"))
    expect(page.locator("#results-said")).to_have_text("1 recipe")
    page.reload()
    expect(page.locator("#q")).to_have_value("zebra-s")


def test_keys_lead_through_the_hits_and_open_one(page: Page) -> None:
    page.goto("/recipes/?q=zebra&sort=name")
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="zebra-stripes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("zebra-stripes")


def test_suggestions_are_walked_by_arrows_and_announced_as_a_listbox(page: Page) -> None:
    page.goto("/log/")
    box = page.locator("#header-q")
    expect(box).to_have_attribute("role", "combobox")
    box.press_sequentially("zeb")
    options = page.locator("#header-q-suggestions [role=option]")
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "header-q-suggestions-suggestion-2")
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("zeb")
    box.press("ArrowDown")
    expect(options).to_have_count(2)
    box.press("ArrowDown")
    name = options.first.locator(".name").inner_text()
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_question_mark_shows_the_keys(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_keys_are_switched_off(page: Page) -> None:
    page.goto("/appearance/")
    page.get_by_label("No shortcuts by single keys").check()
    page.get_by_role("button", name="Keep").click()
    page.goto("/recipes/")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_colours_are_chosen_without_scripts(page: Page) -> None:
    page.goto("/appearance/")
    page.get_by_role("group", name="Colours").get_by_label("dark").check()
    page.get_by_role("button", name="Keep").click()
    page.goto("/")
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(21, 19, 24)"
