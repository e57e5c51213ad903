"""How a check says what it found: exceptions that the session turns into verdicts."""

from dataclasses import dataclass

from pgassay.exchange import Exchange


# Not frozen: the interpreter and contextlib set attributes of exceptions.
@dataclass(eq=False, slots=False)
class Deviation(Exception):
    """The target deviates from a requirement.

    `requirement` empty means: all that the check judges. `exchange` is the one that decided;
    without it the check's last one is shown. `steps` tell in words, and with the requests that
    changed something, what a scenario did until it was found, in order.
    """

    title: str
    expected: str
    actual: str
    requirement: str = ""
    exchange: Exchange | None = None
    steps: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Render the deviation in one line."""
        return f"{self.title}: expected {self.expected}, got {self.actual}"


class NotJudged(Exception):
    """A check could not be judged; the subclass says why."""


class NotApplicable(NotJudged):
    """The target does not claim the feature."""


class NotTestable(NotJudged):
    """A prerequisite is missing: credentials, an identifier, a twin that should have worked."""


class Unaffordable(NotTestable):
    """The limits of the target leave nothing to be created for the check."""


class Blocked(NotJudged):
    """Another failure is the cause; the message names it."""


class Inconclusive(NotJudged):
    """The outcome is unknown: no answer, too few samples."""


class NoAnswer(Inconclusive):
    """A request got no complete answer; `exchange` holds what is known."""

    def __init__(self, exchange: Exchange) -> None:
        """Keep the exchange, which the journal holds already."""
        super().__init__(exchange.line)
        self.exchange = exchange
