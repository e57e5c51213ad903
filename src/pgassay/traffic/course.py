"""The values that one member of a resource went through by the run's own changes."""

from dataclasses import dataclass, field
from typing import Final

from pgassay.exchange import Json
from pgassay.expectation import same
from pgassay.traffic.finding import Proof

#: So many earlier values are remembered, and so many may be asked for and not seen yet.
_REMEMBERED: Final = 3
_AWAITED: Final = 8


@dataclass(slots=True)
class Course:
    """One member: the value that was `shown` by `proof`, earlier ones, and those asked for since.

    An earlier value in a read that was sent after the answer of `proof` is a stale one. Nothing is
    said while a value is still awaited: a server may show it in another form, without what it does
    not know, and so as what was there before.
    """

    shown: Json
    proof: Proof
    earlier: tuple[Json, ...] = ()
    awaited: list[Json] = field(default_factory=list)

    def ask(self, value: Json) -> None:
        """Await a value that a change is about to ask for."""
        if self.awaited or not same(self.shown, value):
            self.awaited.append(value)
        if len(self.awaited) > _AWAITED:
            self.restart(self.shown, self.proof)

    def withdraw(self, value: Json) -> None:
        """Await a value no longer whose change was refused."""
        if self.awaited and same(self.awaited[-1], value):
            self.awaited.pop()

    def show(self, value: Json, proof: Proof) -> None:
        """Take `value` as the one that every read shows that is sent after `proof` was there."""
        if not same(self.shown, value):
            self.earlier = (*self.earlier, self.shown)[-_REMEMBERED:]
        self.shown, self.proof = value, proof
        self.awaited.clear()

    def read(self, value: Json, sent: int, proof: Proof) -> bool:
        """Take a value that a read shows, sent at tick `sent`; tell whether it is a stale one."""
        if sent < self.proof.tick or same(self.shown, value):
            return False
        for number, awaited in enumerate(self.awaited):
            if same(awaited, value):
                rest = self.awaited[number + 1 :]
                self.show(value, proof)
                self.awaited = rest
                return False
        if not self.awaited and any(same(past, value) for past in self.earlier):
            return True
        self.restart(value, proof)  # somebody else changed it, or it has another form
        return False

    def restart(self, value: Json, proof: Proof) -> None:
        """Begin anew with a value of which nothing earlier is known."""
        self.shown, self.proof, self.earlier = value, proof, ()
        self.awaited.clear()
