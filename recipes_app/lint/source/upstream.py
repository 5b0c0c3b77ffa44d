"""The whole source package of a recipe, where every file that its manifest fetches for it is at hand: mode `full`.

dpkg-source itself unpacks upstream's tarballs, inside the sandbox, out of a provisional source package that is made here; then
it builds the one that lintian reads, with the recipe's debian/. Nothing is unpacked outside. No Django here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from recipes_app.formats.metadata import Fetch
from recipes_app.formats.source_plan import PlanError, tarballs_of
from recipes_app.limits import LINT_FULL_BYTES

from .source_package import QUILT, SourcePackage, Upstream, archive_of, packed, require_identity, source_format

# The provisional source package, and the tarball with the recipe's debian/ in it.
PROVISIONAL = "provisional.dsc"


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

    Every tarball of the source package must be there with its checksum. Raises UpstreamMissing, and
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
    targets = _targets(name, version, fetches)
    wanted = [fetch for fetch in fetches if fetch.filename in targets]
    _require_room(wanted, files)
    origs = {targets[fetch.filename]: _content(fetch, files[fetch.filename]) for fetch in wanted}
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
    targets = _targets("source", "1-1", fetches)
    wanted = [fetch for fetch in fetches if fetch.filename in targets]
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


def _targets(name: str, version: str, fetches: Sequence[Fetch]) -> dict[str, str]:
    """Return the name in the source package of each downloaded tarball. Raises UpstreamMissing where one has to be made first."""
    try:
        tarballs = list(tarballs_of(name, version, fetches))
    except PlanError as error:
        raise UpstreamMissing(str(error)) from error
    for each in tarballs:
        if each.members:
            raise UpstreamMissing(f"{each.members[0].download} is no tarball: it is wrapped into one when the recipe is built")
        if not each.download:
            raise UpstreamMissing("the manifest fetches no file of the role orig")
    return {each.download: each.filename for each in tarballs}


def _dsc(name: str, version: str, members: Mapping[str, bytes]) -> bytes:
    """Return the provisional .dsc, with no more fields than dpkg-source needs to unpack (dsc(5))."""
    lines = [f"Format: {QUILT}", f"Source: {name}", f"Version: {version}", "Files:"]
    # MD5 is the field's own checksum; SHA256 was compared with the manifest's before.
    lines += [
        f" {hashlib.md5(content, usedforsecurity=False).hexdigest()} {len(content)} {filename}"
        for filename, content in sorted(members.items())
    ]
    return "\n".join(lines).encode() + b"\n"
