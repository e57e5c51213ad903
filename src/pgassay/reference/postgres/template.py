"""The cluster that all others begin as: made once by initdb, then copied.

It is shut down in order before the first copy, and never started again. So it is the base backup
of every cluster as well: with the WAL that a cluster has archived since, it becomes that cluster
at any point in time (PostgreSQL documentation, section 25.3). All clusters of a data directory
have one system identifier for the same reason.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from pgassay.reference.postgres.access import HOST, SUPERUSER, Access
from pgassay.reference.postgres.account import Account
from pgassay.reference.postgres.binaries import Binaries
from pgassay.reference.postgres.capabilities import Capabilities
from pgassay.reference.postgres.cluster import Installation
from pgassay.reference.postgres.configuration import base_settings, written
from pgassay.reference.postgres.folder import Folder, copy_folder, replace_text
from pgassay.reference.postgres.ports import free_port
from pgassay.reference.postgres.postmaster import Launch, Postmaster
from pgassay.reference.postgres.problem import PlaneError

#: The smallest size of a WAL file, in MiB; each copy begins with a few.
_SEGMENT = 1


def prepare(folder: Folder, binaries: Binaries, account: Account) -> Installation:
    """Return what clusters are made with; the template is made where there is none yet.

    PlaneError when a program fails, or the data directory belongs to another major version.
    """
    _admit(folder.access_rules, account, "host")
    _admit(folder.encrypted_access_rules, account, "hostssl")
    access, facts = Access.of(folder, account), folder.path / "capabilities.json"
    if not folder.template.exists():
        _make(folder, binaries, account, access)
    elif (major := (folder.template / "PG_VERSION").read_text().strip()) != binaries.major:
        raise PlaneError(
            f"the clusters in {folder.path} are those of PostgreSQL {major}, and "
            f"{binaries.directory} has {binaries.version}; choose another data directory"
        )
    capabilities = Capabilities.read(facts) if facts.exists() else None
    if capabilities is None or not capabilities.belong_to(binaries):
        capabilities = _ask(folder, binaries, account, access)
        capabilities.write(facts)
    return Installation(folder, account, binaries, access, capabilities)


def _make(folder: Folder, binaries: Binaries, account: Account, access: Access) -> None:
    workshop = folder.path / "template.part"
    Postmaster(workshop).stop(at_once=True)
    shutil.rmtree(workshop, ignore_errors=True)
    _initialise(workshop, folder, binaries, account)
    with (
        _running(workshop, folder, binaries, account) as port,
        access.connect(port, user=SUPERUSER) as connection,
    ):
        access.create_role(connection)
        connection.execute("ALTER ROLE postgres PASSWORD NULL")
    workshop.rename(folder.template)


def _ask(folder: Folder, binaries: Binaries, account: Account, access: Access) -> Capabilities:
    """Ask a copy of the template what the programs can do."""
    workshop = folder.path / "question.part"
    Postmaster(workshop).stop(at_once=True)
    shutil.rmtree(workshop, ignore_errors=True)
    copy_folder(folder.template, workshop, account)
    try:
        with (
            _running(workshop, folder, binaries, account) as port,
            access.connect(port) as connection,
        ):
            return Capabilities.ask(connection, binaries)
    finally:
        shutil.rmtree(workshop)


@contextlib.contextmanager
def _running(data: Path, folder: Folder, binaries: Binaries, account: Account) -> Iterator[int]:
    """Run a server that is no service's, for the block; gives its port."""
    port, configuration = free_port(()), folder.path / "template.conf"
    settings = base_settings("template", port, data, folder, None)
    replace_text(configuration, written({**settings, "archive_mode": "off"}), account)
    server = Postmaster(data)
    try:
        server.start(Launch(binaries, account, configuration, folder.path / "template.log"))
        yield port
    finally:
        server.stop()


def _initialise(place: Path, folder: Folder, binaries: Binaries, account: Account) -> None:
    """Run initdb; until the template is done the superuser's password is the plane's own."""
    place.mkdir(mode=0o700)
    account.own(place)
    password = folder.path / "password"
    replace_text(password, Access.of(folder, account).password, account, secret=True)
    options: list[str | Path] = [
        "-D",
        place,
        "-U",
        SUPERUSER,
        "-A",
        "scram-sha-256",
        f"--pwfile={password}",
    ]
    form = ["-E", "UTF8", "--locale=C", f"--wal-segsize={_SEGMENT}", "--no-instructions"]
    try:
        account.run([binaries.program("initdb"), *options, *form, "--no-sync"])
    finally:
        password.unlink()


def _admit(rules: Path, account: Account, method: str) -> None:
    lines = [f"{method} {what} all {HOST}/32 scram-sha-256\n" for what in ("all", "replication")]
    replace_text(rules, "".join(lines), account)
