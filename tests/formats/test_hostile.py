"""Nothing makes the parser raise, and nothing of the size that a push may have makes it crawl."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app.formats.manifest_fields import HEADER, KINDS
from recipes_app.formats.metadata import BINARY_RELATIONS, SOURCE_RELATIONS, RecipeMetadata
from recipes_app.formats.recipe import ParsedRecipe, parse_recipe
from recipes_app.limits import MAX_BLOB_BYTES

from .helpers import CHANGELOG_TEXT, CONTROL_TEXT, DUR_HEADER, NAME
from .test_manifest import FETCH
from .test_model_policy import DATASET, MODEL
from .test_variants import VARIANT

PATHS = (
    "debian/control", "debian/changelog", "debian/copyright", "debian/dur", "debian/rules", "debian/source/format",
    "debian/compat", "debian/patches/series", "README.md",
)  # fmt: skip
VALID: dict[str, bytes] = {
    "debian/control": CONTROL_TEXT.encode(),
    "debian/changelog": CHANGELOG_TEXT.encode(),
    "debian/copyright": b"Format: x\n\nFiles: *\nCopyright: y\nLicense: GPL-2+ or Artistic, and Expat\n",
    "debian/dur": (DUR_HEADER + FETCH + MODEL + DATASET + VARIANT).encode(),
    "debian/source/format": b"3.0 (quilt)\n",
    "debian/patches/series": b"a.patch\n",
}
# A file of the largest size takes at most half a second on the machine where this was written; a quadratic step takes minutes.
GENEROUS_SECONDS = 8.0


def check(tree: dict[str, bytes]) -> ParsedRecipe:
    """Parse `tree`; what comes out is of the promised types and can be kept as JSON and shown in a terminal."""
    parsed = parse_recipe(tree, expected_name=NAME)
    assert isinstance(parsed, ParsedRecipe)
    assert parsed.metadata is not None or parsed.errors
    for finding in parsed.findings:
        assert str(finding).isprintable()
        assert finding.line is None or finding.line >= 1
    if parsed.metadata is not None:
        plain = json.loads(json.dumps(parsed.metadata.to_json()))
        assert RecipeMetadata.from_json(plain) == parsed.metadata
    return parsed


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(PATHS), st.binary(max_size=400)))
def test_arbitrary_bytes_give_findings(tree: dict[str, bytes]) -> None:
    check(tree)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_mutated_valid_recipes_give_metadata_or_findings(data: st.DataObject) -> None:
    tree = dict(VALID)
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(sorted(tree)))
        content = tree[path]
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 30)))
        piece = data.draw(
            st.one_of(
                st.binary(max_size=8), st.sampled_from([b"\n", b"\n\n", b": ", b" ", b",", b"|", b"${", b"\0", b"\r", b"#"])
            )
        )
        tree[path] = content[:start] + piece + content[end:]
    check(tree)


MANIFEST_FIELDS = [*HEADER, *(name for rules in KINDS.values() for name in rules)]
OTHER_FIELDS = (
    "Source",
    "Package",
    "Architecture",
    "Description",
    "Maintainer",
    "Uploaders",
    "Files",
    "License",
    "Copyright",
    "X-Own",
)
FIELD_NAMES = st.sampled_from([*MANIFEST_FIELDS, *BINARY_RELATIONS, *SOURCE_RELATIONS, *OTHER_FIELDS])
FIELD_VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["yes", "none", "tiny", "m.safetensors", "0" * 64, "17", "https://example.org/x", "any", "a (>= 1) | b", "free", "1"]
    ),
)
PARAGRAPHS = st.lists(st.dictionaries(FIELD_NAMES, FIELD_VALUES, min_size=1, max_size=8), min_size=1, max_size=5)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(["debian/control", "debian/copyright", "debian/dur"]), PARAGRAPHS)
def test_generated_paragraphs_give_metadata_or_findings(path: str, paragraphs: list[dict[str, str]]) -> None:
    text = "\n".join("".join(f"{name}: {value}\n" for name, value in paragraph.items()) for paragraph in paragraphs)
    check({**VALID, path: text.encode("utf-8", "surrogatepass")})


def fill(unit: str, start: str = "") -> bytes:
    """Return as many repetitions of `unit` behind `start` as a file may hold."""
    return (start + unit * ((MAX_BLOB_BYTES - len(start)) // len(unit.encode()))).encode()


UNITS = [
    "a",
    " ",
    "\n",
    ":",
    ",",
    "|",
    "a,",
    "a|",
    "a b,",
    "(",
    "a <b> ",
    "${a}",
    "${",
    "A: b\n",
    "A: b\n\n",
    " a\n",
    "-",
    "<>",
    "a or ",
    "é",
]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("debian/control", ""),
        ("debian/control", "Source: a1\nUploaders: "),
        ("debian/control", "Source: a1\nBuild-Depends: "),
        ("debian/changelog", ""),
        ("debian/changelog", "a1 (1.0) unstable; urgency="),
        ("debian/changelog", "a1 (1.0) unstable; urgency=low\n\n -- "),
        ("debian/copyright", "Format: x\n\nFiles: *\nLicense: "),
        ("debian/dur", DUR_HEADER + "\nFetch: a\nURL: https://a/"),
        ("debian/dur", DUR_HEADER + "\nVariant: a\nBuild-Depends-Extra: "),
        ("debian/patches/series", ""),
    ],
)
def test_repetitions_of_the_largest_size_take_linear_time(path: str, start: str, unit: str) -> None:
    assert seconds_for({**VALID, path: fill(unit, start)}) < GENEROUS_SECONDS


def seconds_for(tree: dict[str, bytes]) -> float:
    """Return the processor time that parsing `tree` takes: other work on the machine does not count."""
    start = time.process_time()
    parse_recipe(tree)
    return time.process_time() - start


@pytest.mark.parametrize(
    "paragraph",
    [
        "Model: m{0}\nBase-Model: m{1}\n\n",
        "Model: m{1}\nBase-Model: m{0}\n\n",
        "Fetch: f{0}\n\n",
        "Variant: v{0}\nDefault: yes\n\n",
        "Dataset: d{0}\nFor-Model: m\n\n",
        "Unknwon-Field-{0}: x\n\n",
    ],
)
def test_thousands_of_paragraphs_take_linear_time(paragraph: str) -> None:
    text = (
        DUR_HEADER
        + "\n"
        + "".join(paragraph.format(number, number + 1) for number in range(MAX_BLOB_BYTES // (len(paragraph) + 6)))
    )
    assert seconds_for({**VALID, "debian/dur": text.encode()}) < GENEROUS_SECONDS


def test_a_model_with_every_other_as_its_base_takes_linear_time() -> None:
    names = [f"m{number}" for number in range(200)]
    text = DUR_HEADER + "".join(f"\nModel: {name}\nBase-Model: {' '.join(names)}\n" for name in names)
    assert len(text) < MAX_BLOB_BYTES
    assert seconds_for({**VALID, "debian/dur": text.encode()}) < GENEROUS_SECONDS
