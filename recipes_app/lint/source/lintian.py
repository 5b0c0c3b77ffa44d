"""lintian: its command line, the strict grammar of what it prints, and what is taken back that the stub tarball made it say.

The grammar is that of bookworm's 2.116.3 and of trixie's 2.122.0, which print the same shape: recorded outputs of both are read
in the tests.

Everything here but `tag_facts` is a function of text, fed with recorded outputs in tests. No Django here.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..protocol import profile
from ..protocol.report import Hint, HintSeverity, clean_text
from .overrides import TagFacts

TOOL = "lintian"
_TAGS_FOLDER = Path("/usr/share/lintian/tags")

# Said of the stub, and not true of the recipe: lintian looks for files of upstream's that are not there. Each is measured in
# docs/lint.md; tags about upstream's content that need no such list are those whose pointer leads out of debian/.
STUB_TAGS: Final[Mapping[str, str]] = {
    "orig-tarball-missing-upstream-signature": "who builds fetches the signature beside the tarball",
    "empty-upstream-sources": "the stub holds no more than what the patches touch",
    "pkg-js-autopkgtest-file-does-not-exist": "debian/tests/pkg-js/files names files of upstream's",
    "team/pkg-perl/testsuite/autopkgtest-needs-use-name": "it is said where upstream has neither META.json nor META.yml",
}
_SUPERFLUOUS_PATTERN = "superfluous-file-pattern"

# `override` is missing on purpose: lintian is told to apply none, so one that it applied is an unknown shape.
_HINT_MEMBERS = frozenset({"tag", "note", "visibility", "experimental", "pointer", "masks"})
_HINT_REQUIRED = frozenset({"tag", "note", "visibility", "experimental"})
_GROUP_MEMBERS = frozenset({"group_id", "source_name", "source_version", "input_files"})
_TAG_MEMBERS = frozenset(
    {
        "name", "name_spaced", "show_always", "explanation", "see_also", "check", "visibility", "experimental", "renamed_from",
        "screens", "lintian_version",
    }
)  # fmt: skip
_PACKAGE_FILE = re.compile(r"(?P<name>[^_/]+)_[^/]*\.(?P<suffix>dsc|u?deb|changes|buildinfo)")


class LintianOutputError(Exception):
    """lintian printed something that this reader does not know; the text says what. No verdict may be taken from it."""


@dataclass(frozen=True)
class LintianOutput:
    """What one run of lintian said. `files` counts the packages that it looked at."""

    version: str
    files: int
    hints: tuple[Hint, ...]


def lintian_command(package: str) -> list[str]:
    """Return the command that lints the file `package` and prints JSON.

    `--exp-output` is missing from --help and works. Overrides are applied by us: lintian's own matcher can be made to hang.
    """
    return [
        "lintian", "--no-cfg", "--no-user-dirs", "--profile", profile.BASE,
        "--display-level", ">=classification", "--display-experimental", "--no-override", "--tag-display-limit", "0",
        "--fail-on", "none", "--jobs", "1", "--exp-output", "format=json",
        "--", package,
    ]  # fmt: skip


def version_command() -> list[str]:
    """Return the command that prints the version by which lintian's reports call it."""
    return ["lintian", "--print-version"]


def parse_output(output: bytes) -> LintianOutput:
    """Return what lintian printed as JSON. Hints that it masks are left out. Raises LintianOutputError for an unknown shape."""
    document = _load(output)
    _expect(isinstance(document, dict) and document.keys() == {"lintian_version", "groups"}, "the document's members", document)
    version = document["lintian_version"]
    _expect(isinstance(version, str) and version, "lintian_version", version)
    _expect(isinstance(document["groups"], list), "groups", document["groups"])
    hints: list[Hint] = []
    files = 0
    for group in document["groups"]:
        _expect(isinstance(group, dict) and group.keys() == _GROUP_MEMBERS, "a group", group)
        _expect(isinstance(group["input_files"], list), "a group", group)
        for each in group["input_files"]:
            _expect(isinstance(each, dict) and each.keys() == {"path", "hints"}, "an input file", each)
            _expect(isinstance(each["path"], str) and isinstance(each["hints"], list), "an input file", each)
            files += 1
            package = package_of(each["path"])
            hints += [_hint(entry, package) for entry in each["hints"] if not _masked(entry)]
    return LintianOutput(version, files, tuple(hints))


def package_of(path: str) -> str:
    """Return how a report names the package in a file: `src:NAME` for a .dsc, `NAME` for a .deb, else the file's name."""
    filename = path.rpartition("/")[2]
    match = _PACKAGE_FILE.fullmatch(filename)
    if match is None or match["suffix"] in ("changes", "buildinfo"):
        return clean_text(filename, 128)
    return f"src:{match['name']}" if match["suffix"] == "dsc" else match["name"]


