"""One cluster: its folder, its configuration, and its server."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pgassay.reference.postgres.access import HOST, ROLE, SUPERUSER, Access, Connection
from pgassay.reference.postgres.account import Account
from pgassay.reference.postgres.binaries import Binaries
from pgassay.reference.postgres.capabilities import Capabilities
from pgassay.reference.postgres.configuration import (
    base_settings,
    encrypted,
    following,
    recovering,
    written,
)
from pgassay.reference.postgres.folder import Folder, copy_folder, remove_folder, replace_text
from pgassay.reference.postgres.parameters import spelled, standby_parameters
from pgassay.reference.postgres.postmaster import Launch, Postmaster
from pgassay.reference.postgres.problem import PlaneError


@dataclass(frozen=True, slots=True)
class Installation:
    """What all clusters of a data directory are made with."""

    folder: Folder
    account: Account
    binaries: Binaries
    access: Access
    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class State:
    """What a cluster's folder keeps beside PostgreSQL's own files.

    Attributes:
        port: Where it listens.
        lane: The cluster whose work and this one's are done one after the other.
        parameters: What the service's owner has configured.
        needed: What a standby must allow to follow it: the highest it ever was configured to.
        complete: Whether it was once up; until then it is made anew.
        primary: The cluster that this one follows, if it is a standby.
        target: While it is being restored, the point in time in epoch seconds.
    """

    port: int
    lane: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    needed: Mapping[str, int] = field(default_factory=dict)
    complete: bool = False
    primary: str | None = None
    target: float | None = None


class Cluster:
    """A cluster as its folder describes it; whoever works with one has it for himself."""

    def __init__(self, id: str, installation: Installation) -> None:
        self.id = id
        self.installation = installation
        self.path = installation.folder.clusters / id
        self.postmaster = Postmaster(self.data)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "data"

    @property
    def archive(self) -> Path:
        """The folder of archived WAL."""
        return self.path / "archive"

    def state(self) -> State | None:
        """Return what the folder keeps, or None when there is no such cluster."""
        try:
            return State(**json.loads((self.path / "cluster.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def present_state(self) -> State:
        """Return what the folder keeps; PlaneError when there is no such cluster."""
        state = self.state()
        if state is None:
            raise PlaneError(f"there is no cluster {self.id}")
        return state

    def make(self, state: State, *signals: str) -> None:
        """Make the folder with a copy of the template; what a former attempt left is removed.

        `signals` are the empty files that tell PostgreSQL how to begin, such as recovery.signal.
        """
        self.remove()
        account = self.installation.account
        self.path.mkdir(mode=0o700)
        account.share(self.path)
        self.archive.mkdir(mode=0o700)
        account.own(self.archive)
        self.write(state)
        copy_folder(self.installation.folder.template, self.data, account, *signals)

    def write(self, state: State) -> None:
        """Keep a state, and the configuration that follows from it."""
        part = self.path / "cluster.json.part"
        part.write_text(json.dumps(asdict(state)))
        part.replace(self.path / "cluster.json")
        text = written(self._settings(state))
        replace_text(self.path / "postgresql.conf", text, self.installation.account)

    def change(self, **changes: Any) -> None:
        """Change some of the state; a running server reads the configuration again."""
        self.write(replace(self.present_state(), **changes))
        self.postmaster.reload()

    def certify(self, certificate: str, key: str) -> None:
        """Let the server speak TLS with a certificate; a running one does at once."""
        account = self.installation.account
        replace_text(self.path / "server.crt", certificate, account)
        replace_text(self.path / "server.key", key, account, secret=True)
        self.change()

    def connect(self, database: str = SUPERUSER) -> Connection:
        """Connect as the plane itself; PlaneError when that fails."""
        return self.installation.access.connect(self.present_state().port, database)

    def start(self) -> None:
        """Start the server unless it runs, with the configuration as it must be now."""
        state = self.present_state()
        self.write(state)
        if self.postmaster.port() not in (None, state.port):
            # It came up while its port counted as taken by somebody else.
            self.postmaster.stop()
        setup = self.installation
        configuration, log = self.path / "postgresql.conf", self.path / "log"
        launch = Launch(setup.binaries, setup.account, configuration, log)
        self.postmaster.start(launch)

    def remove(self) -> None:
        """End the server and remove the folder; nothing happens when there is none."""
        self.postmaster.stop(at_once=True)
        self.installation.account.reap()
        remove_folder(self.path)

    def _settings(self, state: State) -> dict[str, str]:
        setup = self.installation
        settings = base_settings(
            self.id, state.port, self.archive, setup.folder, setup.capabilities
        )
        if (self.path / "server.crt").exists():
            settings |= encrypted(self.path, setup.folder)
        parameters = state.parameters
        if state.primary is not None:
            primary = Cluster(state.primary, setup)
            source = primary.present_state()
            parameters = standby_parameters(parameters, source.needed)
            address = f"host={HOST} port={source.port} user={ROLE}"
            settings |= following(address, setup.folder.passfile, primary.archive, self.id)
        if state.target is not None:
            settings |= recovering(state.target, self.archive)
        return settings | spelled(parameters, setup.capabilities)
