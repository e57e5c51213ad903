"""The cluster that all others begin as: made once by initdb, then copied.

It is shut down in order before the first copy, and never started again. So it is the base backup
of every cluster as well: with the WAL that a cluster has archived since, it becomes that cluster
at any point in time (PostgreSQL documentation, section 25.3). All clusters of a data directory
have one system identifier for the same reason.
"""

import shutil
from pathlib import Path

from pgassay.reference.postgres.access import HOST, SUPERUSER, Access
from pgassay.reference.postgres.account import Account
from pgassay.reference.postgres.binaries import Binaries
from pgassay.reference.postgres.capabilities import Capabilities
from pgassay.reference.postgres.cluster import Installation
from pgassay.reference.postgres.configuration import base_settings, written
from pgassay.reference.postgres.folder import Folder, replace_text
from pgassay.reference.postgres.ports import free_port
from pgassay.reference.postgres.postmaster import Launch, Postmaster
from pgassay.reference.postgres.problem import PlaneError

#: The smallest size of a WAL file, in MiB; each copy begins with a few.
_SEGMENT = 1


def prepare(folder: Folder, binaries: Binaries, account: Account) -> Installation:
    """Return what clusters are made with; the template is made where there is none yet.

    PlaneError when a program fails, or the data directory belongs to another major version.
    """
    access, facts = Access.of(folder, account), folder.path / "capabilities.json"
    if not facts.exists():
        capabilities = _make(folder, binaries, account, access)
        capabilities.write(facts)
    capabilities = Capabilities.read(facts)
    if capabilities.major != binaries.major:
        raise PlaneError(
            f"the clusters in {folder.path} are those of PostgreSQL {capabilities.version}, and "
            f"{binaries.directory} has {binaries.version}; choose another data directory"
        )
    _admit(folder, account, "hostssl" if capabilities.tls else "host")
    return Installation(folder, account, binaries, access, capabilities)


def _make(folder: Folder, binaries: Binaries, account: Account, access: Access) -> Capabilities:
    workshop = folder.path / "template.part"
    _initialise(workshop, folder, binaries, account)
    _admit(folder, account, "host")
    port, configuration = free_port(()), folder.path / "template.conf"
    settings = base_settings("template", port, workshop, folder, None)
    replace_text(configuration, written({**settings, "archive_mode": "off"}), account)
    server = Postmaster(workshop)
    server.start(Launch(binaries, account, configuration, folder.path / "template.log"))
    try:
        with access.connect(port, user=SUPERUSER) as connection:
            access.create_role(connection)
            connection.execute("ALTER ROLE postgres PASSWORD NULL")
            capabilities = Capabilities.ask(connection, binaries.version)
    finally:
        server.stop()
    shutil.rmtree(folder.template, ignore_errors=True)
    workshop.rename(folder.template)
    return capabilities


def _initialise(place: Path, folder: Folder, binaries: Binaries, account: Account) -> None:
    """Run initdb; until the template is done the superuser's password is the plane's own."""
    Postmaster(place).stop(at_once=True)
    shutil.rmtree(place, ignore_errors=True)
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


def _admit(folder: Folder, account: Account, method: str) -> None:
    lines = [f"{method} {what} all {HOST}/32 scram-sha-256\n" for what in ("all", "replication")]
    replace_text(folder.access_rules, "".join(lines), account)
