"""What checks expect of answers, and the messages when they are disappointed."""

import json
from collections.abc import Callable

from pgassay.deviation import Deviation, NotTestable
from pgassay.exchange import Exchange, Json


def expect(
    holds: bool,  # noqa: FBT001 - reads as the sentence it states
    title: str,
    *,
    expected: str,
    actual: str,
    exchange: Exchange | None = None,
    requirement: str = "",
) -> None:
    """Raise a `Deviation` unless `holds`."""
    if not holds:
        raise Deviation(title, expected, actual, requirement, exchange)


def expect_status(
    exchange: Exchange, *statuses: int, title: str = "", requirement: str = ""
) -> None:
    """Expect one of `statuses`."""
    wanted = " or ".join(map(str, statuses))
    expect(
        exchange.status in statuses,
        title or f"{exchange.request.method} is answered with another status",
        expected=f"status {wanted}",
        actual=_answer(exchange),
        exchange=exchange,
        requirement=requirement,
    )


def expect_success(exchange: Exchange, *, title: str = "", requirement: str = "") -> None:
    """Expect a 2xx answer."""
    expect(
        exchange.succeeded,
        title or f"a valid {exchange.request.method} is refused",
        expected="a 2xx answer",
        actual=_answer(exchange),
        exchange=exchange,
        requirement=requirement,
    )


def expect_rejected(exchange: Exchange, rule: str, *, requirement: str = "") -> None:
    """Expect a 4xx answer because of `rule`, which is what the request violates."""
    expect(
        exchange.rejected,
        f"accepted although {rule}" if exchange.succeeded else f"not refused cleanly: {rule}",
        expected="a 4xx answer",
        actual=_answer(exchange),
        exchange=exchange,
        requirement=requirement,
    )


def expect_equal(
    actual: Json, expected: Json, what: str, exchange: Exchange | None = None, requirement: str = ""
) -> None:
    """Expect equality of JSON values by type and value: 1 is not true, and "1" is not 1."""
    if not same(actual, expected):
        shown = show(expected), show(actual)
        raise Deviation(f"{what} differs", *shown, requirement, exchange)


def expect_member(
    value: Json, name: str, exchange: Exchange | None = None, requirement: str = ""
) -> Json:
    """Return member `name` of an object; expect that it is there."""
    if not isinstance(value, dict) or name not in value:
        title, expected = f"member `{name}` is missing", f"an object with `{name}`"
        raise Deviation(title, expected, show(value), requirement, exchange)
    return value[name]


def expect_refusal(
    attempt: Callable[[], Exchange],
    *,
    rule: str,
    twin: Callable[[], Exchange],
    untouched: Callable[[], Json],
    untouched_requirement: str = "",
) -> Exchange:
    """Expect that `attempt` is refused because of `rule`, and only because of it.

    `untouched` reads the state that must be the same before and after; `twin` is the valid request
    that differs from the attempt in the one thing that `rule` names. If the twin fails too, nothing
    was proven: the check is not testable.
    """
    before = untouched()
    exchange = attempt()
    expect_rejected(exchange, rule)
    after = untouched()
    expect(
        same(before, after),
        "a refused request changed state",
        expected=show(before),
        actual=show(after),
        exchange=exchange,
        requirement=untouched_requirement,
    )
    valid = twin()
    if not valid.succeeded:
        raise NotTestable(f"the valid request is refused as well: {valid.line} {_excerpt(valid)}")
    return exchange


def same(left: Json, right: Json) -> bool:
    """Tell whether two JSON values are equal in type and value, however deep."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def show(value: Json, limit: int = 600) -> str:
    """Render a JSON value for a message, cut to `limit` characters."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= limit else text[:limit] + f"... ({len(text)} characters)"


def _answer(exchange: Exchange) -> str:
    return f"status {exchange.status}: {_excerpt(exchange)}".removesuffix(": ")


def _excerpt(exchange: Exchange) -> str:
    text = " ".join(exchange.text.split())
    return text if len(text) <= 200 else text[:200] + "..."
