"""Drawn requests: Schemathesis against the part of the OpenAPI document that a target claims.

Everything is sent through the run's client, so that the journal, the monitors and the clean-up see
it; nothing that the run did not create is ever changed. Schemathesis takes about a second to
import, so only `fuzz` does that.
"""

from typing import Literal

from pgassay.run.session import Session
from pgassay.target.model import Family

PassName = Literal["conformance", "refusals", "links"]


def fuzz(session: Session, family: Family, name: PassName) -> None:
    """Run one pass over a family's operations.

    Raises an `ExceptionGroup` with one `Deviation` for each distinct fault, and an `Inconclusive`
    when the pass could not draw or send everything; `NotTestable` without credentials.
    """
    from pgassay.fuzzing.passes import run_pass  # noqa: PLC0415 - it imports Schemathesis

    run_pass(session, family, name)
