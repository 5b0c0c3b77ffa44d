"""What is drafted is what a maintainer could push: the parser takes it, and older revisions say what their own files say."""

from recipes_app.formats.recipe import parse_recipe
from recipes_app.generator.drafts import draft_recipe
from recipes_app.generator.plan import make_plan
from recipes_app.generator.recipes import metadata_of

from .conftest import small_archive, wish


def drafts(number=150):
    plan = make_plan(wish(recipes=number), small_archive())
    return [draft_recipe(plan, place, plan.random(place)) for place in range(number)]


def test_every_draft_is_a_recipe_without_errors():
    faults = [parse_recipe(draft.tree(0), expected_name=draft.name).errors for draft in drafts()]
    assert [each for each in faults if each] == []


def test_each_revision_says_what_the_parser_reads_from_its_own_files():
    seen = 0
    for draft in drafts():
        said, findings = metadata_of(draft)
        for number, each in enumerate(said):
            parsed = parse_recipe(draft.tree(number), expected_name=draft.name)
            assert (parsed.metadata, parsed.findings) == (each, findings)
            seen += number > 0
    assert seen > 20


def test_every_category_is_drafted():
    categories = {metadata_of(draft)[0][-1].category for draft in drafts(400)}
    assert categories == {"source", "repack", "variant", "model", "data", "trick"}


def test_names_are_new_and_different(archive):
    plan = make_plan(wish(recipes=3000), archive)
    assert len(set(plan.names)) == 3000
    assert not set(plan.names) & {source.name for source in archive.sources}
