"""Services that are made from another one: read replicas and restores to a point in time.

Both need a backup of the source. The first one is there minutes after the source was created, and
until then the request is refused; nobody documents for how long. So these requests are repeated
within the budget `backup`, and a backup that does not come leaves checks NOT_TESTABLE.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from pgassay.clock import utc_now
from pgassay.deviation import Deviation, NotApplicable, NotTestable
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect, expect_equal, expect_refusal, expect_status
from pgassay.families.clickhouse import FAMILY, ClickhouseApi, comparable, result
from pgassay.families.clickhouse_expectations import configuration, configured, newcomers
from pgassay.results import Duration
from pgassay.values.tags import VALUELESS
from pgassay.values.timestamps import utc_time
from pgassay.waiting import wait_until

#: What replicas inherit: a configuration that no service has by default.
SOURCE_MAPS: Final = configuration({"work_mem": "9MB"}, {"default_pool_size": "19"})
TAGS: Final[Json] = [{"key": "copy", "value": "1"}]
#: Optional members of the smallest requests for a copy.
LEAST: Final[Mapping[str, Mapping[str, Json]]] = {"none": {}, "valueless-tag": {"tags": VALUELESS}}
#: What servers answer while there is no backup; official clients repeat requests after 400.
_NOT_YET: Final = frozenset({400, 409, 424, 425})
#: Words of such an answer, in lower case.
_EXCUSES: Final = ("backup", "not ready")


@dataclass(frozen=True, slots=True)
class Copy:
    """A running copy: the answer that promised it, what reads showed of its source and of itself.

    `asked` is the body of the request, `source` how the source was before it; `configuration` is
    what the copy had at first.
    """

    exchange: Exchange
    asked: dict[str, Json]
    source: dict[str, Json]
    shown: dict[str, Json]
    configuration: Json

    @property
    def id(self) -> str:
        """The copy's identifier."""
        return str(self.shown["id"])


@dataclass(frozen=True, slots=True)
class Promotion:
    """A read replica that was told to become a primary: the answer, and how it is shown then."""

    replica: Copy
    exchange: Exchange
    shown: dict[str, Json]


def replicated(api: ClickhouseApi, source: str, **members: Json) -> Copy:
    """Make a read replica, with tags and `members`, of a source with a configuration of its own.

    Raises `Deviation` when the request is refused for another reason than a missing backup or the
    replica does not come to run, `NotTestable` when there is no backup in time.
    """
    needed(api, "read_replicas")
    configured(api, source, SOURCE_MAPS)
    body = replica_body(api, tags=TAGS, **members)
    return _copy(api, source, lambda: api.replicate(source, body), "CH-REPLICA-CREATE")


def promoted(api: ClickhouseApi, source: str) -> Promotion:
    """Make a read replica with a configuration of its own, and promote it."""
    needed(api, "state_commands")
    replica = replicated(api, source, pgConfig={"work_mem": "11MB"})
    exchange = api.command(replica.id, {"command": "promote"})
    waited = api.wait_settled(replica.id, "isPrimary", value=True, budget=api.timing.restart)
    return Promotion(replica, exchange, waited.value)


def restored(api: ClickhouseApi, source: str) -> Copy:
    """Restore a source to a moment of the recent past, with tags and a configuration.

    Raises as `replicated` does.
    """
    needed(api, "restore")
    targets = _moments(api, source)
    members: dict[str, Json] = {"tags": TAGS, "pgConfig": {"work_mem": "13MB"}}
    body = {"name": api.names.words()} | members

    def send() -> Exchange:
        return api.restore(source, body | {"restoreTarget": next(targets)})

    return _copy(api, source, send, "CH-RESTORE-CREATE")


def replica_body(api: ClickhouseApi, **members: Json) -> dict[str, Json]:
    """A valid body of a read replica request with `members`; `...` drops one."""
    body: dict[str, Json] = {"name": api.names.words()} | members
    return {name: value for name, value in body.items() if value is not ...}


def restore_body(api: ClickhouseApi, copy: Copy, **members: Json) -> dict[str, Json]:
    """A valid body of a restore to the moment of `copy`, with `members`; `...` drops one."""
    return replica_body(api, **{"restoreTarget": copy.asked["restoreTarget"]} | members)


def needed(api: ClickhouseApi, feature: str) -> None:
    """Raise `NotApplicable` unless the target claims a feature that a check also needs."""
    if not api.client.target.features.get(feature, False):
        raise NotApplicable(f"the target does not claim the feature {feature}")


