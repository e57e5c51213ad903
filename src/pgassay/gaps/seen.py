"""One exchange as observers look at it, with what is remembered of the thing it is about."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pgassay.exchange import Exchange, Json, Request
from pgassay.monitors.sightings import sightings
from pgassay.specification import Operation
from pgassay.target.model import Family, Target

#: Refusals that are about the request's content, not about who asks, where, or what is under way.
_ABOUT_CONTENT: Final = frozenset({400, 422})
#: These, and that which says what the thing is in no state for.
CONFLICTING: Final = _ABOUT_CONTENT | {409}
#: Longer bodies, in bytes, may be refused for their length.
_LARGEST: Final = 4096
#: Operations whose answer shows the thing that their path names, though it is no resource.
_SETTINGS: Final = ("postgresInstanceConfig", "clickPipeCdcScaling")


@dataclass(frozen=True, slots=True)
class Seen:
    """An answered exchange, taken apart.

    Attributes:
        exchange: The redacted exchange.
        target: The target as its file describes it.
        operation: The id of the operation; empty off the documented paths.
        path: The path as it was sent, without its query and a closing slash.
        sent: The request's JSON body; None where there is none.
        shown: The answer's JSON, that of the clickhouse family without its envelope.
        before: The members last seen of the thing that the path names, or of the nearest one above.
        deleted: Whether a delete of the path itself was accepted earlier.
        gone: Whether a delete of what the path lies below was accepted earlier.
        since: Unix time at which that thing was seen first; that of the exchange if it is new.
        versions: The versions that instances were seen to run, by their last segment.
    """

    exchange: Exchange
    target: Target
    operation: str
    path: str
    sent: Json
    shown: Json
    before: Mapping[str, Json]
    deleted: bool
    gone: bool
    since: float
    versions: Collection[str]

    @property
    def status(self) -> int:
        """The status code."""
        return self.exchange.status

    @property
    def accepted(self) -> bool:
        """Tell whether the answer is a 2xx."""
        return self.exchange.succeeded

    @property
    def refused(self) -> bool:
        """Tell whether the server refused the request for its content."""
        return self.status in _ABOUT_CONTENT

    @property
    def sending(self) -> Mapping[str, Json]:
        """The members of the body; none where it is no object."""
        return self.sent if isinstance(self.sent, dict) else {}

    @property
    def showing(self) -> Mapping[str, Json]:
        """The members of the answer; none where it is no object."""
        return self.shown if isinstance(self.shown, dict) else {}

    @property
    def main(self) -> bool:
        """Tell whether the main credential asked."""
        return self.exchange.request.credential == "main"

    def sends_only(self, *members: str) -> bool:
        """Tell whether the body is an object with some of `members` and no others."""
        return bool(self.sending) and self.sending.keys() <= set(members)

    def outcome(
        self, accepted: str, refused: str, refusals: Collection[int] = _ABOUT_CONTENT
    ) -> str | None:
        """Name the branch by the answer: `accepted` for 2xx, `refused` for one of `refusals`.

        For requests with one thing about them that a server may dislike.
        """
        if self.accepted:
            return accepted
        return refused if self.status in refusals else None


@dataclass(slots=True)
class _Known:
    members: Mapping[str, Json]
    since: float


@dataclass(slots=True)
class Memory:
    """What was seen of each resource so far."""

    target: Target
    _known: dict[str, _Known] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _versions: set[str] = field(default_factory=set)

    def look(self, exchange: Exchange, operation: Operation | None) -> Seen:
        """Take an exchange apart; it is remembered for those that follow."""
        path = exchange.request.path.partition("?")[0].rstrip("/")
        places = list(_upwards(path))
        known = next((self._known[place] for place in places if place in self._known), None)
        seen = Seen(
            exchange=exchange,
            target=self.target,
            operation=operation.id if operation else "",
            path=path,
            sent=_sent(exchange.request),
            shown=_content(exchange, operation),
            before=known.members if known else {},
            deleted=path in self._gone,
            gone=any(place in self._gone for place in places[1:]),
            since=known.since if known else exchange.sent_at,
            versions=self._versions,
        )
        self._remember(seen, operation)
        return seen

    def _remember(self, seen: Seen, operation: Operation | None) -> None:
        exchange = seen.exchange
        if operation is None or not exchange.succeeded:
            return
        if exchange.request.method == "DELETE":
            self._gone.add(seen.path)
        if operation.id.startswith(_SETTINGS) and isinstance(seen.shown, dict):
            self._keep(seen.path, seen.shown, exchange.sent_at)
        for sighting in sightings(exchange, operation):
            self._keep(sighting.path, sighting.members, exchange.sent_at)
            if isinstance(version := sighting.members.get("version"), str):
                self._versions.add(last_segment(version))

    def _keep(self, path: str, members: Mapping[str, Json], at: float) -> None:
        known = self._known.setdefault(path, _Known({}, at))
        known.members = {**known.members, **members}


def _content(exchange: Exchange, operation: Operation | None) -> Json:
    body = exchange.json()
    wrapped = operation is not None and operation.family is Family.CLICKHOUSE
    return body.get("result") if wrapped and isinstance(body, dict) else body


def _sent(request: Request) -> Json:
    """The JSON that a request holds; None for what a server may refuse as a message."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    plain = headers.get("content-type", "").startswith("application/json")
    if not plain or "content-encoding" in headers or len(request.body or b"") > _LARGEST:
        return None
    try:
        text = (request.body or b"null").decode()
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unrepeated)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


def _unrepeated(pairs: list[tuple[str, Json]]) -> Json:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is named twice")
    return members


def last_segment(reference: str) -> str:
    """Return what a reference by path or by uuid names."""
    return reference.rstrip("/").rpartition("/")[2]


def _upwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]
