"""The pages that every check of a page looks at. A new page joins by its line here; `{…}` are filled in from `World`."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, StorageState

from tests.factories import commit_tree, git, recipe_tree
from tests.servers.portal import PortalServer

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
LONG = "b" + "-quite-long-word" * 7

# What anybody sees.
VISITOR = (
    "/",
    "/recipes/",
    "/recipes/?q=quite-long",
    "/recipes/?q=nonsense:value",
    "/recipes/?q=modle",
    "/recipes/{rich}/",
    "/recipes/{long}/",
    "/recipes/{long}/files/{commit}/",
    "/recipes/{long}/files/{commit}/debian/control",
    "/recipes/{long}/blame/{commit}/debian/rules",
    "/recipes/{long}/history/{commit}/debian/rules",
    "/recipes/{long}/diff/{first}/{commit}/",
    "/recipes/{long}/diff/{first}/{commit}/?view=split",
    "/recipes/{long}/changes/",
    "/recipes/{long}/changes/?since=1.0-1",
    "/recipes/{long}/revisions/",
    "/recipes/{long}/revisions/{commit}/",
    "/recipes/{long}/revisions/{commit}/lint/",
    "/recipes/{long}/security/",
    "/recipes/{long}/activity/",
    "/recipes/{long}/comments/",
    "/recipes/{long}/comments/{comment}/",
    "/recipes/{long}/flags/",
    "/recipes/{long}/flags/{flag}/",
    "/recipes/{long}/team/",
    "/recipes/{long}/requests/",
    "/recipes/{long}/requests/{request}/",
    "/users/{username}/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-gone/",
    "/accounts/password/reset/key/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/gone/",
    "/accounts/inactive/",
    "/appearance/",
    "/checks/",
    "/checks/DUR701/",
    "/classes/",
    "/gates/",
    "/dumps/",
    "/lint/tags/",
    "/lint/tags/trial-build-failed/",
    "/terms/",
    "/log/",
    "/no/such/page/",
)
# What an account sees beside.
ACCOUNT = (
    "/",
    "/dashboard/",
    "/recipes/{rich}/",
    "/recipes/{rich}/flags/",
    "/account/",
    "/account/profile/",
    "/account/keys/",
    "/account/security/",
    "/account/mail/",
    "/account/delete/",
    "/accounts/email/",
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/inbox/",
    "/recipes/{long}/following/",
    "/recipes/{long}/report/",
    "/recipes/{long}/comments/{comment}/report/",
    "/users/{username}/report/",
    "/submit/",
    "/submit/?name=hello",
    "/submit/upload/",
    "/submit/questions/?name=hello",
)
# What the maintainer of the long recipe sees.
OWNER = (
    "/dashboard/",
    "/inbox/",
    "/recipes/{long}/",
    "/recipes/{long}/edit/{commit}/debian/rules",
    "/recipes/{long}/comments/{comment}/edit/",
    "/recipes/{long}/flags/{flag}/",
    "/recipes/{long}/team/",
    "/recipes/{long}/team/disown/",
    "/recipes/{long}/team/{member}/remove/",
    "/recipes/{long}/requests/{request}/",
    "/recipes/{long}/webhooks/",
    "/recipes/{long}/webhooks/{hook}/",
)
# What somebody sees who is in its team.
MEMBER = ("/recipes/{long}/team/leave/",)
# Moderators' pages.
STAFF = (
    "/moderation/",
    "/moderation/entries/{entry}/",
    "/moderation/accounts/{username}/",
    "/moderation/names/",
    "/moderation/switches/",
    "/moderation/incident/",
    "/moderation/switches/sign-up/",
    "/moderation/news/",
    "/moderation/news/{news}/",
    "/moderation/relint/",
    "/moderation/relint/1/",
    "/moderation/recipes/{rich}/",
    "/moderation/recipes/{rich}/rename/",
    "/moderation/recipes/{rich}/quarantine/",
)


@dataclass(frozen=True)
class World:
    """What the addresses lead to: a recipe with everything a manifest can say, and one whose every word is long."""

    rich: str
    long: str
    first: str
    commit: str
    username: str
    member: str
    comment: int
    flag: int
    request: int
    hook: int
    entry: int
    news: int

    def address(self, pattern: str) -> str:
        """Return the address that `pattern` stands for."""
        return pattern.format(**asdict(self))


def make_world(server: PortalServer) -> World:
    """Push the recipes to a running portal, on which the catalogue is being linted again."""
    username = "catalogue-keeper"
    secret = server.create_account(username)
    with tempfile.TemporaryDirectory() as folder:
        rich = Path(folder) / "rich"
        shutil.copytree(EXAMPLES / "model-all-minilm-l6-v2", rich)
        git("init", "-q", "-b", "main", cwd=rich)
        git("add", "-A", cwd=rich)
        git("commit", "-q", "-m", "Release", cwd=rich)
        _push(server, rich, "model-all-minilm-l6-v2", username, secret)
        long = Path(folder) / "long"
        first = commit_tree(recipe_tree(LONG, "1.0-1"), long)
        _push(server, long, LONG, username, secret)
        version = "1:" + "1.0" * 20 + "-1"
        rules = "#!/usr/bin/make -f\n# " + "x" * 900 + "\n%:\n\tdh $@\n"
        commit = commit_tree(recipe_tree(LONG, version, **{"debian/rules": rules}), long)
        _push(server, long, LONG, username, secret)
    _add_relint(server)
    member = "second-keeper"
    for name in (member, "page-writer"):
        server.create_account(name)
    rows = json.loads(server.manage("shell", "-c", _FILL.format(recipe=LONG, keeper=username, member=member)).splitlines()[-1])
    return World("model-all-minilm-l6-v2", LONG, first, commit, username, member, **rows)


# What people did with the long recipe; prints the keys of the rows, as World has them.
_FILL = """
import json
from recipes_app.models import CoRole, Flag, OwnershipRequest, QueueEntry, Rank, Recipe, User
from recipes_app.services.community import comments
from recipes_app.services.moderation import flags, news, requests
from recipes_app.services.ownership import invitations
from recipes_app.services.notifications import webhooks
recipe = Recipe.objects.get(name="{recipe}")
keeper, writer = User.objects.get(username="{keeper}"), User.objects.get(username="page-writer")
member = User.objects.get(username="{member}")
invitations.invite(keeper, recipe, member, CoRole.PUSH)
invitations.accept(member, recipe)
comment = comments.add(keeper, recipe, "Built with `-march=native`: **1.4 times** as quick. See <https://example.org/> and #1.")
comments.add(writer, recipe, "Not " + "here" * 60, parent=comment)
flag = flags.raise_flag(writer, recipe, Flag.Kind.BROKEN, flags.FlagText("It does not build: " + "x" * 200))
asked = requests.file(writer, recipe, OwnershipRequest.Kind.DELETION, "Nobody " + "needs" * 50 + " it.")
hook = webhooks.add(keeper, recipe, "https://hooks.example.org/a/rather/long/address/of/a/hook", webhooks.EVENTS[:3])
writer.rank = Rank.MODERATOR
said = news.publish(writer, "A machine moves", "On *Sunday* nothing is linted.")
print(json.dumps({{
    "comment": comment.pk, "flag": flag.pk, "request": asked.pk, "hook": hook.pk,
    "entry": QueueEntry.objects.filter(recipe=recipe).earliest("pk").pk, "news": said.pk,
}}))
"""


def _add_relint(server: PortalServer) -> None:
    """Add a re-lint that has changed something about the long recipe, and the tool that asked for it."""
    server.manage(
        "shell", "-c",
        "from recipes_app.models import LintTool, RelintChange, RelintRun, Revision\n"
        "tool = {'stage': 'source-lint', 'tool': 'lintian', 'tool_version': '2.122.0+deb13u1', 'profile': 'debian/main'}\n"
        "LintTool.objects.create(**tool)\n"
        "run = RelintRun.objects.create(pk=1, **tool, was_version='2.116.3', total=5, done=1, state='paused')\n"
        "for kind, tag in (('came', 'team/pkg-perl/testsuite/autopkgtest-needs-use-name'), ('went', 'x'), ('failed', '')):\n"
        "    RelintChange.objects.create(run=run, revision=Revision.objects.earliest('pk'), kind=kind, tag=tag)\n",
    )  # fmt: skip


def _push(server: PortalServer, work: Path, name: str, username: str, secret: str) -> None:
    pushed = server.git("push", server.git_url(name, username, secret), "HEAD:main", cwd=work)
    assert pushed.status == 0, pushed.output


def signed_in(browser: Browser, server: PortalServer, username: str, rank: str = "user") -> StorageState:
    """Make an account and return the state of a browser in which it is signed in."""
    server.create_account(username, rank)
    return signed_in_again(browser, server, username)


def signed_in_again(browser: Browser, server: PortalServer, username: str) -> StorageState:
    """Give an account that is there a password, and return the state of a browser in which it is signed in."""
    password = "a long and quiet evening"
    found = f"from recipes_app.models import User; user = User.objects.get(username={username!r})"
    server.manage("shell", "-c", f"{found}; user.set_password({password!r}); user.save()")
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill(username)
    page.get_by_label("Password").fill(password)
    page.locator("main").get_by_role("button", name="Sign In", exact=True).click()
    page.wait_for_url("**/dashboard/")
    state = context.storage_state()
    context.close()
    return state


def signed_in_writer(browser: Browser, server: PortalServer, username: str, rank: str = "user") -> StorageState:
    """Make an account that has accepted the terms, so that it may write, and return the state of a browser of it."""
    state = signed_in(browser, server, username, rank)
    accept = f"User.objects.filter(username={username!r}).update(terms_version=terms.in_force())"
    server.manage(
        "shell", "-c", f"from recipes_app.models import User; from recipes_app.services.accounts import terms; {accept}"
    )
    return state
