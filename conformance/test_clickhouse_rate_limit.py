"""clickhouse rate limit: what a key may send in a window, and how the rest is turned away."""

from pgassay.check import requirement
from pgassay.expectation import expect, expect_equal, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.rate_limit_expectations import (
    at_fresh_window,
    burst,
    exhausted,
    expect_turned_away,
    expect_whole_limit,
    spare_keys,
    two_keys,
)
from pgassay.rate_limit import rate_limit


@requirement("CH-RATE-LIMIT")
def test_one_request_too_many_is_turned_away(clickhouse: ClickhouseApi) -> None:
    """A fresh window takes as many requests as the limit says and not one more."""
    key = next(spare_keys(clickhouse))
    at_fresh_window(clickhouse, key)
    expect_whole_limit(clickhouse, key, beyond=1, requirement="CH-RATE-LIMIT")


@requirement("CH-RATE-RECOVERY")
def test_a_new_window_has_the_whole_limit(clickhouse: ClickhouseApi) -> None:
    """When the announced seconds are over, the key may send as many requests as before."""
    key = next(spare_keys(clickhouse))
    at_fresh_window(clickhouse, key)
    expect_whole_limit(clickhouse, key, beyond=0, requirement="CH-RATE-RECOVERY")


@requirement("CH-RATE-RESET")
def test_a_refusal_says_when_the_window_ends(clickhouse: ClickhouseApi) -> None:
    """X-RateLimit-Reset of a 429 is a number of seconds within the window."""
    refused = exhausted(clickhouse, next(spare_keys(clickhouse)))
    reset, window = rate_limit(refused).reset, clickhouse.settings.rate_window
    expect(
        reset is not None and 0 < reset <= window,
        "the refusal does not say when the window ends",
        expected=f"X-RateLimit-Reset above 0 and up to {window:g} seconds",
        actual=refused.headers.get("x-ratelimit-reset", "no such header"),
        exchange=refused,
    )


@requirement("CH-RATE-HEADERS")
def test_every_answer_says_what_is_left(clickhouse: ClickhouseApi) -> None:
    """Limit and policy are those of the target, and what remains falls by one each time."""
    key, settings = next(spare_keys(clickhouse)), clickhouse.settings
    at_fresh_window(clickhouse, key)
    for number, exchange in enumerate(burst(clickhouse, key, settings.rate_limit + 1), 1):
        found = rate_limit(exchange)
        shown = [found.limit, found.remaining, found.policy]
        left = max(settings.rate_limit - number, 0)
        wanted = [settings.rate_limit, left, (settings.rate_limit, settings.rate_window)]
        expect_equal(shown, wanted, "limit, remaining and policy", exchange)


@requirement("CH-RATE-ERROR")
def test_a_refusal_has_an_error(clickhouse: ClickhouseApi) -> None:
    """The body of a 429 is a JSON object with a text in error."""
    refused = exhausted(clickhouse, next(spare_keys(clickhouse)))
    body = refused.json()
    error = body.get("error") if isinstance(body, dict) else None
    expect(
        isinstance(error, str) and bool(error.strip()),
        "the refusal has no error",
        expected="a JSON object with a non-empty text in error",
        actual=show(refused.text),
        exchange=refused,
    )


@requirement("CH-RATE-PER-KEY")
def test_another_key_is_not_slowed_down(clickhouse: ClickhouseApi) -> None:
    """While one key is turned away, another one is answered."""
    one, other = two_keys(clickhouse)
    at_fresh_window(clickhouse, other)
    at_fresh_window(clickhouse, one)
    refused = exhausted(clickhouse, one)
    answered = clickhouse.send("GET", "/v1/organizations", credential=other, patient=False)
    expect_status(answered, 200)
    again = clickhouse.send("GET", "/v1/organizations", credential=one, patient=False)
    expect_turned_away(refused, again)


@requirement("CH-RATE-NO-EFFECT", "CH-RATE-LIMIT")
def test_what_is_turned_away_has_no_effect(clickhouse: ClickhouseApi) -> None:
    """A create that is answered with 429 leaves no service."""
    spare = "other_tenant" in spare_keys(clickhouse) and clickhouse.settings.other_organization_id
    api = clickhouse.other_tenant if spare else clickhouse
    at_fresh_window(api, api.credential)
    refused, body = exhausted(api, api.credential), api.creation()
    attempt = api.send("POST", api.services_path(), body, patient=False)
    expect_turned_away(refused, attempt)
    api.client.await_window(attempt)
    left = [item.get("id") for item in api.listed() if item.get("name") == body["name"]]
    expect_equal(left, [], "the list of services left", attempt, "CH-RATE-NO-EFFECT")
