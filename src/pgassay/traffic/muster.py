"""Who may work: the workers that the master knows, and why it refuses others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pgassay.traffic.orders import Identity, State
from pgassay.traffic.silence import Silence


@dataclass(slots=True)
class Member:
    """An admitted worker: its number, what it last said, and how long ago that was."""

    number: int
    state: State
    silence: Silence


class Muster:
    """The workers of a run, at most `wanted` at a time."""

    def __init__(
        self, identity: Identity, wanted: int, silence: float, clock: Callable[[], float]
    ) -> None:
        """Each worker's identity must be equal to `identity`, the master's.

        One that says nothing for `silence` seconds of `clock` has gone.
        """
        self._identity: Final = identity
        self._silence = silence
        self._clock = clock
        self.wanted: Final = wanted
        self.members: dict[str, Member] = {}
        self._hosts: dict[int, str] = {}
        #: Closed while a plan runs.
        self.open = True
        #: Where the master started the workers itself: process -> number. Nobody else may come.
        self.own: dict[int, int] | None = None

    @property
    def complete(self) -> bool:
        """Tell whether all are there."""
        return len(self.members) == self.wanted

    def hear(self, client: str, state: State) -> str:
        """Take note of a worker, admitting a new one; return why it is refused, or nothing."""
        member = self.members.get(client)
        if member is not None:
            member.state = state
            member.silence.heard()
            return ""
        refusal = self._refusal(state)
        if not refusal:
            number = self._number(state)
            self.members[client] = Member(number, state, Silence(self._clock))
            self._hosts[number] = state.host
        return refusal

    def missing(self) -> tuple[str, ...]:
        """Who is not there; of a worker that was there before, on which host."""
        there = {member.number for member in self.members.values()}
        return tuple(
            f"worker {number}" + (f", last on {host}" if host else "")
            for number in range(self.wanted)
            if number not in there
            for host in (self._hosts.get(number, ""),)
        )

    def drop(self, client: str) -> None:
        """Forget a worker; if it comes back, it is a new one."""
        self.members.pop(client, None)

    def drop_the_silent(self) -> None:
        """Forget those that went away while they had nothing to do."""
        for client, member in list(self.members.items()):
            if member.state.leaving or member.silence.look() > self._silence:
                self.drop(client)

    def _refusal(self, state: State) -> str:
        mine, theirs = self._identity, state.identity
        stranger = self.own is not None and state.process not in self.own
        reasons = {
            f"it is pgassay {theirs.pgassay}, and the master is pgassay {mine.pgassay}": (
                theirs.pgassay != mine.pgassay
            ),
            "its specification is not the master's (spec/openapi.yaml differs)": (
                theirs.specification != mine.specification
            ),
            "this run uses only workers that it starts itself": stranger,
            "it was given up before": bool(state.assignment),
            "it came too late: the load has begun": not self.open,
            f"the run has all of its {self.wanted} workers": self.complete,
        }
        return next((reason for reason, true in reasons.items() if true), "")

    def _number(self, state: State) -> int:
        if self.own is not None:
            return self.own[state.process]
        taken = {member.number for member in self.members.values()}
        return next(number for number in range(self.wanted) if number not in taken)
