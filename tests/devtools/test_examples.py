"""The examples are what the portal takes, and say what their README says they show."""

from pathlib import Path

import pytest

from devtools import demo
from devtools.bootstrap import ROOT
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.recipe import ParsedRecipe, parse_recipe
from recipes_app.limits import MAX_BLOB_BYTES

EXAMPLES = ROOT / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


def tree_of(name: str) -> dict[str, bytes]:
    folder = EXAMPLES / name
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def parse(name: str) -> ParsedRecipe:
    return parse_recipe(tree_of(name), expected_name=name)


def metadata_of(name: str) -> RecipeMetadata:
    metadata = parse(name).metadata
    assert metadata is not None
    return metadata


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_no_errors(name):
    assert [str(finding) for finding in parse(name).errors] == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "lint-parade"])
def test_an_example_to_follow_has_no_warnings(name):
    assert [str(finding) for finding in parse(name).findings if finding.severity != "info"] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_example_holds_packaging_and_a_readme_alone(name):
    assert {path.partition("/")[0] for path in tree_of(name)} == {"debian", "README.md"}
    assert max(map(len, tree_of(name).values())) <= MAX_BLOB_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_rules_can_be_executed(name):
    assert (EXAMPLES / name / "debian" / "rules").stat().st_mode & 0o111


def test_every_example_is_listed():
    text = Path(EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize(
    ("name", "model_class"), [("model-all-minilm-l6-v2", "toxic-candy"), ("model-tiny-xor", "free"), ("hello-moon", "")]
)
def test_a_model_has_the_class_that_its_facts_give(name, model_class):
    assert metadata_of(name).model_class == model_class


@pytest.mark.parametrize("name", ["nvidia-nvtx-cu12", "nvidia-cudnn-cu12"])
def test_the_repacked_blob_is_accepted_by_its_user_and_stays_with_them(name):
    metadata = metadata_of(name)
    assert (metadata.category, metadata.licence_class, metadata.redistribution) == ("repack", "nonfree-noredist", "forbidden")
    assert metadata.needs_acceptance
    assert metadata.fetches[0].licence_file in tree_of(name)


def test_the_rebuilt_archive_package_says_whose_variant_it_is():
    metadata = metadata_of("ffmpeg-cuda")
    assert metadata.variant_of == "debian:ffmpeg"
    assert {"ffmpeg", "libavcodec59", "libavfilter-dev"} <= {binary.name for binary in metadata.binaries}
    assert metadata.redistribution == "binaries-forbidden"
    assert metadata.components == ("contrib", "non-free")


@pytest.mark.parametrize("name", ["eigen-matmul", "lua-march"])
def test_variants_name_profiles_that_their_rules_read(name):
    variants = metadata_of(name).variants
    assert [variant.name for variant in variants] == ["baseline", "native", "x86-64-v3"]
    rules = tree_of(name)["debian/rules"].decode()
    assert all(profile in rules for variant in variants for profile in variant.profiles)
    assert all(variant.benchmark in tree_of(name) for variant in variants)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "lint-parade"])
def test_an_example_to_follow_can_be_checked_when_it_is_installed(name):
    assert (ROOT / "tests" / "examples" / "checks" / f"{name}.sh").is_file()
    tests = tree_of(name)["debian/tests/control"].decode()
    assert "Depends:" in tests


def test_the_demo_pushes_a_recipe_before_the_one_that_needs_it(tmp_path):
    waiting = demo.waiting_examples(tmp_path)
    assert waiting.index("libgreeting") < waiting.index("greeting-cards")
