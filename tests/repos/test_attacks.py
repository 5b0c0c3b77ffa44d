"""The attacks that hit the AUR in 2018, 2025 and 2026, by real pushes to a site with every gate in force.

Each is also made by somebody who waits, brings a second account, uses another project of the same forge, or touches debian/rules
alone. None may become current before a trusted person has released it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.repos.workspace import Workspace
from tests.servers.portal import GitResult, PortalServer, start_portal

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("attacks")]

EVIL_RULES = "#!/usr/bin/make -f\n%:\n\tdh $@\n\noverride_dh_auto_build:\n\t./helper.sh\n"
SCRIPT = "#!/bin/sh\nset -e\nupdate-things || true\n#DEBHELPER#\n"
MANIFEST = """\
Format: 1
Source: {name}

Fetch: {name}-{version}.tar.gz
URL: https://github.com/{project}/archive/{name}-{version}.tar.gz
SHA256: {checksum}
Size: 100
Role: orig
"""


@pytest.fixture(scope="module")
def site() -> Iterator[PortalServer]:
    """A site as in production, as far as gates go."""
    data = Path(tempfile.mkdtemp(prefix="portal-attacks-"))
    server = start_portal(data, REVIEW_GATES="enforce", REVIEW_SAMPLE_PERCENT="0")
    yield server
    server.stop()
    shutil.rmtree(data, ignore_errors=True)


def shell(site: PortalServer, code: str) -> str:
    """Run Python on the site's data: what time would do, and what people do on pages."""
    begin = "from datetime import timedelta\nfrom django.utils import timezone\nfrom recipes_app.models import *\n"
    return site.manage("shell", "--verbosity", "0", "-c", begin + code).strip()


@dataclass(frozen=True)
class People:
    """Accounts by name, each with the secret of a token as old as itself."""

    secrets: dict[str, str]

    def signed(self, work: Workspace, name: str) -> None:
        work.username, work.secret = name, self.secrets[name]


_PEOPLE = """
import json
from allauth.account.models import EmailAddress
from recipes_app.services.accounts import tokens
found = {}
for name, days in PEOPLE.items():
    user = User.objects.create(username=name, email=f"{name}@example.org", rank="trusted" if name == "rita" else "user")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    old = timezone.now() - timedelta(days=days)
    User.objects.filter(pk=user.pk).update(date_joined=old)
    token, found[name] = tokens.issue(user, "old", ["push", "read"])
    ApiToken.objects.filter(pk=token.pk).update(created_at=old)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def people(site: PortalServer) -> People:
    """Owners, somebody who adopts, a second account, newcomers, and a reviewer."""
    days = {"owner": 400, "heir": 400, "second": 400, "newborn": 0, "newcomer": 8, "rita": 400}
    return People(json.loads(shell(site, f"PEOPLE = {days!r}" + _PEOPLE)))


def manifest(name: str, version: str = "1.0", project: str = "upstream/tool", checksum: str = "1") -> str:
    return MANIFEST.format(name=name, version=version, project=project, checksum=checksum * 64)


class AttackedRecipe:
    """A recipe whose owner has published revisions over time, and what anybody gets of it."""

    def __init__(self, site: PortalServer, people: People, folder: Path, revisions: int = 12, days: int = 300) -> None:
        self.site, self.people, self.name = site, people, hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        folder.mkdir(parents=True)
        self.work = Workspace(site, folder, self.name, "owner", people.secrets["owner"])
        self.versions = itertools.count(1)
        self.commit("1.0-1")
        assert self.work.push().remote[0].startswith("published")
        self.time(f"""
for each in range({revisions}):
    at = timezone.now() - timedelta(days={days} * ({revisions} - each) / {revisions})
    if each == 0:
        Revision.objects.filter(pk=recipe.current.pk).update(pushed_at=at)
        continue
    Revision.objects.create(recipe=recipe, commit=f"{{each:040x}}", version=f"1.0-1~{{each}}", pushed_at=at, branch="old",
        pusher=recipe.current.pusher, pusher_name="owner", metadata=recipe.current.metadata, came_by=recipe.current.came_by)
""")  # fmt: skip

    def time(self, code: str) -> str:
        """Run Python that knows this `recipe`."""
        return shell(self.site, f"recipe = Recipe.objects.get(name={self.name!r})\n{code}")

    def commit(self, version: str, **files: Any) -> None:
        self.work.commit(version, **({"debian/dur": manifest(self.name)} | files))

    def attack(self, **files: Any) -> GitResult:
        """Push the next version with `files`; return what git said."""
        self.commit(f"1.1-{next(self.versions)}", **files)
        result = self.work.push()
        assert result.status == 0, result.output
        return result

    def current(self) -> str:
        with urllib.request.urlopen(f"{self.site.url}/api/v1/recipes/{self.name}/") as answer:
            return str(json.load(answer)["version"])

    def give_to_heir(self, days_ago: int) -> None:
        """Let the recipe change hands, and the new owner invite a second account."""
        self.time(f"""
