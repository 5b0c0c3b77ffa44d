"""Checks of debian/changelog: the version and the date that everything else is ordered by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from debian.debian_support import Version

from recipes_app.formats.changelog import PATH
from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import RecipeMetadata

from .base import EXAMPLE_DAY, About, CheckContext, Family, Place, check_metadata
from .examples import CHANGELOG
from .recipe import Recipe

# A clock that is a day ahead is a clock; zones differ by up to 26 hours.
_AHEAD = timedelta(days=2)


@check_metadata(
    About(
        id="DUR401",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title="The version is not newer than that of the revision before",
        explanation=(
            "apt offers an upgrade only where the version grows (deb-version(7)). A revision that keeps the version of the one "
            "before never reaches those who installed that, and two builds that differ carry the same name."
        ),
        remedy="add an entry with a higher version: dch -i",
        failing={},
        mending={"debian/changelog": CHANGELOG.replace("1.0-1", "1.0-2")},
        context=CheckContext(previous_version="1.0-1", now=EXAMPLE_DAY),
    )
)
def version_is_newer(recipe: Recipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare with the version of the revision before, where there is one."""
    previous = recipe.context.previous_version
    if previous and Version(metadata.version) <= Version(previous):
        yield Place(PATH, 1, f"version {metadata.version} was found, and the revision before has {previous}")


@check_metadata(
    About(
        id="DUR402",
        severity=Severity.WARNING,
        family=Family.CHANGELOG,
        title="The newest entry is dated in the future",
        explanation=(
            "The date of the newest entry becomes SOURCE_DATE_EPOCH, the time that a reproducible build writes into its files. "
            "A date in the future comes from a wrong clock or a typing error; make and tar complain of such files."
        ),
        remedy="give the time of now: dch -r",
        failing={"debian/changelog": CHANGELOG.replace("Mon, 02 Feb 2026", "Tue, 02 Feb 2027")},
        mending={"debian/changelog": CHANGELOG},
    )
)
def date_is_past(recipe: Recipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare the newest entry's date with now."""
    date = metadata.changelog.date
    if date and datetime.fromisoformat(date) > recipe.context.now + _AHEAD:
        yield Place(PATH, trailer_line(recipe), f"the entry is dated {date}, which is still to come")


def trailer_line(recipe: Recipe) -> int:
    """Return the line of the newest entry's trailer, or the first where it has none."""
    return next((number for number, line in enumerate(recipe.lines(PATH), start=1) if line.startswith(" -- ")), 1)
