"""From a recipe to an installed package, in commands that Debian's own tools understand. Every foreign word is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from shlex import join, quote
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from ..formats.metadata import Fetch, RecipeMetadata, Variant

# FILENAME of an upstream component: `hello_1.0.orig-data.tar.xz` is unpacked into `data` (dpkg-source(1), 3.0 (quilt)).
_ORIG = re.compile(r".+\.orig(?:-(?P<component>[A-Za-z0-9-]+))?\.tar\.[a-z0-9]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")
# More packages than these make a line that nobody reads; apt takes the dependencies of the first from the same folder.
_PACKAGES_NAMED = 4
_BUILD = ("dpkg-buildpackage", "--build=binary", "--no-sign")


@dataclass(frozen=True)
class Step:
    """One step: what it is for, and the lines to type. `caution` is a word to read before."""

    title: str
    commands: tuple[str, ...]
    caution: str = ""


def clone_address(name: str) -> str:
    """Return the address that git clones the recipe `name` from."""
    return f"{settings.PORTAL_URL}/git/{name}.git"


def build_steps(metadata: RecipeMetadata, name: str, *, commit: str = "") -> list[Step]:
    """Return the steps from nothing to an installed package of the recipe `name`.

    `commit` is given where a newer revision waits for review: git would hand that one out.
    """
    get = [join(["git", "clone", clone_address(name)]), join(["cd", name])]
    if commit:
        get.append(join(["git", "checkout", "--quiet", "--detach", commit]))
    steps = [Step(_("Get the recipe"), tuple(get))]
    caution = _("A recipe is a program that runs as you: read what it does before you build it.")
    steps.append(Step(_("Read it"), ("less debian/rules debian/control",), caution))
    if sources := tuple(_source_commands(metadata)):
        steps.append(Step(_("Get what it is built from"), sources, _acceptance(metadata)))
    steps.append(Step(_("Install what the build needs"), ("sudo apt-get build-dep ./",)))
    steps.append(Step(_("Build"), (join(_BUILD),)))
    steps.append(Step(_("Install"), (_install_command(metadata),)))
    return steps


def variant_command(variant: Variant) -> str:
    """Return the build command of a variant: its flags by dpkg-buildflags(1), its build profiles by dpkg-buildpackage(1)."""
    words = []
    if variant.flags:
        words += [f"{name}={quote(variant.flags)}" for name in ("DEB_CFLAGS_APPEND", "DEB_CXXFLAGS_APPEND")]
    words += _BUILD
    if variant.profiles:
        words.append(quote("--build-profiles=" + ",".join(variant.profiles)))
    return " ".join(words)


def _acceptance(metadata: RecipeMetadata) -> str:
    if not metadata.needs_acceptance:
        return ""
    return _("Read the licences below first: by fetching you accept them, and some forbid to pass the package on.")


def _source_commands(metadata: RecipeMetadata) -> Iterator[str]:
    """Yield the commands that bring upstream's files, check them, and lay them beside debian/."""
    for fetch in metadata.fetches:
        yield _fetch_command(fetch)
        if fetch.sha256:
            yield f"echo {quote(f'{fetch.sha256}  ../{fetch.filename}')} | sha256sum --check --strict"
        yield from _lay_down(fetch)
    if not metadata.fetches and "native" not in metadata.source_format:
        # devscripts: takes the tarball from debian/watch or from the archive, and unpacks it here.
        yield "origtargz"


def _fetch_command(fetch: Fetch) -> str:
    scheme, _colon, rest = fetch.url.partition(":")
    target = f"../{fetch.filename}"
    if scheme.startswith("git+"):
        address = urlsplit(fetch.url.removeprefix("git+"))
        commit = address.fragment.removeprefix("commit=")
        clone = join(["git", "clone", "--no-checkout", "--", address._replace(fragment="").geturl(), target])
        return f"{clone} && {join(['git', '-C', target, 'checkout', '--detach', commit])}" if _COMMIT.fullmatch(commit) else clone
    if scheme in _BY_SCHEME:
        parts = [*rest.split("/"), "", ""]
        return _BY_SCHEME[scheme](parts[0], parts[1])
    return join(["curl", "--proto", "=https", "--fail", "--location", "--output", target, "--", fetch.url])


def _pip(name: str, version: str) -> str:
    return join(["pip", "download", "--no-deps", "--dest", "..", "--", f"{name}=={version}"])


def _npm(name: str, version: str) -> str:
    return join(["npm", "pack", "--pack-destination", "..", "--", f"{name}@{version}"])


def _apt(name: str, version: str) -> str:
    return f"(cd .. && {join(['apt-get', 'source', '--download-only', '--only-source', f'{name}={version}'])})"


_BY_SCHEME = {"pypi": _pip, "npm": _npm, "debian": _apt}


def _lay_down(fetch: Fetch) -> Iterator[str]:
    """Yield what unpacks a tarball into the source tree as dpkg-source would, or puts a wrapped file to its place."""
    source = f"../{fetch.filename}"
    if fetch.wrap:
        yield join(["install", "-D", "--mode=644", "--", source, fetch.wrap])
    elif match := _ORIG.fullmatch(fetch.filename):
        folder = match["component"] or "."
        if folder != ".":
            yield join(["mkdir", "--parents", "--", folder])
        yield join(["tar", "--extract", f"--file={source}", "--strip-components=1", f"--directory={folder}"])


def _install_command(metadata: RecipeMetadata) -> str:
    """Return the command that installs what was built; a package's file name has no epoch in it."""
    version = metadata.version.partition(":")[2] or metadata.version
    packages = [package.name for package in metadata.binaries if package.package_type != "udeb"]
    named = packages if len(packages) <= _PACKAGES_NAMED else packages[:1]
    return " ".join(["sudo apt-get install", *(quote(f"../{name}_{version}") + "_*.deb" for name in named)])
