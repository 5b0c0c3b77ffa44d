"""The profile of a user repository: what of lintian's `debian/main` is shown here and does not count, each with its reason.

lintian judges uploads to the Debian archive. Most of that is true of any source package and counts here as there; the tags
below ask for something that only the archive has: its bug tracker, its upload rules, its teams, its dates. Data and no code: a
tag that is not listed counts. What was weighed and counts all the same stands at the end. No Django here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from .report import Hint

# Raise it with every change of the table (a test compares): reports of two versions are not compared with each other.
VERSION: Final = 1
BASE: Final = "debian/main"
NAME: Final = f"{BASE}, user-repository {VERSION}"

_BUGS = "Debian's bug tracker has no bugs of user recipes: there is none that a first upload could close."
_UPLOADS = "Rules of who uploads to the archive (NMU, QA and team uploads); here an account pushes, and the history says which."
_UPLOADERS = "Whom the archive's uploads come from; here the accounts that may push stand on the recipe's page."
_SUITE = "Which suite an upload to the archive goes into; here the branch and the field Suites say so."
_TEAM = "A rule of a team of the archive about its own repositories and tests."
_INFRASTRUCTURE = "Where the archive keeps packages that nobody maintains; an orphaned recipe stays here and can be adopted."
_POLICY_DATE = "Its date decides, not the packaging: recipes are not uploaded again for each version of Debian Policy."
_RELEASE_GOAL = "Asked of the archive, whose machines look for new upstream versions; a recipe may follow no release at all."
_METADATA = "Read by services of the archive alone; Homepage and the manifest say here where upstream is."

# tag → why it does not count.
NOT_COUNTED: Final[Mapping[str, str]] = {
    "initial-upload-closes-no-bugs": _BUGS,
    "improbable-bug-number-in-closes": _BUGS,
    "no-nmu-in-changelog": _UPLOADS,
    "nmu-in-changelog": _UPLOADS,
    "source-nmu-has-incorrect-version-number": _UPLOADS,
    "maintainer-upload-has-incorrect-version-number": _UPLOADS,
    "qa-upload-has-incorrect-version-number": _UPLOADS,
    "team-upload-has-incorrect-version-number": _UPLOADS,
    "unnecessary-team-upload": _UPLOADS,
    "binary-nmu-debian-revision-in-source": _UPLOADS,
    "uploaders-in-orphan": _UPLOADERS,
    "no-human-maintainers": _UPLOADERS,
    "maintainer-also-in-uploaders": _UPLOADERS,
    "dm-upload-allowed-is-obsolete": _UPLOADERS,
    "wrong-team": _TEAM,
    "team/pkg-js/testsuite/no-team-tests": _TEAM,
    "team/pkg-js/testsuite/no-testsuite-header": _TEAM,
    "team/pkg-js/vcs/no-git": _TEAM,
    "team/pkg-js/vcs/no-team-url": _TEAM,
    "team/pkg-perl/testsuite/autopkgtest-needs-use-name": _TEAM,
    "team/pkg-perl/testsuite/no-team-tests": _TEAM,
    "team/pkg-perl/testsuite/no-testsuite-header": _TEAM,
    "team/pkg-perl/vcs/no-git": _TEAM,
    "team/pkg-perl/vcs/no-team-url": _TEAM,
    "co-maintained-package-with-no-vcs-fields": _TEAM,
    "orphaned-package-maintained-in-private-space": _INFRASTRUCTURE,
    "orphaned-package-not-maintained-in-debian-infrastructure": _INFRASTRUCTURE,
    "vcs-obsolete-in-debian-infrastructure": _INFRASTRUCTURE,
    "bad-intended-distribution": _SUITE,
    "experimental-to-unstable-without-comment": _SUITE,
    "upload-has-backports-version-number": _SUITE,
    "backports-upload-has-incorrect-version-number": _SUITE,
    "source-only-upload-to-non-free-without-autobuild": "Nobody builds a recipe but its users, and no build daemon.",
    "archive-liberty-mismatch": "Areas (main, contrib, …) are the archive's; here the licence class says what is free.",
    "out-of-date-standards-version": _POLICY_DATE,
    "newer-standards-version": _POLICY_DATE,
    "debian-watch-file-is-missing": _RELEASE_GOAL,
    "debian-watch-does-not-check-openpgp-signature": _RELEASE_GOAL,
    "debian-watch-could-verify-download": _RELEASE_GOAL,
    "upstream-metadata-file-is-missing": _METADATA,
    "upstream-metadata-missing-bug-tracking": _METADATA,
    "upstream-metadata-missing-repository": _METADATA,
}


def apply_profile(hints: Iterable[Hint]) -> Iterator[Hint]:
    """Yield each hint, with the reason why it does not count where the profile has one."""
    for hint in hints:
        reason = NOT_COUNTED.get(hint.tag, "")
        yield replace(hint, reason=reason) if reason else hint
