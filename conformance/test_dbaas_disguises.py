"""dbaas: requests that pretend to be others get no further than plain ones."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.exchange import ANONYMOUS, Json
from pgassay.expectation import expect_equal, expect_rejected, expect_success
from pgassay.families import DbaasApi
from pgassay.families.access_expectations import (
    FOREIGN_ORIGIN,
    expect_concealed,
    expect_misplaced_refused,
    expect_no_injected_header,
    expect_nothing_opened,
    expect_origin_not_trusted,
    pretend_to_delete,
    telltale,
)
from pgassay.families.dbaas_operations import declared_credential
from pgassay.values.disguises import DISGUISES
from pgassay.values.pretences import (
    misplaced_headers,
    misplaced_queries,
    other_paths,
    other_tenant_headers,
    other_tenant_queries,
    trusted_origins,
)

KINDS = pytest.mark.parametrize("kind", DISGUISES)


@requirement("DB-AUTH-REQUIRED", "HTTP-PATH-DISGUISED")
@KINDS
def test_a_path_written_otherwise_opens_nothing(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], kind: str
) -> None:
    """Dots, doubled and encoded slashes and the like in a path do not stand for credentials."""
    declared_credential(dbaas)
    expect_guarded(dbaas, (instance, user), kind, "DB-AUTH-REQUIRED", ANONYMOUS)


@requirement("DB-AUTH-TENANT")
@KINDS
def test_a_path_written_otherwise_leads_to_nobody_else(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], kind: str
) -> None:
    """Dots, doubled and encoded slashes and the like in a path get no stranger past a check."""
    declared_credential(dbaas)
    expect_guarded(dbaas, (instance, user), kind, "DB-AUTH-TENANT", "other_tenant")


def expect_guarded(
    api: DbaasApi,
    guarded: tuple[dict[str, Any], dict[str, Any]],
    kind: str,
    broken: str,
    credential: str,
) -> None:
    """Expect that no disguise of a kind shows an instance and its user, or creates another one."""
    uuid, user = guarded[0]["uuid"], guarded[1]["uuid"]
    reads = [api.path(uuid), api.path(uuid, "users"), api.path(uuid, "users", user)]
    requests: list[tuple[str, str, Json]] = [
        ("GET", each, ...) for read in reads for each in DISGUISES[kind](read)
    ]
    requests += [("POST", each, api.user_creation()) for each in DISGUISES[kind](reads[1])]
    before = api.lasting(api.users(uuid))
    known = [telltale(each) for each in guarded]
    expect_nothing_opened(api, requests, known, broken, credential)
    after = api.lasting(api.users(uuid))
    expect_equal(after, before, "the list of users", requirement=broken)


@requirement("HTTP-METHOD-OVERRIDE")
def test_no_header_turns_a_request_into_a_delete(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """GET and POST delete nothing, whatever headers and parameters say of another method."""
    uuid = instance["uuid"]
    user = dbaas.new_user(uuid)
    pretend_to_delete(dbaas, dbaas.path(uuid, "users", user))
    expect_success(dbaas.user(uuid, user))


@requirement("DB-AUTH-REQUIRED")
def test_no_header_stands_for_credentials(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Without credentials nothing is read, whatever headers say of caller, address and path."""
    declared_credential(dbaas)
    path = dbaas.path(instance["uuid"])
    pretences = trusted_origins("admin") | other_paths("/") | other_paths(dbaas.versions_path())
    for name, headers in pretences.items():
        exchange = dbaas.send("GET", path, credential=ANONYMOUS, headers=headers)
        expect_rejected(exchange, f"{name} is no credential")


@requirement("HTTP-ROUTE-HEADERS")
def test_no_header_leads_to_another_path(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A path in a header is not taken for the request's own."""
    for name, headers in other_paths(dbaas.path(instance["uuid"])).items():
        exchange = dbaas.send("GET", dbaas.versions_path(), headers=headers)
        expect_concealed(exchange, telltale(instance), f"{name} is not the path")


@requirement("DB-AUTH-TENANT")
def test_no_header_opens_another_project(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A stranger reaches no instance by naming its project beside the path."""
    declared_credential(dbaas)
    project = instance.get("project_id") or dbaas.settings.project_id or dbaas.absent_uuid()
    for place in (dbaas.path(instance["uuid"]), dbaas.collection("instances")):
        requests = [(place, headers) for headers in other_tenant_headers(project).values()]
        requests += [(place + query, {}) for query in other_tenant_queries(project)]
        for path, headers in requests:
            exchange = dbaas.send("GET", path, credential="other_tenant", headers=headers)
            expect_concealed(exchange, telltale(instance), "it is another project's")


@requirement("HTTP-AUTH-ELSEWHERE")
def test_credentials_count_in_their_header_alone(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Valid credentials in a query, in a cookie or in another header open nothing."""
    main, path = declared_credential(dbaas), dbaas.path(instance["uuid"])
    expect_misplaced_refused(dbaas, path, misplaced_headers(main), misplaced_queries(main))


@requirement("HTTP-HEADER-INJECTION")
def test_line_breaks_make_no_header(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Line breaks in a path, a query or a member of the body make no header in the answer."""
    name, path = "X-Pgassay-Injected", dbaas.path(instance["uuid"])
    line = f"%0d%0a{name}:%20yes"
    for place in (f"{path}{line}", f"{path}?x={line}", f"{path}/users{line}/x"):
        expect_no_injected_header(dbaas.send("GET", place), name)
    text = f"{dbaas.names.identifier()}\r\n{name}: yes"
    for changes in ({"name": text}, {"description": text}):
        exchange = dbaas.create_user(instance["uuid"], **changes)
        expect_no_injected_header(exchange, name)


@requirement("HTTP-CROSS-ORIGIN")
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_an_unknown_site_gets_no_credentials(
    dbaas: DbaasApi, instance: dict[str, Any], method: str
) -> None:
    """A site that the server cannot know is not allowed to send a browser's credentials."""
    for origin in (FOREIGN_ORIGIN, "null"):
        headers = {"Origin": origin, "Access-Control-Request-Method": "DELETE"}
        exchange = dbaas.send(method, dbaas.path(instance["uuid"]), headers=headers)
        expect_origin_not_trusted(exchange)
