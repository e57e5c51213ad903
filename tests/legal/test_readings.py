"""Each reading of the documents is told apart: what they allow does not fail, the rest does."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from pgassay.results import Results
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


#: What the ledger has to say of a server with a reading.
SHOWN = {
    "tag_omission=wipe": ("GAP-CH-TAGS-OMITTED", "wiped"),
    "tag_value_on_update=required": ("GAP-CH-TAG-WITHOUT-VALUE", "refused"),
    "duplicate_tag_keys=keep": ("GAP-CH-DUPLICATE-TAG-KEYS", "kept"),
    "duplicate_tag_keys=collapse": ("GAP-CH-DUPLICATE-TAG-KEYS", "collapsed"),
    "names=alphanumeric": ("GAP-CH-NAME-HYPHEN", "refused"),
    "default_version=18": ("GAP-CH-DEFAULT-VERSION", "version-18"),
    "empty_config_on_creation=accept": ("GAP-CH-EMPTY-MAP-ON-CREATION", "accepted"),
    "empty_config_on_change=refuse": ("GAP-CH-EMPTY-MAP-ON-CHANGE", "refused"),
    "missing_config=keep": ("GAP-CH-ONE-MAP", "kept"),
    "config_numbers=text": ("GAP-CH-NUMBERS-SHOWN", "as-text"),
    "integer_minus_one=accept": ("GAP-CH-INTEGER-MINUS-ONE", "accepted"),
    "storage_size_in_list=left_out": ("GAP-CH-LIST-STORAGE-SIZE", "left-out"),
    "created_at_on_change=shown": ("GAP-CH-CREATED-AT-ON-CHANGE", "shown"),
    "connection_string=postgresql": ("GAP-CH-CONNECTION-SCHEME", "postgresql"),
    "redaction=on": ("GAP-CH-SECRETS-IN-READS", "hidden"),
    "redaction=off": ("GAP-CH-SECRETS-IN-READS", "shown"),
    "copy_credentials=show": ("GAP-CH-COPY-CREDENTIALS", "shown"),
    "repeated_delete=refuse": ("GAP-CH-REPEATED-DELETE", "refused"),
    "switchover_without_standby=ignore": ("GAP-CH-SWITCHOVER-ALONE", "ignored"),
    "nil_uuid=refuse": ("GAP-CH-NIL-UUID", "status-400"),
    "cdc_maximum_cores=24": ("GAP-CH-CDC-UP-TO-32", "refused"),
    "cdc_maximum_cores=16": ("GAP-CH-CDC-UP-TO-24", "refused"),
    "one_field_scaling=complete": ("GAP-CH-CDC-ONE-MEMBER", "completed"),
    "one_field_scaling=refuse": ("GAP-CH-CDC-ONE-MEMBER", "refused"),
    "scaling_without_pipe=400": ("GAP-CH-CDC-WITHOUT-PIPE", "status-400"),
    "timestamps=milliseconds": ("GAP-CH-QUERY-TIMES", "milliseconds"),
    "metrics_above_limit=widen": ("GAP-CH-METRICS-TOO-MANY-POINTS", "widened"),
    "unknown_query=not_found": ("GAP-CH-UNKNOWN-QUERY", "not-found"),
    "query_durations=fractional": ("GAP-CH-DURATIONS", "fractions"),
    "dbaas_put=merge": ("GAP-DB-PUT", "merge"),
    "dbaas_terabyte=decimal": ("GAP-DB-TERABYTE-RAM", "decimal"),
    "dbaas_lists=object": ("GAP-DB-LISTS", "object"),
    "dbaas_instance_list=absent": ("GAP-DB-INSTANCE-LIST", "absent"),
    "dbaas_names=free": ("GAP-DB-USER-NAMES", "free"),
    "dbaas_owner_deletion=cascade": ("GAP-DB-OWNER-DELETION", "cascades"),
    "dbaas_references=uuid": ("GAP-DB-REFERENCES-SHOWN", "uuid"),
    "dbaas_delete=200": ("GAP-DB-DELETE-STATUS", "status-200"),
}
#: Those that no answer shows, and those about which a quick run does not ask, or not in time.
UNTOLD = {"dbaas_deprecated_versions=refused"}
UNASKED = {
    "integer_minus_one=accept",
    "repeated_delete=refuse",
    "dbaas_put=merge",
    "dbaas_terabyte=decimal",
}

#: What a target file declares of a server that a document speaks against.
DECLARED: dict[str, dict[str, Any]] = {
    "tag_omission=wipe": {"tag_omission": "wipe"},
    "cdc_maximum_cores=24": {"cdc_max_cores": 24},
    "cdc_maximum_cores=16": {"cdc_max_cores": 16},
    "timestamps=milliseconds": {"timestamps": "milliseconds"},
    "default_version=18": {"default_version": "18"},
    "empty_config_on_creation=accept": {"empty_config_on_creation": "accept"},
    "empty_config_on_change=refuse": {"empty_config_on_change": "refuse"},
}
#: The requirements that are WARN without the declaration.
FOLLOWED = REFUTED | {
    "default_version=18": "CH-SVC-VERSION-DEFAULT",
    "empty_config_on_creation=accept": "CH-SVC-CREATE-CONFIG-EMPTY",
    "empty_config_on_change=refuse": "CH-CFG-EMPTY-MAP",
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
    expected = {SHOWN[choice] for choice in choices if choice not in UNTOLD | UNASKED}
    assert told(results, expected) == expected


@pytest.mark.parametrize("choice", REFUTED)
def test_what_a_document_speaks_against_fails(choice: str) -> None:
    with served(choice) as target:
        results = observe(target, {REFUTED[choice]})
    assert [row.verdict for row in results.requirements] == [Verdict.FAIL]
    assert told(results, {SHOWN[choice]}) == {SHOWN[choice]}


@pytest.mark.parametrize("choice", DECLARED)
def test_a_declared_choice_is_followed_and_told(choice: str) -> None:
    with served(choice) as described:
        settings = replace(described.clickhouse, **DECLARED[choice])
        results = observe(replace(described, clickhouse=settings), {FOLLOWED[choice]})
    assert {row.verdict for row in results.requirements} <= {Verdict.PASS, Verdict.NOT_APPLICABLE}
    gap = next(gap for gap in results.gaps if gap.id == SHOWN[choice][0])
    assert gap.declared == str(*DECLARED[choice].values())


def test_every_reading_is_told_by_the_ledger() -> None:
    allowed = {choice for choices, _ in ALLOWED.values() for choice in choices}
    assert SHOWN.keys() | UNTOLD == allowed | REFUTED.keys()


def told(results: Results, expected: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Every branch that was seen of the gaps that are expected to be told."""
    gaps = {gap for gap, _ in expected}
    return {(gap.id, branch.name) for gap in results.gaps if gap.id in gaps for branch in gap.seen}
