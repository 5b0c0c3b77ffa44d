"""A source package that lintian can read, made from a recipe, which holds no upstream source.

Measured against lintian on the real, whole source packages, the best stand-in for the upstream tarball is one that holds the
pre-images of what the patches touch; where those cannot be worked out, the tarball is empty and the patches are set aside.
Nothing is written to the machine's disk: the result is one tar archive, which is unpacked inside the sandbox. No Django here.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from recipes_app.formats.text import lines_of

from .preimage import PreimageUnknown, UnsafePatch, is_safe_path, preimages

# The folder inside the archive that dpkg-source is to build.
SOURCE_FOLDER = "source"
QUILT, _NATIVE, _OLD = "3.0 (quilt)", "3.0 (native)", "1.0"
# A fixed time makes the archive the same for the same recipe; it lies in the past, so tar has nothing to warn of.
_TIMESTAMP = 1_600_000_000
_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # Debian Policy 5.6.1
_VERSION = re.compile(r"(?:\d+:)?\d[A-Za-z0-9.+~:-]*")  # Debian Policy 5.6.12


class SourcePackageRefused(Exception):
    """No source package is made of this recipe; the text says what is wrong with it and is shown to its maintainer."""


class Upstream(StrEnum):
    """What stands in for upstream's files."""

    NATIVE = "native"
    FETCHED = "fetched"
    PREIMAGES = "preimages"
    EMPTY = "empty"


@dataclass(frozen=True)
class SourcePackage:
    """Input of the sandbox: a tar archive with SOURCE_FOLDER and, beside it, the stub orig tarball; and what will come out.

    `dsc` is the name of the file that dpkg-source will write. `missing` says why the pre-images are not there, or is empty.
    """

    archive: bytes
    dsc: str
    upstream: Upstream
    missing: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether lintian sees all that the real source package would hold: what it says needs no second thought."""
        return self.upstream in (Upstream.NATIVE, Upstream.FETCHED)


def make_source_package(
    tree: Mapping[str, bytes], *, name: str, version: str, executables: Collection[str] = (), with_patches: bool = True
) -> SourcePackage:
    """Return the source package of a recipe's `tree`; `name` and `version` are those of its changelog.

    `executables` are the paths that git knows as executable. Without `with_patches`, debian/patches is set aside at once.
    Raises SourcePackageRefused for a format, name, version or path that will not be built.
    """
    require_identity(name, version)
    found = source_format(tree)
    without_epoch = version.partition(":")[2] or version
    upstream_version, hyphen, _ = without_epoch.rpartition("-")
    dsc = f"{name}_{without_epoch}.dsc"
    # Only debian/ enters the source tree, as in every build (formats/source_plan.py).
    packaging = {path: content for path, content in tree.items() if path.startswith("debian/")}
    if found == _NATIVE or (found == _OLD and not hyphen):
        return SourcePackage(archive_of(packaging, {}, executables), dsc, Upstream.NATIVE)
    if not hyphen:
        raise SourcePackageRefused(
            f"debian/changelog: version {version} has no Debian revision, which the format {found} needs: "
            f"call it {version}-1, or write {_NATIVE} into debian/source/format"
        )
    upstream, missing = _stub(packaging, found, with_patches=with_patches)
    if upstream is None:
        packaging = {path: content for path, content in packaging.items() if not path.startswith("debian/patches/")}
    orig = {f"{name}_{upstream_version}.orig.tar.gz": packed(f"{name}-{upstream_version}", upstream or {})}
    kind = Upstream.EMPTY if upstream is None else Upstream.PREIMAGES
    return SourcePackage(archive_of({**(upstream or {}), **packaging}, orig, executables), dsc, kind, missing)


def require_identity(name: str, version: str) -> None:
    """Raise SourcePackageRefused where name and version are none of a source package: they become names of files."""
    if not _SOURCE_NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        raise SourcePackageRefused(f"debian/changelog: {name!r} {version!r} is no name and version of a source package")


def source_format(tree: Mapping[str, bytes]) -> str:
    """Return the format that debian/source/format names; 1.0 where there is none (dpkg-source(1))."""
    lines = lines_of(tree.get("debian/source/format", b"1.0").decode("utf-8", "replace").strip())
    found = lines[0].strip() if lines else ""
    if found not in (QUILT, _NATIVE, _OLD):
        raise SourcePackageRefused(f"debian/source/format: {found!r} is not supported; use {QUILT} or {_NATIVE}")
    return found


def _stub(packaging: Mapping[str, bytes], source_format: str, *, with_patches: bool) -> tuple[dict[str, bytes] | None, str]:
    """Return what the stub orig tarball holds, or None and the reason where the patches must be set aside."""
    names = series(packaging)
    if source_format == _OLD:
        # dpkg-source applies no patches of this format: debian/patches is debian/rules' own business.
        return {}, ""
    if not with_patches:
        return None, "the patches do not apply to what they tell of upstream's files"
    try:
        files = preimages([packaging[f"debian/patches/{name}"] for name in names])
    except UnsafePatch as error:
        raise SourcePackageRefused(f"debian/patches: {error}") from error
    except PreimageUnknown as error:
        return None, str(error)
    if any(path.startswith("debian/") for path in files):
        return None, "a patch touches debian/"
    return files, ""


def series(tree: Mapping[str, bytes]) -> list[str]:
    """Return the patches that dpkg-source applies, in order, as paths below debian/patches.

    Raises SourcePackageRefused for a path that leaves the folder and for a patch that is not there.
    """
    content = tree.get("debian/patches/debian.series", tree.get("debian/patches/series", b""))
    names = []
    for line in lines_of(content.decode("utf-8", "replace")):
        words = line.partition(" #")[0].split()
        if not words or words[0].startswith("#"):
            continue
        if not is_safe_path(words[0]):
            raise SourcePackageRefused(f"debian/patches/series: {words[0]!r} leaves the folder debian/patches")
        if f"debian/patches/{words[0]}" not in tree:
            raise SourcePackageRefused(
                f"debian/patches/series names {words[0]}, which is not there: add the file or drop the line"
            )
        names.append(words[0])
    return names


def archive_of(source: Mapping[str, bytes], beside: Mapping[str, bytes], executables: Collection[str]) -> bytes:
    """Return the tar archive with `source` below SOURCE_FOLDER and the files of `beside` next to it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in sorted(source.items()):
            _add(archive, f"{SOURCE_FOLDER}/{_checked(path)}", content, _mode(path, executables))
        for path, content in sorted(beside.items()):
            _add(archive, path, content, 0o644)
    return buffer.getvalue()


