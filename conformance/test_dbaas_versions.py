"""dbaas versions: what instances can be created with."""

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect, expect_equal, expect_member, expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas import items
from pgassay.values.timestamps import utc_time

FIELDS = ("uuid", "name", "description", "image", "created_at", "updated_at")


@requirement("DB-VER-LIST")
def test_the_version_list_is_an_object_with_an_array(dbaas: DbaasApi) -> None:
    """The versions are listed in the member `versions` of an object, and there is one at least."""
    exchange = dbaas.versions()
    expect_success(exchange)
    listed = expect_member(exchange.json(), "versions", exchange)
    expect(
        isinstance(listed, list) and bool(listed),
        "no version is listed",
        expected="an array with at least one version",
        actual=exchange.text[:200],
        exchange=exchange,
    )


@requirement("DB-VER-LIST")
def test_each_version_has_its_own_uuid(dbaas: DbaasApi) -> None:
    """No two versions of the list share a UUID."""
    found = [str(expect_member(version, "uuid")) for version in dbaas.listed_versions()]
    expect(
        len(set(found)) == len(found),
        "versions share a uuid",
        expected="different uuids",
        actual=", ".join(found),
    )


@requirement("DB-VER-GET")
def test_a_version_reads_as_it_is_listed(dbaas: DbaasApi) -> None:
    """Each listed version is read by its UUID with the values of the list."""
    for listed in dbaas.listed_versions():
        exchange = dbaas.version(str(expect_member(listed, "uuid")))
        expect_success(exchange)
        expect_equal(exchange.json(), listed, "the version that is read", exchange)


@requirement("DB-VER-FIELDS")
@pytest.mark.parametrize("field", FIELDS)
def test_a_version_has_its_documented_fields(dbaas: DbaasApi, field: str) -> None:
    """Each documented field of every version is a string."""
    for version in dbaas.listed_versions():
        value = expect_member(version, field)
        expect(
            isinstance(value, str) and value != "",
            f"`{field}` of a version is no text",
            expected="a string",
            actual=repr(value),
        )


@requirement("DB-VER-TIMESTAMPS")
@pytest.mark.parametrize("field", ["created_at", "updated_at"])
def test_times_of_a_version_are_in_utc(dbaas: DbaasApi, field: str) -> None:
    """The times of a version are RFC 3339 times in UTC."""
    for version in dbaas.listed_versions():
        text = expect_member(version, field)
        expect(
            utc_time(text) is not None,
            f"`{field}` of a version is no RFC 3339 time in UTC",
            expected="a time such as 2024-01-15T10:30:00Z",
            actual=repr(text),
        )


@requirement("DB-VER-TIMESTAMPS-ORDER")
def test_a_version_is_not_updated_before_it_was_created(dbaas: DbaasApi) -> None:
    """No version was updated earlier than it was created."""
    for version in dbaas.listed_versions():
        times = [expect_member(version, name) for name in ("created_at", "updated_at")]
        created, updated = map(utc_time, times)
        expect(
            created is not None and updated is not None and created <= updated,
            "a version was updated before it was created",
            expected=f"updated_at not before {times[0]!r}",
            actual=repr(times[1]),
        )


@requirement("DB-VER-SLASH")
@pytest.mark.parametrize("slash", ["", "/"], ids=["without", "with"])
def test_versions_are_listed_with_and_without_a_slash(dbaas: DbaasApi, slash: str) -> None:
    """Both ways of writing the path lead to the versions, possibly by a redirect."""
    exchange = dbaas.send("GET", dbaas.versions_path().rstrip("/") + slash)
    redirected = exchange.status in {301, 302, 307, 308} and "/versions" in exchange.headers.get(
        "location", ""
    )
    expect(
        redirected or (exchange.succeeded and bool(items(exchange))),
        "the versions are not found under one of the two documented paths",
        expected="the version list, or a redirect to it",
        actual=exchange.line,
        exchange=exchange,
    )
