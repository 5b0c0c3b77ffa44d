"""Names, versions and people: the small rules of Debian Policy that several files share."""

from __future__ import annotations

import re

from debian.debian_support import Version

from .bounds import MAX_EPOCH, MAX_NAME_LENGTH, MAX_VERSION_LENGTH
from .metadata import Person
from .report import Report, quoted

_PACKAGE_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_VERSION_ALPHABET = re.compile(r"[A-Za-z0-9.+:~-]+")


def is_package_name(name: str) -> bool:
    """Return whether `name` can be a source or binary package's name (Debian Policy 5.6.1 and 5.6.7) of our length."""
    return len(name) <= MAX_NAME_LENGTH and _PACKAGE_NAME.fullmatch(name) is not None


def check_package_name(name: str, field: str, line: int, report: Report) -> bool:
    """Return whether `name`, found in `field`, is a package's name; record an error where it is not."""
    if is_package_name(name):
        return True
    report.error(
        "bad-package-name",
        line,
        f"{field}: {quoted(name)} was found, expected 2 to {MAX_NAME_LENGTH} lower-case letters, digits, +, - and ., "
        "starting with a letter or digit",
        "rename it (Debian Policy 5.6.1)",
    )
    return False


def version_fault(version: str) -> str:
    """Return what is wrong with `version` as Debian Policy 5.6.12 has it, empty where nothing is."""
    if len(version) > MAX_VERSION_LENGTH:
        return f"it has {len(version)} characters, {MAX_VERSION_LENGTH} are allowed"
    # python-debian's pattern lets digits of other scripts and a trailing line feed through.
    if not _VERSION_ALPHABET.fullmatch(version):
        return "only ASCII letters, digits and . + - ~ : may stand in it"
    try:
        parts = Version(version)
    except ValueError:
        return "it does not have the shape [epoch:]upstream-version[-debian-revision]"
    if version.endswith("-"):
        return "nothing follows the last hyphen, where the Debian revision stands"
    if int(parts.epoch or 0) > MAX_EPOCH:
        return f"its epoch is above {MAX_EPOCH}"
    return "" if (parts.upstream_version or "")[:1].isdigit() else "the upstream version must start with a digit"


def read_person(text: str) -> Person:
    """Return `Name <address>` (Debian Policy 5.6.2) as a person; without an address all of it is the name."""
    head, mark, tail = text.strip().rpartition("<")
    if not mark or not tail.endswith(">"):
        return Person(text.strip(), "")
    return Person(head.strip().strip('"'), tail[:-1].strip())


def read_people(text: str) -> tuple[Person, ...]:
    """Return the people of a comma-separated list. A comma inside a name separates nothing: a person ends with `>`."""
    people: list[Person] = []
    pending: list[str] = []
    for part in text.split(","):
        pending.append(part)
        if part.rstrip().endswith(">"):
            people.append(read_person(",".join(pending)))
            pending = []
    rest = ",".join(pending).strip().strip(",").strip()
    if rest:
        people.append(read_person(rest))
    return tuple(people)
