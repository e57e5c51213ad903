"""The OpenAPI document: valid, complete, closed where it answers, and drawable by generators."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from pgassay._folders import folder

PATH = folder("spec") / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
METHODS = {"get", "put", "post", "patch", "delete"}

CLICKHOUSE = {
    "organizationGetList",
    "clickPipeCdcScalingGet",
    "clickPipeCdcScalingUpdate",
    "postgresServiceCreate",
    "postgresServiceGetList",
    "postgresOrgPrometheusGet",
    "postgresServiceGet",
    "postgresServiceDelete",
    "postgresServicePatch",
    "postgresServiceCertsGet",
    "postgresInstanceRestore",
    "postgresServiceSetPassword",
    "postgresServicePatchState",
    "postgresInstanceCreateReadReplica",
    "postgresInstanceConfigGet",
    "postgresInstanceConfigPost",
    "postgresInstanceConfigPatch",
    "postgresInstancePrometheusGet",
    "postgresInstanceMetricsGet",
    "slowQueryPatternsGetList",
    "slowQueryPatternGet",
}
DBAAS = {
    "dbaasInstanceCreate",
    "dbaasInstanceList",
    "dbaasInstanceGet",
    "dbaasInstanceUpdate",
    "dbaasInstanceDelete",
    "dbaasDatabaseCreate",
    "dbaasDatabaseList",
    "dbaasDatabaseGet",
    "dbaasDatabaseDelete",
    "dbaasUserCreate",
    "dbaasUserList",
    "dbaasUserGet",
    "dbaasUserDelete",
    "dbaasVersionList",
    "dbaasVersionGet",
}
FEATURES = {
    "postgresInstanceCreateReadReplica": "read_replicas",
    "postgresInstanceRestore": "restore",
    "postgresServiceSetPassword": "password",
    "postgresServicePatchState": "state_commands",
    "postgresServiceCertsGet": "certificates",
    "postgresInstanceMetricsGet": "metrics",
    "slowQueryPatternsGetList": "slow_queries",
    "slowQueryPatternGet": "slow_queries",
}


def resolve(node: Any) -> Any:
    """Follow the references of `node` inside the document."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def validator(schema: Any) -> jsonschema_rs.Draft202012Validator:
    """Compile `schema` with the document's components in reach, formats asserted."""
    whole = {"components": DOCUMENT["components"], "allOf": [schema]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def component(name: str) -> jsonschema_rs.Draft202012Validator:
    """Compile the component schema `name`."""
    return validator({"$ref": f"#/components/schemas/{name}"})


def walk(node: Any, place: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of the document with its place."""
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            yield from walk(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from walk(value, f"{place}/{number}")


def operations() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Map operation ids to the path item and the operation."""
    return {
        operation["operationId"]: (item, operation)
        for item in DOCUMENT["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }


OPERATIONS = operations()


def parameters(operation_id: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of an operation by name, those of its path included."""
    item, operation = OPERATIONS[operation_id]
    found = [*item.get("parameters", []), *operation.get("parameters", [])]
    return {parameter["name"]: parameter for parameter in map(resolve, found)}


def responses(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield statuses with resolved responses."""
    for status, response in operation["responses"].items():
        yield status, resolve(response)


def undecided(operation_id: str, case: dict[str, Any]) -> bool:
    """Tell whether the document leaves the outcome of `case` open."""
    entries = OPERATIONS[operation_id][1].get("x-pgassay-undecided", [])
    return any(validator(entry["when"]).is_valid(case) for entry in entries)


def body_of(operation_id: str) -> Any:
    """Return the request schema of an operation."""
    return OPERATIONS[operation_id][1]["requestBody"]["content"]["application/json"]["schema"]


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_every_schema_is_valid_json_schema() -> None:
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema]}
        )


def test_every_reference_resolves() -> None:
    for place, node in walk(DOCUMENT):
        if "$ref" in node:
            assert resolve(node) is not None, place


def test_every_component_is_named_somewhere() -> None:
    """Extension members count: linters do not look into them."""
    text = PATH.read_text(encoding="utf-8")
    for kind in set(DOCUMENT["components"]) - {"securitySchemes"}:
        for name in DOCUMENT["components"][kind]:
            place = f"#/components/{kind}/{name}"
            assert f'{place}"' in text or f"{place}/" in text, place


@pytest.mark.parametrize(("family", "ids"), [("clickhouse", CLICKHOUSE), ("dbaas", DBAAS)])
def test_a_family_has_exactly_its_operations(family: str, ids: set[str]) -> None:
    found = {
        name
        for name, (_, operation) in OPERATIONS.items()
        if operation["x-pgassay-family"] == family
    }
    assert found == ids


def test_each_operation_names_its_scheme_tag_and_feature() -> None:
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    schemes = {"clickhouse": "basicAuth", "dbaas": "bearerAuth"}
    for name, (_, operation) in OPERATIONS.items():
        assert operation["security"] == [{schemes[operation["x-pgassay-family"]]: []}], name
        assert set(operation["tags"]) <= tags, name
        assert operation.get("x-pgassay-feature") == FEATURES.get(name), name
    assert [n for n, (_, o) in OPERATIONS.items() if o.get("x-pgassay-optional")] == [
        "dbaasInstanceList"
    ]


@pytest.mark.parametrize(
    ("name", "count"),
    [("PgSize", 82), ("PgState", 9), ("PgConfigName", 31), ("SlowQuerySortKey", 13)],
)
def test_an_enumeration_has_all_its_values(name: str, count: int) -> None:
    assert len(set(SCHEMAS[name]["enum"])) == len(SCHEMAS[name]["enum"]) == count


def test_the_settings_are_the_same_in_every_schema() -> None:
    names = set(SCHEMAS["PgConfigName"]["enum"])
    for schema in ("PgConfig", "PgConfigTolerated", "PgConfigOrNullsTolerated"):
        assert set(SCHEMAS[schema]["properties"]) == names, schema


def test_every_status_is_named_and_no_server_error_but_500_is_legal() -> None:
    for name, (_, operation) in OPERATIONS.items():
        statuses = set(operation["responses"])
        assert "default" not in statuses, name
        assert {status for status in statuses if status.startswith("5")} <= {"500"}, name


def examples(node: dict[str, Any]) -> list[Any]:
    """Return the examples that a media type, a parameter or a schema carries."""
    found = node.get("examples", [])
    values = (
        [entry["value"] for entry in found.values()] if isinstance(found, dict) else list(found)
    )
    return values + ([node["example"]] if "example" in node else [])


def test_every_example_is_valid() -> None:
    judged = 0
    for place, node in walk(DOCUMENT):
        if not ("examples" in node or "example" in node) or place.endswith("/properties"):
            continue
        schema = node.get("schema", node)
        for example in examples(node):
            errors = [error.message for error in validator(schema).iter_errors(example)]
            assert not errors, f"{place}: {errors}"
            judged += 1
    assert judged > 100


def test_every_link_names_an_operation_and_its_parameters() -> None:
    judged = 0
    for name, (_, operation) in OPERATIONS.items():
        for status, response in responses(operation):
            for label, link in response.get("links", {}).items():
                target = resolve(link)
                place = f"{name} {status} {label}"
                known = parameters(target["operationId"])
                given_ = set(target.get("parameters", {}))
                assert given_ <= set(known), place
                if "requestBody" in target:
                    members = resolve(body_of(target["operationId"]))["properties"]
                    assert set(target["requestBody"]) <= set(members), place
                else:
                    needed = {n for n, p in known.items() if p["in"] == "path"}
                    assert needed <= given_, place
                judged += 1
    assert judged > 60


def test_no_link_leads_from_a_listing_to_a_change() -> None:
    changing = {"put", "patch", "delete"}
    methods = {
        operation["operationId"]: method
        for item in DOCUMENT["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }
    for name in ("organizationGetList", "postgresServiceGetList", "dbaasVersionList"):
        for _, response in responses(OPERATIONS[name][1]):
            for link in response.get("links", {}).values():
                assert methods[resolve(link)["operationId"]] not in changing


def open_objects(schema: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the places at which a schema admits any member at all."""
    for _, node in walk(schema):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            yield from open_objects(resolve(node), seen | {reference})
        if isinstance(node.get("properties"), dict) or node.get("type") == "object":
            closed = {"additionalProperties", "unevaluatedProperties"} & node.keys()
            if not closed or any(node[keyword] is True for keyword in closed):
                yield json.dumps(node)[:200]


def test_every_success_schema_is_closed() -> None:
    pairs = SCHEMAS["CdcPair"]["anyOf"]
    exempt = {json.dumps(pair)[:200] for pair in pairs}  # narrows members that its user closes
    for name, (_, operation) in OPERATIONS.items():
        for status, response in responses(operation):
            if status.startswith("2"):
                for media in response.get("content", {}).values():
                    assert set(open_objects(media["schema"])) <= exempt, f"{name} {status}"


@pytest.mark.parametrize("name", ["PostgresServiceRedacted", "PostgresServiceListItem", "User"])
def test_a_leaked_password_breaks_the_schema(name: str) -> None:
    assert "password" not in SCHEMAS[name]["properties"]
    errors = component(name).iter_errors({"password": "secret"})
    assert "additionalProperties" in {error.schema_path[-1] for error in errors}


@pytest.mark.parametrize("family", ["clickhouse", "dbaas"])
def test_schemathesis_loads_a_family(family: str) -> None:
    schema = schemathesis.openapi.from_path(PATH)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    found = {operation.definition.raw["operationId"] for operation in operations}
    assert (CLICKHOUSE if family == "clickhouse" else DBAAS) <= found


def sample(operation_id: str, mode: GenerationMode, count: int) -> list[Any]:
    """Draw bodies as the fuzzing passes do; malformed JSON, which comes as bytes, is left out."""
    operation = schemathesis.openapi.from_path(PATH).find_operation_by_id(operation_id)
    drawn: list[Any] = []

    @seed(7)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Any) -> None:
        if not isinstance(case.body, bytes):
            drawn.append(case.body)

    draw()
    return drawn


def test_drawn_cdc_scalings_keep_the_pair_rule() -> None:
    bodies = sample("clickPipeCdcScalingUpdate", GenerationMode.POSITIVE, 40)
    assert len({body["replicaCpuMillicores"] for body in bodies}) > 10
    for body in bodies:
        assert body["replicaMemoryGb"] == 4 * body["replicaCpuMillicores"] / 1000


def test_drawn_violations_of_cdc_scaling_break_the_pair_alone_too() -> None:
    cpu, memory = component("CdcCpu"), component("CdcMemory")
    pair = {"replicaCpuMillicores", "replicaMemoryGb"}
    pure = [
        body
        for body in sample("clickPipeCdcScalingUpdate", GenerationMode.NEGATIVE, 60)
        if isinstance(body, dict)
        and set(body) == pair
        and cpu.is_valid(body["replicaCpuMillicores"])
        and memory.is_valid(body["replicaMemoryGb"])
    ]
    assert pure
    assert not any(undecided("clickPipeCdcScalingUpdate", {"body": body}) for body in pure)


@pytest.mark.parametrize(
    "operation_id",
    [name for name, (_, operation) in sorted(OPERATIONS.items()) if "requestBody" in operation],
)
def test_drawn_bodies_are_valid_and_end_in_no_newline(operation_id: str) -> None:
    judge = validator(body_of(operation_id))
    bodies = sample(operation_id, GenerationMode.POSITIVE, 15)
    assert bodies
    for body in bodies:
        # A body that the document does not require may be absent.
        if isinstance(body, dict):
            assert judge.is_valid(body)
            assert "\\n" not in json.dumps(body)


CDC = {"replicaCpuMillicores": 2000, "replicaMemoryGb": 8}
SERVICE = {"name": "a b", "provider": "aws", "region": "us-east-1", "size": "r6gd.medium"}
SETTINGS = {"pgConfig": {"work_mem": "4MB"}, "pgBouncerConfig": {"default_pool_size": "16"}}
INSTANCE = {
    "name": "orders",
    "cpu": 4,
    "ram": 2048,
    "disk_size": 100,
    "nodes_number": 3,
    "sync_replica_number": 1,
    "version": "/v1/types/postgres/versions/3f2b8c1d-6a4e-4d7f-9b0a-5c6d7e8f9a0b",
}
USER = {"name": "shop", "password": "12345678"}


def zone(operation_id: str, body: Any) -> str:
    """Return what the document says of a body: accept, refuse or undecided."""
    if undecided(operation_id, {"body": body}):
        return "undecided"
    return "accept" if validator(body_of(operation_id)).is_valid(body) else "refuse"


@pytest.mark.parametrize(
    ("operation_id", "body", "expected"),
    [
        ("clickPipeCdcScalingUpdate", CDC, "accept"),
        ("clickPipeCdcScalingUpdate", {**CDC, "replicaMemoryGb": 12}, "refuse"),
        ("clickPipeCdcScalingUpdate", {**CDC, "replicaCpuMillicores": 33000}, "refuse"),
        ("clickPipeCdcScalingUpdate", {"replicaMemoryGb": 8}, "undecided"),
        ("clickPipeCdcScalingUpdate", {"replicaMemoryGb": 6}, "refuse"),
        ("clickPipeCdcScalingUpdate", {}, "undecided"),
        ("clickPipeCdcScalingUpdate", {**CDC, "more": 1}, "undecided"),
        ("postgresServiceCreate", SERVICE, "accept"),
        ("postgresServiceCreate", {**SERVICE, "name": "x" * 50}, "accept"),
        ("postgresServiceCreate", {**SERVICE, "name": "x" * 51}, "refuse"),
        ("postgresServiceCreate", {**SERVICE, "name": ""}, "refuse"),
        ("postgresServiceCreate", {**SERVICE, "name": "a-b"}, "undecided"),
        ("postgresServiceCreate", {**SERVICE, "name": "a\n"}, "undecided"),
        ("postgresServiceCreate", {**SERVICE, "size": "m7i.2xlarge"}, "refuse"),
        ("postgresServiceCreate", {**SERVICE, "region": "mars-1"}, "undecided"),
        ("postgresServiceCreate", {**SERVICE, "pgConfig": {}}, "refuse"),
        ("postgresServiceCreate", {**SERVICE, "pgConfig": {"nonsense": 1}}, "refuse"),
        ("postgresServiceCreate", {**SERVICE, "tags": [{"key": "chc_x"}]}, "undecided"),
        ("postgresServiceCreate", {**SERVICE, "tags": [{"key": "a"}, {"key": "a"}]}, "undecided"),
        ("postgresServiceCreate", {**SERVICE, "tags": [{"key": "a"}] * 51}, "refuse"),
        ("postgresServiceCreate", {**SERVICE, "tags": [{"key": "a\n"}]}, "refuse"),
        ("postgresServicePatch", {}, "undecided"),
        ("postgresServicePatch", {"haType": "many"}, "refuse"),
        ("postgresServiceSetPassword", {}, "accept"),
        ("postgresServiceSetPassword", {"password": "aA1" + "x" * 8}, "refuse"),
        ("postgresServiceSetPassword", {"password": "1Aa" + "x" * 9}, "undecided"),
        ("postgresServicePatchState", {"command": "explode"}, "refuse"),
        ("postgresInstanceConfigPost", SETTINGS, "accept"),
        ("postgresInstanceConfigPost", {**SETTINGS, "pgConfig": {}}, "undecided"),
        ("postgresInstanceConfigPatch", {**SETTINGS, "pgBouncerConfig": {}}, "undecided"),
        ("postgresInstanceConfigPatch", {**SETTINGS, "pgConfig": {"work_mem": 63}}, "refuse"),
        ("postgresInstanceConfigPatch", {**SETTINGS, "pgConfig": {"work_mem": "abc"}}, "undecided"),
        ("postgresInstanceConfigPatch", {**SETTINGS, "pgConfig": {"work_mem": True}}, "refuse"),
        ("dbaasInstanceCreate", INSTANCE, "accept"),
        ("dbaasInstanceCreate", {**INSTANCE, "ram": 1000000, "disk_size": 1000}, "accept"),
        ("dbaasInstanceCreate", {**INSTANCE, "ram": 1000001}, "undecided"),
        ("dbaasInstanceCreate", {**INSTANCE, "ram": 1048577}, "refuse"),
        ("dbaasInstanceCreate", {**INSTANCE, "disk_size": 1024}, "undecided"),
        ("dbaasInstanceCreate", {**INSTANCE, "disk_size": 1025}, "refuse"),
        ("dbaasInstanceCreate", {**INSTANCE, "cpu": 129}, "refuse"),
        ("dbaasInstanceCreate", {**INSTANCE, "sync_replica_number": 4}, "undecided"),
        ("dbaasInstanceCreate", {k: v for k, v in INSTANCE.items() if k != "version"}, "refuse"),
        ("dbaasInstanceCreate", {k: v for k, v in INSTANCE.items() if k != "cpu"}, "undecided"),
        ("dbaasUserCreate", USER, "accept"),
        ("dbaasUserCreate", {**USER, "name": "pg_shop"}, "refuse"),
        ("dbaasUserCreate", {**USER, "name": "postgresql"}, "refuse"),
        ("dbaasUserCreate", {**USER, "name": "PG_shop"}, "undecided"),
        ("dbaasUserCreate", {**USER, "name": "shop\n"}, "refuse"),
        ("dbaasUserCreate", {**USER, "name": "x" * 64}, "refuse"),
        ("dbaasUserCreate", {**USER, "password": "1234567"}, "refuse"),
        ("dbaasUserCreate", {**USER, "more": 1}, "undecided"),
        ("dbaasDatabaseCreate", {"name": "a$b"}, "refuse"),
    ],
)
def test_a_body_lies_in_its_zone(operation_id: str, body: Any, expected: str) -> None:
    assert zone(operation_id, body) == expected
