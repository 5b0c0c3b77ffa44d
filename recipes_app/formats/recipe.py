"""The door of `formats`: a tree of files in, metadata and findings out."""

from __future__ import annotations

from dataclasses import dataclass

from .findings import Finding, Severity
from .metadata import RecipeMetadata
from .tree import Tree


@dataclass(frozen=True)
class ParsedRecipe:
    """What a tree says. `metadata` is None only where an error-level finding makes it impossible to give."""

    metadata: RecipeMetadata | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse a push."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


def parse_recipe(tree: Tree, *, expected_name: str | None = None) -> ParsedRecipe:
    """Parse a recipe's files. Never raises for any content of `tree`: what is wrong becomes a finding.

    `expected_name` is the repository's name; RECIPE_FORMAT says that it is the Source of debian/control.
    """
    raise NotImplementedError