def without_false_hints(hints: Iterable[Hint]) -> Iterator[Hint]:
    """Yield the hints of a stub that stand: what lintian says only because upstream's files are not there is dropped.

    A pattern of debian/copyright may match upstream's files, which are fetched by who builds; one below debian/ can be judged.
    A hint that points to a file of upstream's is about the few lines that the patches tell of, with gaps between them.
    """
    for hint in hints:
        unjudged = hint.tag == _SUPERFLUOUS_PATTERN and not hint.context.startswith("debian/")
        upstreams = hint.path and not hint.path.startswith("debian/")
        if hint.tag not in STUB_TAGS and not unjudged and not upstreams:
            yield hint


def explain_command() -> list[str]:
    """Return the command that prints what lintian says about each of its tags, as JSON. It runs in the sandbox too."""
    # The list of names comes from the tool itself; the shell text is fixed.
    return ["/bin/sh", "-c", "exec lintian-explain-tags --format=json $(lintian-explain-tags --list-tags)"]


def parse_explanations(output: bytes) -> dict[str, Any]:
    """Return the catalogue of tags as the portal imports it: tool, tool_version, and a list of tags.

    The explanations are HTML and are cleaned by the portal. Raises LintianOutputError for an unknown shape.
    """
    entries = _load(output)
    _expect(isinstance(entries, list) and bool(entries), "the list of tags", entries)
    tags = []
    for entry in entries:
        _expect(isinstance(entry, dict) and entry.keys() == _TAG_MEMBERS, "a tag", entry)
        _expect(entry["visibility"] in set(HintSeverity), "a tag's visibility", entry["visibility"])
        _expect(isinstance(entry["see_also"], list) and isinstance(entry["renamed_from"], list), "a tag", entry)
        tags.append(
            {
                "tag": str(entry["name"]),
                "severity": str(entry["visibility"]),
                "explanation": str(entry["explanation"]),
                "see_also": [str(each) for each in entry["see_also"]],
                "experimental": bool(entry["experimental"]),
                "check": str(entry["check"]),
                "show_always": bool(entry["show_always"]),
                "renamed_from": [str(each) for each in entry["renamed_from"]],
            }
        )
    return {"tool": TOOL, "tool_version": str(entries[0]["lintian_version"]), "tags": tags}


@functools.cache
def tag_facts() -> TagFacts:
    """Return what the installed lintian's own files say about overriding: tags that always show, and renamed tags."""
    durable: set[str] = set()
    renamed: dict[str, str] = {}
    for path in sorted(_TAGS_FOLDER.rglob("*.tag")):
        fields = _tag_fields(path.read_text(encoding="utf-8"))
        tag = fields.get("Tag", "")
        if fields.get("Show-Always", "") == "yes":
            durable.add(tag)
        for old in fields.get("Renamed-From", "").split():
            renamed[old] = tag
    return TagFacts(frozenset(durable), renamed)


def _tag_fields(text: str) -> Mapping[str, str]:
    """Return the fields of a tag's file, a deb822 paragraph that lintian's authors wrote."""
    fields: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line[:1].isspace():
            fields[name] = fields.get(name, "") + " " + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    return fields


def _load(output: bytes) -> Any:
    try:
        return json.loads(output)
    except (ValueError, RecursionError) as error:
        raise LintianOutputError(f"lintian did not print JSON: {error}") from error


def _expect(condition: object, what: str, found: object) -> None:
    if not condition:
        raise LintianOutputError(f"lintian's output is of an unknown shape at {what}: {clean_text(json.dumps(found), 200)}")


def _masked(entry: object) -> bool:
    """Whether lintian takes the hint back itself. A mask of an unknown shape masks nothing: it is an error."""
    if not isinstance(entry, dict) or "masks" not in entry:
        return False
    masks = entry["masks"]
    known = isinstance(masks, list) and all(isinstance(each, dict) and each.keys() == {"screen", "excuse"} for each in masks)
    _expect(known, "masks", masks)
    return bool(masks)


def _hint(entry: Any, package: str) -> Hint:
    _expect(isinstance(entry, dict) and _HINT_REQUIRED <= entry.keys() <= _HINT_MEMBERS, "a hint", entry)
    _expect(isinstance(entry["tag"], str) and isinstance(entry["note"], str), "a hint", entry)
    _expect(isinstance(entry["experimental"], bool), "experimental", entry)
    _expect(entry["visibility"] in set(HintSeverity), "visibility", entry)
    path, line = _pointer(entry.get("pointer"))
    return Hint(
        severity=HintSeverity(entry["visibility"]),
        tag=clean_text(entry["tag"], 120),
        package=package,
        context=clean_text(entry["note"]),
        path=path,
        line=line,
        experimental=entry["experimental"],
    )


def _pointer(pointer: Any) -> tuple[str, int | None]:
    """Return path and line of a pointer. lintian prints an empty object for a place that is no file, and line 0 for none."""
    if not pointer:
        return "", None
    _expect(isinstance(pointer, dict) and pointer.keys() == {"item", "line_position"}, "a pointer", pointer)
    item, line = pointer["item"], pointer["line_position"]
    _expect(isinstance(item, dict) and item.keys() == {"name", "index"}, "a pointer", pointer)
    _expect(isinstance(item["name"], str) and type(line) is int, "a pointer", pointer)
    return clean_text(item["name"], 1_024), line if line > 0 else None
