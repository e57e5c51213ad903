"""Run the checks of a recorded run again, offline."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pgassay.catalogue import Catalogue
from pgassay.clock import going_by
from pgassay.falsification.clock import RecordedClock
from pgassay.falsification.disclosure import SECRET
from pgassay.falsification.record import Record
from pgassay.falsification.tape import Tape
from pgassay.falsification.transport import RecordedTransport, opener
from pgassay.run.session import Session
from pgassay.target.model import Credential, Scheme, Target


@contextmanager
def replaying(record: Record, checks: Path | None = None) -> Iterator[tuple[Session, Tape]]:
    """Open a session that is answered from `record`, on a clock that shows its times.

    `checks` is where the checks are; None means the shipped ones.
    """
    target = _with_credentials(record.recipe.target)
    clock = RecordedClock(min((each.sent_at for each in record.exchanges), default=0.0))
    tape = Tape(record, target)

    def speaker() -> str:
        return session.client.check

    with tempfile.TemporaryDirectory(prefix="pgassay-") as scratch, going_by(clock):
        session = Session.opened(
            target,
            record.recipe.options(Path(scratch), checks),
            Catalogue.load(),
            transport=RecordedTransport(tape, clock, speaker),
            nonce=record.nonce,
        )
        session.client.wire = opener(tape, clock, speaker)
        try:
            yield session, tape
        finally:
            session.close()


def _with_credentials(target: Target) -> Target:
    """Give a target credentials that open nothing: those of the run were not recorded."""
    invented = {
        name: Credential(
            known.scheme,
            username=f"user-{number}",
            password=SECRET,
            token=SECRET,
            header=known.header,
        )
        for number, (name, known) in enumerate(target.credentials.items())
        if known.scheme is not Scheme.NONE
    }
    return replace(target, credentials={**target.credentials, **invented})
