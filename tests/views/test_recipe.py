"""A recipe's page: everything that debian/ says, and nothing that debian/ does to the page."""

import pytest
from django.utils import timezone

from recipes_app.models import CoMaintainer, Revision
from recipes_app.services.catalogue import votes
from recipes_app.services.community import comments
from tests.factories import make_recipe, make_user
from tests.views.pages import add_report, make_page

pytestmark = pytest.mark.django_db

CONTROL = """\
Source: hello-dur
Section: utils
Priority: optional
Maintainer: Ada Lovelace <ada@example.org>
Uploaders: Grace Hopper <grace@example.org>
Build-Depends: debhelper-compat (= 13), libfoo-dev (>= 2:1.0) [amd64] <!nocheck>
Build-Conflicts: libbar-dev
Standards-Version: 4.6.2
Homepage: {homepage}
Vcs-Git: https://example.org/hello.git
Rules-Requires-Root: no

Package: hello-dur
Architecture: any
Multi-Arch: foreign
Depends: libfoo1 | libfoo2, ${{misc:Depends}}
Recommends: other-tool
Description: {synopsis}
 First paragraph, which
 goes on.
 .
  kept as
    it is
 .
 Last paragraph.

Package: hello-dur-doc
Architecture: all
Section: doc
Description: manual of hello-dur
 The manual.
"""


def control(homepage: str = "https://example.org/hello", synopsis: str = "greeting") -> str:
    return CONTROL.format(homepage=homepage, synopsis=synopsis)


def page_of(client, **files):
    make_page(maintainer=make_user("ada"), **files)
    return client.get("/recipes/hello-dur/").content.decode()


@pytest.mark.parametrize(
    "said",
    [
        "Ada Lovelace", "Grace Hopper", "grace@example.org", 'href="https://example.org/hello"', "https://example.org/hello.git",
        "hello-dur-doc", "manual of hello-dur", "Multi-Arch: foreign", "Build-Conflicts", "libbar-dev", "Recommends",
        "(&gt;= 2:1.0) [amd64] &lt;!nocheck&gt;", "${misc:Depends}", "<p>Last paragraph.</p>", "A release for tests.", "1.0-1",
        "MIT", "DFSG-free", "3.0 (quilt)", "4.6.2",
    ],
)  # fmt: skip
def test_page_shows_what_the_recipe_says(client, said):
    assert said in page_of(client, **{"debian/control": control()})


def test_verbatim_lines_of_a_description_keep_their_shape(client):
    assert "<pre>kept as\n  it is</pre>" in page_of(client, **{"debian/control": control()}).replace("<pre> ", "<pre>")


def test_relation_to_a_package_built_here_leads_to_its_recipe(client):
    make_page("libfoo", **{"debian/control": control().replace("hello-dur-doc", "libfoo2").replace("hello-dur", "libfoo")})
    page = page_of(client, **{"debian/control": control()})
    assert '<a href="/recipes/libfoo/">libfoo2</a>' in page
    assert (
        '<a class="elsewhere" href="https://packages.debian.org/libfoo1" rel="nofollow noopener noreferrer">libfoo1</a>' in page
    )
    assert "packages.debian.org/$" not in page


def test_page_lists_who_requires_the_recipe(client):
    make_page("hello-dur")
    source = control().replace("other-tool", "hello-dur (>= 1)").replace("Source: hello-dur", "Source: needy")
    make_page("needy", **{"debian/control": source.replace("Package: hello-dur", "Package: needy")})
    page = client.get("/recipes/hello-dur/").content.decode()
    assert '<a href="/recipes/needy/">needy</a>' in page
    assert "hello-dur (&gt;= 1)" in page


def test_hostile_synopsis_is_text(client):
    page = page_of(client, **{"debian/control": control(synopsis="<script>alert(1)</script> \"'><b>")})
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_address_with_another_scheme_is_not_linked_even_if_the_parser_let_it_pass(client):
    recipe = make_page()
    metadata = {**recipe.current.metadata, "homepage": "javascript:alert(1)"}
    Revision.objects.filter(pk=recipe.current.pk).update(metadata=metadata)
    page = client.get("/recipes/hello-dur/").content.decode()
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


def test_link_to_elsewhere_gives_no_credit_and_no_access(client):
    assert 'href="https://example.org/hello" rel="nofollow noopener noreferrer"' in page_of(
        client, **{"debian/control": control()}
    )


def test_right_to_left_override_is_spelled_out(client):
    page = page_of(client, **{"debian/control": control(synopsis="safe \u202egnp.exe")})
    assert "\u202e" not in page
    assert '<span class="odd" title="RIGHT-TO-LEFT OVERRIDE">U+202E</span>' in page


def test_orphan_is_called_one(client):
    make_page()
    assert "orphaned" in client.get("/recipes/hello-dur/").content.decode()


def test_lint_state_and_counts_are_shown(client):
    recipe = make_page()
    add_report(recipe.current, {"severity": "error"}, {"severity": "error"}, {"severity": "error", "overridden": True})
    response = client.get("/recipes/hello-dur/")
    assert response.context["hint_counts"] == {"error": 2}


def test_recipe_without_a_readable_revision_has_a_page(client):
    make_recipe("bare")
    assert "Nothing has been published" in client.get("/recipes/bare/").content.decode()


def test_unknown_recipe_is_not_found_and_named(client):
    response = client.get("/recipes/none-such/")
    assert response.status_code == 404
    assert "There is no recipe of the name none-such." in response.content.decode()


@pytest.mark.parametrize("size", [0, 12])
def test_eight_queries_at_most_whatever_the_catalogue_holds(client, django_assert_max_num_queries, size):
    for number in range(size):
        source = control().replace("Source: hello-dur", f"Source: needy-{number}")
        make_page(f"needy-{number}", **{"debian/control": source.replace("Package: hello-dur", f"Package: needy-{number}")})
    recipe = make_page(maintainer=make_user("ada"), **{"debian/control": control()})
    add_report(recipe.current, {"severity": "error"})
    reader = make_user("reader")
    votes.vote(reader, recipe)
    comments.add(reader, recipe, "Thank you, @ada")
    CoMaintainer.objects.create(recipe=recipe, user=reader, role="push", position=0, since=timezone.now())
    with django_assert_max_num_queries(8):
        client.get("/recipes/hello-dur/")


def test_metadata_of_a_newer_schema_is_still_shown(client):
    recipe = make_page()
    Revision.objects.filter(pk=recipe.current.pk).update(metadata={**recipe.current.metadata, "not_known_yet": 1})
    assert client.get("/recipes/hello-dur/").status_code == 200
