"""Licences: from what people write to SPDX and a class; and that the table agrees with SPDX's own list."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.licenses import canonicalize_license_expression
from packaging.licenses._spdx import EXCEPTIONS as SPDX_EXCEPTIONS
from packaging.licenses._spdx import LICENSES as SPDX_LICENCES

from recipes_app.formats import licence_table
from recipes_app.formats.licences import read_licence, worst_class
from recipes_app.formats.vocabulary import LicenceClass


@pytest.mark.parametrize(
    ("written", "spdx", "licence_class"),
    [
        ("GPL-2+", "GPL-2.0-or-later", "dfsg-free"),
        ("GPL-2", "GPL-2.0-only", "dfsg-free"),
        ("GPLv3+", "GPL-3.0-or-later", "dfsg-free"),
        ("GPL", "GPL-1.0-or-later", "dfsg-free"),
        ("LGPL-2.1+", "LGPL-2.1-or-later", "dfsg-free"),
        ("gpl-3.0-ONLY", "GPL-3.0-only", "dfsg-free"),
        ("Expat", "MIT", "dfsg-free"),
        ("BSD-3-clause", "BSD-3-Clause", "dfsg-free"),
        ("Apache-2", "Apache-2.0", "dfsg-free"),
        ("EPL-1.0+", "EPL-1.0+", "dfsg-free"),
        ("public-domain", "LicenseRef-public-domain", "dfsg-free"),
        ("Perl", "GPL-1.0-or-later OR Artistic-1.0-Perl", "dfsg-free"),
        ("GPL-2+ with OpenSSL exception", "GPL-2.0-or-later WITH AdditionRef-OpenSSL-exception", "dfsg-free"),
        ("GPL-3+ with Bison exception", "GPL-3.0-or-later WITH Bison-exception-2.2", "dfsg-free"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "dfsg-free"),
        ("GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later", "dfsg-free"),
        ("GFDL-1.3+", "GFDL-1.3-or-later", "unknown"),
        ("GFDL-1.2-invariants-only", "GFDL-1.2-invariants-only", "nonfree"),
        ("CC-BY-NC-SA-4.0", "CC-BY-NC-SA-4.0", "nonfree"),
        ("CC-BY-ND-3.0", "CC-BY-ND-3.0", "nonfree"),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0", "dfsg-free"),
        ("creativeml-openrail-m", "LicenseRef-creativeml-openrail-m", "nonfree"),
        ("LicenseRef-Llama-3.1", "LicenseRef-Llama-3.1", "nonfree"),
        ("Apache-2.0 with Commons-Clause exception", "Apache-2.0 WITH AdditionRef-Commons-Clause-exception", "nonfree"),
        ("proprietary", "LicenseRef-proprietary", "nonfree-noredist"),
        ("All rights reserved", "LicenseRef-all-rights-reserved", "nonfree-noredist"),
        ("LicenseRef-acme", "LicenseRef-acme", "unknown"),
        ("xdebug-1.03", "Xdebug-1.03", "unknown"),
        ("My own (2019)", "LicenseRef-My-own-2019", "unknown"),
        ("", "LicenseRef-unnamed", "unknown"),
    ],
)
def test_one_licence(written: str, spdx: str, licence_class: str) -> None:
    assert read_licence(written)[:2] == (spdx, licence_class)


@pytest.mark.parametrize(
    ("written", "spdx", "licence_class"),
    [
        ("MIT or CC-BY-NC-4.0", "MIT OR CC-BY-NC-4.0", "dfsg-free"),
        ("MIT and CC-BY-NC-4.0", "MIT AND CC-BY-NC-4.0", "nonfree"),
        ("MIT and proprietary or ISC", "(MIT AND LicenseRef-proprietary) OR ISC", "dfsg-free"),
        (
            "GPL-1+ or Artistic, and proprietary",
            "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-proprietary",
            "nonfree-noredist",
        ),
        ("MIT AND (ISC OR (Zlib AND custom))", "MIT AND (ISC OR (Zlib AND LicenseRef-custom))", "dfsg-free"),
        ("MIT, ISC", "MIT AND ISC", "dfsg-free"),
        ("MIT and custom", "MIT AND LicenseRef-custom", "unknown"),
        ("MIT or ISC or Zlib", "MIT OR ISC OR Zlib", "dfsg-free"),
    ],
)
def test_an_expression_gives_the_best_choice_and_the_worst_of_what_holds_together(
    written: str, spdx: str, licence_class: str
) -> None:
    assert read_licence(written)[:2] == (spdx, licence_class)


@pytest.mark.parametrize(
    "written", ["and", "MIT or", "(MIT", "MIT)", "MIT and and ISC", "(" * 50 + "MIT" + ")" * 50, ",", "x" * 5_000]
)
def test_a_broken_expression_is_one_unknown_licence(written: str) -> None:
    licence = read_licence(written)
    assert licence.spdx.startswith("LicenseRef-")
    assert licence.licence_class == "unknown"


def test_the_worst_class_orders_unknown_between_free_and_nonfree() -> None:
    assert worst_class(["dfsg-free", "unknown"]) == "unknown"
    assert worst_class(["unknown", "nonfree"]) == "nonfree"
    assert worst_class(LicenceClass) == "nonfree-noredist"
    assert worst_class([]) == "unknown"


def test_every_identifier_of_the_table_is_spdxs_or_a_reference() -> None:
    known = {licence["id"] for licence in SPDX_LICENCES.values()}
    ours = licence_table.DFSG_FREE | licence_table.NONFREE | licence_table.NONFREE_NOREDIST | licence_table.UNCLASSED
    assert {name for name in ours | set(licence_table.ALIASES.values()) if not name.startswith("LicenseRef-")} <= known
    assert set(licence_table.EXCEPTIONS.values()) <= {exception["id"] for exception in SPDX_EXCEPTIONS.values()}


def test_no_identifier_stands_in_two_classes() -> None:
    classes = [licence_table.DFSG_FREE, licence_table.NONFREE, licence_table.NONFREE_NOREDIST, licence_table.UNCLASSED]
    assert sum(map(len, classes)) == len(frozenset().union(*classes))


SIMPLE = st.sampled_from(
    ["MIT", "Apache-2.0", "GPL-2.0-or-later", "CC-BY-NC-4.0", "LicenseRef-acme", "Apache-2.0 WITH LLVM-exception"]
)
EXPRESSIONS = st.recursive(
    SIMPLE,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: "({} {} {})".format(*parts)),
    max_leaves=6,
)


@settings(deadline=None, max_examples=200)
@given(EXPRESSIONS)
def test_spdx_expressions_stay_valid_spdx_and_come_back_the_same(expression: str) -> None:
    licence = read_licence(expression)
    assert canonicalize_license_expression(licence.spdx) == licence.spdx
    assert read_licence(licence.spdx) == licence


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=200))
def test_any_text_has_a_class(text: str) -> None:
    licence = read_licence(text)
    assert licence.spdx
    assert licence.licence_class in tuple(LicenceClass)
