"""Spellings that mean the same compare as equal; limits that differ do not."""

from typing import Any

import pytest

from pgassay.difference import compare

from .conftest import Compared, with_request

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"anyOf": [TEXT, {"type": "null"}]}, {"type": ["string", "null"]}),
        ({"oneOf": [{"type": "null"}, TEXT]}, {"type": "string", "nullable": True}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 9, "exclusiveMaximum": False}, {"maximum": 9.0}),
        ({"enum": ["a"]}, {"const": "a"}),
        ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
        ({"type": ["integer", "string"]}, {"type": ["string", "integer"]}),
        ({"type": ["integer", "number"]}, {"type": "number"}),
        ({"properties": {"a": TEXT}}, {"type": "object", "properties": {"a": TEXT}}),
        ({"items": TEXT}, {"type": "array", "items": TEXT}),
        ({"allOf": [{"minLength": 1}, {"minLength": 3}]}, {"minLength": 3}),
        ({"allOf": [{"maxLength": 5}], "maxLength": 9}, {"maxLength": 5}),
        (
            {"allOf": [{"pattern": "a"}, {"pattern": "b"}]},
            {"pattern": "b", "allOf": [{"pattern": "a"}]},
        ),
        (
            {"allOf": [{"properties": {"a": TEXT}}, {"properties": {"a": {"maxLength": 3}}}]},
            {"properties": {"a": {"type": "string", "maxLength": 3}}},
        ),
        ({"minLength": 0, "uniqueItems": False}, {}),
        ({"anyOf": [TEXT]}, TEXT),
        ({"title": "A", "description": "b", "examples": [1]}, {"example": 2}),
        (True, {}),
        (False, {"not": {}}),
    ],
)
def test_two_spellings_of_one_meaning_do_not_differ(
    differing: Compared, one: Any, other: Any
) -> None:
    assert differing(one, other) == []
    assert differing(other, one) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"maxLength": 50}, {"maxLength": 40}, [("request maxLength", "50", "40")]),
        ({"maxLength": 50}, {}, [("request maxLength", "50", "")]),
        ({}, {"multipleOf": 4}, [("request multipleOf", "", "4")]),
        ({"type": "number"}, {"type": "integer"}, [("request type", "number", "integer")]),
        ({"pattern": "^a$"}, {"pattern": "^b$"}, [("request pattern", '"^a$"', '"^b$"')]),
        (
            {"enum": ["a", "b"]},
            {"enum": ["b", 3]},
            [
                ('request enum "a"', "yes", ""),
                ("request enum 3", "", "yes"),
            ],
        ),
        ({"enum": ["a", "b"]}, {}, [("request enum", '"a", "b"', "")]),
        ({"default": 1}, {"default": 2}, [("request default", "1", "2")]),
        ({"additionalProperties": False}, {}, [("request additionalProperties", "false", "")]),
        (
            {"anyOf": [TEXT, {"type": "integer"}]},
            {"anyOf": [TEXT, {"type": "number"}]},
            [("request|2 type", "integer", "number")],
        ),
        ({"anyOf": [TEXT, {"minimum": 1}]}, {}, [("request anyOf", "2 alternatives", "")]),
    ],
)
def test_a_limit_that_differs_is_named(
    differing: Compared, ours: Any, theirs: Any, expected: list[tuple[str, str, str]]
) -> None:
    assert differing(ours, theirs) == expected


def test_members_items_and_values_have_places(differing: Compared) -> None:
    ours = {"properties": {"a": {"items": {"additionalProperties": {"maximum": 1}}}}}
    theirs = {"properties": {"a": {"items": {"additionalProperties": {"maximum": 2}}}}}
    assert differing(ours, theirs) == [("request.a[]{} maximum", "1", "2")]


def test_members_of_one_side_are_listed_without_what_is_in_them(differing: Compared) -> None:
    ours, theirs = {"properties": {"a": {"minimum": 1}}}, {"properties": {"b": {"minimum": 1}}}
    assert differing(ours, theirs) == [("request.a", "yes", ""), ("request.b", "", "yes")]


def test_requiredness_is_a_difference_of_the_member(differing: Compared) -> None:
    ours = {"properties": {"a": {}, "b": {}}, "required": ["a"]}
    theirs = {"properties": {"a": {}, "b": {}}, "allOf": [{"required": ["b"]}]}
    assert differing(ours, theirs) == [
        ("request.a required", "yes", ""),
        ("request.b required", "", "yes"),
    ]


def test_references_are_followed_with_what_stands_beside_them() -> None:
    schemas = {"Name": {"$ref": "#/components/schemas/Text", "maxLength": 5}, "Text": TEXT}
    ours = with_request({"$ref": "#/components/schemas/Name"}, components={"schemas": schemas})
    assert compare(ours, with_request({"type": "string", "maxLength": 5})) == ()


def test_an_excerpt_may_have_its_schemas_without_an_envelope() -> None:
    theirs = with_request({"$ref": "#/components/schemas/Text"}, schemas={"Text": TEXT})
    assert compare(with_request(TEXT), theirs) == ()


def test_a_tree_is_compared_once() -> None:
    tree = {"properties": {"child": {"$ref": "#/components/schemas/Tree"}, "size": {"minimum": 1}}}
    bush = {"properties": {"child": {"$ref": "#/components/schemas/Tree"}, "size": {"minimum": 2}}}
    reference = {"$ref": "#/components/schemas/Tree"}
    ours = with_request(reference, components={"schemas": {"Tree": tree}})
    theirs = with_request(reference, components={"schemas": {"Tree": bush}})
    assert [each.key for each in compare(ours, theirs)] == [
        "POST /things request.child.size minimum",
        "POST /things request.size minimum",
    ]


def test_a_border_stands_for_the_narrower_schema() -> None:
    narrow = {"x-pgassay-border": "#/components/schemas/Wide", "maxLength": 3}
    ours = with_request(narrow, components={"schemas": {"Wide": {"maxLength": 9}}})
    assert compare(ours, with_request({"maxLength": 9})) == ()
