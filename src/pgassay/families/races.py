"""Races: requests about one thing that overlap in time, and what they must add up to."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

from pgassay.client import Client
from pgassay.crew import side_by_side
from pgassay.deviation import Inconclusive, NoAnswer, NotTestable
from pgassay.exchange import Exchange, Json, Request
from pgassay.expectation import expect, show
from pgassay.history import Legality, Operation, change, expect_legal, judge, seen
from pgassay.history.collection import Collection, Creation, Deletion, Listing, Reading
from pgassay.history.record import ABSENT, Look, Members, Record, Removal, Write, members
from pgassay.waiting import wait_until

#: The members, in the body of a request or in a thing that an answer shows, that a race is about.
View: TypeAlias = Callable[[Json], Mapping[str, Json]]
#: The part of an answer that is meant.
Part: TypeAlias = Callable[[Exchange], Json]

GONE: Final = frozenset({404, 410})
#: How many looks must not see again what was deleted.
LOOKS: Final = 3


@dataclass(frozen=True, slots=True)
class Round:
    """One of the times that a check repeats its race, since timing is left to chance.

    `chance` comes from the run's seed.
    """

    number: int
    chance: random.Random

    def shuffled(self, *requests: Request) -> list[Request]:
        """Return requests in the order in which they are to be sent."""
        return self.chance.sample(requests, len(requests))


def rounds(count: int, seed: str) -> tuple[Round, ...]:
    """Make the rounds of a check, whose choices come from `seed`."""
    return tuple(Round(each, random.Random(f"{seed}/{each}")) for each in range(1, count + 1))


def in_turn(client: Client, requests: Iterable[Request]) -> list[Exchange]:
    """Send requests one after the other; those that are not answered are returned as well."""
    exchanges = []
    for request in requests:
        try:
            exchanges.append(client.send(request))
        except NoAnswer as unanswered:
            exchanges.append(unanswered.exchange)
    return exchanges


def beside(client: Client, *sequences: Sequence[Request]) -> list[Exchange]:
    """Send sequences of requests beside each other, each in its order."""
    tasks = [lambda each=each: in_turn(client, each) for each in sequences]
    return list(chain.from_iterable(side_by_side(tasks)))


def all_answered(exchanges: Iterable[Exchange]) -> None:
    """Raise `Inconclusive` where an answer is missing: what the others show is not all."""
    for exchange in exchanges:
        if not exchange.answered:
            raise Inconclusive(f"not every request of the race was answered: {exchange.line}")


def expect_no_server_error(exchanges: Iterable[Exchange], requirement: str) -> None:
    """Expect that no request of a race is answered with a 5xx status."""
    for exchange in exchanges:
        expect(
            exchange.status < 500,
            "a request among others is answered with a server error",
            expected="a 2xx or 4xx answer",
            actual=exchange.line,
            exchange=exchange,
            requirement=requirement,
        )


class RecordRace:
    """A race about the members of one thing.

    `part` finds the thing in an answer, `view` what the race is about in it and in the body of a
    request. `read` is the request that shows it.
    """

    def __init__(self, client: Client, read: Request, part: Part, view: View) -> None:
        """Learn what the thing is like before; raises `NotTestable` where it cannot be read."""
        self._client = client
        self._read = read
        self._part = part
        self._view = view
        self._exchanges: list[Exchange] = []
        exchange = client.send(read)
        if not isinstance(part(exchange), dict):
            raise NotTestable(f"what the race is about cannot be read: {exchange.line}")
        self._before = Record(members(view(part(exchange))))

    def together(self, *requests: Request) -> None:
        """Send requests at once."""
        self._exchanges += self._client.send_together(requests)

    def beside(self, *sequences: Sequence[Request]) -> None:
        """Send sequences of requests beside each other, each in its order."""
        self._exchanges += beside(self._client, *sequences)

    def expect_legal(self, title: str, requirement: str) -> None:
        """Expect that all answers so far fit some order of the requests."""
        expect_legal(self._history(), self._before, title, requirement=requirement)
        all_answered(self._exchanges)

    def expect_whole(self, title: str, requirement: str) -> None:
        """Expect that each read shows what was there before, or what one request wrote.

        Every write is of all members that the race is about. How old a version is, is not judged.
        """
        history = self._history()
        versions = {each.action.members for each in history if isinstance(each.action, Write)}
        for operation, exchange in zip(history, self._exchanges, strict=True):
            if isinstance(operation.action, Look) and operation.known:
                expect(
                    operation.answer in versions | {self._before.members},
                    title,
                    expected="the members before an update, or those after it",
                    actual=operation.words,
                    exchange=exchange,
                    requirement=requirement,
                )
        all_answered(self._exchanges)

    def expect_settled(self, title: str, requirement: str, budget: float) -> None:
        """Expect that the thing comes to be as some order of the requests leaves it.

        Changes may take up to `budget` seconds to show.
        """
        history = self._history()

        def settled(exchange: Exchange) -> bool:
            final = [*history, self._operation(exchange)]
            return judge(final, self._before) is not Legality.ILLEGAL

        poll = self._client.target.timing.poll
        waited = wait_until(
            lambda: self._client.send(self._read), settled, budget=budget, poll=poll
        )
        self._exchanges.append(waited.value)
        self.expect_legal(title, requirement)

    def _history(self) -> list[Operation]:
        return [self._operation(exchange) for exchange in self._exchanges]

    def _operation(self, exchange: Exchange) -> Operation:
        if exchange.request.method == "DELETE":
            return change(exchange, Removal())
        if exchange.request.method == "GET":
            return self._look(exchange)
        sent = members(self._view(json.loads(exchange.request.body or b"{}")))
        return change(exchange, Write(sent), f"sets {_told(sent)}")

    def _look(self, exchange: Exchange) -> Operation:
        thing = self._part(exchange)
        if exchange.status in GONE:
            return seen(exchange, Look(), ABSENT)
        if not isinstance(thing, dict):
            return seen(exchange, Look(), None)
        shown = members(self._view(thing))
        return seen(exchange, Look(), shown, f"shows {_told(shown)}")


@dataclass(frozen=True, slots=True)
class CollectionRace:
    """A race about what is in a collection: `path` is where it is listed and created.

    `part` finds the identifier in the answer to a creation, `listed` those in the answer to a list.
    """

    path: str
    part: Callable[[Exchange], str]
    listed: Callable[[Exchange], list[str]]

    def created(self, exchanges: Iterable[Exchange]) -> list[str]:
        """The identifiers of what was created."""
        return [self.part(each) for each in exchanges if self._creates(each) and each.succeeded]

    def expect_present(
        self, exchanges: Iterable[Exchange], lasting: Iterable[str], requirement: str
    ) -> None:
        """Expect that each list shows what was there throughout, and nothing twice."""
        for exchange in exchanges:
            if not self._lists(exchange) or not exchange.succeeded:
                continue
            counts = Counter(self.listed(exchange))
            wrong = {each: counts[each] for each in {*lasting, *counts} if counts[each] != 1}
            expect(
                not wrong,
                "a list that is read while others come and go misses or repeats something",
                expected="each item once, and all that exist throughout",
                actual=f"how often items are listed: {show(wrong)}",
                exchange=exchange,
                requirement=requirement,
            )

    def expect_legal(self, exchanges: Sequence[Exchange], title: str, requirement: str) -> None:
        """Expect of all that was created that its history is legal.

        Each is judged for itself: no document says that a list shows one moment.
        """
        for identifier in self.created(exchanges):
            history = self._history(exchanges, {identifier})
            expect_legal(history, Collection(), title, requirement=requirement)
        all_answered(exchanges)

    def expect_unique(self, exchanges: Sequence[Exchange], title: str, requirement: str) -> None:
        """Expect that never two of what was created existed at once: all have one name."""
        history = self._history(exchanges, set(self.created(exchanges)))
        expect_legal(history, Collection(unique=True), title, requirement=requirement)
        all_answered(exchanges)

    def _history(self, exchanges: Iterable[Exchange], identifiers: set[str]) -> list[Operation]:
        found = (self._operation(exchange, identifiers) for exchange in exchanges)
        return [operation for operation in found if operation is not None]

    def _lists(self, exchange: Exchange) -> bool:
        request = exchange.request
        return request.method == "GET" and request.path.rstrip("/") == self.path.rstrip("/")

    def _creates(self, exchange: Exchange) -> bool:
        request = exchange.request
        return request.method == "POST" and request.path.rstrip("/") == self.path.rstrip("/")

    def _operation(self, exchange: Exchange, identifiers: set[str]) -> Operation | None:
        if self._creates(exchange):
            identifier = self.part(exchange) if exchange.succeeded else ""
            ours = not exchange.rejected and identifier in {"", *identifiers}
            return change(exchange, Creation(identifier), identifier) if ours else None
        if self._lists(exchange):
            shown = tuple(each for each in self.listed(exchange) if each in identifiers)
            text = f"lists {', '.join(shown) or 'nothing of this'}"
            return seen(exchange, Listing(), shown if exchange.succeeded else None, text)
        place, _, last = exchange.request.path.rstrip("/").rpartition("/")
        if place != self.path.rstrip("/") or last not in identifiers:
            return None
        if exchange.request.method == "DELETE":
            return change(exchange, Deletion(last))
        known = exchange.succeeded or exchange.status in GONE
        there = (last,) if exchange.succeeded else ()
        return seen(exchange, Reading(last), there if known else None)


def _told(values: Members) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sorted(values))
