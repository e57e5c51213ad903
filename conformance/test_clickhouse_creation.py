"""clickhouse services: what a valid create makes and answers with."""

import uuid
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest

from pgassay.check import creates, every_case, full, requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect, expect_equal, expect_member, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import comparable, expect_listed_once, identity, result
from pgassay.families.clickhouse_expectations import expect_creation_refused
from pgassay.families.clickhouse_specimens import FEW_TAGS, MAPS
from pgassay.families.pool import affordable
from pgassay.values.tags import as_set


@requirement("CH-SVC-CREATE")
def test_a_minimal_create_makes_a_service(clickhouse: ClickhouseApi) -> None:
    """Name, provider, region and size alone make a service with a UUID."""
    exchange = clickhouse.creation_answer()
    expect_status(exchange, 200)
    made = expect_member(result(exchange), "id", exchange)
    uuid.UUID(str(made))


@requirement("CH-SVC-CREATE-ECHO", "CH-SVC-HA", "CH-SVC-VERSION", "CH-SVC-TAGS-ECHO")
def test_create_echoes_what_was_requested(clickhouse: ClickhouseApi) -> None:
    """The answer to create, and the next read, repeat every requested member."""
    specimen = clickhouse.specimen(haType="async", tags=FEW_TAGS)
    body = specimen.body
    for exchange in (specimen.exchange, specimen.read):
        expect_status(exchange, 200)
        shown = result(exchange)
        for name in set(body) - {"tags"}:
            expect_equal(shown.get(name), body[name], name, exchange, "CH-SVC-CREATE-ECHO")
        expect_equal(as_set(shown.get("tags")), FEW_TAGS, "tags", exchange, "CH-SVC-TAGS-ECHO")


@requirement("HTTP-READ-YOUR-WRITES", "CH-SVC-LIST-COMPLETE")
def test_a_created_service_is_found_at_once(clickhouse: ClickhouseApi) -> None:
    """The read and the list right after a create show the new service, the list once."""
    specimen = clickhouse.specimen()
    expect_status(specimen.exchange, 200)
    expect_status(specimen.read, 200, requirement="HTTP-READ-YOUR-WRITES")
    expect_listed_once(specimen.listed, identity(specimen.exchange))


@requirement("CH-SVC-CREATE-CREDENTIALS")
@pytest.mark.parametrize("member", ["hostname", "username", "password", "connectionString"])
def test_create_answers_with_connection_data(clickhouse: ClickhouseApi, member: str) -> None:
    """The answer to create holds the connection data as non-empty text."""
    exchange = clickhouse.creation_answer()
    value = expect_member(result(exchange), member, exchange)
    expect(
        isinstance(value, str) and value != "",
        f"{member} is not given",
        expected="non-empty text",
        actual=type(value).__name__,
        exchange=exchange,
    )


@requirement("CH-SVC-CONNECTION-STRING")
def test_the_connection_string_embeds_the_connection_data(clickhouse: ClickhouseApi) -> None:
    """The connection string is a postgres URI of the answer's user, password and host."""
    exchange = clickhouse.creation_answer()
    service = result(exchange)
    uri = urlsplit(expect_member(service, "connectionString", exchange))
    parts = {
        "scheme": uri.scheme in {"postgres", "postgresql"},
        "user": unquote(uri.username or "") == service.get("username"),
        "password": unquote(uri.password or "") == service.get("password"),
        "percent-encoding": (uri.password or "") == quote(unquote(uri.password or ""), safe="~"),
        "host": uri.hostname == str(service.get("hostname")).lower(),
    }
    wrong = [name for name, holds in parts.items() if not holds]
    expect(
        not wrong,
        "the connection string does not match the answer",
        expected="the scheme postgres or postgresql and the user, password and host of the answer",
        actual="other: " + ", ".join(wrong),
        exchange=exchange,
    )


