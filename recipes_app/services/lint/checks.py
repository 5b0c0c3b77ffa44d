"""The recipe checks as pages and the API tell of them: words and examples, from the registry alone. No database."""

from __future__ import annotations

from dataclasses import dataclass

from recipes_app.formats.findings import Finding
from recipes_app.lint.checks.base import About, CheckContext, Example
from recipes_app.lint.checks.examples import example_tree
from recipes_app.lint.checks.registry import CHECKS, run_checks


@dataclass(frozen=True)
class ExampleFile:
    """A file of an example: its content, None where the example takes it away, and what this check finds in it."""

    path: str
    content: bytes | None
    findings: tuple[Finding, ...]

    @property
    def lines(self) -> frozenset[int]:
        """The lines that something is found in."""
        return frozenset(finding.line for finding in self.findings if finding.line is not None)


def by_family() -> dict[str, list[About]]:
    """Return the words of every check, by family, in the order of the ids."""
    families: dict[str, list[About]] = {}
    for check in CHECKS.values():
        families.setdefault(check.about.family, []).append(check.about)
    return families


def find(identifier: str) -> About | None:
    """Return the words of one check, or None where there is none of this id."""
    check = CHECKS.get(identifier)
    return check.about if check else None


def failing_files(about: About) -> list[ExampleFile]:
    """Return the files of the failing example, with what the check really finds there now."""
    return _files(about, about.failing, about.context)


def mending_files(about: About) -> list[ExampleFile]:
    """Return the files of the mending example, and those of the failing one as they are in it."""
    return _files(about, {**dict.fromkeys(about.failing), **about.mending}, about.mending_context or about.context)


def _files(about: About, example: Example, context: CheckContext) -> list[ExampleFile]:
    """Return each file that `example` names or that something is found in. A file that it takes away has no content."""
    shown = about.failing if example is about.failing else about.mending
    tree = example_tree(shown)
    findings = [finding for finding in run_checks(tree, context) if finding.id == about.id]
    paths = sorted({*example, *(finding.path for finding in findings)})
    return [ExampleFile(path, tree.get(path), tuple(each for each in findings if each.path == path)) for path in paths]
