"""The whole source package of a recipe, where every file that its manifest fetches for it is at hand: mode `full`.

dpkg-source itself unpacks upstream's tarballs, inside the sandbox, out of a provisional source package that is made here; then
it builds the one that lintian reads, with the recipe's debian/. Nothing is unpacked outside. No Django here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ..formats.metadata import Fetch
from ..limits import LINT_FULL_BYTES
from .source_package import QUILT, SourcePackage, Upstream, archive_of, packed, require_identity, source_format

# The provisional source package, and the tarball with the recipe's debian/ in it.
PROVISIONAL = "provisional.dsc"
# Roles of a Fetch that are part of the source package; `extra` files are the build's own business.
_ROLES = frozenset({"orig", "component", "dsc"})
_TARBALL = re.compile(r"\.tar\.(gz|xz|bz2|lzma)|\.tgz")
_COMPONENT = re.compile(r"\.orig-(?P<name>[A-Za-z0-9-]+)\.tar\.(?P<suffix>gz|xz|bz2|lzma)")


class UpstreamMissing(Exception):
    """The whole source package cannot be made; the text says which file is not at hand, or why it cannot be used."""


def full_package(
    tree: Mapping[str, bytes],
    fetches: Sequence[Fetch],
    files: Mapping[str, Path],
    *,
    name: str,
    version: str,
    executables: Collection[str] = (),
) -> SourcePackage:
    """Return the source package of `tree` with upstream's `files` (by the names of the manifest's `fetches`).

    Every Fetch of the roles orig, component and dsc must be there with its checksum. Raises UpstreamMissing, and
    SourcePackageRefused for a recipe that will not be built at all.
    """
    require_identity(name, version)
    if source_format(tree) != QUILT:
        raise UpstreamMissing(f"only the format {QUILT} is made of upstream's own tarballs")
    without_epoch = version.partition(":")[2] or version
    upstream_version, _, revision = without_epoch.rpartition("-")
    if not upstream_version:
        raise UpstreamMissing(f"the version {version} has no Debian revision")
    stem = f"{name}_{upstream_version}"
    wanted = [fetch for fetch in fetches if fetch.role in _ROLES]
    _require_room(wanted, files)
    origs = {target: _content(fetch, files[fetch.filename]) for fetch in wanted if (target := _target(fetch, stem))}
    if not any(".orig.tar." in target for target in origs):
        raise UpstreamMissing("the manifest fetches no file of the role orig")
    debian = {path: content for path, content in tree.items() if path.startswith("debian/")}
    packaging = f"{stem}-{revision}.debian.tar.gz"
    members = {**origs, packaging: packed("", debian, executables)}
    beside = {**members, PROVISIONAL: _dsc(name, version, members)}
    return SourcePackage(archive_of({}, beside, executables), f"{name}_{without_epoch}.dsc", Upstream.FETCHED)


def fetches_of_source(tree: Mapping[str, bytes], fetches: Sequence[Fetch]) -> list[Fetch]:
    """Return those of the manifest's `fetches` that make up the source package of `tree`.

    Raises UpstreamMissing where no whole package could be made of them, so that nothing is fetched in vain.
    """
    if source_format(tree) != QUILT:
        raise UpstreamMissing(f"only the format {QUILT} is made of upstream's own tarballs")
    wanted = [fetch for fetch in fetches if fetch.role in _ROLES]
    if not any(_target(fetch, "source").startswith("source.orig.tar.") for fetch in wanted):
        raise UpstreamMissing("the manifest fetches no file of the role orig")
    _require_total(sum(fetch.size or 0 for fetch in wanted))
    return wanted


def _require_total(total: int) -> None:
    if total > LINT_FULL_BYTES:
        raise UpstreamMissing(f"upstream's files have {total} bytes; the whole source is looked at up to {LINT_FULL_BYTES}")


def _require_room(fetches: Sequence[Fetch], files: Mapping[str, Path]) -> None:
    """Raise UpstreamMissing where one of `fetches` is not at hand, or all of them are more than a runner holds in memory."""
    for fetch in fetches:
        if fetch.filename not in files:
            raise UpstreamMissing(f"{fetch.filename} is not at hand")
    _require_total(sum(files[fetch.filename].stat().st_size for fetch in fetches))


def _content(fetch: Fetch, path: Path) -> bytes:
    """Return the content of the file at `path`. Raises UpstreamMissing where it is not the one that `fetch` pins."""
    content = path.read_bytes()
    if not fetch.sha256 or hashlib.sha256(content).hexdigest() != fetch.sha256.lower():
        raise UpstreamMissing(f"{fetch.filename} is not the file whose SHA256 the manifest names")
    return content


def _target(fetch: Fetch, stem: str) -> str:
    """Return the name that a fetched file has in the source package; empty for one that only leads to others (a .dsc)."""
    if fetch.role == "dsc":
        return ""
    if fetch.wrap:
        raise UpstreamMissing(f"{fetch.filename} is no tarball: it is wrapped into one when the recipe is built")
    if fetch.role == "component":
        match = _COMPONENT.search(fetch.filename)
        if match is None:
            raise UpstreamMissing(f"{fetch.filename} does not say which component it is: NAME.orig-COMPONENT.tar.xz is expected")
        return f"{stem}.orig-{match['name']}.tar.{match['suffix']}"
    match = _TARBALL.search(fetch.filename)
    if match is None or match.end() != len(fetch.filename):
        raise UpstreamMissing(f"{fetch.filename} is no tarball that dpkg-source reads")
    return f"{stem}.orig.tar.{match[1] or 'gz'}"


def _dsc(name: str, version: str, members: Mapping[str, bytes]) -> bytes:
    """Return the provisional .dsc, with no more fields than dpkg-source needs to unpack (dsc(5))."""
    lines = [f"Format: {QUILT}", f"Source: {name}", f"Version: {version}", "Files:"]
    # MD5 is the field's own checksum; SHA256 was compared with the manifest's before.
    lines += [
        f" {hashlib.md5(content, usedforsecurity=False).hexdigest()} {len(content)} {filename}"
        for filename, content in sorted(members.items())
    ]
    return "\n".join(lines).encode() + b"\n"
