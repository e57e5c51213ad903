"""The data plane: clusters of PostgreSQL on loopback, one for each service or instance."""

import contextlib
import logging
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from pgassay.reference.plane import Action, Address, Job, Outcome
from pgassay.reference.postgres.access import HOST
from pgassay.reference.postgres.account import unprivileged
from pgassay.reference.postgres.binaries import reachable_binaries
from pgassay.reference.postgres.capabilities import Capabilities
from pgassay.reference.postgres.cluster import Cluster, Installation, State
from pgassay.reference.postgres.figures import Meter
from pgassay.reference.postgres.folder import Folder, abandoned_folders
from pgassay.reference.postgres.operations import Operations
from pgassay.reference.postgres.ports import free_port, is_free
from pgassay.reference.postgres.postmaster import Postmaster
from pgassay.reference.postgres.template import prepare
from pgassay.reference.postgres.worker import Worker
from pgassay.reference.store import Document

_log = logging.getLogger(__name__)

#: Each has some eight processes and takes about 40 MB of disk and 12 MB of memory.
LIMIT = 250

_MAKING = (Action.PROVISION, Action.REPLICATE, Action.RESTORE)


class PostgresPlane:
    """A `DataPlane` over a data directory; made by `open_plane`."""

    def __init__(self, installation: Installation, limit: int) -> None:
        self._installation = installation
        self._places: dict[str, tuple[int, str]] = {}
        self._operations = Operations(installation, self._places.__getitem__, limit)
        self._worker = Worker(self._perform)
        self._meter = Meter(self._cluster)
        for cluster in self._clusters():
            if state := cluster.state():
                self._places[cluster.id] = (self._port(cluster, state), state.lane)

    @property
    def capabilities(self) -> Capabilities:
        """What the programs can do."""
        return self._installation.capabilities

    @property
    def version(self) -> str:
        """The version of PostgreSQL, such as "18.6"."""
        return self.capabilities.version

    @property
    def tls(self) -> bool:
        """Whether clusters speak TLS."""
        return self.capabilities.tls

    def submit(self, job: Job) -> None:
        """Queue a job; one whose id was submitted before is not queued again."""
        if job.action in _MAKING:
            self._reserve(job)
        lane = self._places[job.cluster][1] if job.cluster in self._places else job.cluster
        self._worker.submit(lane, job)

    def outcome(self, job: str) -> Outcome:
        """Tell how far the job of an id has come; an unknown one counts as working."""
        return self._worker.outcome(job)

    def address(self, cluster: str) -> Address | None:
        """Return where a cluster listens or will listen, or None while it has no port yet."""
        place = self._places.get(cluster)
        return Address(HOST, place[0], self.tls) if place else None

    def figures(self, cluster: str) -> Document | None:
        """Return what was last measured in a cluster, or None when nothing was."""
        return self._meter.figures(cluster)

    def clusters(self) -> list[str]:
        """Return the ids of the clusters that there are, those being made not among them."""
        states = {cluster.id: cluster.state() for cluster in self._clusters()}
        return sorted(id for id, state in states.items() if state and state.complete)

    def keep(self, clusters: Collection[str]) -> None:
        """Remove every cluster that is not named, and have the others run.

        What a crashed server left running is so ended, or taken over as it is.
        """
        for cluster in self._clusters():
            action = Action.START if cluster.id in clusters else Action.REMOVE
            self.submit(Job.new(cluster.id, action, {}))

    def close(self) -> None:
        """Stop all clusters in order, which takes some tenths of a second, and all threads."""
        self._meter.close()
        self._worker.close()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda cluster: cluster.postmaster.stop(), self._clusters()))
        self._installation.account.wait()

    def _perform(self, job: Job) -> None:
        self._operations.perform(job)
        if job.action is Action.REMOVE:
            self._meter.forget(job.cluster)
            self._places.pop(job.cluster, None)

    def _cluster(self, id: str) -> Cluster:
        return Cluster(id, self._installation)

    def _clusters(self) -> list[Cluster]:
        return [self._cluster(path.name) for path in self._installation.folder.clusters.iterdir()]

    def _port(self, cluster: Cluster, state: State) -> int:
        """Return the port of a cluster; another one when somebody took it meanwhile."""
        if cluster.postmaster.pid() is not None or is_free(state.port):
            return state.port
        port = free_port(self._ports())
        cluster.write(replace(state, port=port))
        return port

    def _ports(self) -> set[int]:
        return {port for port, _ in self._places.values()}

    def _reserve(self, job: Job) -> None:
        """Give a new cluster its port, which its connection string shows from the beginning.

        Copies have the lane of their source: the two must not be changed at the same time.
        """
        if job.cluster not in self._places:
            source = job.arguments.get("source")
            lane = self._places[source][1] if source in self._places else job.cluster
            self._places[job.cluster] = (free_port(self._ports()), lane)


@contextlib.contextmanager
def open_plane(directory: Path, place: Path, *, limit: int = LIMIT) -> Iterator[PostgresPlane]:
    """Run a data plane with the programs in a folder and a data directory; PlaneError.

    Its clusters are stopped when the block ends. What a crashed server left in the folder for
    temporary files is ended and removed first.
    """
    with abandoned_folders() as folders:
        for abandoned in folders:
            _end(abandoned)
    account = unprivileged()
    folder = Folder(place, account)
    try:
        binaries = reachable_binaries(directory, folder, account)
        plane = PostgresPlane(prepare(folder, binaries, account), limit)
        try:
            yield plane
        finally:
            plane.close()
    finally:
        folder.close()


def _end(abandoned: Path) -> None:
    _log.warning("ending what a crashed server left in %s", abandoned)
    for data in (*abandoned.glob("*.part"), *abandoned.glob("clusters/*/data")):
        Postmaster(data).stop(at_once=True)
