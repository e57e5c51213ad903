"""clickhouse: requests that pretend to be others get no further than plain ones."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.exchange import ANONYMOUS, Json
from pgassay.expectation import expect_equal, expect_rejected
from pgassay.families import ClickhouseApi
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
from pgassay.families.clickhouse_expectations import everything, expect_alive
from pgassay.target.model import Family, Target
from pgassay.values.credentials import basic
from pgassay.values.disguises import CLIMBS, DISGUISES
from pgassay.values.pretences import (
    misplaced_headers,
    misplaced_queries,
    other_paths,
    other_tenant_headers,
    other_tenant_queries,
    trusted_origins,
)

TAGS: Json = {"tags": [{"key": "intruder", "value": "1"}]}
KINDS = pytest.mark.parametrize("kind", DISGUISES)


@requirement("CH-AUTH-REQUIRED", "HTTP-PATH-DISGUISED")
@KINDS
def test_a_path_written_otherwise_opens_nothing(clickhouse: ClickhouseApi, kind: str) -> None:
    """Dots, doubled and encoded slashes and the like in a path do not stand for credentials."""
    expect_guarded(clickhouse, kind, "CH-AUTH-REQUIRED", ANONYMOUS)


@requirement("CH-AUTH-TENANT")
@KINDS
def test_a_path_written_otherwise_leads_to_nobody_else(
    clickhouse: ClickhouseApi, kind: str
) -> None:
    """Dots, doubled and encoded slashes and the like in a path get no stranger past a check."""
    expect_guarded(clickhouse, kind, "CH-AUTH-TENANT", "other_tenant")


def expect_guarded(api: ClickhouseApi, kind: str, broken: str, credential: str) -> None:
    """Expect that no disguise of a kind shows or changes a service; otherwise `broken` is."""
    service = api.neighbour()
    path, before = api.path(service), everything(api, service)
    reads = [path, api.services_path()]
    requests = [("GET", each, ...) for read in reads for each in DISGUISES[kind](read)]
    requests += [("PATCH", each, TAGS) for each in DISGUISES[kind](path)]
    known = [telltale(before["service"])]
    expect_nothing_opened(api, requests, known, broken, credential)
    expect_equal(everything(api, service), before, "the service", requirement=broken)


@requirement("CH-AUTH-TENANT")
def test_no_path_climbs_from_one_organisation_to_another(
    clickhouse: ClickhouseApi, service: Any
) -> None:
    """A stranger does not climb from the own organisation's path to another's."""
    own, other = clickhouse.organization_id, clickhouse.other_organization_id
    paths = [clickhouse.services_path(), clickhouse.path(service["id"])]
    requests: list[tuple[str, str, Json]] = [
        ("GET", path.replace(own, f"{other}{climb}{own}"), ...)
        for climb in CLIMBS.values()
        for path in paths
    ]
    known = [telltale(service)]
    expect_nothing_opened(clickhouse, requests, known, "CH-AUTH-TENANT", "other_tenant")


@requirement("HTTP-METHOD-OVERRIDE")
def test_no_header_turns_a_request_into_a_delete(clickhouse: ClickhouseApi) -> None:
    """GET and POST delete nothing, whatever headers and parameters say of another method."""
    service = clickhouse.neighbour()
    pretend_to_delete(clickhouse, clickhouse.path(service))
    expect_alive(clickhouse, service, clickhouse.get(service))


@requirement("CH-AUTH-REQUIRED")
def test_no_header_stands_for_credentials(clickhouse: ClickhouseApi, target: Target) -> None:
    """Without credentials nothing is read, whatever headers say of caller, address and path."""
    path = clickhouse.path(clickhouse.neighbour())
    caller = basic(target.credential("main", Family.CLICKHOUSE)).username
    pretences = trusted_origins(caller) | other_paths("/") | other_paths("/v1/organizations")
    for name, headers in pretences.items():
        exchange = clickhouse.send("GET", path, credential=ANONYMOUS, headers=headers)
        expect_rejected(exchange, f"{name} is no credential")


@requirement("HTTP-ROUTE-HEADERS")
def test_no_header_leads_to_another_path(clickhouse: ClickhouseApi, service: Any) -> None:
    """A path in a header is not taken for the request's own."""
    for name, headers in other_paths(clickhouse.path(service["id"])).items():
        exchange = clickhouse.send("GET", "/v1/organizations", headers=headers)
        expect_concealed(exchange, telltale(service), f"{name} is not the path")


@requirement("CH-AUTH-TENANT")
def test_no_header_opens_another_organisation(clickhouse: ClickhouseApi, service: Any) -> None:
    """A stranger reaches no service by naming its organisation or its path beside the own path."""
    own = clickhouse.services_path(clickhouse.other_organization_id)
    victim = clickhouse.organization_id
    by_header = other_tenant_headers(victim) | other_paths(clickhouse.services_path())
    requests = [(own, headers) for headers in by_header.values()]
    requests += [(own + query, {}) for query in other_tenant_queries(victim)]
    for path, headers in requests:
        exchange = clickhouse.send("GET", path, credential="other_tenant", headers=headers)
        expect_concealed(exchange, telltale(service), "the stranger's own path was asked for")


@requirement("HTTP-AUTH-ELSEWHERE")
def test_credentials_count_in_their_header_alone(clickhouse: ClickhouseApi, target: Target) -> None:
    """Valid credentials in a query, in a cookie or in another header open nothing."""
    main = basic(target.credential("main", Family.CLICKHOUSE))
    path = clickhouse.services_path()
    expect_misplaced_refused(clickhouse, path, misplaced_headers(main), misplaced_queries(main))


@requirement("HTTP-HEADER-INJECTION")
def test_line_breaks_make_no_header(clickhouse: ClickhouseApi, service: Any) -> None:
    """Line breaks in a path, a query or a member of the body make no header in the answer."""
    name, path = "X-Pgassay-Injected", clickhouse.services_path()
    line = f"%0d%0a{name}:%20yes"
    for place in (f"{path}/{service['id']}{line}", f"{path}?x={line}", f"{path}{line}/x"):
        expect_no_injected_header(clickhouse.send("GET", place), name)
    body = clickhouse.creation(name=f"{clickhouse.names.words()}\r\n{name}: yes")
    expect_no_injected_header(clickhouse.create(body), name)


@requirement("HTTP-CROSS-ORIGIN")
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_an_unknown_site_gets_no_credentials(
    clickhouse: ClickhouseApi, service: Any, method: str
) -> None:
    """A site that the server cannot know is not allowed to send a browser's credentials."""
    for origin in (FOREIGN_ORIGIN, "null"):
        headers = {"Origin": origin, "Access-Control-Request-Method": "DELETE"}
        path = clickhouse.path(service["id"])
        expect_origin_not_trusted(clickhouse.send(method, path, headers=headers))
