"""A server whose answers cannot be read is at fault, not the check that cannot read them."""

from dataclasses import replace

from starlette.middleware import Middleware

from pgassay.cli.tenants import reference_target
from pgassay.mutants.answer import Answer, Bending
from pgassay.reference import Credentials, Settings, SystemClock, create_app
from pgassay.reference.server import running
from pgassay.verdict import Verdict

from .conftest import Run

READING = """
@requirement("DB-INST-GET")
def test_reads(dbaas: DbaasApi, instance: dict) -> None:
    '''Reads the name of an instance.'''
    dbaas.instance(instance["uuid"]).json()["name"].upper()
"""


class Nameless(Bending):
    """The name of an instance is a number."""

    def bend(self, answer: Answer) -> Answer:
        read = answer.method == "GET" and answer.succeeded and "/instances/" in answer.path
        return answer.with_members(name=7) if read else answer


def test_a_check_that_cannot_read_a_malformed_answer_is_blocked(run: Run) -> None:
    settings = Settings(Credentials.generate(), 0.0)
    app = create_app(settings, SystemClock(), middleware=(Middleware(Nameless),))
    with running(app) as url:
        results = run(READING, on=replace(reference_target(settings, url), embedded=True))
    [check] = results.checks
    assert check.verdict is Verdict.BLOCKED, check.note
    assert "AttributeError" in check.note
    assert results.exit_status == 1


def test_a_check_that_breaks_on_sound_answers_is_an_error(run: Run) -> None:
    results = run(READING.replace('"name"', '"no such member"'))
    assert [check.verdict for check in results.checks] == [Verdict.ERROR]
    assert results.exit_status == 3
