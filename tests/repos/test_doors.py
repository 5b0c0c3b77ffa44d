"""What is held back leaves by no door: every state that a revision can be in, and everything that a stranger can ask for.

Each case has a commit with a file that nobody but the team and reviewers may have. The states come about by real pushes and by
what moderators do; the doors are git's protocols 0, 1 and 2 over HTTP and SSH, files, pages, API, feeds and dumps.
"""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.repos.workspace import Workspace
from tests.servers.portal import PortalServer, start_portal
from tests.servers.sshd import SshServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("doors")]

FILE = "debian/postinst"
MARK = "only-for-the-team"
SCRIPT = f"#!/bin/sh\nset -e\necho {MARK}\n#DEBHELPER#\n"
_AS_MODERATOR = """
from datetime import timedelta
from django.utils import timezone
from recipes_app.models import Recipe, Revision, User
from recipes_app.services.moderation import lifecycle, quarantine, revisions, sanctions
from recipes_app.services.publishing import publish
mod = User.objects.get(username="mod")
recipe = Recipe.objects.get(name={name!r})
def at(commit): return recipe.revisions.get(commit=commit)
{statement}
"""


@dataclass
class Case:
    """One recipe of which `hidden` is a commit that may not get out; `shown` is what is published, empty for nothing."""

    workspace: Workspace
    hidden: str
    shown: str

    @property
    def url(self) -> str:
        return self.workspace.server.git_url(self.workspace.name)

    def objects(self) -> list[str]:
        """Return the ids that only the hidden commit reaches: itself, its trees, and the file."""
        known = [f"^{self.shown}"] if self.shown else []
        listed = self.workspace.plumb("rev-list", "--objects", self.hidden, *known).decode().splitlines()
        return [line.split(" ")[0] for line in listed]


@pytest.fixture(scope="module")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """A portal on which a maintainer script is held, and a young account is not."""
    server = start_portal(tmp_path_factory.mktemp("doors"))
    server.create_account("mod", rank="moderator")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def ada_token(strict_server: PortalServer) -> str:
    return strict_server.create_account("ada")


def moderate(workspace: Workspace, statement: str) -> None:
    workspace.server.manage("shell", "-c", _AS_MODERATOR.format(name=workspace.name, statement=statement))


def held(workspace: Workspace) -> Case:
    first = workspace.commit()
    assert workspace.push().status == 0
    hidden = workspace.commit(version="1.0-2", **{FILE: SCRIPT})
    assert "held" in workspace.push().remote[0]
    return Case(workspace, hidden, first)


def rejected(workspace: Workspace) -> Case:
    case = held(workspace)
    moderate(workspace, f"publish.review(mod, at({case.hidden!r}), release=False, decision='no')")
    return case


def published(workspace: Workspace) -> Case:
    """Return a case whose second commit everybody had for a while: released by a reviewer, and read at each page once."""
    case = held(workspace)
    moderate(workspace, f"publish.review(mod, at({case.hidden!r}), release=True, decision='looked at it')")
    assert workspace.stored() == {"main": case.hidden}
    for address in pages(case):
        fetch(workspace.server, address)
    return case


def quarantined_revision(workspace: Workspace) -> Case:
    case = published(workspace)
    moderate(workspace, f"revisions.take_out(mod, at({case.hidden!r}), 'malware')")
    return case


def rolled_back(workspace: Workspace) -> Case:
    case = published(workspace)
    # What was pushed in the same second would go with it.
    moderate(workspace, f"recipe.revisions.filter(commit={case.shown!r}).update(pushed_at=timezone.now() - timedelta(days=9))")
    moderate(workspace, f"sanctions.roll_back(mod, User.objects.get(username='ada'), at({case.hidden!r}).pushed_at, 'stolen')")
    return case


def quarantined_recipe(workspace: Workspace) -> Case:
    case = published(workspace)
    moderate(workspace, "quarantine.quarantine(mod, recipe, 'malware')")
    return Case(workspace, case.hidden, "")


def deleted_recipe(workspace: Workspace) -> Case:
    case = published(workspace)
    moderate(workspace, "lifecycle.delete(mod, recipe, 'spam')")
    return Case(workspace, case.hidden, "")


def held_suite_branch(workspace: Workspace) -> Case:
    first = workspace.commit()
    assert workspace.push().status == 0
    hidden = workspace.commit(version="1.0-2~bpo12+1", **{FILE: SCRIPT})
    assert "held" in workspace.push("HEAD:debian/bookworm-backports").remote[0]
    return Case(workspace, hidden, first)


