"""The rate limit counts what each key sends in a fixed window; nobody is limited by default."""

from collections.abc import Iterator

import pytest

from pgassay.reference import SEED
from pgassay.reference.settings import RateLimit

from .conftest import SERVICES, Bench

HEADERS = ("limit", "remaining", "reset", "policy")
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}


@pytest.fixture
def limited() -> Iterator[Bench]:
    bench = Bench(rate_limit=RateLimit())
    yield bench
    bench.stop()


def figures(answer: object) -> list[str | None]:
    headers = answer.headers  # type: ignore[attr-defined]
    return [headers.get(f"x-ratelimit-{name}") for name in HEADERS]


def test_the_eleventh_request_of_a_window_is_refused_without_an_effect(limited: Bench) -> None:
    answers = [limited.ch("GET") for _ in range(10)]
    assert [answer.status_code for answer in answers] == [200] * 10
    refused = limited.ch("POST", json=MINIMAL)
    assert (refused.status_code, refused.json()) == (429, {"error": "TOO_MANY_REQUESTS"})
    assert refused.headers["content-type"] == "application/json"
    limited.clock.advance(10)
    listed = limited.ch("GET").json()["result"]
    assert [service["id"] for service in listed] == [SEED.service]


def test_who_waits_for_as_long_as_a_long_window_says_is_served() -> None:
    bench = Bench(rate_limit=RateLimit(1, 1234567.0))
    assert bench.ch("GET").headers["x-ratelimit-policy"].startswith("1;w=1234567;")
    bench.clock.advance(0.6)
    refused = bench.ch("GET")
    bench.clock.advance(float(refused.headers["x-ratelimit-reset"]))
    assert (refused.status_code, bench.ch("GET").status_code) == (429, 200)
    bench.stop()


def test_every_answer_of_a_known_key_tells_how_much_is_left(limited: Bench) -> None:
    policy = '10;w=10;comment="fixed window"'
    assert figures(limited.ch("GET")) == ["10", "9", "10", policy]
    limited.clock.advance(2.5)
    assert figures(limited.ch("GET", "/x")) == ["10", "8", "7.5", policy]
    assert figures(limited.ch("PUT", json={})) == ["10", "7", "7.5", policy]
    assert figures(limited.ch("DELETE", f"{SERVICES}/x/y/z")) == ["10", "6", "7.5", policy]
    for _ in range(6):
        limited.ch("GET")
    refused = limited.ch("GET")
    assert (refused.status_code, figures(refused)) == (429, ["10", "0", "7.5", policy])


def test_a_window_begins_with_a_request_and_ends_after_its_seconds(limited: Bench) -> None:
    limited.clock.advance(7)
    for _ in range(11):
        last = limited.ch("GET")
    assert last.status_code == 429
    limited.clock.advance(9.9996)
    still = limited.ch("GET")
    assert (still.status_code, still.headers["x-ratelimit-reset"]) == (429, "0.001")
    limited.clock.advance(0.001)
    assert figures(limited.ch("GET"))[:3] == ["10", "9", "10"]


def test_a_key_does_not_use_up_what_another_may_send(limited: Bench) -> None:
    for _ in range(11):
        last = limited.ch("GET")
    assert last.status_code == 429
    assert limited.ch("GET", key="read_only").headers["x-ratelimit-remaining"] == "9"
    organizations = limited.ch("GET", "/v1/organizations", key="other_tenant")
    assert organizations.headers["x-ratelimit-remaining"] == "9"


def test_who_is_refused_for_want_of_a_key_is_not_counted(limited: Bench) -> None:
    for _ in range(12):
        for name in ("disabled", "expired"):
            answer = limited.ch("GET", key=name)
            assert (answer.status_code, figures(answer)) == (401, [None] * 4)
        key_id = limited.credentials.key("main").key_id
        assert limited.client.get(SERVICES, auth=(key_id, "wrong")).status_code == 401
    assert limited.ch("GET").headers["x-ratelimit-remaining"] == "9"


def test_the_other_family_and_the_control_endpoint_are_not_limited(limited: Bench) -> None:
    for _ in range(12):
        answer = limited.db("GET")
        assert (answer.status_code, figures(answer)) == (200, [None] * 4)
        assert limited.control("GET", "/requests").status_code == 200


def test_without_a_limit_nothing_is_counted(bench: Bench) -> None:
    for _ in range(12):
        answer = bench.ch("GET")
        assert (answer.status_code, figures(answer)) == (200, [None] * 4)


@pytest.mark.parametrize("rate", [(0, 10), (-1, 10), (10, 0), (10, float("nan"))])
def test_a_limit_that_would_allow_nothing_is_refused(rate: tuple[int, float]) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        RateLimit(*rate)
