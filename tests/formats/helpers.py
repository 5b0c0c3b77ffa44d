"""Short ways to parse a recipe with one file changed, and to find what was said about it."""

from __future__ import annotations

from recipes_app.formats.findings import Finding
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.recipe import ParsedRecipe, parse_recipe
from tests.factories import CHANGELOG, CONTROL, recipe_tree

NAME = "hello-dur"
DUR_HEADER = f"Format: 1\nSource: {NAME}\n"
SHA256 = "0" * 64
CONTROL_TEXT = CONTROL.format(name=NAME, version="1.0-1")
CHANGELOG_TEXT = CHANGELOG.format(name=NAME, version="1.0-1")


def parse(**files: bytes | str | None) -> ParsedRecipe:
    """Parse the valid recipe with `files` replaced; the keywords control, changelog, copyright and dur mean those in debian/."""
    return parse_recipe(recipe_tree(NAME, "1.0-1", **{f"debian/{name}": content for name, content in files.items()}))


def parse_dur(*paragraphs: str, header: str = DUR_HEADER) -> ParsedRecipe:
    """Parse the valid recipe with a manifest of `header` and `paragraphs`."""
    return parse(dur="\n".join([header, *(paragraph.strip("\n") + "\n" for paragraph in paragraphs)]))


def metadata_of(parsed: ParsedRecipe) -> RecipeMetadata:
    """Return the metadata of a recipe that has no error."""
    assert parsed.errors == ()
    assert parsed.metadata is not None
    return parsed.metadata


def the_finding(parsed: ParsedRecipe, identifier: str) -> Finding:
    """Return the only finding with this id."""
    found = [finding for finding in parsed.findings if finding.id == identifier]
    assert len(found) == 1, parsed.findings
    return found[0]


def identifiers(parsed: ParsedRecipe) -> set[str]:
    """Return the ids of all findings."""
    return {finding.id for finding in parsed.findings}