STATES: dict[str, Callable[[Workspace], Case]] = {
    "held": held,
    "rejected": rejected,
    "quarantined revision": quarantined_revision,
    "rolled back": rolled_back,
    "quarantined recipe": quarantined_recipe,
    "deleted recipe": deleted_recipe,
    "held suite branch": held_suite_branch,
}


@pytest.fixture(scope="module", params=STATES, ids=lambda name: name.replace(" ", "-"))
def case(
    request: pytest.FixtureRequest, strict_server: PortalServer, ada_token: str, tmp_path_factory: pytest.TempPathFactory
) -> Case:
    folder = tmp_path_factory.mktemp("work")
    return STATES[request.param](Workspace(strict_server, folder, "door-" + request.param.replace(" ", "-"), "ada", ada_token))


def pages(case: Case) -> list[str]:
    """Return every address of site and API that is about the hidden commit or about what the recipe has now."""
    name, commit = case.workspace.name, case.hidden
    recipe, api = f"/recipes/{name}/", f"/api/v1/recipes/{name}/"
    other = case.shown or commit
    return [
        recipe,
        f"{recipe}revisions/{commit}/",
        f"{recipe}files/{commit}/{FILE}",
        f"{recipe}files/{commit}/",
        f"{recipe}blame/{commit}/{FILE}",
        f"{recipe}history/{commit}/{FILE}",
        f"{recipe}diff/{other}/{commit}/",
        f"{recipe}changes/?since=1.0-1",
        f"{recipe}activity/",
        api,
        f"{api}files/{commit}/",
        f"{api}files/{commit}/{FILE}",
        f"{api}snapshots/{commit}/",
        f"{api}diff/{other}/{commit}/",
        f"{api}revisions/{commit}/",
        f"/feeds/recipes/{name}/",
        "/feeds/updated/",
        f"/git/{name}.git/info/refs",
        f"/git/{name}.git/HEAD",
        f"/git/{name}.git/objects/info/packs",
        f"/git/{name}.git/objects/info/alternates",
        *(f"/git/{name}.git/objects/{each[:2]}/{each[2:]}" for each in case.objects()),
        "/dumps/recipes.jsonl",
        "/dumps/Sources.gz",
    ]


def fetch(server: PortalServer, address: str, accept: str = "*/*") -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{server.url}{address}", headers={"Accept": accept})) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_no_page_and_no_file_has_it(case: Case) -> None:
    listing = {address: fetch(case.workspace.server, address) for address in pages(case)}
    patch = f"/api/v1/recipes/{case.workspace.name}/diff/{case.shown or case.hidden}/{case.hidden}/"
    listing["patch"] = fetch(case.workspace.server, patch, "text/x-diff")
    assert [address for address, (_, body) in listing.items() if MARK.encode() in body] == []
    assert [(address, status) for address, (status, _) in listing.items() if status >= 500] == []
    files = [status for address, (status, _) in listing.items() if f"/files/{case.hidden}" in address]
    assert set(files) <= {403, 404}


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_git_over_http_has_none_of_its_objects(case: Case, protocol: int, tmp_path: Path) -> None:
    server = case.workspace.server

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        return run_git(server, tmp_path, protocol, *words)

    assert_nothing_gets_out(case, git, case.url, tmp_path)


