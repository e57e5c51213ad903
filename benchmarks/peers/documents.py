"""The specification as the peers get it: the shipped document with identifiers that exist.

Its examples name one resource of each kind throughout; each of these identifiers is replaced by
that of a resource on the server. Nothing else changes, but for tools that need another form.
"""

from typing import Any, Final

import yaml

from benchmarks.peers.stand import Stand

#: The identifiers in the examples of spec/openapi.yaml.
ORGANIZATION: Final = "7c1f5a5e-2f0b-4f6e-9d3a-0a1b2c3d4e5f"
CLICKHOUSE_SERVICE: Final = "9d8c7b6a-5f4e-4d3c-8b2a-1f0e9d8c7b6a"
SERVICE: Final = "f0e1d2c3-b4a5-8697-8877-665544332211"
INSTANCE: Final = "5a6b7c8d-9e0f-4a1b-8c2d-3e4f5a6b7c8d"
USER: Final = "6b7c8d9e-0f1a-4b2c-9d3e-4f5a6b7c8d9e"
DATABASE: Final = "7c8d9e0f-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
VERSION: Final = "3f2b8c1d-6a4e-4d7f-9b0a-5c6d7e8f9a0b"


def with_live_identifiers(text: str, stand: Stand) -> str:
    """Replace the identifiers of the examples by those of resources that exist."""
    live = {
        ORGANIZATION: stand.organization,
        CLICKHOUSE_SERVICE: stand.target.clickhouse.service_id,
        SERVICE: stand.lent.service,
        INSTANCE: stand.lent.instance,
        USER: stand.lent.user,
        DATABASE: stand.lent.database,
        VERSION: stand.version,
    }
    for example, identifier in live.items():
        text = text.replace(example, identifier or example)
    return text


def as_openapi_3_0(text: str) -> str:
    """Write the document for Dredd, which reads OpenAPI 3.0 and takes no shared parameters.

    Parameters of a path become those of its operations, with their first example; required ones
    without any get the text `postgres`. Dredd demands every documented success in turn, so of
    several only the one that the reference answers with is left: 204 to a DELETE, else the first.
    """
    document: dict[str, Any] = yaml.safe_load(text)
    document["openapi"] = "3.0.3"
    shared = document["components"]["parameters"]
    for path in document["paths"].values():
        common = path.pop("parameters", [])
        for method, operation in path.items():
            operation["responses"] = _with_one_success(method, operation["responses"])
            parameters = [*common, *operation.get("parameters", [])]
            operation["parameters"] = [_exemplified(each, shared) for each in parameters]
    return yaml.safe_dump(document, sort_keys=False)


def _with_one_success(method: str, responses: dict[str, Any]) -> dict[str, Any]:
    successes = [status for status in responses if status.startswith("2")]
    kept = "204" if method == "delete" and "204" in successes else successes[0]
    return {key: each for key, each in responses.items() if key == kept or key not in successes}


def _exemplified(parameter: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in parameter:
        parameter = shared[parameter["$ref"].rsplit("/", 1)[1]]
    examples = parameter.get("schema", {}).get("examples")
    if examples:
        return {**parameter, "example": examples[0]}
    return {**parameter, "example": "postgres"} if parameter.get("required") else parameter
