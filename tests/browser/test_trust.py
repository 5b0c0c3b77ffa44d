"""The trust card and the box of a quarantined recipe, as a visitor's browser shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import PortalServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-trust")]
WIDTHS = pytest.mark.parametrize(
    "page",
    [{"viewport": {"width": width, "height": 800}, "color_scheme": scheme} for width, scheme in ((1280, "light"), (320, "dark"))],
    ids=["wide", "narrow-dark"],
    indirect=True,
)
QUARANTINE = (
    "from recipes_app.models import Recipe, User; from recipes_app.services.moderation import quarantine; "
    "quarantine.quarantine(User.objects.get(username='{judge}'), Recipe.objects.get(name='{recipe}'), 'It mines coins.')"
)
RANK = "from recipes_app.models import User; User.objects.filter(username='{}').update(rank='moderator')"


def pushed(server: PortalServer, folder: Path, account: str, name: str) -> None:
    secret = server.create_account(account)
    commit_tree(recipe_tree(name), folder)
    done = server.git("push", server.git_url(name, account, secret), "HEAD:main", cwd=folder)
    assert done.status == 0, done.output


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@WIDTHS
def test_the_card_says_who_it_was_and_that_nobody_looked(
    page: Page, portal_server: PortalServer, tmp_path: Path, fresh: Callable[[str], str]
) -> None:
    newcomer, name = fresh("newcomer"), fresh("young-tool")
    pushed(portal_server, tmp_path, newcomer, name)
    page.goto(f"/recipes/{name}/")
    card = page.get_by_role("region", name="Can it be trusted?")
    expect(card).to_contain_text("not reviewed")
    expect(card).to_contain_text("new account account since")
    expect(card).to_contain_text("no second factor")
    expect(card).to_contain_text("1 revision published here")
    expect(card).to_contain_text(f"by Ada Lovelace, pushed by {newcomer}")
    assert "good" not in (card.get_by_text("not reviewed").get_attribute("class") or "")
    assert not scrolls_sideways(page)


@WIDTHS
def test_a_quarantined_recipe_has_a_box_and_no_commands_to_build(
    page: Page, portal_server: PortalServer, tmp_path: Path, fresh: Callable[[str], str]
) -> None:
    shady, judge, miner = fresh("shady"), fresh("judge"), fresh("miner")
    pushed(portal_server, tmp_path, shady, miner)
    portal_server.create_account(judge)
    portal_server.manage("shell", "-c", RANK.format(judge))
    page.goto(f"/recipes/{miner}/")
    expect(page.get_by_role("heading", name="Get it and build it")).to_be_visible()

    portal_server.manage("shell", "-c", QUARANTINE.format(judge=judge, recipe=miner))
    page.goto(f"/recipes/{miner}/")
    box = page.get_by_role("alert")
    expect(box).to_contain_text("It mines coins.")
    expect(box).to_contain_text(f"Stopped by {judge}")
    expect(box).to_contain_text(f"sudo apt-get purge {miner}")
    expect(page.get_by_role("heading", name="Get it and build it")).to_have_count(0)
    expect(page.get_by_role("region", name="Can it be trusted?")).to_contain_text("1 quarantine here")
    assert not scrolls_sideways(page)

    page.goto(f"/recipes/?q={miner}")
    expect(page.locator("main")).not_to_contain_text("friendly greeting for tests")
    page.goto(f"/recipes/?q={miner}+quarantined:yes")
    expect(page.locator("main").get_by_role("link", name=miner)).to_be_visible()
