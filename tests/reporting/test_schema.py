"""The published schema of results.json says what the engine writes."""

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from pgassay._folders import folder
from pgassay.results import Results

from .sample import nothing, only_load, sample

PUBLISHED = json.loads((folder("reports") / "schema" / "results.schema.json").read_text("utf-8"))


def bare(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition without what is written for readers."""
    kept = {key: value for key, value in definition.items() if key not in {"title", "description"}}
    if "properties" in kept:
        kept["properties"] = {name: bare(value) for name, value in kept["properties"].items()}
    if "enum" in kept:
        kept["enum"] = sorted(kept["enum"])
    return kept


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)


def test_the_schema_has_the_members_and_types_that_are_written() -> None:
    # Through JSON: defaults of tuples are arrays there.
    written = json.loads(json.dumps(msgspec.json.schema(Results)))["$defs"]
    assert {name: bare(value) for name, value in PUBLISHED["$defs"].items()} == {
        name: bare(value) for name, value in written.items()
    }


def test_every_member_is_explained() -> None:
    for definition in PUBLISHED["$defs"].values():
        members = definition.get("properties", {}).values()
        assert all({"title", "description"} <= set(member) for member in [definition, *members])


@pytest.mark.parametrize("results", [sample(), nothing(), only_load()])
def test_written_results_satisfy_the_schema(results: Results) -> None:
    jsonschema.Draft202012Validator(PUBLISHED).validate(json.loads(msgspec.json.encode(results)))


def test_a_result_with_an_unknown_verdict_does_not_satisfy_the_schema() -> None:
    spoiled = json.loads(msgspec.json.encode(sample())) | {"verdict": "GREEN"}
    assert not jsonschema.Draft202012Validator(PUBLISHED).is_valid(spoiled)
