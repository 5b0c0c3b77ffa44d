"""Relations between packages (Debian Policy 7.1), with substitution variables, and the line of what cannot be read.

python-debian's `PkgRelation` is not used: it gives what it cannot read back as a name and writes a log line, knows no
substitution variables (`${shlibs:Depends}`), lower-cases profiles, and its separators take quadratic time (20,000 blanks:
2.3 s). The pattern below is dpkg's grammar (Dpkg::Deps::Simple) with possessive quantifiers: it cannot backtrack. The
tests hold it against `PkgRelation` on what both can read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .deb822 import BLANKS, Field
from .metadata import Relation, RelationTerm
from .report import Report, quoted

# A name of dpkg's alphabet in which substitution variables may stand: `lib${name}1`, `${misc:Depends}`.
_VARIABLE = r"\$\{[A-Za-z0-9][A-Za-z0-9:-]*+\}"
_TERM = re.compile(
    rf"""
    (?P<name> (?: [A-Za-z0-9] | {_VARIABLE} ) (?: [A-Za-z0-9+.-] | {_VARIABLE} )*+ )
    (?: : (?P<qualifier> [A-Za-z0-9][A-Za-z0-9-]*+ | {_VARIABLE} ) )?+
    (?: \s*+ \( \s*+ (?P<operator> << | <= | >= | >> | = | < | > ) \s*+ (?P<version> [^\s()]++ ) \s*+ \) )?+
    (?: \s*+ \[ (?P<architectures> [^\[\]]++ ) \] )?+
    (?P<profiles> (?: \s*+ < [^<>]++ > )*+ )
    """,
    re.VERBOSE,
)
# A whole relation made of variables alone may carry anything behind it once dpkg-gencontrol has put the values in.
_ONLY_VARIABLES = re.compile(rf"(?: {_VARIABLE} \s*+ )++", re.VERBOSE)


def _read_term(text: str) -> RelationTerm | None:
    """Return one alternative, or None where dpkg's grammar has no place for it."""
    match = _TERM.fullmatch(text)
    if match is None:
        return RelationTerm(text) if _ONLY_VARIABLES.fullmatch(text) else None
    return RelationTerm(
        name=match["name"],
        qualifier=match["qualifier"],
        operator=match["operator"],
        version=match["version"],
        architectures=tuple((match["architectures"] or "").split()),
        profiles=" ".join(match["profiles"].split()),
    )


def _members(field: Field) -> Iterator[tuple[int, str]]:
    """Yield the comma-separated members of `field`, each with the line where its text starts, in one pass."""
    text = "\n".join(row.text for row in field.rows)
    row = 0
    for part in text.split(","):
        member = part.strip(BLANKS)
        if member:
            before = part[: len(part) - len(part.lstrip(BLANKS))]
            yield field.rows[row + before.count("\n")].line, member
        row += part.count("\n")


def read_relations(field: Field, report: Report) -> tuple[Relation, ...]:
    """Return the relations that `field` holds. An empty member (a trailing comma) is passed over, as dpkg does.

    A member that dpkg cannot read is an error: dpkg-source and dpkg-gencontrol stop there.
    """
    relations = []
    for line, member in _members(field):
        terms = [_read_term(alternative.strip(BLANKS)) for alternative in member.split("|")]
        readable = tuple(term for term in terms if term is not None)
        if len(readable) == len(terms):
            relations.append(Relation(readable, " ".join(member.split())))
        else:
            report.error(
                "bad-relation",
                line,
                f"{field.name}: {quoted(' '.join(member.split()))} was found, "
                "expected name[:arch] [(operator version)] [[architectures]] [<profiles>]",
                "separate relations by commas and alternatives by | (Debian Policy 7.1)",
            )
    return tuple(relations)
