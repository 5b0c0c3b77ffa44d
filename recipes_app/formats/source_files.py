"""The small files of debian/: source/format, compat, patches/series, and the README that a page shows."""

from __future__ import annotations

import re

from debian.debian_support import Version

from .report import Report, quoted
from .text import decode, first_line
from .tree import Tree

FORMAT_PATH = "debian/source/format"
RULES_PATH = "debian/rules"
# dpkg-source(1). Without the file a source package is of format 1.0.
_FORMATS = {"1.0", "2.0", "3.0 (native)", "3.0 (quilt)", "3.0 (git)", "3.0 (bzr)", "3.0 (custom)"}
# dpkg reads the vendor's series before the common one.
_SERIES_PATHS = ("debian/patches/debian.series", "debian/patches/series")
_READMES = ("README.md", "README.rst", "README.txt", "README")
_COMPAT = re.compile(r"[0-9]{1,3}")


def read_source_format(tree: Tree, version: str, report: Report) -> str:
    """Return the source format; one that dpkg-source does not know, or that `version` contradicts, is an error."""
    if FORMAT_PATH not in tree:
        report.info(
            "source-format-missing", None, "the file is missing, so that the source format is 1.0", "write 3.0 (quilt) into it"
        )
        return "1.0"
    value = " ".join(first_line(tree[FORMAT_PATH]).split())
    if value not in _FORMATS:
        message = f"{quoted(value)} was found, expected a format such as 3.0 (quilt) or 3.0 (native)"
        report.error("source-format", 1, message, "write one that dpkg-source(1) names")
        return "1.0"
    has_revision = Version(version).debian_revision is not None
    if value == "3.0 (native)" and has_revision:
        message = f"the format is native, but version {version} has a Debian revision"
        report.error("source-format-version", 1, message, "leave the revision out, or write 3.0 (quilt)")
    if value == "3.0 (quilt)" and not has_revision:
        message = f"the format is quilt, but version {version} has no Debian revision"
        report.error("source-format-version", 1, message, "append -1 to the version, or write 3.0 (native)")
    return value


def read_compat(tree: Tree) -> str:
    """Return the debhelper compat level of the old file debian/compat; empty where there is none (debhelper(7))."""
    level = first_line(tree.get("debian/compat", b""))
    return level if _COMPAT.fullmatch(level) else ""


def series_path(tree: Tree) -> str:
    """Return the path of the patch series that dpkg uses, or of the common one where there is none."""
    return next((path for path in _SERIES_PATHS if path in tree), _SERIES_PATHS[-1])


def read_patches(tree: Tree, report: Report) -> tuple[str, ...]:
    """Return the names in the patch series, in order. A path out of debian/patches is an error, a missing patch a warning."""
    path = series_path(tree)
    text = decode(tree.get(path, b""), report)
    names = []
    for number, line in enumerate((text or "").split("\n"), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        name = words[0]
        if name.startswith("/") or ".." in name.split("/"):
            message = f"patch {quoted(name)} was found, expected a path below debian/patches"
            report.error("patches-path", number, message, "move the patch into debian/patches")
            continue
        if f"debian/patches/{name}" not in tree:
            message = f"patch {quoted(name)} was found, but debian/patches has no such file"
            report.warning("patches-missing", number, message, "add the patch, or remove the line")
        names.append(name)
    return tuple(names)


def readme_path(tree: Tree) -> str:
    """Return the path of the README at the recipe's top; empty where there is none."""
    return next((path for path in _READMES if path in tree), "")