def with_backup(api: ClickhouseApi, send: Callable[[], Exchange]) -> Exchange:
    """Send a request until its source has the backup that it needs; return the last answer.

    Raises `NotTestable` when all that is said until the budget is over is that there is none.
    """
    waited = wait_until(
        send,
        lambda exchange: exchange.status not in _NOT_YET,
        budget=api.timing.backup,
        poll=api.timing.poll,
    )
    if not waited.reached and excused(waited.value):
        raise NotTestable(
            f"the source has no backup within {api.timing.backup:g} s ([timing] backup): "
            f"{waited.value.line}"
        )
    if waited.reached and len(waited.seen) > 1:
        what = "wait for the first backup"
        api.durations.append(Duration(FAMILY, what, waited.lower, waited.upper))
    return waited.value


def excused(exchange: Exchange) -> bool:
    """Tell whether an answer says that it is too early for a copy."""
    return any(word in exchange.text.lower() for word in _EXCUSES)


def expect_new(copy: Copy) -> None:
    """Expect that a copy has an identifier of its own."""
    expect(
        copy.id != copy.source.get("id"),
        "a copy is no service of its own",
        expected=f"another id than {copy.source.get('id')}",
        actual=copy.id,
        exchange=copy.exchange,
    )


def expect_role(
    shown: Json, *, primary: bool, exchange: Exchange | None = None, requirement: str = ""
) -> None:
    """Expect that a service is shown as a primary, or as none."""
    expect_equal(shown.get("isPrimary"), primary, "isPrimary", exchange, requirement)


def expect_copy_refused(
    api: ClickhouseApi,
    attempt: Callable[[], Exchange],
    body: Json,
    rule: str,
    twin: Copy,
    untouched: str,
) -> None:
    """Expect that a copy is refused because of `rule`, and that none of the name in `body` is made.

    `twin` is the copy that a valid request made; `untouched` the requirement that nothing is made.
    """
    expect_refusal(
        attempt,
        rule=rule,
        twin=lambda: twin.exchange,
        untouched=newcomers(api, body),
        untouched_requirement=untouched,
    )


def expect_window(api: ClickhouseApi, source: str) -> str:
    """Ask for a read replica of a new source until there is one; expect what is said meanwhile."""
    body = replica_body(api)
    first = api.replicate(source, body)
    if first.rejected:
        judged = "CH-REPLICA-BACKUP-WINDOW"
        title = "a source without a backup is answered in a way that clients do not know"
        expect_status(first, 400, title=title, requirement=judged)
        if "not ready for read replicas" not in first.text.lower():
            said = " ".join(first.text.split())[:200]
            raise Deviation(title, "not ready for read replicas", said, judged, first)
        first = with_backup(api, lambda: api.replicate(source, body))
    return _identity(first, "CH-REPLICA-CREATE")


def _copy(api: ClickhouseApi, source: str, send: Callable[[], Exchange], requirement: str) -> Copy:
    before = api.shown(source)
    exchange = with_backup(api, send)
    identity = _identity(exchange, requirement)
    shown = api.wait_running(identity, f"{exchange.request.path.rpartition('/')[2]} to running")
    maps = comparable(result(api.configuration(identity)))
    asked = json.loads(exchange.request.body or b"{}")
    return Copy(exchange, asked, before, shown.value, maps)


def _identity(exchange: Exchange, requirement: str) -> str:
    title = "a valid request for a copy is refused"
    expect_status(exchange, 200, title=title, requirement=requirement)
    made = result(exchange)
    if not isinstance(made, dict) or not isinstance(made.get("id"), str):
        actual = "a result without an id"
        raise Deviation("no service is answered", "a service", actual, requirement, exchange)
    return str(made["id"])


def _moments(api: ClickhouseApi, source: str) -> Iterator[str]:
    """Moments to restore to: now by the server's clock, and half of the source's life ago, in turn.

    What is archived may lag behind, and the first backup ends some time after the creation.
    """
    begun = utc_time(api.shown(source).get("createdAt")) or utc_now()
    for half in itertools.cycle((False, True)):
        now = server_time(api.get(source))
        chosen = begun + (now - begun) / 2 if half else now
        yield f"{chosen.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def server_time(exchange: Exchange) -> datetime:
    """The time of an answer by its Date header; where there is none, by this machine's clock."""
    try:
        found = parsedate_to_datetime(exchange.headers.get("date", ""))
    except ValueError:
        return utc_now()
    return found if found.tzinfo else found.replace(tzinfo=UTC)
