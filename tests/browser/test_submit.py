"""A recipe from a tarball and an edit of one of its files, in the browser alone, with scripts and without."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import packed, recipe_tree
from tests.servers.portal import PortalServer

from .pages import signed_in_writer
from .test_first_visit import sign_up

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-submit")]


def choose(page: Page, folder: Path, tree: dict[str, bytes]) -> None:
    """Choose a tarball of `tree` in the form."""
    tarball = folder / "debian.tar.gz"
    tarball.write_bytes(packed(tree).read())
    page.get_by_label("Files", exact=True).set_input_files(tarball)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_recipe_is_uploaded_mended_and_edited(
    scripts: bool, chromium: Browser, portal_server: PortalServer, tmp_path: Path
) -> None:
    name = f"uploaded-{'scripts' if scripts else 'plain'}"
    context = chromium.new_context(base_url=portal_server.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_up(page, portal_server, f"keeper-{'scripts' if scripts else 'plain'}")
    page.goto("/")
    page.get_by_role("link", name="Submit", exact=True).click()
    page.get_by_label("Name of the source package").fill(name)
    page.get_by_role("button", name="Show my commands").click()
    expect(page.get_by_text(f"/git/{name}.git")).to_be_visible()

    page.get_by_role("link", name="Upload a debian/ tarball").click()
    page.get_by_label("Commit message").fill("The words that are kept")
    choose(page, tmp_path, recipe_tree(name, **{"debian/changelog": "nonsense\n"}))
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_role("alert").first).to_contain_text("debian/changelog:1")
    expect(page.get_by_label("Commit message")).to_have_value("The words that are kept")
    choose(page, tmp_path, recipe_tree(name))
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)

    page.goto(f"/recipes/{name}/")
    page.get_by_role("link", name="Files", exact=True).click()
    page.get_by_role("link", name="debian/").click()
    page.get_by_role("link", name="rules").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Content").fill("#!/usr/bin/make -f\n%:\n\tdh $@ --verbose\n")
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.goto(f"/recipes/{name}/")
    page.get_by_role("link", name="Files", exact=True).click()
    page.get_by_role("link", name="debian/").click()
    page.get_by_role("link", name="rules").click()
    expect(page.get_by_text("--verbose")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_recipe_is_made_by_answers(scripts: bool, chromium: Browser, portal_server: PortalServer) -> None:
    name = f"answered-{'scripts' if scripts else 'plain'}"
    state = signed_in_writer(chromium, portal_server, f"{name}-keeper")
    context = chromium.new_context(base_url=portal_server.url, java_script_enabled=scripts, storage_state=state)
    page = context.new_page()
    page.goto("/submit/")
    page.get_by_role("link", name="Answer a handful of questions").click()
    for label, answer in {
        "Name of the source package": name, "Upstream's version": "1.0", "What it is, in one line": "friendly greeting",
        "What it does, and for whom": "It greets who is there.", "SHA-256 of it": "abc", "Size in bytes": "725946",
        "Address of upstream's tarball": "https://example.org/greeting-1.0.tar.gz",
        "Who holds the copyright": "2020 Ada Lovelace",
        "Your name as its maintainer": "Ada Lovelace", "Your address as its maintainer": "ada@example.org",
    }.items():  # fmt: skip
        page.get_by_label(label).fill(answer)
    page.get_by_role("button", name="Create the recipe").click()
    expect(page.get_by_text("expected 64 hexadecimal digits")).to_be_visible()
    expect(page.get_by_label("What it does, and for whom")).to_have_value("It greets who is there.")
    page.get_by_label("SHA-256 of it").fill("31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b")
    page.get_by_role("button", name="Show the files first").click()
    page.get_by_text("debian/control", exact=True).click()
    expect(page.get_by_text("Description: friendly greeting")).to_be_visible()
    page.get_by_role("button", name="Create the recipe").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{name} 1.0-1")
    context.close()