@requirement("CH-SVC-PASSWORD-GENERATED")
def test_the_generated_password_follows_the_rule(clickhouse: ClickhouseApi) -> None:
    """The password has 12 to 1024 characters with all three classes."""
    exchange = clickhouse.creation_answer()
    password = str(expect_member(result(exchange), "password", exchange))
    classes = [
        set("abcdefghijklmnopqrstuvwxyz"),
        set("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        set("0123456789"),
    ]
    present = sum(bool(members & set(password)) for members in classes)
    expect(
        12 <= len(password) <= 1024 and present == 3,
        "the generated password breaks the password rule",
        expected="12 to 1024 characters with a lowercase letter, an uppercase letter and a digit",
        actual=f"{len(password)} characters of {present} of the three classes",
        exchange=exchange,
    )


@requirement("CH-SVC-USERNAME")
def test_the_superuser_is_postgres(clickhouse: ClickhouseApi) -> None:
    """The user name of a new service is postgres."""
    exchange = clickhouse.creation_answer()
    expect_equal(result(exchange).get("username"), "postgres", "username", exchange)


@requirement("CH-SVC-CREATE-PRIMARY")
def test_a_created_service_is_primary(clickhouse: ClickhouseApi) -> None:
    """A service made by create is a primary one."""
    exchange = clickhouse.creation_answer()
    primary = expect_member(result(exchange), "isPrimary", exchange)
    expect(
        primary is True,
        "a created service is no primary",
        expected="isPrimary true",
        actual=show(primary),
        exchange=exchange,
    )


@requirement("CH-SVC-CREATE-INITIAL-STATE")
def test_a_created_service_starts_with_creating(clickhouse: ClickhouseApi) -> None:
    """The first state is creating, or running where a service is ready at once."""
    exchange = clickhouse.creation_answer()
    state = expect_member(result(exchange), "state", exchange)
    expect(
        state in {"creating", "running"},
        "a new service is in another state",
        expected="creating, or running at once",
        actual=show(state),
        exchange=exchange,
    )


@requirement("CH-SVC-HA-DEFAULT")
def test_the_default_availability_is_none(clickhouse: ClickhouseApi, service: Any) -> None:
    """A service created without haType reports none."""
    expect_equal(clickhouse.shown(service["id"]).get("haType"), "none", "the default haType")


@requirement("CH-SVC-VERSION-DEFAULT")
def test_the_default_version_is_17(clickhouse: ClickhouseApi, service: Any) -> None:
    """A service created without postgresVersion runs version 17, or what the target declares."""
    version = clickhouse.shown(service["id"]).get("postgresVersion")
    expect_equal(version, clickhouse.settings.default_version, "the default postgresVersion")


@requirement("CH-SVC-TAGS-PRESENT")
def test_a_service_without_tags_reports_an_empty_array(clickhouse: ClickhouseApi) -> None:
    """The tags of a service without tags are an empty array."""
    exchange = clickhouse.creation_answer()
    expect_equal(expect_member(result(exchange), "tags", exchange), [], "tags", exchange)


@requirement("CH-SVC-STATE-REACHES-RUNNING")
def test_a_created_service_becomes_running(clickhouse: ClickhouseApi) -> None:
    """A created service reaches the state running without further requests."""
    service = identity(clickhouse.creation_answer())
    expect_equal(clickhouse.wait_running(service).value["state"], "running", "the state")


@creates
@requirement("CH-SVC-CREATE")
def test_services_of_the_same_name_have_their_own_ids(clickhouse: ClickhouseApi) -> None:
    """A second service of the same name is refused cleanly or is another service."""
    first = clickhouse.specimen()
    second = clickhouse.create(dict(first.body))
    expect_status(first.exchange, 200)
    expect(
        second.rejected or identity(first.exchange) != identity(second),
        "two services share an id",
        expected="a 4xx answer or another id",
        actual=second.line,
        exchange=second,
    )


@requirement("CH-SVC-CREATE-CONFIG")
def test_configuration_given_on_create_is_read_back(clickhouse: ClickhouseApi) -> None:
    """Both maps of a create are what the configuration shows."""
    specimen = clickhouse.specimen(**MAPS)
    expect_status(specimen.exchange, 200)
    expect_equal(specimen.configuration, comparable(MAPS), "the configuration of the create")


@requirement("CH-SVC-STORAGE-DERIVED")
def test_equal_sizes_report_equal_storage(clickhouse: ClickhouseApi, service: Any) -> None:
    """StorageSize is a positive whole number of GiB and the same for every service of a size."""
    shown = [clickhouse.shown(each) for each in (service["id"], clickhouse.neighbour())]
    if shown[0].get("size") != shown[1].get("size"):
        raise NotTestable("the services that checks share have different sizes")
    answers = [result(clickhouse.creation_answer()), *shown]
    figures = [answer["storageSize"] for answer in answers if "storageSize" in answer]
    expect(
        all(type(figure) is int and figure > 0 for figure in figures) and len(set(figures)) <= 1,
        "storageSize is not derived from the size",
        expected="the same positive whole number for the same size",
        actual=show(figures),
    )


@creates
@full
@requirement("CH-SVC-SIZE")
def test_every_size_on_offer_is_accepted(clickhouse: ClickhouseApi) -> None:
    """Every size of the target file is accepted and repeated."""
    for size in affordable(clickhouse.client, clickhouse.settings.sizes, "sizes"):
        exchange = clickhouse.specimen(size=size).exchange
        expect_status(exchange, 200)
        expect_equal(result(exchange).get("size"), size, "size", exchange)


@requirement("CH-SVC-VERSION")
def test_every_version_is_accepted(clickhouse: ClickhouseApi) -> None:
    """Each version of the target file is accepted and repeated."""
    for version in affordable(clickhouse.client, clickhouse.settings.versions, "versions"):
        exchange = clickhouse.specimen(postgresVersion=version).exchange
        expect_status(exchange, 200)
        expect_equal(result(exchange).get("postgresVersion"), version, "postgresVersion", exchange)


@every_case
@requirement("CH-SVC-HA")
@pytest.mark.parametrize("availability", ["none", "async", "sync"])
def test_every_availability_is_accepted(clickhouse: ClickhouseApi, availability: str) -> None:
    """Each availability is accepted and repeated."""
    exchange = clickhouse.specimen(haType=availability).exchange
    expect_status(exchange, 200)
    expect_equal(result(exchange).get("haType"), availability, "haType", exchange)


@requirement("CH-SVC-CREATE-CONFIG-EMPTY")
@pytest.mark.parametrize("member", ["pgConfig", "pgBouncerConfig"])
def test_an_empty_configuration_on_create_is_refused(
    clickhouse: ClickhouseApi, member: str
) -> None:
    """An empty configuration map on create is refused."""
    body = clickhouse.creation(**{member: {}})
    expect_creation_refused(clickhouse, body, f"{member} is empty")
