"""Each reading of the documents makes a server that differs in what it is about, and there only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pgassay.reference import SEED, Behaviour, Readings
from pgassay.reference.clickhouse.scaling import CPU, MEMORY

from .conftest import SERVICES, Bench

NIL = "00000000-0000-0000-0000-000000000000"
SCALING = f"/v1/organizations/{SEED.organization}/services/{{}}/clickpipesCdcScaling"
SCALABLE = SCALING.format(SEED.scalable_service)
EMPTY: dict[str, Any] = {}


@contextmanager
def reading(*choices: str) -> Iterator[Bench]:
    bench = Bench(behaviour=Behaviour.of(Readings.of(choices)))
    try:
        yield bench
    finally:
        bench.stop()


# Each returns what tells the values of one reading apart.


def running(bench: Bench, **members: Any) -> str:
    """Return the path of a service that runs."""
    service = bench.service(**members)
    bench.clock.advance(700)
    return f"/{service['id']}"


def created(bench: Bench, **members: Any) -> int:
    minimal = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
    return int(bench.ch("POST", json={**minimal, **members}).status_code)


def shown(bench: Bench, path: str) -> dict[str, Any]:
    result: dict[str, Any] = bench.ch("GET", path).json()["result"]
    return result


def tags_after_a_patch_without_them(bench: Bench) -> Any:
    path = running(bench, tags=[{"key": "a", "value": "1"}])
    bench.ch("PATCH", path, {"name": "other"})
    return shown(bench, path)["tags"]


def patch_with_a_tag_without_value(bench: Bench) -> Any:
    assert created(bench, tags=[{"key": "a"}]) == 200
    return bench.ch("PATCH", running(bench), {"tags": [{"key": "a"}]}).status_code


def tags_with_one_key(bench: Bench) -> Any:
    twice = [{"key": "a", "value": "1"}, {"key": "b"}, {"key": "a", "value": "2"}]
    answer = bench.ch("PATCH", running(bench), {"tags": twice})
    return [tag["key"] for tag in answer.json().get("result", {"tags": []})["tags"]]


def config(bench: Bench, method: str, body: Any) -> Any:
    path = running(bench, pgConfig={"work_mem": 64}) + "/config"
    answer = bench.ch(method, path, body)
    return answer.json()["result"]["pgConfig"] if answer.status_code == 200 else answer.status_code


def config_with_one_map(bench: Bench) -> Any:
    return [config(bench, method, {"pgBouncerConfig": {"a": "1"}}) for method in ("POST", "PATCH")]


def config_with_an_empty_map(bench: Bench) -> Any:
    whole = {"pgConfig": {"max_connections": 90}, "pgBouncerConfig": EMPTY}
    return [config(bench, method, whole) for method in ("POST", "PATCH")]


def config_with_minus_one(bench: Bench) -> Any:
    special = {"pgConfig": {"autovacuum_work_mem": -1}, "pgBouncerConfig": EMPTY}
    plain = {"pgConfig": {"work_mem": -1}, "pgBouncerConfig": EMPTY}
    return [config(bench, "POST", special), config(bench, "POST", plain)]


def secrets_of_reads(bench: Bench) -> list[bool]:
    """Tell in which of the two organizations a read shows a password."""
    theirs = SERVICES.replace(SEED.organization, SEED.other_organization)
    minimal = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
    service = bench.ch("POST", theirs, minimal, key="other_tenant").json()["result"]
    read = bench.ch("GET", f"{theirs}/{service['id']}", key="other_tenant").json()["result"]
    return ["password" in shown(bench, running(bench)), "password" in read]


def replica(bench: Bench) -> dict[str, Any]:
    answer = bench.ch("POST", running(bench) + "/readReplica", {"name": "copy"})
    result: dict[str, Any] = answer.json()["result"]
    return result


def second_delete(bench: Bench) -> Any:
    path = running(bench)
    return [bench.ch("DELETE", path).status_code for _ in range(2)]


def scaled(bench: Bench, **pair: Any) -> Any:
    answer = bench.ch("PATCH", SCALABLE, pair)
    return answer.json()["result"] if answer.status_code == 200 else answer.status_code


def observed(bench: Bench, rest: str) -> Any:
    return bench.ch("GET", running(bench) + rest)


def metrics(bench: Bench, begin: str, end: str, bucket: int) -> int:
    window = f"from_date={begin}&to_date={end}&bucket_size_seconds={bucket}"
    return int(observed(bench, f"/metrics?{window}").status_code)


def unknown_query(bench: Bench) -> Any:
    return observed(
        bench, "/slowQueryPatterns/-1?db_name=none&db_user=none&db_operation=SELECT"
    ).status_code


def durations(bench: Bench) -> bool:
    """Tell whether any duration of the slow queries of a day is no whole number."""
    window = "from_date=2026-05-28T00:00:00.000Z&to_date=2026-05-29T00:00:00.000Z"
    rows = bench.ch("GET", f"/{SEED.service}/slowQueryPatterns?{window}").json()["result"]
    assert rows
    return any(isinstance(row["avgDurationUs"], float) for row in rows)


def put_of_a_part(bench: Bench) -> Any:
    instance = bench.instance(cpu=2)
    bench.clock.advance(300)
    answer = bench.db("PUT", f"/{instance['uuid']}", {"cpu": 4})
    return answer.json()["cpu"] if answer.status_code == 200 else answer.status_code


def deprecated(bench: Bench) -> int:
    versions = bench.db("GET", "/v1/types/postgres/versions").json()["versions"]
    old = next(each["uuid"] for each in versions if "14.10" in each["name"])
    return int(bench.db("POST", json={"name": "old", "version": old}).status_code)


def large(bench: Bench) -> int:
    versions = bench.db("GET", "/v1/types/postgres/versions").json()["versions"]
    body = {"name": "large", "version": versions[0]["uuid"], "disk_size": 1024, "ram": 1_048_576}
    return int(bench.db("POST", json=body).status_code)


def lists(bench: Bench) -> Any:
    path = f"/{bench.instance()['uuid']}"
    answers = [bench.db("GET", each).json() for each in ("", f"{path}/users", f"{path}/databases")]
    return [next(iter(each)) if isinstance(each, dict) else len(each) for each in answers]


def user(bench: Bench, path: str) -> Any:
    return bench.db("POST", f"{path}/users", {"name": "u", "password": "correct horse"})


def same_names(bench: Bench) -> Any:
    path = f"/{bench.instance()['uuid']}"
    return [user(bench, path).status_code for _ in range(2)]


def owner_deleted(bench: Bench) -> Any:
    path = f"/{bench.instance()['uuid']}"
    owner = user(bench, path).json()["uuid"]
    bench.db("POST", f"{path}/databases", {"name": "d", "owner": owner})
    answer = bench.db("DELETE", f"{path}/users/{owner}").status_code
    return answer, len(bench.db("GET", f"{path}/databases").json())


def deleted(bench: Bench) -> Any:
    return bench.db("DELETE", f"/{bench.instance()['uuid']}").status_code


DIFFERENCES: tuple[tuple[str, Callable[[Bench], Any], dict[str, Any]], ...] = (
    (
        "tag_omission",
        tags_after_a_patch_without_them,
        {"keep": [{"key": "a", "value": "1"}], "wipe": []},
    ),
    ("tag_value_on_update", patch_with_a_tag_without_value, {"optional": 200, "required": 400}),
    (
        "duplicate_tag_keys",
        tags_with_one_key,
        {"refuse": [], "collapse": ["a", "b"], "keep": ["a", "b", "a"]},
    ),
    (
        "names",
        lambda it: [created(it, name=name) for name in ("a-b_c", "a!")],
        {"hyphens": [200, 400], "alphanumeric": [400, 400], "any": [200, 200]},
    ),
    ("default_version", lambda it: it.service()["postgresVersion"], {"17": "17", "18": "18"}),
    (
        "empty_config_on_creation",
        lambda it: created(it, pgConfig=EMPTY),
        {"refuse": 400, "accept": 200},
    ),
    (
        "empty_config_on_change",
        config_with_an_empty_map,
        {
            "accept": [{"max_connections": 90}, {"work_mem": 64, "max_connections": 90}],
            "refuse": [400, 400],
        },
    ),
    (
        "missing_config",
        config_with_one_map,
        {"refuse": [400, 400], "keep": [{"work_mem": 64}, {"work_mem": 64}]},
    ),
    (
        "config_numbers",
        lambda it: shown(it, running(it, pgConfig={"work_mem": 64}) + "/config")["pgConfig"],
        {"as_sent": {"work_mem": 64}, "text": {"work_mem": "64"}},
    ),
    (
        "integer_minus_one",
        config_with_minus_one,
        {"refuse": [400, 400], "accept": [{"autovacuum_work_mem": -1}, 400]},
    ),
    (
        "storage_size_in_list",
        lambda it: [
            "storageSize" in it.ch("GET").json()["result"][0],
            "storageSize" in it.service(),
        ],
        {"shown": [True, True], "left_out": [False, True]},
    ),
    (
        "created_at_on_change",
        lambda it: "createdAt" in it.service(),
        {"left_out": False, "shown": True},
    ),
    (
        "connection_string",
        lambda it: it.service()["connectionString"].partition(":")[0],
        {"postgres": "postgres", "postgresql": "postgresql"},
    ),
    (
        "redaction",
        secrets_of_reads,
        {"organization": [True, False], "on": [False, False], "off": [True, True]},
    ),
    ("copy_credentials", lambda it: "password" in replica(it), {"hide": False, "show": True}),
    ("repeated_delete", second_delete, {"accept": [200, 200], "refuse": [200, 409]}),
    (
        "switchover_without_standby",
        lambda it: it.ch("PATCH", running(it) + "/state", {"command": "switchover"}).status_code,
        {"refuse": 400, "ignore": 200},
    ),
    (
        "nil_uuid",
        lambda it: it.ch("GET", f"/{NIL}").status_code,
        {"not_found": 404, "refuse": 400},
    ),
    (
        "cdc_maximum_cores",
        lambda it: [
            isinstance(scaled(it, **{CPU: 1000 * cores, MEMORY: 4 * cores}), dict)
            for cores in (16, 17, 24, 25, 32, 33)
        ],
        {
            "32": [True] * 5 + [False],
            "24": [True] * 3 + [False] * 3,
            "16": [True] + [False] * 5,
        },
    ),
    (
        "one_field_scaling",
        lambda it: [
            scaled(it, **{CPU: 2000}),
            scaled(it, **{CPU: 3000}),
            scaled(it, **{MEMORY: 8}),
        ],
        {
            "keep": [{CPU: 2000, MEMORY: 8}, 400, {CPU: 2000, MEMORY: 8}],
            "complete": [{CPU: 2000, MEMORY: 8}, {CPU: 3000, MEMORY: 12}, {CPU: 2000, MEMORY: 8}],
            "refuse": [400, 400, 400],
        },
    ),
    (
        "scaling_without_pipe",
        lambda it: it.ch("GET", SCALING.format(SEED.pipeless_service)).status_code,
        {"404": 404, "400": 400},
    ),
    (
        "timestamps",
        lambda it: [
            metrics(it, "2026-05-28T20:00:00.000Z", "2026-05-28T20:10:00.000Z", 60),
            metrics(it, "2026-05-28T20:00:00Z", "2026-05-28T20:10:00Z", 60),
            metrics(it, "2026-05-28T22:00:00.000%2B02:00", "2026-05-28T20:10:00.000Z", 60),
        ],
        {"rfc3339": [200, 200, 200], "milliseconds": [200, 400, 400]},
    ),
    (
        "metrics_above_limit",
        lambda it: metrics(it, "2026-05-28T20:00:00.000Z", "2026-05-28T20:10:00.000Z", 1),
        {"refuse": 400, "widen": 200},
    ),
    ("unknown_query", unknown_query, {"empty": 200, "not_found": 404}),
    ("query_durations", durations, {"whole": False, "fractional": True}),
    ("dbaas_put", put_of_a_part, {"full": 400, "merge": 4}),
    ("dbaas_deprecated_versions", deprecated, {"selectable": 201, "refused": 400}),
    ("dbaas_terabyte", large, {"binary": 201, "decimal": 400}),
    ("dbaas_lists", lists, {"array": [1, 0, 0], "object": ["instances", "users", "databases"]}),
    (
        "dbaas_instance_list",
        lambda it: [it.db("GET").status_code, it.db("GET").headers.get("allow")],
        {"offered": [200, None], "absent": [405, "POST"]},
    ),
    ("dbaas_names", same_names, {"unique": [201, 409], "free": [201, 201]}),
    ("dbaas_owner_deletion", owner_deleted, {"refuse": (409, 1), "cascade": (204, 0)}),
    (
        "dbaas_references",
        lambda it: it.instance()["version"].startswith("/"),
        {"uri": True, "uuid": False},
    ),
    ("dbaas_delete", deleted, {"204": 204, "200": 200}),
)


@pytest.mark.parametrize(
    ("name", "value", "observe", "expected"),
    [
        pytest.param(name, value, observe, expected, id=f"{name}={value}")
        for name, observe, outcomes in DIFFERENCES
        for value, expected in outcomes.items()
    ],
)
def test_each_value_of_a_reading_shows(
    name: str, value: str, observe: Callable[[Bench], Any], expected: object
) -> None:
    with reading(f"{name}={value}") as bench:
        assert observe(bench) == expected


def test_every_reading_with_every_value_is_examined() -> None:
    examined = {name: tuple(outcomes) for name, _, outcomes in DIFFERENCES}
    assert examined == {reading.name: reading.values for reading in Readings.known()}


def test_the_default_readings_make_the_documented_server() -> None:
    assert Behaviour.of(Readings()) == Behaviour()
    for known in Readings.known():
        assert getattr(Readings(), known.name) == known.values[0]
        assert known.about.endswith(".")
        assert known.source


def test_the_last_choice_of_a_name_counts() -> None:
    chosen = Readings.of(["tag_omission=wipe", "dbaas_delete=200", "tag_omission=keep"])
    assert chosen == Readings(dbaas_delete="200")


def test_a_user_goes_with_all_databases_or_with_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that fails half way through leaves everything as it was."""
    with reading("dbaas_owner_deletion=cascade") as bench:
        path = f"/{bench.instance()['uuid']}"
        owner = user(bench, path).json()["uuid"]
        for name in ("first", "second"):
            bench.db("POST", f"{path}/databases", {"name": name, "owner": owner})
        delete, deleted = bench.app.state.store.delete, []

        def fail_late(kind: str, id: str) -> None:
            deleted.append(id)
            if len(deleted) > 1:
                raise OSError("the disk is full")
            delete(kind, id)

        monkeypatch.setattr(bench.app.state.store, "delete", fail_late)
        assert bench.db("DELETE", f"{path}/users/{owner}").status_code == 500
        assert len(deleted) == 2
        left = [each["name"] for each in bench.db("GET", f"{path}/databases").json()]
        assert left == ["first", "second"]
        assert bench.db("GET", f"{path}/users/{owner}").status_code == 200
