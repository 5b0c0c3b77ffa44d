"""The OpenAPI document, and that the answers are what it says."""

from __future__ import annotations

from dataclasses import fields
from io import StringIO

import jsonschema
import pytest
import yaml
from django.core.management import call_command
from drf_spectacular.plumbing import ComponentRegistry

from api.framework.schema import json_schema, portal_schema
from recipes_app.formats.metadata import Fetch, Model, RecipeMetadata, Variant, Verdict
from recipes_app.models import Rank, Scope
from tests.factories import issue_token, make_user

from .rows import LIBC, add_recipe, add_report

pytestmark = pytest.mark.django_db
# What gives something else than JSON, or beside it.
OTHER_TYPES = {
    "file": {"text/plain", "application/octet-stream"},
    "snapshot": {"application/x-tar"},
    "diff": {"application/json", "text/x-diff"},
}
FREE = Verdict("free", ("all is free",))


def check(answer, component):
    """Raise unless `answer` is what the component of the schema says, and all members are described."""
    schema = portal_schema()
    jsonschema.validate(answer, {"$ref": f"#/components/schemas/{component}", "components": schema["components"]})
    properties = schema["components"]["schemas"][component]["properties"]
    assert set(answer) <= set(properties)


def test_the_schema_is_valid_and_complete():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_the_schema_is_openapi_3_1_and_json_for_curl(client):
    answer = client.get("/api/v1/schema/", headers={"Accept": "*/*"})

    assert answer["Content-Type"].startswith("application/json")
    assert answer.json()["openapi"].startswith("3.1.")


def test_the_schema_is_yaml_where_that_is_asked_for(client):
    answer = client.get("/api/v1/schema/", headers={"Accept": "application/yaml"})

    assert yaml.safe_load(answer.content) == client.get("/api/v1/schema/").json()


def test_every_answer_is_described():
    operations = [operation for path in portal_schema()["paths"].values() for operation in path.values()]

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        answer = operation["responses"].get("200") or operation["responses"]["201"]
        assert set(answer["content"]) == OTHER_TYPES.get(operation["operationId"], {"application/json"})
        assert set(operation["responses"]["400"]["content"]) == {"application/problem+json"}


def test_whatever_changes_something_says_how_it_can_be_refused():
    for path, methods in portal_schema()["paths"].items():
        for method, operation in methods.items():
            # The first two are questions that are too long for an address; the third takes no account and acts on nothing named.
            if method != "get" and not path.endswith(("/lookup/", "/upgrades/", "/leaked/")):
                assert {"401", "403", "404", "409", "422", "503"} <= set(operation["responses"]), operation["operationId"]


def test_every_field_of_the_metadata_is_in_the_schema():
    components = portal_schema()["components"]["schemas"]

    for shape in (RecipeMetadata, Model, Fetch):
        assert set(components[shape.__name__]["properties"]) == {each.name for each in fields(shape)}


def test_an_annotation_without_a_json_shape_is_refused():
    with pytest.raises(TypeError, match="no JSON Schema"):
        json_schema(bytes, ComponentRegistry())


def test_answers_are_what_the_schema_says(client):
    recipe = add_recipe(
        "hello-dur",
        make_user("ada"),
        models=(Model("tiny", 3, computed=FREE), Model("small", 9, files=("a.bin",), computed=FREE)),
        fetches=(Fetch("a.bin", "https://example.org/a.bin", 20, size=7), Fetch("b", "https://example.org/b", 25)),
        variants=(Variant("native", 30, build_depends_extra=(LIBC,)),),
    )
    add_report(recipe.current, {"severity": "info", "tag": "x", "path": "debian/rules"}, {"severity": "info", "tag": "y"})
    here = "/api/v1/recipes/hello-dur/"

    check(client.get("/api/v1/").json(), "Root")
    check(client.get("/api/v1/recipes/").json(), "RecipeList")
    check(client.get(here).json(), "Recipe")
    check(client.get(f"{here}revisions/").json(), "RevisionList")
    check(client.get(f"{here}revisions/{recipe.current.commit}/").json(), "Revision")
    check(client.get(f"{here}revisions/{recipe.current.commit}/lint/").json(), "LintReport")
    check(client.post("/api/v1/lookup/", {"names": ["hello-dur", "x"]}, "application/json").json(), "Lookup")
    check(client.get("/api/v1/recipes/nobody/").json(), "Problem")
    check(client.get("/api/v1/recipes/?limit=0").json(), "Problem")


def test_the_answers_of_part_2_are_what_the_schema_says(client, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    moderator = make_user("mira", rank=Rank.MODERATOR)
    headers = {"Authorization": f"Bearer {issue_token(moderator, *Scope)}"}
    add_recipe("hello-dur", make_user("ada"), models=(Model("tiny", 3, computed=FREE),), model_class="free")
    here = "/api/v1/recipes/hello-dur/"

    def post(address, **body):
        return client.post(address, body, "application/json", headers=headers).json()

    check(client.put(f"{here}vote/", headers=headers).json(), "Vote")
    check(client.put(f"{here}follow/", headers=headers).json(), "Follow")
    check(post(f"{here}comments/", text="fine"), "Comment")
    check(post(f"{here}flags/", kind="malicious", text="look"), "Flag")
    check(post(f"{here}invitations/", username="mira"), "Invitation")
    check(post(f"{here}rulings/", model="tiny", value="non-free", reason="so"), "Ruling")
    check(post(f"{here}requests/", kind="deletion", text="why"), "Request")
    check(post("/api/v1/reports/", kind="spam", text="look", account="ada"), "Report")
    check(post("/api/v1/name-rules/", pattern="linux-*", effect="refuse", reason="no"), "NameRule")
    check(post("/api/v1/news/", title="A new disk", text="On Sunday."), "News")
    check(post(f"{here}quarantine/", reason="so"), "Standing")
    check(post("/api/v1/accounts/ada/freeze/", reason="so"), "Account")
    lists = {
        f"{here}comments/": "CommentList", f"{here}flags/": "FlagList", f"{here}team/": "Team", here: "Recipe",
        "/api/v1/queue/": "Queue", "/api/v1/log/": "Log", "/api/v1/requests/": "RequestList",
        "/api/v1/reports/": "ReportList", "/api/v1/name-rules/": "NameRuleList", "/api/v1/notifications/": "NotificationList",
        "/api/v1/news/": "NewsList",
    }  # fmt: skip
    for address, component in lists.items():
        check(client.get(address, headers=headers).json(), component)


def test_a_recipe_that_nothing_is_known_of_is_what_the_schema_says(client):
    recipe = add_recipe()
    recipe.branches.all().delete()
    recipe.current = None
    recipe.save()

    check(client.get("/api/v1/recipes/hello-dur/").json(), "Recipe")


def test_headers_and_answers_without_a_body_are_described():
    for path, methods in portal_schema()["paths"].items():
        for method, said in methods.items():
            answers = said["responses"]
            assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(answers["429"]["headers"]), (path, method)
            assert ("304" in answers) == (method == "get")
            keyed = "Idempotency-Key" in [each["name"] for each in said.get("parameters", ())]
            assert keyed == (method == "post" and not path.endswith(("/lookup/", "/upgrades/", "/leaked/")))
