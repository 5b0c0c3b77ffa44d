"""The demo: two accounts and the examples, pushed through git as anybody would. For the embedded setting only."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from django.conf import settings

from recipes_app.models import Rank, Scope, User
from recipes_app.services.accounts import accounts, terms, tokens

from .bootstrap import ROOT
from .programs import CannotRun

EXAMPLES = ROOT / "examples"
RANKS = {"demo": Rank.USER, "moderator": Rank.MODERATOR}
# An entry of debian/changelog begins with the only lines that are not indented: Debian Policy 4.4.
_ENTRY = re.compile(r"^(?=\S+ \()", re.MULTILINE)
_PACKAGE = re.compile(r"^Package: (\S+)$", re.MULTILINE)
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_SIGNATURE = re.compile(r"^ -- (?P<name>.+) <(?P<email>[^>]+)>  (?P<date>.+)$", re.MULTILINE)


class DemoError(CannotRun):
    """What keeps the demo from being made; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """A demo account, with secrets that are printed: it exists where the only visitor is who started it."""

    username: str
    password: str
    token: str


def ensure_accounts(data: Path) -> list[Account]:
    """Return the accounts, who maintains first; what is missing is made. Their secrets are kept in `data`/demo.json.

    Raises DemoError outside the embedded setting: passwords that are printed belong to no real site.
    """
    if not settings.EMBEDDED:
        raise DemoError("the demo is for the embedded setting only; on a real site use: manage.py create_account")
    state = _read_state(data)
    result = []
    for username, rank in RANKS.items():
        known = state["accounts"].get(username, {})
        account = _ensure_account(username, rank, known.get("password", ""), known.get("token", ""))
        state["accounts"][username] = {"password": account.password, "token": account.token}
        result.append(account)
    _write_state(data, state)
    return result


def _ensure_account(username: str, rank: Rank, password: str, token: str) -> Account:
    """Return the account with the secrets it had, where they still open it, or with new ones."""
    user = User.objects.filter(username=username).first()
    if user is None:
        password = password or secrets.token_urlsafe(9)
        user = accounts.create_account(username, f"{username}@dur.invalid", password, verified=True, rank=rank)
        terms.accept(user, terms.in_force())
    elif not password:
        password = secrets.token_urlsafe(9)
        user.set_password(password)
        user.save(update_fields=["password"])
    try:
        tokens.authenticate(token, Scope.READ)
    except tokens.TokenRefused:
        scopes = [scope for scope in Scope if scope is not Scope.MODERATE or rank is Rank.MODERATOR]
        _, token = tokens.issue(user, "./dev run", scopes)
    return Account(username, password, token)


def waiting_examples(data: Path) -> list[str]:
    """Return the names of the examples that were not pushed yet; each comes after those that it is built with."""
    pushed = _read_state(data)["pushed"]
    return [name for name in _in_order_of_need() if name not in pushed]


def _in_order_of_need() -> list[str]:
    """Return the names of all examples; one that is built with another example's package comes after it."""
    control = {path.parent.parent.name: path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*/debian/control")}
    maker = {package: name for name in control for package in _PACKAGE.findall(control[name])}
    needs = {
        name: {maker[word] for word in _NAME.findall(control[name].partition("\n\n")[0]) if maker.get(word, name) != name}
        for name in sorted(control)
    }
    return list(TopologicalSorter(needs).static_order())


def push_example(name: str, data: Path, account: Account, url: str) -> None:
    """Push an example with real git and remember that it was; a second push of the same files changes nothing.

    Raises DemoError with git's words where it is refused.
    """
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        work = Path(folder) / name
        shutil.copytree(EXAMPLES / name, work)
        _git(["init", "--quiet", "--initial-branch", "main"], work, {})
        for changelog in _history((work / "debian" / "changelog").read_text(encoding="utf-8")):
            (work / "debian" / "changelog").write_text(changelog, encoding="utf-8")
            _commit(work, changelog)
            credentials = base64.b64encode(f"{account.username}:{account.token}".encode()).decode()
            header = {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "http.extraHeader",
                "GIT_CONFIG_VALUE_0": f"Authorization: Basic {credentials}",
            }
            _git(["push", "--quiet", f"{url}/git/{name}.git", "HEAD:main"], work, header)
    state = _read_state(data)
    state["pushed"].append(name)
    _write_state(data, state)


def _history(changelog: str) -> Iterator[str]:
    """Yield the changelog as it stood at each of its entries, oldest first: a recipe with a past has revisions to compare."""
    entries = [entry for entry in _ENTRY.split(changelog) if entry]
    for start in range(len(entries) - 1, -1, -1):
        yield "".join(entries[start:])


def _commit(work: Path, changelog: str) -> None:
    """Commit everything as the newest entry's author at its date, so that the same files always make the same commit."""
    signature = _SIGNATURE.search(changelog)
    if signature is None:
        raise DemoError(f"{work.name}: the newest entry of debian/changelog has no signature line")
    who = {
        f"GIT_{role}_{key}": signature[part]
        for role in ("AUTHOR", "COMMITTER")
        for key, part in (("NAME", "name"), ("EMAIL", "email"), ("DATE", "date"))
    }
    headline = changelog.partition(";")[0]
    _git(["add", "--all"], work, {})
    _git(["commit", "--quiet", "--message", headline], work, who)


def _git(arguments: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run git with no configuration but ours. Raises DemoError with what it printed."""
    ours = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    result = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **ours, **environment}, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise DemoError(f"{folder.name}: git {arguments[0]} failed:\n{result.stderr.strip()}")


def _read_state(data: Path) -> dict[str, Any]:
    path = data / "demo.json"
    if not path.exists():
        return {"accounts": {}, "pushed": []}
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {"accounts": dict(state["accounts"]), "pushed": list(state["pushed"])}
    except (ValueError, KeyError, TypeError) as error:
        raise DemoError(f"{path} cannot be read ({error}): remove it, and new passwords and tokens are made") from error


def _write_state(data: Path, state: dict[str, Any]) -> None:
    """Replace the file in one step; it holds secrets, so it is its owner's alone."""
    new = data / "demo.json.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        json.dump(state, stream, indent=2)
    new.replace(data / "demo.json")
