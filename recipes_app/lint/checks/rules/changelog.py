"""Checks of debian/changelog: the version and the date that everything else is ordered by, where it goes, and who signed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from debian.debian_support import Version

from recipes_app.formats.changelog import PATH
from recipes_app.formats.findings import Severity
from recipes_app.formats.manifest import PATH as MANIFEST_PATH
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.report import quoted

from ..base import EXAMPLE_DAY, About, CheckContext, Family, Place, check, check_metadata, gettext_noop
from ..examples import CHANGELOG, DUR
from ..recipe import CheckedRecipe
from ..suites import UNRELEASED, base_suite, is_suite, suggestion

# A clock that is a day ahead is a clock; zones differ by up to 26 hours.
_AHEAD = timedelta(days=2)
# A rebuild's end, and one that sorts above the security updates of the release (+deb13u1); +cdur1 sorts below them.
_RESERVED = re.compile(r"\+(?:b|dur)[0-9]+$")
_SUITES = frozenset({"unstable", "sid", "experimental", "rc-buggy"})


@check_metadata(
    About(
        id="DUR401",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title=gettext_noop("The version is not newer than that of the revision before"),
        explanation=gettext_noop(
            "apt offers an upgrade only where the version grows (deb-version(7)). A revision that keeps the version of the one "
            "before never reaches those who installed that, and two builds that differ carry the same name."
        ),
        remedy=gettext_noop("add an entry with a higher version: dch -i"),
        failing={},
        mending={"debian/changelog": CHANGELOG.replace("1.0-1", "1.0-2")},
        context=CheckContext(previous_version="1.0-1", now=EXAMPLE_DAY),
    )
)
def version_is_newer(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare with the version of the revision before, where there is one."""
    previous = recipe.context.previous_version
    if previous and Version(metadata.version) <= Version(previous):
        yield Place(PATH, heading_line(recipe), f"version {metadata.version} was found, and the revision before has {previous}")