at = timezone.now() - timedelta(days={days_ago})
Recipe.objects.filter(pk=recipe.pk).update(maintainer=User.objects.get(username="heir"), adopted_at=at, ownership_changed_at=at)
recipe.co_maintainers.all().delete()
recipe.co_maintainers.create(user=User.objects.get(username="second"), role="push", position=0, since=at + timedelta(hours=1))
""")  # fmt: skip


@pytest.fixture
def recipe(site: PortalServer, people: People, tmp_path: Path) -> AttackedRecipe:
    return AttackedRecipe(site, people, tmp_path / "work")


def payloads(name: str) -> dict[str, dict[str, str]]:
    """Return the ways to arm a recipe, each by one kind of file alone."""
    return {
        "script": {"debian/postinst": SCRIPT},
        "rules": {"debian/rules": EVIL_RULES},
        "other project": {"debian/dur": manifest(name, "1.1", "attacker/tool", "2")},
        "other bytes": {"debian/dur": manifest(name, "1.0", checksum="2")},
    }


def stay_waiting(recipe: AttackedRecipe, *ways: str, states: tuple[str, ...] = ("held ",)) -> None:
    """Try every way (or `ways`); none becomes current."""
    for way, files in payloads(recipe.name).items():
        if not ways or way in ways:
            first = recipe.attack(**files).remote[0]
            assert first.startswith(states), (way, first)
    assert recipe.current() == "1.0-1"


def bump(name: str, version: str = "1.1") -> dict[str, str]:
    return {"debian/dur": manifest(name, version, checksum="2")}


def test_maintainer_bumps_as_ever_and_a_change_of_the_build_waits_a_day(recipe: AttackedRecipe) -> None:
    assert recipe.attack(**bump(recipe.name)).remote[0] == f"published {recipe.name} 1.1-1 (main)"
    assert recipe.attack(**bump(recipe.name), **{"debian/rules": EVIL_RULES}).remote[0].startswith("delayed")


def test_adopted_orphan(recipe: AttackedRecipe, people: People) -> None:
    for days in (0, 8, 40):
        recipe.give_to_heir(days)
        people.signed(recipe.work, "heir")
        stay_waiting(recipe)
        people.signed(recipe.work, "second")
        stay_waiting(recipe)


def test_lookalike_of_a_new_account(recipe: AttackedRecipe, people: People, tmp_path: Path) -> None:
    for name, suffixes in {"newborn": ("-a", "-b"), "newcomer": ("-c", "-d"), "heir": ("-bin", "-patched")}.items():
        ways = {"rules": {"debian/rules": EVIL_RULES}, "script": {"debian/postinst": SCRIPT}}
        for suffix, (way, files) in zip(suffixes, ways.items(), strict=True):
            copy = Workspace(recipe.site, tmp_path / f"{name}-{way}", f"{recipe.name}{suffix}", name, people.secrets[name])
            copy.folder.mkdir()
            copy.commit(**files)
            result = copy.push()
            assert result.remote[0].startswith("held "), (name, way, result.output)


def test_stolen_account(recipe: AttackedRecipe, people: People) -> None:
    stay_waiting(recipe, "script", "other project", "other bytes")
    result = recipe.attack(**{"debian/rules": EVIL_RULES})
    assert result.remote[0].startswith("delayed ")
    assert any(line.startswith("reason: debian/rules") for line in result.remote)
    recipe.work.secret = recipe.site.manage("create_token", "owner", "--scope", "push", "--scope", "read").strip()
    stay_waiting(recipe)
    assert recipe.attack(**bump(recipe.name)).remote[0].startswith("held ")


def test_malicious_bump_of_somebody_who_has_earned_nothing(site: PortalServer, people: People, tmp_path: Path) -> None:
    recipe = AttackedRecipe(site, people, tmp_path / "work", revisions=1, days=2)
    assert recipe.attack(**bump(recipe.name)).remote[0].startswith("delayed ")
    assert recipe.current() == "1.0-1"


def test_reviewer_releases_and_it_is_current(recipe: AttackedRecipe) -> None:
    recipe.attack(**{"debian/postinst": SCRIPT})
    recipe.time(
        "from recipes_app.services.publishing import publish\n"
        "held = recipe.revisions.get(version='1.1-1')\n"
        "publish.review(User.objects.get(username='rita'), held, release=True, decision='read it')\n"
    )
    assert recipe.current() == "1.1-1"


def test_how_a_push_came_stands_in_the_api(recipe: AttackedRecipe) -> None:
    with urllib.request.urlopen(f"{recipe.site.url}/api/v1/recipes/{recipe.name}/") as answer:
        commit = json.load(answer)["head_commit"]
    with urllib.request.urlopen(f"{recipe.site.url}/api/v1/recipes/{recipe.name}/revisions/{commit}/") as answer:
        came_by = json.load(answer)["came_by"]
    expected = {"kind": "token", "credential": recipe.work.secret[:10], "second_factor": False, "signature": ""}
    assert came_by == expected
