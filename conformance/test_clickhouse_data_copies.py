"""clickhouse data as PostgreSQL shows it: in replicas, in restores, and after commands."""

from pgassay.check import full, requirement
from pgassay.expectation import expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_copies import needed
from pgassay.families.clickhouse_databases import (
    Backed,
    expect_following,
    expect_independent,
    replica_of,
    restored_between,
)
from pgassay.families.command_expectations import expect_running_again, restarted
from pgassay.families.data_plane import Sentinel, expect_opened, expect_value


@requirement("CH-DATA-REPLICA", "CH-DATA-PROMOTE", "CH-DATA-PROMOTE-SOURCE")
@full
def test_a_read_replica_follows_until_it_is_promoted(
    clickhouse: ClickhouseApi, database: Backed
) -> None:
    """A read replica shows what its source commits and refuses writes; promoted, it takes them."""
    needed(clickhouse, "read_replicas")
    replica, mark = replica_of(clickhouse, database), clickhouse.names.identifier()
    expect_following(database, replica, mark)
    needed(clickhouse, "state_commands")
    expect_status(clickhouse.command(replica.id, {"command": "promote"}), 200)
    clickhouse.wait_settled(replica.id, "isPrimary", value=True, budget=clickhouse.timing.restart)
    expect_independent(clickhouse, database, replica, mark)


@requirement("CH-RESTORE-DATA")
@full
def test_a_restore_has_what_was_committed_before_its_target(
    clickhouse: ClickhouseApi, database: Backed
) -> None:
    """A restored service has the row from before the restore target and not the one from after."""
    needed(clickhouse, "restore")
    sentinel = Sentinel(database.database)
    copy, before, after = restored_between(clickhouse, database, sentinel)
    expect_opened(copy.database, "nobody can log in to the restored service")
    title = "a restored service lacks what was committed before the target"
    expect_value(sentinel.seen(before, copy.database), 1, title, exchange=copy.created)
    title = "a restored service has what was committed after the target"
    expect_value(sentinel.seen(after, copy.database), 0, title, exchange=copy.created)


@requirement("CH-DATA-KEPT")
@full
def test_data_outlives_what_is_done_to_the_server(
    clickhouse: ClickhouseApi, database: Backed
) -> None:
    """A committed row is there after a new size with a standby, a switchover and a restart."""
    needed(clickhouse, "state_commands")
    sentinel, mark = Sentinel(database.database), clickhouse.names.identifier()
    sentinel.plant(mark)
    change = {"size": clickhouse.settings.sizes[-1], "haType": "async"}
    if clickhouse.patch(database.id, change).succeeded:
        clickhouse.wait_settled(database.id, "haType", "async")
        clickhouse.command(database.id, {"command": "switchover"})
        expect_running_again(clickhouse, database.id)
    expect_status(restarted(clickhouse, database.id), 200)
    expect_opened(database.database, "nobody can log in after a restart")
    expect_value(sentinel.seen(mark), 1, "what was committed is lost")
