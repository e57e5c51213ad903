"""WAL that a cluster has archived: completing it up to now, and handing it to a copy."""

import contextlib
import os
import shutil

from psycopg import sql

from pgassay.reference.postgres.access import execute
from pgassay.reference.postgres.cluster import Cluster
from pgassay.reference.postgres.waiting import wait


def complete_archive(cluster: Cluster, until: float = 0) -> None:
    """Have all WAL up to now archived, and a commit in it that is later than `until`.

    `until` is in epoch seconds. Recovery needs the commit: one that does not find anything after
    its target takes it for missed.
    """
    with cluster.connect() as connection:
        passed = "SELECT extract(epoch FROM clock_timestamp()) > {}"
        moment = sql.Literal(until)
        wait(lambda: execute(connection, passed, moment)[0][0], "the restore target to pass")
        # A transaction with a number of its own leaves a commit record, even an empty one.
        execute(connection, "SELECT pg_current_xact_id()")
        ((last,),) = execute(connection, "SELECT pg_walfile_name(pg_switch_wal())")
    wait((cluster.archive / last).exists, f"{last} to be archived")


def adopt_archive(cluster: Cluster, source: Cluster) -> None:
    """Give a copy the WAL that its source has archived; so it can be restored by itself."""
    for file in source.archive.iterdir():
        own = cluster.archive / file.name
        if file.suffix == ".part" or own.exists():
            continue
        with contextlib.suppress(OSError):
            os.link(file, own, follow_symlinks=False)
            continue
        shutil.copy(file, own)
        cluster.installation.account.own(own)
