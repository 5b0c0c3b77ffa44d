"""What scripts add to pages that are not loaded anew: votes, the lint that runs, the queue by keys; and each without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import PortalServer

from .pages import signed_in_writer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("browser-without-reload")]
JOBS = "from recipes_app.models import LintJob; jobs = LintJob.objects.filter(revision__recipe__name='{name}').order_by('id')"
REPORT = (
    "from recipes_app.services.lint import jobs as lint; "
    "from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome; "
    "hint = Hint(HintSeverity.ERROR, 'made-up-tag', 'src:{name}'); "
    "[lint.record_report(job.pk, LintReport(Outcome.FAILED, stage=job.stage, tool='t', tool_version='1', hints=[hint]).to_json())"
    " for job in jobs]"
)


def pushed(server: PortalServer, name: str, folder: Path) -> str:
    """Push a recipe and return its commit."""
    secret = server.create_account(f"{name}-keeper")
    commit = commit_tree(recipe_tree(name), folder)
    done = server.git("push", server.git_url(name, f"{name}-keeper", secret), "HEAD:main", cwd=folder)
    assert done.status == 0, done.output
    return commit


def count_loads(page: Page) -> list[str]:
    """Return the list that grows with each page that is loaded."""
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    return loads


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_vote_and_follow(scripts: bool, chromium: Browser, portal_server: PortalServer, tmp_path: Path) -> None:
    name = f"voted-{'scripts' if scripts else 'plain'}"
    pushed(portal_server, name, tmp_path)
    state = signed_in_writer(chromium, portal_server, f"{name}-reader")
    context = chromium.new_context(base_url=portal_server.url, storage_state=state, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"/recipes/{name}/")
    loads = count_loads(page)
    page.get_by_role("button", name="Vote").click()
    expect(page.locator("#standing")).to_contain_text("1 vote")
    taken_back = page.get_by_role("button", name="Take my vote back")
    if scripts:
        expect(taken_back).to_be_focused()
        page.get_by_role("button", name="Follow").click()
        expect(page.get_by_role("button", name="Stop following")).to_be_focused()
        assert loads == []
    taken_back.click()
    expect(page.locator("#standing")).to_contain_text("0 votes")
    context.close()


def test_vote_that_is_refused_leads_to_the_page_that_says_why(
    chromium: Browser, portal_server: PortalServer, tmp_path: Path
) -> None:
    pushed(portal_server, "refused-vote", tmp_path)
    context = chromium.new_context(
        base_url=portal_server.url, storage_state=signed_in_writer(chromium, portal_server, "unverified-voter")
    )
    page = context.new_page()
    page.goto("/recipes/refused-vote/")
    unverify = "EmailAddress.objects.filter(user__username='unverified-voter').update(verified=False)"
    portal_server.manage("shell", "-c", f"from allauth.account.models import EmailAddress; {unverify}")
    page.get_by_role("button", name="Vote").click()
    expect(page.get_by_text("verify your e-mail address first")).to_be_visible()
    context.close()


def test_lint_that_ends_is_shown_where_one_looks(page: Page, portal_server: PortalServer, tmp_path: Path) -> None:
    commit = pushed(portal_server, "watched", tmp_path)
    jobs = JOBS.format(name="watched")
    page.goto(f"/recipes/watched/revisions/{commit}/lint/")
    loads = count_loads(page)
    expect(page.get_by_text("in the queue")).to_be_visible()
    expect(page.get_by_role("link", name="Reload to see how far it is")).to_be_hidden()
    portal_server.manage("shell", "-c", f"{jobs}; from recipes_app.services.lint import jobs as lint; lint.start(jobs[0].pk)")
    expect(page.get_by_text("Recipe checks is running").first).to_be_visible(timeout=40_000)
    portal_server.manage("shell", "-c", f"{jobs}; {REPORT.format(name='watched')}")
    expect(page.get_by_text("made-up-tag").first).to_be_visible(timeout=40_000)
    expect(page.locator("#live-said")).to_have_text("Every stage of lint has ended.")
    assert loads == []


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_lint_that_runs_has_a_link_to_reload(page: Page, portal_server: PortalServer, tmp_path: Path) -> None:
    commit = pushed(portal_server, "watched-plain", tmp_path)
    page.goto(f"/recipes/watched-plain/revisions/{commit}/lint/")
    portal_server.manage("shell", "-c", f"{JOBS.format(name='watched-plain')}; {REPORT.format(name='watched-plain')}")
    page.get_by_role("link", name="Reload to see how far it is").click()
    expect(page.get_by_text("made-up-tag").first).to_be_visible()


def test_queue_is_worked_by_keys_alone(chromium: Browser, portal_server: PortalServer, tmp_path: Path) -> None:
    pushed(portal_server, "by-keys", tmp_path)
    portal_server.create_account("key-flagger")
    state = signed_in_writer(chromium, portal_server, "key-judge", "moderator")
    portal_server.manage(
        "shell", "-c",
        "from recipes_app.models import Flag, Recipe, User; from recipes_app.services.moderation import flags; "
        "flags.raise_flag(User.objects.get(username='key-flagger'), Recipe.objects.get(name='by-keys'), Flag.Kind.LICENCE, "
        "flags.FlagText('It is not MIT.', subject='x', proposed_class='nonfree'))",
    )  # fmt: skip
    context = chromium.new_context(base_url=portal_server.url, storage_state=state)
    page = context.new_page()
    page.goto("/moderation/?recipe=by-keys")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("claim it, or give it back")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.get_by_text("You have claimed it.")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text("Moderation")
    page.goto("/moderation/?recipe=by-keys")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Decide")).to_be_visible()
    page.keyboard.press("d")
    page.keyboard.type("We looked at it: closed.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Decided.")).to_be_visible()

    page.goto("/appearance/")
    page.get_by_label("No shortcuts by single keys").check()
    page.get_by_role("button", name="Keep").click()
    page.goto("/moderation/?recipe=by-keys")
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()
    page.keyboard.press("u")
    page.keyboard.press("?")
    assert page.url.endswith("?recipe=by-keys")
    expect(page.get_by_role("dialog")).to_have_count(0)
    context.close()
