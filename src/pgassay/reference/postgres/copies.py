"""Clusters made from others: standbys that follow one, and what it was at a point in time."""

from dataclasses import replace

from psycopg import sql

from pgassay.reference.postgres.access import execute
from pgassay.reference.postgres.archive import adopt_archive, complete_archive
from pgassay.reference.postgres.cluster import Cluster, State
from pgassay.reference.postgres.waiting import wait


def replicate(cluster: Cluster, source: Cluster, state: State) -> None:
    """Make a standby: the template, then the source's archive, then a stream of its WAL."""
    source.start()
    cluster.make(replace(state, primary=source.id), "standby.signal")
    cluster.start()
    catch_up(cluster, source)


def promote(cluster: Cluster) -> None:
    """Make a standby a primary of its own, with all that its source had committed."""
    primary = cluster.present_state().primary
    if primary is None:
        return
    source = Cluster(primary, cluster.installation)
    source.start()
    cluster.start()
    catch_up(cluster, source)
    with cluster.connect() as connection:
        if execute(connection, "SELECT pg_is_in_recovery()") == [(True,)]:
            execute(connection, "SELECT pg_promote(true, 60)")
    # Its own archive begins with the promotion. What came before is the source's, up to now.
    complete_archive(source)
    adopt_archive(cluster, source)
    needed = source.present_state().needed
    cluster.change(primary=None, needed=needed)


def restore(cluster: Cluster, source: Cluster, target: float, state: State) -> None:
    """Make a cluster with exactly what the source had committed before the target."""
    source.start()
    complete_archive(source, target)
    needed = source.present_state().needed
    cluster.make(replace(state, target=target, needed=needed), "recovery.signal")
    adopt_archive(cluster, source)
    cluster.start()
    cluster.write(replace(state, needed=needed))
    cluster.postmaster.reload()


def catch_up(cluster: Cluster, source: Cluster) -> None:
    """Wait until a standby shows all that its source has written by now."""
    with source.connect() as connection:
        ((written,),) = execute(connection, "SELECT pg_current_wal_flush_lsn()::text")
    with cluster.connect() as standby:

        def replayed() -> bool:
            question = "SELECT pg_last_wal_replay_lsn() >= {}::pg_lsn OR NOT pg_is_in_recovery()"
            return bool(execute(standby, question, sql.Literal(written))[0][0])

        wait(replayed, f"{cluster.id} to follow {source.id}")
