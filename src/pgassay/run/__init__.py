"""A run: the checks over one target, from the first request to the results."""

import httpx

from pgassay.catalogue import Catalogue
from pgassay.results import Results
from pgassay.run.assembly import assemble
from pgassay.run.checking import run_checks
from pgassay.run.options import RunOptions
from pgassay.run.plan import Plan, plan
from pgassay.run.progress import Progress, Silence
from pgassay.run.session import Session
from pgassay.run.workers import conduct, divided
from pgassay.target.model import Target

__all__ = ["Plan", "RunOptions", "Silence", "examine", "plan"]


def examine(
    target: Target,
    options: RunOptions,
    progress: Progress | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Results:
    """Run the selected checks over `target` and return what they found.

    Writes `journal.jsonl` into `options.output`, and `journal-N.jsonl` for each worker where there
    are several. A `transport` takes the place of the network in a run by one process. Raises
    `UsageError` for an unknown requirement or a selection without any check.
    An interruption (Ctrl-C, SIGTERM) ends the checks, not the cleaning up: the results then say
    that they are incomplete. Another one ends the cleaning up, and they say what is left.
    """
    progress = progress or Silence()
    catalogue = Catalogue.load()
    for identifier in options.requirements:
        catalogue.get(identifier)
    options.output.mkdir(parents=True, exist_ok=True)
    parts = divided(target, options)
    session = Session.opened(target, options, catalogue, transport=transport)
    try:
        if len(parts) > 1:
            left = conduct(session, parts, progress)
        else:
            run_checks(session, progress)
            progress.stage("removing what the run created")
            left = session.cleaner.finish()
        return assemble(session, left)
    finally:
        session.close()
