"""docs/recipe-format.md says what the parser knows, and its example parses."""

import re
from pathlib import Path

import pytest

from recipes_app.formats import manifest_fields
from recipes_app.formats.recipe import parse_recipe
from tests.factories import recipe_tree

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "recipe-format.md").read_text(encoding="utf-8")
PARAGRAPHS = ("HEADER", "FETCH", "MODEL", "DATASET", "VARIANT")
# Names in the first column of the page's tables: `Field`, or several of them.
DOCUMENTED = {
    name for row in PAGE.splitlines() if row.startswith("| `") for name in re.findall(r"`([A-Z][\w-]*)`", row.split("|")[1])
}


@pytest.mark.parametrize("paragraph", PARAGRAPHS)
def test_every_field_of_the_parser_is_in_the_page(paragraph):
    assert set(getattr(manifest_fields, paragraph)) <= DOCUMENTED


def test_page_names_no_field_that_the_parser_does_not_know():
    known = {field for paragraph in PARAGRAPHS for field in getattr(manifest_fields, paragraph)}
    assert known >= DOCUMENTED


@pytest.mark.parametrize("paragraph", PARAGRAPHS)
def test_every_value_of_the_parser_is_in_the_page(paragraph):
    values = {value for rule in getattr(manifest_fields, paragraph).values() for value in rule.choices}
    assert [value for value in sorted(values) if f"`{value}`" not in PAGE] == []


def test_example_of_the_page_parses():
    example = PAGE.split("## Example", 1)[1]
    manifest = "\n".join(line[4:] for line in example.splitlines() if line.startswith("    ") or not line.strip())
    tree = recipe_tree("model-all-minilm-l6-v2") | {"debian/dur": manifest.strip().encode() + b"\n"}
    parsed = parse_recipe(tree)
    assert parsed.errors == ()
    assert parsed.metadata is not None
    assert parsed.metadata.model_class == "toxic-candy"
