"""clickhouse quota: how many services an organisation may have."""

from pgassay.check import full, requirement
from pgassay.deviation import NotTestable
from pgassay.exchange import Exchange
from pgassay.expectation import expect, expect_equal, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import identity


@full
@requirement("CH-QUOTA-CREATE", "CH-QUOTA-REJECT-NOTHING")
def test_a_create_beyond_the_quota_is_refused(clickhouse: ClickhouseApi) -> None:
    """When the quota is used up, a create is refused with 409 until a service is gone."""
    made, refusal, name = _use_up(clickhouse)
    expect_status(refusal, 409, requirement="CH-QUOTA-CREATE")
    left = [item.get("id") for item in clickhouse.listed() if item.get("name") == name]
    expect_equal(left, [], "what a refused create made", refusal, "CH-QUOTA-REJECT-NOTHING")
    if not made:
        raise NotTestable("the quota was used up before: no create is known to fit")
    expect_status(clickhouse.delete(made[-1]), 200, requirement="CH-SVC-DELETE")
    clickhouse.wait_gone(made[-1])
    title = "a create is refused although a service is gone"
    expect_status(clickhouse.create(), 200, title=title, requirement="CH-QUOTA-CREATE")


def _use_up(clickhouse: ClickhouseApi) -> tuple[list[str], Exchange, str]:
    """Create services until one is refused: those that were made, the refusal, its name."""
    quota, made = clickhouse.settings.quota, list[str]()
    while True:
        body = clickhouse.creation()
        exchange = clickhouse.create(body)
        if not exchange.succeeded:
            return made, exchange, str(body["name"])
        made.append(identity(exchange))
        expect(
            len(made) <= quota,
            "more services are created than the quota allows",
            expected=f"at most {quota} in the organisation",
            actual=f"{len(made)} of this check alone",
            exchange=exchange,
            requirement="CH-QUOTA-CREATE",
        )
