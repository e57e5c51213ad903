"""A witness that nobody here wrote: clickhousectl understands every answer of the reference."""

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pgassay.reference import SEED

from .conftest import Clickhousectl

ABSENT = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def service(ctl: Clickhousectl) -> str:
    """The id of a running service with one tag."""
    identifier = created(ctl)["id"]
    ctl.clock.advance(300)
    return str(identifier)


def created(ctl: Clickhousectl, *more: str) -> Mapping[str, Any]:
    wanted = ("--name", "witness", "--region", "us-east-1", "--size", "r6gd.medium")
    shown: Mapping[str, Any] = ctl.show("postgres", "create", *wanted, "--tag", "env=test", *more)
    return shown


def read(ctl: Clickhousectl, service: str) -> Mapping[str, Any]:
    shown: Mapping[str, Any] = ctl.show("postgres", "get", service)
    return shown


def test_the_one_organization_of_the_key_is_listed(ctl: Clickhousectl) -> None:
    (organization,) = ctl.show("org", "list")
    assert organization["id"] == SEED.organization


def test_a_created_service_is_shown_with_its_credentials(ctl: Clickhousectl) -> None:
    service = created(ctl, "--pg-version", "18", "--ha-type", "async")
    assert str(uuid.UUID(service["id"])) == service["id"]
    expected = {
        "name": "witness",
        "provider": "aws",
        "region": "us-east-1",
        "size": "r6gd.medium",
        "postgresVersion": "18",
        "haType": "async",
        "state": "creating",
        "isPrimary": True,
        "tags": [{"key": "env", "value": "test"}],
        "username": "postgres",
    }
    assert {member: service[member] for member in expected} == expected
    assert service["password"] in service["connectionString"]


def test_a_service_is_creating_and_then_running(ctl: Clickhousectl) -> None:
    service = created(ctl)["id"]
    ctl.clock.advance(299)
    assert read(ctl, service)["state"] == "creating"
    ctl.clock.advance(1)
    assert read(ctl, service)["state"] == "running"


def test_the_list_has_the_service_and_filters_by_its_members(
    ctl: Clickhousectl, service: str
) -> None:
    assert [each["id"] for each in ctl.show("postgres", "list")] == [SEED.service, service]
    filtered = ctl.show("postgres", "list", "--filter", "name=witness", "--filter", "state=running")
    assert [each["id"] for each in filtered] == [service]


def test_a_service_is_found_by_its_name(ctl: Clickhousectl, service: str) -> None:
    assert ctl.show("postgres", "get", "--name", "witness")["id"] == service


def test_another_size_shows_when_the_resize_is_done(ctl: Clickhousectl, service: str) -> None:
    answer = ctl.show("postgres", "update", service, "--size", "r6gd.large")
    assert (answer["size"], answer["tags"]) == ("r6gd.medium", [{"key": "env", "value": "test"}])
    ctl.clock.advance(240)
    assert read(ctl, service)["size"] == "r6gd.large"


def test_another_name_keeps_the_tags(ctl: Clickhousectl, service: str) -> None:
    ctl.show("postgres", "update", service, "--new-name", "renamed")
    shown = read(ctl, service)
    assert (shown["name"], shown["tags"]) == ("renamed", [{"key": "env", "value": "test"}])


def test_tags_are_added_removed_and_cleared(ctl: Clickhousectl, service: str) -> None:
    def tags(*change: str) -> list[Mapping[str, str]]:
        ctl.show("postgres", "update", service, *change)
        return list(read(ctl, service)["tags"])

    env, team = {"key": "env", "value": "test"}, {"key": "team", "value": "core"}
    assert tags("--add-tag", "team=core") == [env, team]
    assert tags("--remove-tag", "env") == [team]
    assert tags("--clear-tags") == []


def test_the_configuration_is_patched_replaced_and_read(
    ctl: Clickhousectl, service: str, tmp_path: Path
) -> None:
    def configuration(*command: str) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = ctl.show("postgres", "config", *command)
        return shown

    patched = configuration("patch", service, "--set", "max_connections=42")
    assert patched["pgConfig"] == {"max_connections": 42}
    assert "max_connections" in patched["message"]
    whole = {"pgConfig": {"work_mem": "8MB"}, "pgBouncerConfig": {"default_pool_size": "20"}}
    file = tmp_path / "configuration.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    replaced = configuration("replace", service, "--file", str(file))
    assert {member: replaced[member] for member in whole} == whole
    assert configuration("get", service) == whole


def test_metrics_are_handed_on_as_the_text_that_they_are(ctl: Clickhousectl, service: str) -> None:
    one = ctl.show("postgres", "prometheus", "service", service)
    every = ctl.show("postgres", "prometheus", "org")
    assert service in one
    assert SEED.service not in one
    assert service in every
    assert SEED.service in every


def test_a_deleted_service_is_gone(ctl: Clickhousectl, service: str) -> None:
    ctl.show("postgres", "delete", service)
    assert read(ctl, service)["state"] == "deleting"
    ctl.clock.advance(60)
    assert ctl.end("postgres", "get", service).error["code"] == "resource_not_found"
    assert [each["id"] for each in ctl.show("postgres", "list")] == [SEED.service]


@pytest.mark.parametrize(
    "command",
    [
        ("get",),
        ("update", "--size", "r6gd.large"),
        ("update", "--clear-tags"),
        ("config", "get"),
        ("config", "patch", "--set", "max_connections=42"),
        ("delete",),
    ],
    ids=" ".join,
)
def test_an_unknown_id_is_reported_as_such(ctl: Clickhousectl, command: tuple[str, ...]) -> None:
    ended = ctl.end("postgres", *command, ABSENT)
    assert (ended.status, ended.shown) == (1, None)
    assert ABSENT in ended.error["message"]


def test_a_wrong_secret_asks_for_authentication(ctl: Clickhousectl) -> None:
    ended = ctl.end("postgres", "list", secret="wrong")
    assert (ended.status, ended.shown) == (4, None)
    assert ended.error["code"] == "auth_required"


def test_a_refusal_says_which_member_was_wrong(ctl: Clickhousectl, service: str) -> None:
    ended = ctl.end("postgres", "update", service, "--size", "enormous")
    assert (ended.status, ended.shown) == (1, None)
    assert ended.error["code"] == "http_4xx"
    assert "size" in ended.error["message"]
    assert read(ctl, service)["size"] == "r6gd.medium"
