"""The Variant paragraphs of debian/dur."""

from __future__ import annotations

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.formats.recipe import parse_recipe
from tests.factories import recipe_tree

from .helpers import DUR_HEADER, NAME, metadata_of, parse_dur, the_finding

VARIANT = f"""
Variant: native
Default: yes
Profiles: pkg.{NAME}.native, nocheck
Flags: -march=native -O3
Portability: isa:x86-64-v3
Build-Depends-Extra: libx-dev (>= 2), gcc-13
Requires-Hardware: AVX2
License-Effect: nonfree
"""


def test_a_variant_is_read() -> None:
    (variant,) = metadata_of(parse_dur(VARIANT)).variants
    assert (variant.name, variant.line, variant.default) == ("native", 4, True)
    assert variant.profiles == (f"pkg.{NAME}.native", "nocheck")
    assert (variant.flags, variant.portability) == ("-march=native -O3", "isa:x86-64-v3")
    assert [relation.text for relation in variant.build_depends_extra] == ["libx-dev (>= 2)", "gcc-13"]
    assert (variant.requires_hardware, variant.licence_effect, variant.benchmark) == ("AVX2", "nonfree", "")


def test_a_benchmark_is_a_file_of_the_recipe() -> None:
    dur = DUR_HEADER + "\nVariant: native\nBenchmark: debian/benchmarks/speed\n"
    tree = recipe_tree(NAME, **{"debian/dur": dur, "debian/benchmarks/speed": "#!/bin/sh\n"})
    assert metadata_of(parse_recipe(tree)).variants[0].benchmark == "debian/benchmarks/speed"


@pytest.mark.parametrize(
    ("old", "new", "identifier", "line"),
    [
        ("Variant: native", "Variant: Native!", "manifest-variant-name", 4),
        ("Default: yes", "Default: true", "manifest-choice", 5),
        (f"pkg.{NAME}.native", "pkg.other.native", "manifest-profile", 6),
        ("nocheck", "$(reboot)", "manifest-profile", 6),
        ("-O3", "$(reboot)", "manifest-flags", 7),
        ("-O3", "'; reboot", "manifest-flags", 7),
        ("isa:x86-64-v3", "isa:", "manifest-portability", 8),
        ("gcc-13", "gcc 13", "bad-relation", 9),
        ("Requires-Hardware: AVX2", "Benchmark: debian/benchmarks/gone", "manifest-benchmark", 10),
        ("License-Effect: nonfree", "License-Effect: bad", "manifest-choice", 11),
    ],
)
def test_a_broken_variant_is_an_error_with_its_line(old: str, new: str, identifier: str, line: int) -> None:
    finding = the_finding(parse_dur(VARIANT.replace(old, new)), identifier)
    assert (finding.severity, finding.path, finding.line) == (Severity.ERROR, "debian/dur", line)


def test_a_variant_named_twice_is_an_error() -> None:
    assert the_finding(parse_dur("Variant: a", "Variant: a"), "manifest-duplicate").line == 6


@pytest.mark.parametrize(("first", "second"), [("x86-64", "x86.64"), ("a+b", "a-b"), ("cuda-", "cuda.")])
def test_variants_whose_packages_would_have_one_version_are_an_error(first: str, second: str) -> None:
    finding = the_finding(parse_dur(f"Variant: {first}", f"Variant: {second}"), "manifest-variant-twin")
    assert (finding.severity, finding.line) == (Severity.ERROR, 6)
    assert f"differs from {first} in line 4" in finding.message


def test_variants_that_differ_in_a_letter_have_versions_of_their_own() -> None:
    assert len(metadata_of(parse_dur("Variant: v3", "Variant: v-3", "Variant: v4")).variants) == 3


def test_two_defaults_are_an_error_where_the_second_stands() -> None:
    assert the_finding(parse_dur("Variant: a\nDefault: yes", "Variant: b\nDefault: yes"), "manifest-two-defaults").line == 7
