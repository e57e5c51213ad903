"""Ctrl-C, a dying server, lost answers: evidence stays, resources go, secrets never show."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.client import Client
from pgassay.errors import UsageError
from pgassay.exchange import Request
from pgassay.families import ClickhouseApi, DbaasApi, Names
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_copies import replica_body, with_backup
from pgassay.families.dbaas import identity
from pgassay.journal import Journal, read
from pgassay.ownership import Ownership, collections
from pgassay.redaction import Vault
from pgassay.run.cleanup import Cleaner
from pgassay.run.sweep import sweep
from pgassay.target.model import Target
from pgassay.verdict import Verdict

from .conftest import Run

NONCE = "0123abcd"
Connect = Callable[..., Client]
LEAVING = """
@requirement("DB-INST-CREATE")
def test_creates(dbaas: DbaasApi, own_instance: dict, user: dict) -> None:
    '''Creates an instance, a user and a database, and leaves them.'''
    uuid = own_instance["uuid"]
    dbaas.create_database(uuid, dbaas.new_user(uuid))
"""


@pytest.fixture
def connect(target: Target) -> Iterator[Connect]:
    """Open clients, each with a journal in a folder of its own."""
    opened: list[Client] = []

    def open_client(folder: Path, nonce: str = NONCE) -> Client:
        vault = Vault()
        folder.mkdir(exist_ok=True)
        header = {"nonce": nonce, "base_url": target.base_url, "dbaas_prefix": "/v1/postgres"}
        journal = Journal(folder / "journal.jsonl", vault, header)
        opened.append(Client(target, journal, vault, Ownership(collections("/v1/postgres"))))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()
        client.journal.close()


def instances(client: Client) -> set[str]:
    found = client.send(Request.of("GET", "/v1/postgres/instances", family="dbaas")).json()
    return {item["uuid"] for item in found}


def test_what_checks_create_is_removed(run: Run, connect: Connect, tmp_path: Path) -> None:
    observer = connect(tmp_path / "seen")
    before = instances(observer)
    results = run(LEAVING)

    assert results.cleanup.created == 5
    assert (results.cleanup.removed, results.cleanup.left) == (5, ())
    assert instances(observer) == before


def test_ctrl_c_ends_the_checks_and_not_the_cleaning_up(run: Run) -> None:
    source = (
        LEAVING
        + """
    raise KeyboardInterrupt

@requirement("DB-INST-GET")
def test_never_reached(dbaas: DbaasApi, own_instance: dict) -> None:
    '''x'''
    """
    )
    results = run(source)

    assert results.run.interrupted
    assert results.exit_status == 4
    assert [check.id for check in results.checks] == []
    assert results.cleanup.created == results.cleanup.removed > 0


@pytest.mark.parametrize("checks_too", [False, True])
def test_an_interruption_of_the_cleaning_up_names_what_is_left_and_loses_no_verdict(
    run: Run, monkeypatch: pytest.MonkeyPatch, checks_too: bool
) -> None:
    """As by an impatient second Ctrl-C, or by a CI system that sends SIGTERM after it."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    passing = """
@requirement("DB-VER-LIST")
def test_a_first(dbaas: DbaasApi) -> None:
    '''x'''
    expect_success(dbaas.versions())
"""
    monkeypatch.setattr(Cleaner, "after_check", lambda *_: None)
    monkeypatch.setattr(Cleaner, "_ask", interrupted)
    results = run(passing + LEAVING + "    raise KeyboardInterrupt\n" * checks_too)
    assert results.run.interrupted is checks_too
    assert results.exit_status == (4 if checks_too else 5)
    assert results.checks[0].verdict is Verdict.PASS
    left = results.cleanup.left
    assert len(left) == results.cleanup.created > 0
    assert {record.reason for record in left} == {"the removal was interrupted"}
    assert "pgassay sweep" in results.cleanup.command


def test_a_target_that_stops_answering_blocks_the_rest(run: Run, target: Target) -> None:
    source = """
    @requirement("DB-INST-GET")
    @pytest.mark.parametrize("n", range(5))
    def test_x(dbaas: DbaasApi, n: int) -> None:
        '''x'''
        expect_success(dbaas.get("2b1f0a3e-9d43-4f53-8f6e-0c7a7c3e5a11"))
    """
    results = run(source, on=replace(target, base_url="http://127.0.0.1:9"), profile="full")

    verdicts = [check.verdict for check in results.checks]
    assert verdicts == [Verdict.INCONCLUSIVE] * 3 + [Verdict.BLOCKED] * 2
    assert results.exit_status == 4
    assert "stopped answering" in results.note


def test_no_secret_reaches_anything_that_a_run_writes(
    run: Run, target: Target, tmp_path: Path
) -> None:
    source = (
        LEAVING
        + """
    expect_status(dbaas.create_user(uuid), 418)

