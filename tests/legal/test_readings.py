"""Each reading of the documents is told apart: what they allow does not fail, the rest does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.assessment import hasty, observe
from pgassay.cli.tenants import reference_target
from pgassay.reference import (
    Behaviour,
    Credentials,
    Readings,
    Settings,
    SystemClock,
    create_app,
    running,
)
from pgassay.run import RunOptions, examine
from pgassay.target.model import Family, Target
from pgassay.verdict import Verdict

#: Readings that no document speaks against, together in one server, and what they are warned of.
ALLOWED = {
    "clickhouse": (
        (
            "tag_value_on_update=required",
            "duplicate_tag_keys=keep",
            "names=alphanumeric",
            "default_version=18",
            "empty_config_on_creation=accept",
            "empty_config_on_change=refuse",
            "missing_config=keep",
            "config_numbers=text",
            "integer_minus_one=accept",
            "storage_size_in_list=left_out",
            "created_at_on_change=shown",
            "connection_string=postgresql",
            "redaction=on",
            "copy_credentials=show",
            "repeated_delete=refuse",
            "switchover_without_standby=ignore",
            "nil_uuid=refuse",
            "one_field_scaling=complete",
            "scaling_without_pipe=400",
            "metrics_above_limit=widen",
            "unknown_query=not_found",
            "query_durations=fractional",
        ),
        {
            "CH-CFG-EMPTY-MAP",
            "CH-CFG-REJECT-UNTOUCHED",
            "CH-CFG-REQUIRED-MAPS",
            "CH-REPLICA-NO-CREDENTIALS",
            "CH-RESTORE-NO-CREDENTIALS",
            "CH-STATE-REJECT-UNTOUCHED",
            "CH-STATE-SWITCHOVER-NONE",
            "CH-SVC-CREATE-CONFIG-EMPTY",
            "CH-SVC-NAME-HYPHEN",
            "CH-SVC-TAGS-UNIQUE",
            "CH-SVC-TAGS-VALUE-OPTIONAL",
            "CH-SVC-VERSION-DEFAULT",
        },
    ),
    "clickhouse-others": (
        ("duplicate_tag_keys=collapse", "redaction=off", "one_field_scaling=refuse"),
        set[str](),
    ),
    "dbaas": (
        (
            "dbaas_put=merge",
            "dbaas_deprecated_versions=refused",
            "dbaas_terabyte=decimal",
            "dbaas_lists=object",
            "dbaas_instance_list=absent",
            "dbaas_names=free",
            "dbaas_owner_deletion=cascade",
            "dbaas_references=uuid",
            "dbaas_delete=200",
        ),
        set[str](),
    ),
}

#: Readings that a document speaks against, and the requirement that the server does not keep.
REFUTED = {
    "tag_omission=wipe": "CH-SVC-PATCH-MERGE",
    "cdc_maximum_cores=24": "CH-CDC-UPDATE-LARGE",
    "cdc_maximum_cores=16": "CH-CDC-UPDATE",
    "timestamps=milliseconds": "CH-METRICS-TIMESTAMP-FORMS",
}


@contextmanager
def served(*choices: str) -> Iterator[Target]:
    """Serve the reference with some readings while the block runs; gives its target."""
    readings = Readings.of(choices)
    settings = Settings(Credentials.generate(), 0.0)
    app = create_app(settings, SystemClock(), behaviour=Behaviour.of(readings))
    with running(app) as url:
        yield hasty(reference_target(settings, url, readings))


def test_every_reading_is_examined() -> None:
    known = {
        f"{reading.name}={value}" for reading in Readings.known() for value in reading.values[1:]
    }
    allowed = [choice for choices, _ in ALLOWED.values() for choice in choices]
    assert sorted([*allowed, *REFUTED]) == sorted(known)


@pytest.mark.parametrize("server", ALLOWED)
def test_what_the_documents_allow_does_not_fail(server: str, tmp_path: Path) -> None:
    choices, warned = ALLOWED[server]
    family = Family(server.partition("-")[0])
    with served(*choices) as described:
        target = replace(described, families=(family,), embedded=True)
        results = examine(target, RunOptions(output=tmp_path))
    of = {
        row.id: f"{row.verdict}: {row.note}"
        for row in results.requirements
        if row.verdict in {Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.INCONCLUSIVE}
    }
    assert of.keys() == warned, of
    assert results.exit_status == 0


@pytest.mark.parametrize("choice", REFUTED)
def test_what_a_document_speaks_against_fails(choice: str) -> None:
    with served(choice) as target:
        results = observe(target, {REFUTED[choice]})
    assert [row.verdict for row in results.requirements] == [Verdict.FAIL]