@pytest.mark.parametrize("protocol", [0, 2])
def test_git_over_ssh_has_none_of_its_objects_for_a_stranger(
    ssh_server: SshServer, protocol: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """SSH goes to another portal of the session: one state stands for all, since both ask the same function."""
    if "door-stranger" not in _SSH_READY:
        ssh_server.create_accounts("door-ada", "door-stranger")
        _SSH_READY.add("door-stranger")
    token = ssh_server.portal.manage("create_token", "door-ada", "--scope", "push", "--scope", "read").strip()
    folder = tmp_path / "work"
    folder.mkdir()
    case = held(Workspace(ssh_server.portal, folder, f"door-ssh-{protocol}", "door-ada", token))

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        result = ssh_server.git("door-stranger", "-c", f"protocol.version={protocol}", *words, cwd=tmp_path)
        return subprocess.CompletedProcess(words, result.status, result.output, "")

    assert_nothing_gets_out(case, git, ssh_server.url(case.workspace.name), tmp_path)
    # Its maintainer has it, by the same address.
    own = ssh_server.git("door-ada", "ls-remote", ssh_server.url(case.workspace.name), cwd=tmp_path)
    assert case.hidden in own.output


_SSH_READY: set[str] = set()


def run_git(server: PortalServer, folder: Path, protocol: int, *words: str) -> subprocess.CompletedProcess[str]:
    result = server.git("-c", f"protocol.version={protocol}", *words, cwd=folder)
    return subprocess.CompletedProcess(words, result.status, result.output, "")


def assert_nothing_gets_out(case: Case, git: Callable[..., subprocess.CompletedProcess[str]], url: str, folder: Path) -> None:
    """Ask for branches, whole and partial clones, mirrors, and each object by its id."""
    objects = case.objects()
    assert case.hidden in objects
    assert case.hidden not in git("ls-remote", url).stdout
    for number, options in enumerate(
        ((), ("--mirror",), ("--filter=blob:none", "--no-checkout"), ("--depth=1",), ("--filter=tree:0", "--no-checkout"))
    ):
        clone = f"clone-{number}"
        done = git("clone", "-q", *options, "--", url, clone)
        assert (done.returncode == 0) == bool(case.shown), done.stdout
        if case.shown:
            for each in objects:
                # A partial clone asks the server for what it has not.
                assert git("-C", clone, "cat-file", "-p", each).returncode != 0, (options, each)
    git("init", "-q", "empty")
    for each in objects:
        for options in ((), ("--depth=1",), ("--filter=blob:none",)):
            assert git("-C", "empty", "fetch", "-q", *options, url, each).returncode != 0, (options, each)
    assert not list((folder / "empty" / ".git" / "objects" / "pack").glob("*.pack"))


def test_store_has_the_objects_in_the_intake_alone(case: Case) -> None:
    """The rule behind all doors: the object is not there. Its team still has it."""
    repos = case.workspace.server.data / "repos"
    public = next(repos.glob(f"public/*/*/{case.workspace.name}.git"), None)
    (intake,) = repos.glob(f"intake/*/*/{case.workspace.name}.git")
    for each in case.objects():
        there = subprocess.run(["git", "--git-dir", str(intake), "cat-file", "-e", each], capture_output=True, check=False)
        assert there.returncode == 0
        if public is not None:
            gone = subprocess.run(["git", "--git-dir", str(public), "cat-file", "-e", each], capture_output=True, check=False)
            assert gone.returncode != 0
    whole = subprocess.run(["git", "--git-dir", str(intake), "fsck", "--full"], capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stderr


def test_team_fetches_what_is_held_by_the_same_address(case: Case, tmp_path: Path) -> None:
    """By a token in the header, as a client with `http.proactiveAuth` or a credential helper sends it."""
    server = case.workspace.server
    header = f"http.extraHeader=Authorization: Bearer {case.workspace.secret}"
    listed = server.git("-c", header, "ls-remote", case.url, cwd=tmp_path).output
    name = case.workspace.name
    if name in ("door-quarantined-recipe", "door-deleted-recipe"):
        assert case.hidden not in listed
    elif name in ("door-held", "door-held-suite-branch"):
        assert case.hidden in listed
    else:
        # It left the branch, which stands at what is published, and cannot come back.
        assert case.hidden not in listed
        pushed = case.workspace.push()
        assert pushed.status != 0
        assert f"{case.hidden[:12]} was rejected or taken out, and does not come back" in pushed.output


def test_maintainer_works_on_while_a_revision_is_held(
    strict_server: PortalServer, ada_token: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A pull changes nothing, a better commit on top is taken and published, and after a rejection work goes on from there."""
    workspace = Workspace(strict_server, tmp_path_factory.mktemp("pulls"), "door-pulls", "ada", ada_token)
    case = held(workspace)
    pulled = strict_server.git("pull", "-q", "--ff-only", case.url, "main", cwd=workspace.folder)
    assert pulled.status == 0, pulled.output
    assert workspace.plumb("rev-parse", "HEAD").decode().strip() == case.hidden
    # Compared with what is published, nothing is left of the script.
    better = workspace.commit(version="1.0-3", **{FILE: None})
    said = workspace.push()
    assert said.remote[0].startswith("published door-pulls 1.0-3"), said.output
    assert workspace.stored() == {"main": better}
    again = workspace.commit(version="1.0-4", **{FILE: SCRIPT})
    assert "held" in workspace.push().remote[0]
    moderate(workspace, f"publish.review(mod, at({again!r}), release=False, decision='no')")
    upon = workspace.commit(version="1.0-5", **{FILE: None})
    refused = workspace.push()
    assert f"{again[:12]} was rejected or taken out" in refused.output
    assert "git rebase" in refused.output
    rebased = strict_server.git(
        "-c", "user.name=Ada", "-c", "user.email=a@b.c", "rebase", "-q", "--onto", better, again, "main", cwd=workspace.folder
    )
    # The rebase meets its own changelog; what counts is that the branch is where it can go on.
    strict_server.git("rebase", "--abort", cwd=workspace.folder)
    workspace.plumb("reset", "-q", "--soft", better)
    assert workspace.commit(version="1.0-6") not in (again, upon)
    assert workspace.push().remote[0].startswith("published door-pulls 1.0-6"), rebased.output
