"""The end of a run: settle the ledger on the target's own listing, and remove what was created."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pgassay.exchange import Exchange
from pgassay.results import LoadFinding
from pgassay.traffic.ledger import Knowledge, Listed, Settlement
from pgassay.traffic.lifecycle import GONE, Arrival, Traffic


@dataclass(frozen=True, slots=True)
class Ending:
    """What the ledger showed, and what became of the resources; `left` names those that stayed."""

    findings: tuple[LoadFinding, ...]
    settled: int
    created: int
    removed: int
    left: tuple[str, ...]


def conclude(traffic: Traffic) -> Ending:
    """Settle the ledger, then remove every resource of the run and look whether it is gone."""
    arrival = Arrival(traffic, measured=False)
    settlement = _settle(arrival)
    known = _existing(traffic, settlement)
    _remove(arrival, [item.id for item in known.values() if not item.leaving])
    left = _await_gone(arrival, known)
    created = {entry.id for entry in traffic.ledger.entries if entry.id} | known.keys()
    for identifier in created - {item.id for item in left}:
        traffic.session.gone(traffic.adapter.path(identifier))
    return Ending(
        tuple(LoadFinding(*_parts(text)) for text in settlement.findings),
        settlement.settled,
        len(created),
        len(created) - len(left),
        tuple(f"{item.name!r} ({item.id})" for item in left),
    )


def _parts(text: str) -> tuple[str, str, str]:
    kind, _, told = text.partition(": ")
    return kind, "", told


def _settle(arrival: Arrival) -> Settlement:
    """Compare ledger and listing; a target may take its settle time before they agree."""
    traffic = arrival.traffic
    clock, timing = traffic.session.tools.clock, traffic.plan.target.timing
    until = clock() + timing.settle
    for pause in traffic.pauses():
        settlement = _compare(arrival)
        if not settlement.findings or clock() + pause > until:
            break
        traffic.session.tools.sleep(pause)
    return settlement


def _compare(arrival: Arrival) -> Settlement:
    traffic = arrival.traffic
    listed = traffic.adapter.listed(arrival.list())
    if listed is None:
        listed = tuple(_read_each(arrival))
    return traffic.ledger.settle(
        listed, lambda identifier: _read(arrival, identifier).status not in GONE
    )


def _read_each(arrival: Arrival) -> Iterable[Listed]:
    """A listing put together from single reads, for targets that offer none."""
    for entry in arrival.traffic.ledger.entries:
        value = arrival.traffic.adapter.value(_read(arrival, entry.id)) if entry.id else None
        if value is not None:
            yield Listed(entry.id, entry.name, leaving=value.get("state") == "deleting")


def _read(arrival: Arrival, identifier: str) -> Exchange:
    return arrival.call("read", "GET", arrival.traffic.adapter.path(identifier), expected=GONE)


def _existing(traffic: Traffic, settlement: Settlement) -> dict[str, Listed]:
    """Everything of ours, by identifier, that is there or was never seen to go."""
    existing = {item.id: item for item in settlement.present if item.id}
    for entry in traffic.ledger.entries:
        if entry.id and entry.deletion is not Knowledge.OK and not entry.missed:
            existing.setdefault(entry.id, Listed(entry.id, entry.name))
    return existing


def _remove(arrival: Arrival, waiting: Sequence[str]) -> None:
    """Send the deletes; refusals for the moment (409, 429, 5xx) are tried again in time."""
    traffic = arrival.traffic
    clock = traffic.session.tools.clock
    until = clock() + traffic.plan.target.timing.delete
    for pause in traffic.pauses():
        waiting = [identifier for identifier in waiting if not _removed(arrival, identifier)]
        if not waiting or clock() + pause > until:
            return
        traffic.session.tools.sleep(pause)


def _removed(arrival: Arrival, identifier: str) -> bool:
    path = arrival.traffic.adapter.path(identifier)
    exchange = arrival.call("delete", "DELETE", path, expected=GONE)
    return exchange.succeeded or exchange.status in GONE


def _await_gone(arrival: Arrival, existing: Mapping[str, Listed]) -> list[Listed]:
    """Wait until what was deleted is gone; return what is still there."""
    traffic = arrival.traffic
    clock = traffic.session.tools.clock
    until = clock() + traffic.plan.target.timing.delete
    left = list(existing.values())
    for pause in traffic.pauses():
        left = [item for item in left if _read(arrival, item.id).status not in GONE]
        if not left or clock() + pause > until:
            break
        traffic.session.tools.sleep(pause)
    return left
