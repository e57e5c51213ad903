"""What each action of the control plane does to a cluster; all are safe to repeat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pgassay.reference.plane import Job
from pgassay.reference.postgres import roles
from pgassay.reference.postgres.cluster import Cluster, Installation, State
from pgassay.reference.postgres.copies import promote, replicate, restore
from pgassay.reference.postgres.parameters import needed_of_standbys
from pgassay.reference.postgres.problem import PlaneError

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operations:
    """Carries out jobs, one of a cluster at a time.

    Attributes:
        installation: What clusters are made with.
        place: Returns the port and the lane of a cluster.
        limit: How many clusters there may be.
    """

    installation: Installation
    place: Callable[[str], tuple[int, str]]
    limit: int

    def perform(self, job: Job) -> None:
        """Carry out a job; PlaneError when that fails."""
        cluster = Cluster(job.cluster, self.installation)
        getattr(self, job.action.value)(cluster, job.arguments)

    def provision(self, cluster: Cluster, arguments: Arguments) -> None:
        """Make a cluster out of the template and start it."""
        if self._begun(cluster):
            return
        cluster.make(self._state(cluster, arguments))
        self._certify(cluster, arguments)
        cluster.start()
        self._finish(cluster, arguments)

    def replicate(self, cluster: Cluster, arguments: Arguments) -> None:
        """Make a cluster that follows another one."""
        if not self._begun(cluster):
            replicate(cluster, self._source(arguments), self._state(cluster, arguments))
            self._certify(cluster, arguments)
            cluster.change(complete=True)

    def restore(self, cluster: Cluster, arguments: Arguments) -> None:
        """Make a cluster that is what another one was at a point in time."""
        if not self._begun(cluster):
            state = self._state(cluster, arguments)
            restore(cluster, self._source(arguments), arguments["target"], state)
            self._certify(cluster, arguments)
            self._finish(cluster, arguments)

    def start(self, cluster: Cluster, arguments: Arguments) -> None:
        """Start a cluster again that was up before."""
        state = cluster.state()
        if state is not None and state.complete:
            cluster.start()

    def configure(self, cluster: Cluster, arguments: Arguments) -> None:
        """Put parameters in the place of those before; some wait for a restart."""
        state, parameters = cluster.present_state(), arguments["parameters"]
        needed = needed_of_standbys(parameters, state.needed)
        cluster.change(parameters=parameters, needed=needed)

    def certify(self, cluster: Cluster, arguments: Arguments) -> None:
        """Let a cluster present another certificate."""
        cluster.certify(arguments["certificate"], arguments["key"])

    def restart(self, cluster: Cluster, arguments: Arguments) -> None:
        """Restart a cluster, after its standbys: they may have to allow more than before."""
        for standby in self._standbys(cluster):
            _restart(standby)
        _restart(cluster)

    def switch_over(self, cluster: Cluster, arguments: Arguments) -> None:
        """Restart a cluster: it has no standby, but its clients see what they would see."""
        _restart(cluster)

    def promote(self, cluster: Cluster, arguments: Arguments) -> None:
        """Make a standby a primary."""
        promote(cluster)

    def set_password(self, cluster: Cluster, arguments: Arguments) -> None:
        """Give the superuser another password."""
        cluster.start()
        roles.set_password(cluster, arguments["password"])

    def create_user(self, cluster: Cluster, arguments: Arguments) -> None:
        """Create a role that may log in."""
        with cluster.connect() as connection:
            roles.create_user(connection, arguments["name"], arguments["verifier"])

    def drop_user(self, cluster: Cluster, arguments: Arguments) -> None:
        """Drop a role."""
        roles.drop_user(cluster, arguments["name"])

    def create_database(self, cluster: Cluster, arguments: Arguments) -> None:
        """Create a database with its owner."""
        with cluster.connect() as connection:
            roles.create_database(connection, arguments["name"], arguments["owner"])

    def drop_database(self, cluster: Cluster, arguments: Arguments) -> None:
        """Drop a database."""
        with cluster.connect() as connection:
            roles.drop_database(connection, arguments["name"])

    def reconcile(self, cluster: Cluster, arguments: Arguments) -> None:
        """Make roles and databases those that are named."""
        roles.reconcile(cluster, arguments["users"], arguments["databases"])

    def remove(self, cluster: Cluster, arguments: Arguments) -> None:
        """End a cluster and remove all of it."""
        cluster.remove()

    def _begun(self, cluster: Cluster) -> bool:
        """Tell whether a cluster was made before, and start it then; PlaneError at the limit."""
        state = cluster.state()
        if state is not None and state.complete:
            cluster.start()
            return True
        present = len(list(self.installation.folder.clusters.iterdir()))
        if state is None and present >= self.limit:
            raise PlaneError(f"there are {present} clusters already, as many as there may be")
        return False

    def _state(self, cluster: Cluster, arguments: Arguments) -> State:
        parameters = arguments.get("parameters", {})
        needed = needed_of_standbys(parameters, {})
        return State(*self.place(cluster.id), parameters, needed)

    def _source(self, arguments: Arguments) -> Cluster:
        return Cluster(arguments["source"], self.installation)

    def _certify(self, cluster: Cluster, arguments: Arguments) -> None:
        if "certificate" in arguments:
            cluster.certify(arguments["certificate"], arguments["key"])

    def _finish(self, cluster: Cluster, arguments: Arguments) -> None:
        if "password" in arguments:
            roles.set_password(cluster, arguments["password"])
        cluster.change(complete=True)

    def _standbys(self, cluster: Cluster) -> list[Cluster]:
        folders = self.installation.folder.clusters.iterdir()
        others = [Cluster(folder.name, self.installation) for folder in folders]
        states = [(other, other.state()) for other in others]
        return [other for other, state in states if state and state.primary == cluster.id]


def _restart(cluster: Cluster) -> None:
    cluster.postmaster.stop()
    cluster.start()
