"""A package's own tests, as `debian/tests/control` names them (autopkgtest's README.package-tests, "DEP-8"), as data.

`parse_tests` reads; `Test.obstacle` says why a test cannot run where there is no machine of its own, no root and no network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .deb822 import Field, Paragraph, read_paragraphs
from .relations import read_relations
from .report import Report

PATH = "debian/tests/control"
MAX_TESTS = 30
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9+./-]*")
_FOLDER = re.compile(r"[a-zA-Z0-9._][a-zA-Z0-9+._/-]*")
# Restrictions that change what is done with a test's result, and those that are met by how the runner works.
_MET = frozenset(
    {"allow-stderr", "breaks-testbed", "flaky", "hint-testsuite-triggers", "rw-build-tree", "skip-not-installable", "skippable"}
    | {"superficial"}
)
# Restrictions that cannot be met, each with what is missing.
_UNMET: Mapping[str, str] = {
    "build-needed": "it needs a built source tree",
    "isolation-container": "it needs a container with services",
    "isolation-machine": "it needs a machine of its own",
    "needs-internet": "it needs the network",
    "needs-reboot": "it reboots the machine",
    "needs-recommends": "it needs all recommended packages",
    "needs-root": "it needs root",
    "needs-sudo": "it needs root, by sudo",
    "skip-foreign-architecture": "it is for another architecture",
}


@dataclass(frozen=True)
class Test:
    """One test: a script `name` in `folder`, or a shell command.

    `depends` are relations of packages; `@` stands for the built ones.
    """

    name: str
    command: str
    depends: tuple[str, ...]
    restrictions: frozenset[str]
    folder: str = "debian/tests"

    @property
    def obstacle(self) -> str:
        """Why the test cannot run for trial, in words; empty where it can."""
        for restriction in sorted(self.restrictions - _MET):
            return _UNMET.get(restriction, f"it has the restriction {restriction}, which is not known here")
        if odd := [each for each in self.depends if each.startswith("@") and each != "@"]:
            return f"it depends on {odd[0]}, which is not supported here"
        return ""


def parse_tests(content: bytes) -> tuple[Test, ...]:
    """Return the tests that the file's `content` names, at most MAX_TESTS. Raises ValueError, with the line, for anything else.

    A stanza with `Tests` is one test for each name; one with `Test-Command` is one test.
    """
    report = Report(PATH)
    paragraphs = read_paragraphs(content.decode("utf-8", "replace"), report)
    found: list[Test] = []
    for paragraph in paragraphs:
        found += _of_paragraph(paragraph, report, len(found))
    if findings := report.findings():
        raise ValueError(str(findings[0]))
    return tuple(found[:MAX_TESTS])


def _of_paragraph(paragraph: Paragraph, report: Report, number: int) -> Sequence[Test]:
    fields = paragraph.fields
    restrictions = frozenset(_words(fields.get("restrictions")) + _words(fields.get("classes"), keep=("superficial",)))
    depends = _depends(fields.get("depends"), report)
    folder = _text(fields.get("tests-directory")) or "debian/tests"
    if not _FOLDER.fullmatch(folder) or ".." in folder.split("/"):
        raise ValueError(f"{PATH}: Tests-Directory is {folder!r}, a folder of the source tree was expected")
    if command := _text(fields.get("test-command")):
        name = (_words(fields.get("features"), prefix="test-name=") or [f"command{number + 1}"])[0]
        return [Test(name, command, depends, restrictions, folder)]
    names = _words(fields.get("tests"))
    if not names:
        raise ValueError(f"{PATH}: a stanza has neither Tests nor Test-Command")
    for name in names:
        if not _NAME.fullmatch(name) or ".." in name.split("/"):
            raise ValueError(f"{PATH}: {name!r} is no name of a test")
    return [Test(name, "", depends, restrictions, folder) for name in names]


def _depends(field: Field | None, report: Report) -> tuple[str, ...]:
    if field is None:
        return ("@",)
    special = tuple(each for each in re.split(r"[,\s]+", _text(field)) if each.startswith("@"))
    plain = field
    if special:
        rows = tuple(row._replace(text=re.sub(r"@[a-z-]*@?", "", row.text)) for row in field.rows)
        plain = field._replace(rows=rows)
    return (*special, *(relation.text for relation in read_relations(plain, report)))


def _text(field: Field | None) -> str:
    return " ".join(row.text.strip() for row in field.rows).strip() if field else ""


def _words(field: Field | None, *, keep: tuple[str, ...] | None = None, prefix: str = "") -> list[str]:
    words = [word for word in re.split(r"[,\s]+", _text(field)) if word]
    if keep is not None:
        words = [word for word in words if word in keep]
    return [word.removeprefix(prefix) for word in words if word.startswith(prefix)]
