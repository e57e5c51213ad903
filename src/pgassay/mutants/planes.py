"""A data plane between a server and its databases that does not do all that it is told."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from pgassay.reference.plane import Address, DataPlane, Job, Outcome
from pgassay.reference.store import Document


class BentPlane:
    """Hands jobs on to a data plane; a fault overrides `bent`."""

    def __init__(self, plane: DataPlane) -> None:
        self.plane = plane
        self._ignored: set[str] = set()

    @property
    def version(self) -> str:
        """The version of PostgreSQL."""
        return self.plane.version

    @property
    def tls(self) -> bool:
        """Whether clusters speak TLS."""
        return self.plane.tls

    def bent(self, job: Job) -> list[Job]:
        """Return the jobs that are done instead, in order; the last keeps the id of the first."""
        return [job]

    def submit(self, job: Job) -> None:
        """Queue what is done instead of a job; where that is nothing, it counts as done."""
        jobs = self.bent(job)
        if not jobs:
            self._ignored.add(job.id)
        for each in jobs:
            self.plane.submit(each)

    def outcome(self, job: str) -> Outcome:
        """Tell how far the job of an id has come."""
        return Outcome.DONE if job in self._ignored else self.plane.outcome(job)

    def address(self, cluster: str) -> Address | None:
        """Return where a cluster listens."""
        return self.plane.address(cluster)

    def figures(self, cluster: str) -> Document | None:
        """Return what was last measured in a cluster."""
        return self.plane.figures(cluster)

    def clusters(self) -> list[str]:
        """Return the ids of the clusters."""
        return self.plane.clusters()

    def keep(self, clusters: Collection[str]) -> None:
        """Have the named clusters run, and remove all others."""
        self.plane.keep(clusters)


def changed(job: Job, **arguments: Any) -> Job:
    """Return a job with some of its arguments changed."""
    return replace(job, arguments={**job.arguments, **arguments})
