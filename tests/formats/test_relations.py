"""Relations of every shape that dpkg reads, substitution variables, and the line of what it does not."""

from __future__ import annotations

import pytest
from debian.deb822 import PkgRelation
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app.formats.deb822 import Field, ValueLine
from recipes_app.formats.metadata import Relation, RelationTerm
from recipes_app.formats.relations import read_relations
from recipes_app.formats.report import Report


def relations(text: str) -> tuple[Relation, ...]:
    report = Report("debian/control")
    found = read_relations(_field(text), report)
    assert report.findings() == []
    return found


def _field(text: str) -> Field:
    return Field("Depends", tuple(ValueLine(number, line) for number, line in enumerate(text.split("\n"), start=7)))


def the_term(text: str) -> RelationTerm:
    ((term,),) = [each.alternatives for each in relations(text)]
    return term


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("libc6", RelationTerm("libc6")),
        ("python3:any (>= 3.11~)", RelationTerm("python3", "any", ">=", "3.11~")),
        ("debhelper-compat (= 13)", RelationTerm("debhelper-compat", None, "=", "13")),
        ("g++(>>4:7)", RelationTerm("g++", None, ">>", "4:7")),
        ("libfoo [linux-any !hurd-any]", RelationTerm("libfoo", architectures=("linux-any", "!hurd-any"))),
        ("check <!nocheck>", RelationTerm("check", profiles="<!nocheck>")),
        ("a (<< 2) [amd64] <!stage1 !cross> <x>", RelationTerm("a", None, "<<", "2", ("amd64",), "<!stage1 !cross> <x>")),
        ("${misc:Depends}", RelationTerm("${misc:Depends}")),
        ("libx${abi}-dev (= ${binary:Version})", RelationTerm("libx${abi}-dev", None, "=", "${binary:Version}")),
        ("foo (< 1)", RelationTerm("foo", None, "<", "1")),
    ],
)
def test_one_term(text: str, term: RelationTerm) -> None:
    assert the_term(text) == term


def test_alternatives_stay_together_and_keep_their_text() -> None:
    (relation,) = relations("default-mta  |\n mail-transport-agent")
    assert [term.name for term in relation.alternatives] == ["default-mta", "mail-transport-agent"]
    assert relation.text == "default-mta | mail-transport-agent"


def test_empty_members_are_passed_over_as_dpkg_does() -> None:
    assert [each.text for each in relations("a,, b,\n")] == ["a", "b"]


def test_an_empty_field_holds_no_relation() -> None:
    assert relations("") == ()


@pytest.mark.parametrize(
    "text", ["a b", "a (13)", "a (== 1)", "a | | b", "_a", "a (>= 1", "a [amd64", "a <b", "$abc", "${a", "a (>= 1 2)"]
)
def test_what_dpkg_refuses_is_an_error(text: str) -> None:
    report = Report("debian/control")
    assert read_relations(_field(text), report) == ()
    assert [(each.id, each.line) for each in report.findings()] == [("bad-relation", 7)]


def test_an_error_stands_in_the_line_of_its_member() -> None:
    report = Report("debian/control")
    found = read_relations(_field("a,\n b,\n\n c d,\n e"), report)
    assert [each.text for each in found] == ["a", "b", "e"]
    assert [each.line for each in report.findings()] == [10]


NAMES = st.from_regex(r"[a-z0-9][a-z0-9.+-]{1,10}", fullmatch=True)
TERMS = st.builds(
    "{}{}{}{}{}".format,
    NAMES,
    st.sampled_from(["", ":any", ":native", ":amd64"]),
    st.sampled_from(["", " (>= 1:2.0-1)", "(<<3~)", " ( = 1 )"]),
    st.sampled_from(["", " [amd64]", " [!i386 !armhf]"]),
    st.sampled_from(["", " <!nocheck>", " <a b> <!c>"]),
)
FIELDS = st.lists(st.lists(TERMS, min_size=1, max_size=3).map(" | ".join), min_size=1, max_size=5).map(",\n ".join)


@settings(deadline=None, max_examples=200)
@given(FIELDS)
def test_terms_are_read_as_python_debian_reads_them(text: str) -> None:
    ours = [
        [(term.name, term.qualifier, (term.operator, term.version) if term.operator else None) for term in relation.alternatives]
        for relation in relations(text)
    ]
    theirs = [
        [(term["name"], term["archqual"], term["version"]) for term in alternatives]
        for alternatives in PkgRelation.parse_relations(text)
    ]
    assert ours == theirs