def packed(folder: str, files: Mapping[str, bytes], executables: Collection[str] = ()) -> bytes:
    """Return a gzipped tarball of `files` below `folder` (at the top where it is empty); the same bytes for the same files."""
    buffer = io.BytesIO()
    # gzip's header holds a time: a fixed one, so that the same recipe gives the same bytes.
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=_TIMESTAMP) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        if folder:
            top = tarfile.TarInfo(folder)
            top.type, top.mode, top.mtime = tarfile.DIRTYPE, 0o755, _TIMESTAMP
            archive.addfile(top)
        for path, content in sorted(files.items()):
            _add(archive, f"{folder}/{path}" if folder else _checked(path), content, _mode(path, executables))
    return buffer.getvalue()


def _checked(path: str) -> str:
    """Return `path`. Raises SourcePackageRefused for one that cannot be laid down."""
    if not is_safe_path(path):
        raise SourcePackageRefused(f"the recipe holds the path {path!r}, which cannot be laid down")
    return path


def _mode(path: str, executables: Collection[str]) -> int:
    """Return the mode of a file. Recipes that were uploaded without modes would else be no source package at all."""
    return 0o755 if path in executables or path == "debian/rules" else 0o644


def _add(archive: tarfile.TarFile, path: str, content: bytes, mode: int) -> None:
    member = tarfile.TarInfo(path)
    member.size, member.mode, member.mtime = len(content), mode, _TIMESTAMP
    archive.addfile(member, io.BytesIO(content))