@check_metadata(
    About(
        id="DUR402",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title=gettext_noop("The newest entry is dated in the future"),
        explanation=gettext_noop(
            "The date of the newest entry becomes SOURCE_DATE_EPOCH, the time that a reproducible build writes into its files. "
            "A date in the future comes from a wrong clock or a typing error; make and tar complain of such files."
        ),
        remedy=gettext_noop("give the time of now: dch -r"),
        failing={"debian/changelog": CHANGELOG.replace("Mon, 02 Feb 2026", "Tue, 02 Feb 2027")},
        mending={"debian/changelog": CHANGELOG},
    )
)
def date_is_past(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare the newest entry's date with now."""
    date = metadata.changelog.date
    if date and datetime.fromisoformat(date) > recipe.context.now + _AHEAD:
        yield Place(PATH, trailer_line(recipe), f"the entry is dated {date}, which is still to come")


@check_metadata(
    About(
        id="DUR403",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title=gettext_noop("The newest entry is not released"),
        explanation=gettext_noop(
            "dch writes UNRELEASED while an entry is being worked on, and the real suite once it is finished. A revision that "
            "is published here is finished: its users build it and keep its version."
        ),
        remedy=gettext_noop("finish the entry: dch -r"),
        failing={"debian/changelog": CHANGELOG.replace(" unstable;", " UNRELEASED;")},
        mending={"debian/changelog": CHANGELOG},
    )
)
def entry_is_released(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look for dch's mark of unfinished entries."""
    if UNRELEASED in metadata.changelog.distributions:
        yield Place(PATH, heading_line(recipe), f"version {metadata.version} is marked {UNRELEASED}")


@check_metadata(
    About(
        id="DUR404",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title=gettext_noop("A suite is none of Debian's"),
        explanation=gettext_noop(
            "The newest entry of debian/changelog and the Suites of debian/dur name suites of Debian, so that users of a "
            "release find what was made for it. A name of another distribution, or one that is mistyped, is found by nobody."
        ),
        remedy=gettext_noop("write unstable, or the code name of a Debian release, with -backports where that is meant"),
        failing={"debian/dur": DUR.replace("Suites: trixie", "Suites: trixy")},
        mending={"debian/dur": DUR},
    )
)
def suites_are_debians(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare each name with Debian's releases, their aliases and their pockets."""
    for name in metadata.changelog.distributions:
        if name != UNRELEASED and not is_suite(name):
            yield Place(PATH, heading_line(recipe), _unknown(name))
    for name in metadata.suites:
        if not is_suite(name):
            line = recipe.paragraphs(MANIFEST_PATH)[0].line_of("Suites")
            yield Place(MANIFEST_PATH, line, f"Suites: {_unknown(name)}")


def _unknown(name: str) -> str:
    near = suggestion(name)
    return f"{quoted(name)} is no suite of Debian's" + (f"; did you mean {near}?" if near else "")


@check_metadata(
    About(
        id="DUR405",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title=gettext_noop("The changelog and the manifest name different suites"),
        explanation=gettext_noop(
            "The newest entry was made for one release, and Suites of debian/dur leaves that release out. Users of the one "
            "are not offered what was made for them, and those of the other get what nobody tried there."
        ),
        remedy=gettext_noop("add the suite to Suites, or correct the entry"),
        failing={"debian/changelog": CHANGELOG.replace(" unstable;", " bookworm-backports;")},
        mending={"debian/changelog": CHANGELOG.replace(" unstable;", " bookworm-backports;"),
                 "debian/dur": DUR.replace("Suites: trixie", "Suites: bookworm, trixie")},
    )
)  # fmt: skip
def suites_agree(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare where both name releases; unstable in a changelog is the habit of all who package for no release in particular."""
    listed = {base_suite(name) for name in metadata.suites}
    for name in metadata.changelog.distributions:
        if listed and is_suite(name) and name not in _SUITES and base_suite(name) not in listed:
            message = f"the entry is for {name}, and debian/dur lists {', '.join(metadata.suites)}"
            yield Place(PATH, heading_line(recipe), message)


@check(
    About(
        id="DUR406",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title=gettext_noop("The newest entry has no signature that can be read"),
        explanation=gettext_noop(
            "The last line of an entry says who made it and when (Debian Policy 4.4). Without it a build has no date to be "
            "reproduced by, and the catalogue cannot say how old the revision is."
        ),
        remedy=gettext_noop("let dch -r write the line: two hyphens, name, address, two blanks, date as date -R prints it"),
        failing={"debian/changelog": CHANGELOG.replace("Mon, 02 Feb 2026 10:00:00 +0000", "Mon, 42 Feb 2026 10:00:00 +0000")},
        mending={"debian/changelog": CHANGELOG},
    )
)
def entry_is_signed(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of the trailer."""
    for finding in recipe.parser_findings("changelog-trailer", "changelog-date"):
        yield Place(finding.path, finding.line, finding.message)


@check_metadata(
    About(
        id="DUR407",
        severity=Severity.INFO,
        family=Family.CHANGELOG,
        title=gettext_noop("The newest entry was signed by someone who does not maintain the package"),
        explanation=gettext_noop(
            "The name under the newest entry is neither the Maintainer nor one of the Uploaders in debian/control. Often the "
            "packaging was taken from elsewhere, and its entry was left as it was, so that readers take others for its author."
        ),
        remedy=gettext_noop("add an entry of your own for what you changed, or add yourself to Uploaders"),
        failing={"debian/changelog": CHANGELOG.replace("Ada Lovelace <ada@", "Charles Babbage <charles@")},
        mending={"debian/changelog": CHANGELOG},
    )
)
def signer_maintains(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare name or address with the maintainers': people change one of the two at a time."""
    author = metadata.changelog.author
    people = (metadata.maintainer, *metadata.uploaders)
    known = {each.name.lower() for each in people} | {each.email.lower() for each in people}
    if author.name and not known & {author.name.lower(), author.email.lower()}:
        message = f"{quoted(author.name)} signed the entry, and debian/control names {quoted(metadata.maintainer.name)}"
        yield Place(PATH, trailer_line(recipe), message)


@check_metadata(
    About(
        id="DUR408",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title=gettext_noop("The version ends in a suffix that has another meaning"),
        explanation=gettext_noop(
            "Build daemons add +b1 to a package that they build again from the same source, so a source package of that "
            "version collides with a rebuild. +dur1 sorts above +deb13u1, the suffix of Debian's security updates: whoever "
            "has a package of such a version does not get them any more. +cdur1 sorts below."
        ),
        remedy=gettext_noop("raise the revision instead, or end the version of a variant in +cdur1"),
        failing={"debian/changelog": CHANGELOG.replace("1.0-1", "1.0-1+b1")},
        mending={"debian/changelog": CHANGELOG.replace("1.0-1", "1.0-2")},
    )
)
def version_is_the_sources(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look at the end of the version."""
    if found := _RESERVED.search(metadata.version):
        yield Place(PATH, heading_line(recipe), f"version {metadata.version} ends in {found[0]}")


def heading_line(recipe: CheckedRecipe) -> int:
    """Return the line of the newest entry's heading."""
    return next((number for number, line in enumerate(recipe.lines(PATH), start=1) if line.strip()), 1)


def trailer_line(recipe: CheckedRecipe) -> int:
    """Return the line of the newest entry's trailer, or the first where it has none."""
    return next((number for number, line in enumerate(recipe.lines(PATH), start=1) if line.startswith(" -- ")), 1)