@requirement("CH-SVC-CREATE-CREDENTIALS")
def test_credentials(clickhouse: ClickhouseApi) -> None:
    '''Create answers with credentials; the key is then used wrongly.'''
    created = clickhouse.create()
    canary = created.json()["result"]["password"]
    open("CANARY", "w").write(canary)
    clickhouse.patch(created.json()["result"]["id"], {"name": canary + "!"})
    raise AssertionError(f"leaks {canary} and {created.json()}")
    """.replace("CANARY", str(tmp_path / "canary.txt"))
    )
    results = run(source)

    canaries = [secret for found in target.credentials.values() for secret in found.secrets]
    canaries.append((tmp_path / "canary.txt").read_text(encoding="utf-8"))
    assert len(canaries) > 5
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "run").iterdir()]
    written.append(repr(results))
    assert [check.note for check in results.checks if check.verdict == "ERROR"] == []
    assert results.exit_status == 1
    assert not [canary for canary in canaries for text in written if canary in text]


def test_sweep_removes_what_the_journal_proves_and_nothing_else(
    target: Target, connect: Connect, tmp_path: Path
) -> None:
    foreign = DbaasApi(connect(tmp_path / "foreign"), Names("99999999", 1))
    theirs = identity(foreign.create(name=f"pga_{NONCE}_9999"))
    api = DbaasApi(connect(tmp_path / "killed"), Names(NONCE, 1))
    ours = identity(api.create())
    api.new_user(ours)

    planned = sweep(tmp_path / "killed", target, dry_run=True)
    assert {own.id for own in planned.left} >= {ours}
    swept = sweep(tmp_path / "killed", target)

    assert (swept.created, swept.removed, swept.left) == (2, 2, ())
    assert api.get(ours).status == 404
    assert foreign.get(theirs).status == 200
    foreign.delete(theirs)


def test_sweep_finds_a_creation_whose_answer_was_lost(
    target: Target, connect: Connect, tmp_path: Path
) -> None:
    api = DbaasApi(connect(tmp_path), Names(NONCE, 1))
    lost = identity(api.create())
    path = tmp_path / "journal.jsonl"
    kept = [e for e in read(path) if e["kind"] in {"run", "intent"}]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in kept), encoding="utf-8")

    swept = sweep(path, target)

    assert swept.removed == 1
    assert api.get(lost).status == 404


def test_what_checks_create_for_the_other_tenant_is_removed_with_its_key(
    run: Run, connect: Connect, tmp_path: Path
) -> None:
    source = """
    @requirement("CH-SVC-CREATE")
    def test_x(clickhouse: ClickhouseApi) -> None:
        '''x'''
        expect_success(clickhouse.other_tenant.create())
        clickhouse.other_tenant.neighbour()
    """
    other = ClickhouseApi(connect(tmp_path / "seen"), Names(NONCE, 1)).other_tenant
    before = other.listed()
    results = run(source)

    assert (results.cleanup.created, results.cleanup.removed) == (2, 2)
    assert results.cleanup.left == ()
    assert other.listed() == before


@pytest.mark.parametrize("kept", ["everything", "intents"])
def test_sweep_removes_what_was_created_for_the_other_tenant(
    target: Target, connect: Connect, tmp_path: Path, kept: str
) -> None:
    api = ClickhouseApi(connect(tmp_path), Names(NONCE, 1)).other_tenant
    lost = result(api.create())["id"]
    path = tmp_path / "journal.jsonl"
    kinds = {"run", "intent"} if kept == "intents" else {"run", "intent", "exchange", "created"}
    entries = [entry for entry in read(path) if entry["kind"] in kinds]
    path.write_text("".join(json.dumps(e) + "\n" for e in entries), encoding="utf-8")

    swept = sweep(path, target)

    assert (swept.removed, swept.left) == (1, ())
    assert api.get(lost).status == 404


def test_copies_that_checks_make_are_removed_before_their_sources(run: Run) -> None:
    source = """
    from pgassay.families.clickhouse_copies import Copy

    @requirement("CH-REPLICA-CREATE")
    def test_x(clickhouse: ClickhouseApi, replica: Copy) -> None:
        "x"

    @requirement("CH-RESTORE-CREATE")
    def test_y(clickhouse: ClickhouseApi, restoration: Copy) -> None:
        "x"
    """
    results = run(source)

    assert [check.verdict for check in results.checks] == [Verdict.PASS, Verdict.PASS]
    assert (results.cleanup.created, results.cleanup.removed) == (3, 3)
    assert results.cleanup.left == ()


@pytest.mark.parametrize("kept", ["everything", "intents"])
def test_sweep_removes_read_replicas_before_their_source(
    target: Target, connect: Connect, tmp_path: Path, kept: str
) -> None:
    api = ClickhouseApi(connect(tmp_path), Names(NONCE, 1))
    source = str(api.running_service()["id"])
    made = with_backup(api, lambda: api.replicate(source, replica_body(api)))
    path = tmp_path / "journal.jsonl"
    kinds = {"run", "intent"} if kept == "intents" else {"run", "intent", "exchange", "created"}
    entries = [entry for entry in read(path) if entry["kind"] in kinds]
    path.write_text("".join(json.dumps(e) + "\n" for e in entries), encoding="utf-8")

    swept = sweep(path, target)

    assert (swept.removed, swept.left) == (2, ())
    assert [api.get(service).status for service in (source, result(made)["id"])] == [404, 404]


def test_sweep_refuses_another_target(target: Target, connect: Connect, tmp_path: Path) -> None:
    connect(tmp_path)

    with pytest.raises(UsageError, match="examined"):
        sweep(tmp_path, replace(target, base_url="http://127.0.0.1:9"))


def test_sweep_of_a_folder_without_journal_is_an_error(target: Target, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no journal"):
        sweep(tmp_path, target)


def test_a_changed_scaling_is_put_back(run: Run) -> None:
    source = """
    @requirement("CH-CDC-UPDATE")
    def test_x(clickhouse: ClickhouseApi) -> None:
        '''x'''
        expect_success(clickhouse.scale({"replicaCpuMillicores": 5000, "replicaMemoryGb": 20}))
    """
    first = run(source)
    assert first.cleanup.left == ()
    probe = """
    @requirement("CH-CDC-GET")
    def test_x(clickhouse: ClickhouseApi) -> None:
        '''x'''
        pair = {"replicaCpuMillicores": 2000, "replicaMemoryGb": 8}
        expect_equal(clickhouse.scaling().json()["result"], pair, "the pair")
    """
    assert run(probe, requirements=("CH-CDC-GET",)).exit_status == 0


def test_a_run_does_not_take_longer_than_the_target_file_allows(run: Run, target: Target) -> None:
    short = replace(target, limits=replace(target.limits, max_minutes=1e-9))
    results = run(LEAVING, on=short)

    assert [check.verdict for check in results.checks] == [Verdict.NOT_TESTABLE]
    assert results.requests == 0
    assert results.exit_status == 4


def test_no_more_is_created_than_the_target_file_allows(run: Run, target: Target) -> None:
    frugal = replace(target, limits=replace(target.limits, total_resources=1))
    results = run(LEAVING, on=frugal)

    assert (results.cleanup.created, results.cleanup.removed) == (2, 2)  # an instance, its user
    assert "services and instances that [limits] allows are used up" in results.checks[0].note
