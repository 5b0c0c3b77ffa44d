"""A source plan as lines for the shell: what a recipe's page tells people to paste, and what a trial build runs.

The functions that the lines call are in steps.sh. Each word that comes from a recipe is quoted. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shlex import join, quote

from .source_plan import Acceptance, Download, SourcePlan, Tarball

# What the functions need besides Debian's base; devscripts and equivs make the package that the build's needs are installed by.
_TOOLS_TO_READ = ("ca-certificates", "curl", "git", "less")
_TOOLS_TO_BUILD = ("devscripts", "dpkg-dev", "equivs", "fakeroot")
_TOOLS_TO_BUILD_CLEAN = ("dpkg-dev", "mmdebstrap", "sbuild", "uidmap", "zstd")
_APT_INSTALL = ("sudo", "apt-get", "install", "--yes", "--no-install-recommends")


@dataclass(frozen=True)
class Site:
    """Where the recipe and the functions come from: the site's address, and the address that git clones the recipe from."""

    portal: str
    clone: str


@dataclass(frozen=True)
class Block:
    """Lines to paste as one: they run in a shell of their own, and stop at the first that fails.

    `kind` is get, build, clean, install or undo.
    """

    kind: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The block as it is pasted."""
        return "\n".join(["(set -eu", *self.lines, ")"])


@cache
def library() -> bytes:
    """Return steps.sh, the functions that the lines call."""
    return Path(__file__).with_name("steps.sh").read_bytes()


@cache
def library_checksum() -> str:
    """Return the SHA-256 of steps.sh in hexadecimal digits."""
    return hashlib.sha256(library()).hexdigest()


def blocks(plan: SourcePlan, site: Site) -> tuple[Block, ...]:
    """Return the blocks from nothing to an installed package: get, build, clean (in place of build), install and undo."""
    return (
        Block("get", tuple(_get(plan, site))),
        Block("build", tuple(_build_on_host(plan, site))),
        Block("clean", tuple(_build_clean(plan, site))),
        Block("install", tuple(_install(plan))),
        Block("undo", tuple(_undo(plan))),
    )


def source_lines(plan: SourcePlan) -> list[str]:
    """Return the lines that make the source tree and the source package out of `recipe/` and `files/`, in `build/`."""
    lines = [join(["new_tree", plan.recipe])]
    lines += [_lay_down(each) for each in plan.tarballs]
    lines += [join(["extra", name]) for name in plan.extras]
    lines.append(join(["packaging", plan.version, f"Built at home from commit {plan.commit}."]))
    lines += [join(["build_needs", relation]) for relation in plan.build_depends_extra]
    lines += [join(["field", name, value]) for name, value in (plan.fields or {}).items()]
    return [*lines, "source_package"]


def build_line(plan: SourcePlan) -> str:
    """Return the line that builds the binary packages on the machine at hand, from the tree that `source_lines` made."""
    words = [*_flags(plan), "dpkg-buildpackage", "--no-sign", "--build=binary"]
    if plan.profiles:
        words.append(quote("--build-profiles=" + ",".join(plan.profiles)))
    return f"(cd {quote(f'build/{tree_of(plan)}')} && {' '.join(words)})"


def tree_of(plan: SourcePlan) -> str:
    """Return the name of the source tree's folder."""
    return f"{plan.recipe}-{_without_epoch(plan)}"


def dsc_of(plan: SourcePlan) -> str:
    """Return the name of the source package's control file (Debian Policy 5.4); a file name has no epoch."""
    return f"{plan.recipe}_{_without_epoch(plan)}.dsc"


def _without_epoch(plan: SourcePlan) -> str:
    return plan.version.partition(":")[2] or plan.version


def _get(plan: SourcePlan, site: Site) -> Iterator[str]:
    yield "sudo apt-get --quiet update"
    yield join([*_APT_INSTALL, *_TOOLS_TO_READ])
    yield join(["mkdir", "-p", plan.recipe])
    yield join(["cd", plan.recipe])
    yield join(["curl", "--fail", "--silent", "--show-error", "--output", "steps.sh", f"{site.portal}/steps.sh"])
    yield f"echo {quote(f'{library_checksum()}  steps.sh')} | sha256sum --check --quiet"
    yield ". ./steps.sh"
    if not {"any", "all"} & set(plan.architectures):
        yield join(["for_architectures", *plan.architectures])
    if plan.suites:
        yield join(["for_suites", *plan.suites])
    yield join(["clone", site.clone, plan.commit])
    yield "review"


