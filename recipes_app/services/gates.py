"""Gates: what makes a pushed revision wait for a reviewer. Each is a small function that gives its reasons, word by word.

A gate is enforced, observed (its reasons are recorded and hold nothing) or off: settings.REVIEW_GATES says which, so that a new
gate can be tried out on real pushes first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.conf import settings

from ..formats.metadata import Fetch, RecipeMetadata
from ..formats.text import lines_of
from ..limits import NEW_OWNER_DAYS, YOUNG_ACCOUNT_DAYS
from ..models import Rank, Recipe, User

ENFORCE, OBSERVE, OFF = "enforce", "observe", "off"

# Run as root on the user's machine when the package is installed or removed: Debian Policy 6.1 and debconf's config.
_MAINTAINER_SCRIPT = re.compile(r"(?:.+\.)?(?:preinst|postinst|prerm|postrm|config)")
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Pushed:
    """What the gates look at: the revision as pushed, and the one that is current, if there is one.

    Trees map path to content. `pusher` is None where the account is gone.
    """

    recipe: Recipe
    pusher: User | None
    pushed_at: datetime
    metadata: RecipeMetadata
    tree: Mapping[str, bytes]
    old_metadata: RecipeMetadata | None
    old_tree: Mapping[str, bytes]


def young_account(pushed: Pushed) -> Iterator[str]:
    """An account that is younger than YOUNG_ACCOUNT_DAYS, unless the push is a plain bump of a reviewed recipe."""
    if pushed.pusher is None:
        yield "the account that pushed this is gone"
        return
    if pushed.pusher.rank != Rank.USER or is_plain_bump(pushed):
        return
    age = pushed.pushed_at - pushed.pusher.date_joined
    if age < timedelta(days=YOUNG_ACCOUNT_DAYS):
        yield f"the account {pushed.pusher.username} is younger than {YOUNG_ACCOUNT_DAYS} days"


def new_owner(pushed: Pushed) -> Iterator[str]:
    """A maintainer who adopted, or was given, the recipe less than NEW_OWNER_DAYS ago."""
    adopted = pushed.recipe.adopted_at
    if adopted is None or pushed.pusher is None or pushed.pusher.rank != Rank.USER or is_plain_bump(pushed):
        return
    if pushed.pusher.pk == pushed.recipe.maintainer_id and pushed.pushed_at - adopted < timedelta(days=NEW_OWNER_DAYS):
        yield f"{pushed.pusher.username} took this recipe over on {adopted:%Y-%m-%d}, less than {NEW_OWNER_DAYS} days ago"


def new_source_host(pushed: Pushed) -> Iterator[str]:
    """A file is fetched from a host that the current revision fetches nothing from."""
    if pushed.old_metadata is None:
        return
    known = {_host(fetch) for fetch in pushed.old_metadata.fetches}
    for fetch in pushed.metadata.fetches:
        if _host(fetch) not in known:
            yield f"debian/dur:{fetch.line}: {fetch.filename} is fetched from a new host, {_host(fetch)}"


def changed_maintainer_script(pushed: Pushed) -> Iterator[str]:
    """A maintainer script, which runs as root, is new or differs from the current revision's."""
    if pushed.old_metadata is None:
        return
    for path in sorted(pushed.tree):
        if is_maintainer_script(path) and pushed.tree[path] != pushed.old_tree.get(path):
            yield f"{path}: this maintainer script is {'changed' if path in pushed.old_tree else 'new'}"


def changed_checksum(pushed: Pushed) -> Iterator[str]:
    """Other bytes at an unchanged address: a release was replaced, upstream or on the way."""
    if pushed.old_metadata is None:
        return
    known = {fetch.url: fetch.sha256 for fetch in pushed.old_metadata.fetches}
    for fetch in pushed.metadata.fetches:
        if fetch.url in known and known[fetch.url] != fetch.sha256:
            yield f"debian/dur:{fetch.line}: the checksum of {fetch.filename} changed though its address did not ({fetch.url})"


GATES: dict[str, Callable[[Pushed], Iterator[str]]] = {
    "young-account": young_account,
    "new-owner": new_owner,
    "new-source-host": new_source_host,
    "changed-maintainer-script": changed_maintainer_script,
    "changed-checksum": changed_checksum,
}


@dataclass(frozen=True)
class Examination:
    """The reasons that hold a revision, and those of gates that are only observed."""

    held: tuple[str, ...]
    observed: tuple[str, ...]

    def __add__(self, other: Examination) -> Examination:
        """Return the reasons of both."""
        return Examination(self.held + other.held, self.observed + other.observed)


def examine(pushed: Pushed) -> Examination:
    """Ask every gate that is not off."""
    held: list[str] = []
    observed: list[str] = []
    for name, gate in GATES.items():
        mode = settings.REVIEW_GATES.get(name, ENFORCE)
        if mode != OFF:
            (held if mode == ENFORCE else observed).extend(gate(pushed))
    return Examination(tuple(held), tuple(observed))


def is_maintainer_script(path: str) -> bool:
    """Return whether dpkg or debconf runs this file of debian/ on the user's machine."""
    pure = PurePosixPath(path)
    return str(pure.parent) == "debian" and _MAINTAINER_SCRIPT.fullmatch(pure.name) is not None


def is_plain_bump(pushed: Pushed) -> bool:
    """Return whether a revision changes nothing but version, checksums and changelog against the current one.

    Only debian/changelog and debian/dur differ, and in the latter only file name, checksum and size of a Fetch, and its URL
    by nothing but numbers.
    """
    if pushed.old_metadata is None:
        return False
    paths = pushed.tree.keys() | pushed.old_tree.keys()
    changed = {path for path in paths if pushed.tree.get(path) != pushed.old_tree.get(path)}
    if not changed <= {"debian/changelog", "debian/dur"}:
        return False
    return _without_pins(pushed.tree.get("debian/dur", b"")) == _without_pins(pushed.old_tree.get("debian/dur", b""))


_PINNED_FIELDS = ("sha256:", "size:", "fetch:", "url:", "files:")


def _without_pins(manifest: bytes) -> list[str]:
    """Return the manifest's lines without what a new version changes: checksums, sizes, and the numbers in names and URLs."""
    lines = []
    for line in lines_of(manifest.decode("utf-8", "replace")):
        field = line.lower()
        if field.startswith(("sha256:", "size:")):
            lines.append(field.split(":", 1)[0])
        elif field.startswith(_PINNED_FIELDS):
            lines.append(_DIGITS.sub("#", line))
        else:
            lines.append(line)
    return lines


def _host(fetch: Fetch) -> str:
    """Return the host, or for a mirror scheme (`pypi:NAME/…`) scheme and project, that a Fetch comes from."""
    parts = urlsplit(fetch.url.removeprefix("git+"))
    return parts.hostname or f"{parts.scheme}:{parts.path.split('/', 1)[0]}"
