"""A witness that nobody here wrote: clickhousectl commands, copies and observes services.

Its other commands are in `test_clickhousectl.py`.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from pgassay.reference import SEED

from .conftest import Clickhousectl

SETTINGS = {"max_connections": 200, "work_mem": "16MB"}
POOLER = {"default_pool_size": "16"}
TAGS = [{"key": "env", "value": "prod"}, {"key": "nightly", "value": "yes"}]
TAGGED = ("--tag", "env=prod", "--tag", "nightly=yes")


@pytest.fixture
def configured(tmp_path: Path) -> tuple[str, ...]:
    """The options that give a new service both kinds of settings."""
    for name, settings in (("pg.json", SETTINGS), ("bouncer.json", POOLER)):
        (tmp_path / name).write_text(json.dumps(settings), encoding="utf-8")
    return ("--pg-config-file", "pg.json", "--pg-bouncer-config-file", "bouncer.json")


def at(ctl: Clickhousectl, seconds: float) -> str:
    """Return a time that many seconds from the server's present, as an argument."""
    moment = datetime.fromtimestamp(ctl.clock.now() + seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def read(ctl: Clickhousectl, service: str) -> Mapping[str, Any]:
    shown: Mapping[str, Any] = ctl.show("postgres", "get", service)
    return shown


def settings(ctl: Clickhousectl, service: str) -> tuple[Any, Any]:
    shown = ctl.show("postgres", "config", "get", service)
    return shown["pgConfig"], shown["pgBouncerConfig"]


def replica(ctl: Clickhousectl, *more: str) -> Mapping[str, Any]:
    ctl.clock.advance(600)
    command = ("postgres", "read-replica", "create", SEED.service, "--name", "copy")
    shown: Mapping[str, Any] = ctl.show(*command, *more)
    return shown


def test_a_service_is_created_with_every_option(
    ctl: Clickhousectl, configured: tuple[str, ...]
) -> None:
    place = ("--provider", "aws", "--region", "eu-west-1", "--size", "r8gd.large")
    chosen = ("--pg-version", "17", "--ha-type", "sync", "--block-public-access")
    service = ctl.show("postgres", "create", "--name", "all", *place, *chosen, *TAGGED, *configured)
    expected = {
        "name": "all",
        "provider": "aws",
        "region": "eu-west-1",
        "size": "r8gd.large",
        "postgresVersion": "17",
        "haType": "sync",
        "tags": TAGS,
        "storageSize": 118,
    }
    assert {member: service[member] for member in expected} == expected
    assert settings(ctl, service["id"]) == (SETTINGS, POOLER)


def test_a_password_is_set_and_shown(ctl: Clickhousectl) -> None:
    reset = ("postgres", "reset-password", SEED.service)
    assert ctl.show(*reset, "--password", "Given-Passw0rd") == {"password": "Given-Passw0rd"}
    assert read(ctl, SEED.service)["password"] == "Given-Passw0rd"
    generated = ctl.show(*reset, "--generate")["password"]
    assert len(generated) >= 12
    assert read(ctl, SEED.service)["password"] == generated


def test_a_password_against_the_rules_is_refused(ctl: Clickhousectl) -> None:
    longer = "Aa1" + 1022 * "x"  # than what the program knows to refuse by itself
    ended = ctl.end("postgres", "reset-password", SEED.service, "--password", longer)
    assert (ended.status, ended.error["code"]) == (1, "http_4xx")
    assert longer not in ended.error["message"]


def test_a_service_restarts(ctl: Clickhousectl) -> None:
    assert ctl.show("postgres", "restart", SEED.service)["state"] == "restarting"
    assert read(ctl, SEED.service)["state"] == "restarting"
    ctl.clock.advance(60)
    assert read(ctl, SEED.service)["state"] == "running"


def test_a_service_with_a_standby_switches_over(ctl: Clickhousectl) -> None:
    ctl.show("postgres", "update", SEED.service, "--ha-type", "async")
    ctl.clock.advance(240)
    before = read(ctl, SEED.service)
    ended = ctl.end("postgres", "switchover", SEED.service)
    assert (ended.status, ended.shown["id"], ended.shown["haType"]) == (0, SEED.service, "async")
    ctl.clock.advance(30)
    assert read(ctl, SEED.service) == before


def test_a_service_without_a_standby_does_not_switch_over(ctl: Clickhousectl) -> None:
    ended = ctl.end("postgres", "switchover", SEED.service)
    assert (ended.status, ended.error["code"]) == (1, "http_4xx")
    assert "haType" in ended.error["message"]


def test_a_replica_follows_and_is_promoted(ctl: Clickhousectl, configured: tuple[str, ...]) -> None:
    source = read(ctl, SEED.service)
    copy = replica(ctl, *TAGGED, *configured)
    inherited = ("provider", "region", "size", "postgresVersion")
    assert [copy[member] for member in inherited] == [source[member] for member in inherited]
    assert (copy["isPrimary"], copy["haType"], copy["tags"]) == (False, "none", TAGS)
    assert "password" not in copy
    assert settings(ctl, copy["id"]) == (SETTINGS, POOLER)
    ctl.clock.advance(300)
    assert read(ctl, copy["id"])["state"] == "running"
    ended = ctl.end("postgres", "promote", copy["id"])
    assert (ended.status, ended.shown["id"]) == (0, copy["id"])
    ctl.clock.advance(1)
    assert [read(ctl, each)["isPrimary"] for each in (copy["id"], SEED.service)] == [True, True]


def test_a_replica_before_the_first_backup_is_refused_as_clients_expect(ctl: Clickhousectl) -> None:
    wanted = ("--name", "young", "--region", "us-east-1", "--size", "r6gd.medium")
    young = ctl.show("postgres", "create", *wanted)["id"]
    ctl.clock.advance(300)
    ended = ctl.end("postgres", "read-replica", "create", young, "--name", "copy")
    assert ended.status == 1
    assert "not ready for read replicas" in ended.error["message"]


def test_a_primary_outlives_its_replica(ctl: Clickhousectl) -> None:
    copy = replica(ctl)["id"]
    ended = ctl.end("postgres", "delete", SEED.service)
    assert (ended.status, ended.error["code"]) == (1, "http_4xx")
    ctl.show("postgres", "delete", copy)
    ctl.show("postgres", "delete", SEED.service)
    ctl.clock.advance(60)
    assert ctl.show("postgres", "list") == []


@pytest.mark.parametrize(
    "rules",
    [(), ("--block-public-access",), ("--ip-allow", "10.0.0.0/8:5432=office")],
    ids=["those of the source", "none", "others"],
)
def test_a_service_is_restored_whatever_its_access_rules(
    ctl: Clickhousectl, configured: tuple[str, ...], rules: tuple[str, ...]
) -> None:
    ctl.clock.advance(600)
    target = ("--name", "restored", "--restore-target", at(ctl, -60))
    restore = ("postgres", "restore", SEED.service, *target, *TAGGED, *configured, *rules)
    restored = ctl.show(*restore)
    assert (restored["name"], restored["isPrimary"], restored["tags"]) == ("restored", True, TAGS)
    assert restored["id"] != SEED.service
    assert settings(ctl, restored["id"]) == (SETTINGS, POOLER)
    ctl.clock.advance(360)
    assert read(ctl, restored["id"])["state"] == "running"


def test_certificates_are_shown_and_written(ctl: Clickhousectl) -> None:
    certs = ("postgres", "certs", "get", SEED.service)
    shown = ctl.show(*certs)["certificate"]
    assert ctl.show(*certs, "--output", "ca.pem") == {"path": "ca.pem"}
    written = (ctl.home / "ca.pem").read_bytes()
    assert written.decode().strip() == shown.strip()
    assert x509.load_pem_x509_certificates(written)


def test_another_name_brings_other_certificates(ctl: Clickhousectl) -> None:
    certs = ("postgres", "certs", "get", SEED.service)
    before = ctl.show(*certs)
    ctl.show("postgres", "update", SEED.service, "--new-name", "renamed")
    ctl.clock.advance(60)
    assert ctl.show(*certs) != before


def test_metrics_are_shown_in_buckets(ctl: Clickhousectl) -> None:
    ctl.clock.advance(3600)
    window = ("--from-date", at(ctl, -3600), "--to-date", at(ctl, 0))
    bucket = ("--bucket-size-seconds", "300")
    metrics = ctl.show("postgres", "metrics", SEED.service, *window, *bucket)["metrics"]
    assert {"cpu_usage", "connection_count", "cache_hit_ratio"} <= {each["key"] for each in metrics}
    for series in (series for metric in metrics for series in metric["series"]):
        times = [point["timestamp"] for point in series["dataPoints"]]
        assert {later - earlier for earlier, later in pairwise(times)} == {300}


def test_slow_queries_are_listed_and_shown_with_their_executions(ctl: Clickhousectl) -> None:
    ctl.clock.advance(3600)
    window = ("--from-date", at(ctl, -3600), "--to-date", at(ctl, 0))
    sort = ("--sort-by", "call_count", "--sort-order", "desc", "--limit", "3")
    patterns = ctl.show("postgres", "slow-queries", "list", SEED.service, *window, *sort)
    counts = [pattern["callCount"] for pattern in patterns]
    assert counts == sorted(counts, reverse=True)
    assert 0 < len(counts) <= 3
    pattern = patterns[0]
    place = [("--db-name", "dbName"), ("--db-user", "dbUser"), ("--db-operation", "dbOperation")]
    named = [word for option, member in place for word in (option, pattern[member])]
    # An identifier may begin with a hyphen.
    last = ("--", SEED.service, pattern["queryId"])
    detail = ctl.show("postgres", "slow-queries", "get", *named, *last)
    assert detail["aggregate"]["queryText"] == pattern["queryText"]
    assert {each["queryId"] for each in detail["recentExecutions"]} == {pattern["queryId"]}


def test_cdc_scaling_is_changed_as_a_pair(ctl: Clickhousectl) -> None:
    scaling = ("clickpipe", "cdc-scaling")
    former = {"replicaCpuMillicores": 2000, "replicaMemoryGb": 8}
    wanted = {"replicaCpuMillicores": 3000, "replicaMemoryGb": 12}
    assert ctl.show(*scaling, "get", SEED.scalable_service) == former
    values = ("--cpu-millicores", "3000", "--memory-gb", "12")
    ctl.show(*scaling, "update", SEED.scalable_service, *values)
    ctl.clock.advance(239)
    assert ctl.show(*scaling, "get", SEED.scalable_service) == former
    ctl.clock.advance(1)
    assert ctl.show(*scaling, "get", SEED.scalable_service) == wanted


def test_cdc_scaling_without_a_pipe_is_not_there(ctl: Clickhousectl) -> None:
    ended = ctl.end("clickpipe", "cdc-scaling", "get", SEED.pipeless_service)
    assert (ended.status, ended.shown) == (1, None)


@pytest.mark.parametrize("command", ["logs", "backup list"])
def test_what_goes_beyond_the_operations_is_not_found(ctl: Clickhousectl, command: str) -> None:
    window = ("--from-date", at(ctl, -3600), "--to-date", at(ctl, 0))
    options = window if command == "logs" else ()
    ended = ctl.end("postgres", *command.split(), SEED.service, *options)
    assert (ended.status, ended.shown) == (1, None)
    assert ended.error["code"] == "http_4xx"
    assert re.match("NOT_FOUND: ", ended.error["message"])


def test_access_rules_are_taken_and_not_kept(ctl: Clickhousectl) -> None:
    rule = ("--add-ip-allow", "10.0.0.0/8:5432")
    assert ctl.show("postgres", "update", SEED.service, *rule)["id"] == SEED.service
    assert read(ctl, SEED.service)["ipAccessList"] == []


def test_queries_are_for_people_who_are_logged_in(ctl: Clickhousectl) -> None:
    ended = ctl.end("postgres", "query", SEED.service, "--query", "select 1")
    assert (ended.status, ended.error["code"]) == (4, "auth_required")