def _source(plan: SourcePlan, tools: Sequence[str]) -> Iterator[str]:
    """Yield what both ways to build begin with: the tools, what is accepted, the files, and the source package."""
    yield join(["cd", plan.recipe])
    yield ". ./steps.sh"
    needed = [*tools, *(["jq"] if any(each.scheme == "pypi" for each in plan.downloads) else [])]
    yield join([*_APT_INSTALL, *sorted(needed)])
    yield from (_accept(each) for each in plan.acceptances)
    yield from (_download(each) for each in plan.downloads)
    yield from source_lines(plan)


def _build_on_host(plan: SourcePlan, site: Site) -> Iterator[str]:
    yield from _source(plan, _TOOLS_TO_BUILD)
    for needed in plan.recipes:
        yield join(["needs_installed", needed.name, f"{site.portal}/recipes/{needed.name}/", *needed.packages])
    if plan.components:
        yield join(["with_components", plan.recipe, *plan.components])
    yield join(["install_build_depends", tree_of(plan), " ".join(plan.profiles)])
    yield build_line(plan)
    if plan.flags:
        yield join(["record_machine", f"{plan.recipe}_{_without_epoch(plan)}.machine", plan.flags])


def _build_clean(plan: SourcePlan, site: Site) -> Iterator[str]:
    yield from _source(plan, _TOOLS_TO_BUILD_CLEAN)
    yield join(["clean_root", "main", *plan.components])
    sbuild = ["sbuild", "--chroot-mode=unshare", '--chroot="$root"', '--dist="$codename"', "--no-run-lintian"]
    for needed in plan.recipes:
        yield join(["needs_built", needed.name, f"{site.portal}/recipes/{needed.name}/"])
        sbuild.append(quote(f"--extra-package=../../{needed.name}/build"))
    if plan.profiles:
        sbuild.append(quote("--profiles=" + ",".join(plan.profiles)))
    yield f"(cd build && {' '.join([*_flags(plan), *sbuild, quote(dsc_of(plan))])})"
    if plan.flags:
        yield join(["record_machine", f"{plan.recipe}_{_without_epoch(plan)}.machine", plan.flags])


def _install(plan: SourcePlan) -> Iterator[str]:
    yield join(["cd", plan.recipe])
    yield ". ./steps.sh"
    yield join(["install_packages", _without_epoch(plan), *plan.packages])


def _undo(plan: SourcePlan) -> Iterator[str]:
    yield join(["cd", plan.recipe])
    yield ". ./steps.sh"
    yield join(["remove_packages", *plan.packages, f"{plan.recipe}-build-deps"])
    if plan.components:
        yield join(["without_components", plan.recipe])
    yield "cd .."
    yield join(["rm", "-rf", plan.recipe])


def _flags(plan: SourcePlan) -> list[str]:
    return [f"{name}={quote(plan.flags)}" for name in ("DEB_CFLAGS_APPEND", "DEB_CXXFLAGS_APPEND")] if plan.flags else []


def _accept(asked: Acceptance) -> str:
    if asked.kind == "risk":
        return join(["accept_risk", asked.subject, asked.name, *asked.facts])
    return join(["accept_licence", asked.subject, asked.name, asked.sha256, asked.text_file or asked.text_url])


def _download(file: Download) -> str:
    if file.scheme == "git+https":
        address, _, commit = file.url.removeprefix("git+").partition("#commit=")
        return join(["get_git", file.filename, address, commit])
    return join(["get", file.filename, str(file.size), file.sha256, file.url])


def _lay_down(tarball: Tarball) -> str:
    if not tarball.folder:
        return join(["orig", tarball.filename, *([tarball.download] if tarball.download else [])])
    if tarball.download:
        return join(["component", tarball.folder, tarball.filename, tarball.download])
    pairs = [word for member in tarball.members for word in (member.path, member.download)]
    return join(["wrapped", tarball.folder, tarball.filename, *pairs])
