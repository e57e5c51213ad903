"""Requests that arrive together: names stay unique, and nothing outlives what it belongs to."""

import asyncio
import collections
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

INSTANCES = "/v1/postgres/instances"

Make = Callable[..., dict[str, Any]]
Answers = list[httpx.Response]


async def _slowly(body: bytes) -> AsyncIterator[bytes]:
    """Send a body in pieces, so that the others get their turn in the middle of it."""
    for byte in body:
        yield bytes([byte])
        await asyncio.sleep(0)


def together(
    api: TestClient, *requests: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
) -> Answers:
    """Send requests at once to the application behind a client."""

    async def send() -> Answers:
        transport = httpx.ASGITransport(app=api.app)
        headers = {"Authorization": api.headers["authorization"]}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://reference.test", headers=headers
        ) as client:
            return await asyncio.gather(*(request(client) for request in requests))

    return asyncio.run(send())


def post(path: str, body: bytes) -> Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]:
    headers = {"Content-Type": "application/json"}
    return lambda client: client.post(path, content=_slowly(body), headers=headers)


@pytest.mark.parametrize("kind", ["users", "databases"])
def test_of_twenty_creates_of_one_name_exactly_one_succeeds(
    api: TestClient, make_instance: Make, make_user: Make, kind: str
) -> None:
    instance = make_instance()
    path = f"{INSTANCES}/{instance['uuid']}/{kind}"
    owner = make_user(instance, "owner")["uuid"]
    body = f'{{"name":"one","password":"correct horse","owner":"{owner}"}}'.encode()
    answers = together(api, *[post(path, body)] * 20)
    assert collections.Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    listed = [each["name"] for each in api.get(path).json()]
    assert listed.count("one") == 1


def test_names_are_unique_in_one_instance_only(api: TestClient, make_instance: Make) -> None:
    paths = [f"{INSTANCES}/{make_instance()['uuid']}/users" for _ in range(5)]
    body = b'{"name":"one","password":"correct horse"}'
    answers = together(api, *(post(path, body) for path in paths * 2))
    assert collections.Counter(answer.status_code for answer in answers) == {201: 5, 409: 5}


def test_a_user_whose_instance_goes_meanwhile_is_not_left_behind(
    api: TestClient, make_instance: Make
) -> None:
    path = f"{INSTANCES}/{make_instance()['uuid']}"
    body = b'{"name":"late","password":"correct horse"}'
    late, gone = together(api, post(f"{path}/users", body), lambda client: client.delete(path))
    assert (late.status_code, gone.status_code) == (404, 204)
    assert api.get(f"{path}/users").status_code == 404


def test_an_owner_who_goes_meanwhile_owns_no_database(
    api: TestClient, make_instance: Make, make_user: Make
) -> None:
    instance = make_instance()
    user = make_user(instance)
    path = f"{INSTANCES}/{instance['uuid']}"
    body = f'{{"name":"late","owner":"{user["uuid"]}"}}'.encode()
    late, gone = together(
        api,
        post(f"{path}/databases", body),
        lambda client: client.delete(f"{path}/users/{user['uuid']}"),
    )
    assert (late.status_code, gone.status_code) == (400, 204)
    assert api.get(f"{path}/databases").json() == []
