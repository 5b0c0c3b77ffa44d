"""What the stage of trial builds itself says of a recipe: its tags, each with what it means and what to do. No Django here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .report import HintSeverity


@dataclass(frozen=True)
class BuildTag:
    """One tag. `text` has the form of lintian's explanations: empty lines part paragraphs, and an indented one is verbatim."""

    tag: str
    text: str
    see_also: tuple[str, ...] = ()
    severity: HintSeverity = HintSeverity.ERROR


_TABLE = (
    BuildTag(
        "build-depends-cannot-be-met",
        "apt finds no way to install the build dependencies of debian/control in the suite that the build was for: a package "
        "does not exist there, is too old, or conflicts with another. The hint's context is what apt said.\n\n"
        "Correct the names and versions in Build-Depends, or name in the manifest the suites that have them:\n\n"
        "  Suites: trixie",
        ("Debian Policy, section 7.7: https://www.debian.org/doc/debian-policy/ch-relationships.html",),
    ),
    BuildTag(
        "build-not-reproducible",
        "The recipe was built twice, and the packages are not the same, bit by bit. The context names the files that differ. "
        "The second build lies in another folder, in another time zone, with another umask, another name of the user and one "
        "job at a time instead of two.\n\n"
        "Users who build at home cannot compare what they got with what others got. Most often a date, a path or an order of "
        "files has come in: use SOURCE_DATE_EPOCH, sort what is listed, and look at both packages with diffoscope.",
        ("https://reproducible-builds.org/docs/", "dpkg-buildpackage(1): SOURCE_DATE_EPOCH"),
        HintSeverity.WARNING,
    ),
    BuildTag(
        "packages-do-not-install",
        "The packages were built, and in a fresh system of the suite they do not install: what they depend on does not exist "
        "there, a file belongs to another package, or a maintainer script failed. The context is what apt or dpkg said.\n\n"
        "The system has no network and no running services, and root's rights end in it. A script that needs a service has to "
        "be ready for its not being there, as in any container or image:\n\n"
        "  if [ -d /run/systemd/system ]; then systemctl try-restart hello.service; fi",
        ("Debian Policy, section 6: https://www.debian.org/doc/debian-policy/ch-maintainerscripts.html",),
    ),
    BuildTag(
        "package-tests-failed",
        "One of the recipe's own tests, which debian/tests/control names, failed on the installed package, or what the tests "
        "depend on cannot be had. The context names the test; the report lists each with its result.\n\n"
        "Tests run as an ordinary user without network. A test fails that ends with another status than 0, or that writes on "
        "the standard error without the restriction allow-stderr. One that needs root, a machine of its own or the network "
        "says so in Restrictions, and is left out here:\n\n"
        "  Restrictions: needs-root",
        ("autopkgtest's README.package-tests: https://people.debian.org/~eriberto/README.package-tests.html",),
    ),
    BuildTag(
        "fetch-does-not-match",
        "A file came from its address and is not the one that debian/dur pins: it has another size or another SHA256. Either "
        "upstream has replaced it, or somebody has put another file in its place. Nobody's build goes on from here.\n\n"
        "Find out which it is before you touch the manifest. If upstream has published a new file, look at what changed, pin the "
        "new checksum and size, and say so in debian/changelog.",
    ),
    BuildTag(
        "trial-build-failed",
        "dpkg-buildpackage ended with an error. The context is the last complaint, and the stage's log has the end of what was "
        "printed.\n\nThe build has no network, a home that does not exist and a user of its own. What it needs must come from "
        "Build-Depends or from a Fetch of the manifest. Try it in a clean chroot of the same suite:\n\n"
        "  sbuild --dist=bookworm",
        ("Debian Policy, section 4.9: https://www.debian.org/doc/debian-policy/ch-source.html",),
    ),
    BuildTag(
        "trial-build-no-source-package",
        "Upstream's tarballs could not be unpacked, or dpkg-source made no source package of them and debian/: most often a "
        "patch does not apply to the file that the manifest pins.\n\nRefresh the patches on the tarball that is pinned:\n\n"
        "  quilt push -a",
        ("dpkg-source(1)",),
    ),
    BuildTag(
        "trial-build-stopped",
        "The build reached one of the limits of the sandbox, and the context says which: time, memory, the size of a file or the "
        "amount of output.\n\nA build that is only too large for this site is no fault of the recipe: it can be left out on the "
        "recipe's team page. One that never ends is.",
    ),
    BuildTag(
        "trial-build-without-packages",
        "dpkg-buildpackage ended well, and there was no binary package afterwards.\n\nLet the target binary of debian/rules call "
        "dpkg-deb for each package of debian/control; debhelper's dh does. A package whose Architecture is not the builder's is "
        "not built.",
        ("Debian Policy, section 4.9: https://www.debian.org/doc/debian-policy/ch-source.html",),
    ),
)
TAGS: Mapping[str, BuildTag] = {each.tag: each for each in _TABLE}
