"""What a build starts from, laid down in its room: the packaging, and the manifest's files under the names dpkg-source knows.

No Django here.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import tarfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ..formats.metadata import Fetch, RecipeMetadata
from .preimage import is_safe_path
from .source_package import SourcePackageRefused

_TIMESTAMP = 1_600_000_000
# dpkg-source(1): the formats of original tarballs, and the alphabet of a component's name.
_SUFFIX = re.compile(r"\.tar\.(?:gz|bz2|lzma|xz)$|\.tgz$")
_COMPONENT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*")


def lay_down(
    folder: Path,
    tree: Mapping[str, bytes],
    metadata: RecipeMetadata,
    files: Mapping[str, Path],
    executables: Collection[str],
    user: int | None,
) -> list[str]:
    """Write everything into `folder`, owned by `user`; return the tarballs, each followed by the folder it is unpacked into.

    `folder` is empty, and nothing of the recipe has run. Raises SourcePackageRefused where files of the manifest are missing or
    fit no source package.
    """
    if missing := [each.filename for each in metadata.fetches if each.filename not in files]:
        raise SourcePackageRefused(f"debian/dur: {', '.join(missing)} was not fetched, and without it there is no build")
    native = tree.get("debian/source/format", b"1.0").strip() == b"3.0 (native)" or "-" not in metadata.version
    for path, content in tree.items():
        if not is_safe_path(path):
            raise SourcePackageRefused(f"the recipe holds the path {path!r}, which cannot be laid down")
        if not native and not path.startswith("debian/"):
            # What stands beside debian/ is upstream's in such a package.
            continue
        target = folder / "packaging" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755 if path in executables or path == "debian/rules" else 0o644)
    tarballs = [] if native else list(_tarballs(folder, metadata, files))
    for fetch in metadata.fetches:
        if fetch.role == "extra" or native:
            shutil.copyfile(files[fetch.filename], folder / fetch.filename)
    if user is not None:
        for parent, _, names in os.walk(folder):
            for each in (Path(parent), *(Path(parent) / name for name in names)):
                os.chown(each, user, user, follow_symlinks=False)
    return tarballs


def _tarballs(folder: Path, metadata: RecipeMetadata, files: Mapping[str, Path]) -> Iterator[str]:
    """Lay down the original tarballs; yield the name and the folder of each, the main one first."""
    upstream = metadata.version.partition(":")[2] or metadata.version
    stem = f"{metadata.source}_{upstream.rpartition('-')[0]}.orig"
    mains = [each for each in metadata.fetches if each.role == "orig"]
    if len(mains) > 1:
        raise SourcePackageRefused(f"debian/dur: {len(mains)} files have the Role orig, and a source package has one")
    if mains:
        name = f"{stem}{_suffix(mains[0])}"
        shutil.copyfile(files[mains[0].filename], folder / name)
    else:
        name = f"{stem}.tar.gz"
        _write_tarball(folder / name, {})
    yield from (name, "source")
    wrapped: dict[str, dict[str, Path]] = {}
    for fetch in metadata.fetches:
        if fetch.role != "component":
            continue
        if fetch.wrap:
            component, _, below = fetch.wrap.strip("/").partition("/")
            inside = f"{below}/{fetch.filename}" if below else fetch.filename
            wrapped.setdefault(_component(component), {})[inside] = files[fetch.filename]
            continue
        component = _component(_SUFFIX.sub("", fetch.filename).rpartition(".orig-")[2])
        name = f"{stem}-{component}{_suffix(fetch)}"
        shutil.copyfile(files[fetch.filename], folder / name)
        yield from (name, f"source/{component}")
    for component, contents in wrapped.items():
        name = f"{stem}-{component}.tar.gz"
        _write_tarball(folder / name, contents, component)
        yield from (name, f"source/{component}")


def _suffix(fetch: Fetch) -> str:
    match = _SUFFIX.search(fetch.filename)
    if match is None:
        raise SourcePackageRefused(
            f"debian/dur: {fetch.filename} is no tarball of dpkg-source's; a bare file needs the field Wrap"
        )
    return ".tar.gz" if match[0] == ".tgz" else match[0]


def _component(name: str) -> str:
    if not _COMPONENT.fullmatch(name) or name == "debian":
        raise SourcePackageRefused(f"debian/dur: {name!r} is no name of a component: letters, digits and - were expected")
    return name


def _write_tarball(path: Path, contents: Mapping[str, Path], top: str = "source") -> None:
    """Write a tarball whose bytes depend on its contents alone."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=_TIMESTAMP) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        head = tarfile.TarInfo(top)
        head.type, head.mode, head.mtime = tarfile.DIRTYPE, 0o755, _TIMESTAMP
        archive.addfile(head, io.BytesIO())
        for inside, source in sorted(contents.items()):
            member = tarfile.TarInfo(f"{top}/{inside}")
            member.size, member.mode, member.mtime = source.stat().st_size, 0o644, _TIMESTAMP
            with source.open("rb") as stream:
                archive.addfile(member, stream)
