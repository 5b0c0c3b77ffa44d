"""The page that describes the API to people: made from the schema, by the server, with nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from api.framework.documentation import kind_of
from api.framework.schema import portal_schema

pytestmark = pytest.mark.django_db
ADDRESS = "/api/docs/"


def test_every_operation_and_every_shape_is_on_the_page(client):
    page = client.get(ADDRESS).content.decode()
    schema = portal_schema()

    operations = {said["operationId"] for methods in schema["paths"].values() for said in methods.values()}
    assert operations == set(re.findall(r'<details id="([^"]+)"', page))
    assert set(schema["components"]["schemas"]) == set(re.findall(r'id="shape-([^"]+)"', page))


def test_every_link_of_the_page_leads_somewhere(client):
    page = client.get(ADDRESS).content.decode()

    within = set(re.findall(r'href="#([^"]+)"', page))
    assert within <= set(re.findall(r'id="([^"]+)"', page))


def test_the_page_holds_nothing_inline_and_nothing_from_elsewhere(client):
    answer = client.get(ADDRESS)

    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son\w+=|src=\"http", answer.content.decode())


def test_the_page_takes_no_query_and_the_footer_leads_to_it(client, django_assert_num_queries):
    assert f'href="{ADDRESS}"' in client.get("/").content.decode()
    with django_assert_num_queries(0):
        client.get(ADDRESS)


@pytest.mark.parametrize(
    ("schema", "text", "shape"),
    [
        ({"$ref": "#/components/schemas/Vote"}, "Vote", "Vote"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Vote"}}, "list of Vote", "Vote"),
        ({"oneOf": [{"$ref": "#/components/schemas/Vote"}, {"type": "null"}]}, "Vote or null", "Vote"),
        ({"enum": ["a", "", None]}, 'one of a, "", null', ""),
        ({"type": ["string", "null"], "format": "uri"}, "string (uri) or null", ""),
        ({"type": "integer", "minimum": 1, "maximum": 100}, "integer, from 1, to 100", ""),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object, each member integer", ""),
        ({}, "anything", ""),
    ],
)
def test_a_schema_is_told_in_words(schema, text, shape):
    kind = kind_of(schema)

    assert (kind.text, kind.shape) == (text, shape)
