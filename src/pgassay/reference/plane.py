"""The seam between what the control plane promises and the databases that make it true.

A change that takes effort stands as a step in the future of a document (see `schedule`). Beside a
data plane the step carries a job too, and comes true once its time has come and its job is done.
The job is kept with the document, so it is found again after a crash: every action must be safe
to repeat. Without a data plane steps carry no jobs, and time alone decides.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from pgassay.reference.store import Document


class Action(StrEnum):
    """What a data plane can be asked to do with a cluster."""

    PROVISION = "provision"
    START = "start"
    REPLICATE = "replicate"
    RESTORE = "restore"
    CONFIGURE = "configure"
    RESTART = "restart"
    PROMOTE = "promote"
    SWITCH_OVER = "switch_over"
    SET_PASSWORD = "set_password"  # noqa: S105 - an action, not a password
    CREATE_USER = "create_user"
    DROP_USER = "drop_user"
    CREATE_DATABASE = "create_database"
    DROP_DATABASE = "drop_database"
    CERTIFY = "certify"
    RECONCILE = "reconcile"
    REMOVE = "remove"


class Outcome(StrEnum):
    """How far a job has come."""

    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work on one cluster; the jobs of a cluster are done in the order submitted.

    `arguments` may hold secrets, so they are not part of the representation.
    """

    id: str
    cluster: str
    action: Action
    arguments: Document = field(default_factory=dict, repr=False)

    @classmethod
    def new(cls, cluster: str, action: Action, arguments: Document) -> "Job":
        """Return a job under an id of its own."""
        return cls(str(uuid.uuid4()), cluster, action, arguments)

    @classmethod
    def read(cls, kept: Document) -> "Job":
        """Return the job that a step of a document keeps."""
        return cls(kept["id"], kept["cluster"], Action(kept["action"]), kept["arguments"])

    def kept(self) -> Document:
        """Return the job as a step of a document keeps it."""
        return {
            "id": self.id,
            "cluster": self.cluster,
            "action": str(self.action),
            "arguments": self.arguments,
        }


@dataclass(frozen=True, slots=True)
class Address:
    """Where a cluster listens, and whether it speaks TLS."""

    host: str
    port: int
    tls: bool = False


class DataPlane(Protocol):
    """Clusters that really run, one for each service or instance, named by its id.

    version: that of PostgreSQL, such as "18.6". tls: whether clusters speak TLS; they are then to
    be made with a certificate.
    """

    @property
    def version(self) -> str:
        """The version of PostgreSQL."""
        ...

    @property
    def tls(self) -> bool:
        """Whether clusters speak TLS."""
        ...

    def submit(self, job: Job) -> None:
        """Queue a job; one whose id was submitted before is not queued again."""
        ...

    def outcome(self, job: str) -> Outcome:
        """Tell how far the job of an id has come; an unknown one counts as working."""
        ...

    def address(self, cluster: str) -> Address | None:
        """Return where a cluster listens or will listen, or None while it has no port yet."""
        ...

    def figures(self, cluster: str) -> Document | None:
        """Return what was last measured in a cluster, or None when nothing was."""
        ...

    def clusters(self) -> list[str]:
        """Return the ids of the clusters that there are, those being made not among them."""
        ...

    def keep(self, clusters: Collection[str]) -> None:
        """Have the named clusters run, as far as there are such, and remove all others."""
        ...


def submit_pending(plane: DataPlane | None, document: Document) -> None:
    """Hand every job that a document still waits for to the data plane."""
    if plane is not None:
        for step in document.get("pending", ()):
            if "job" in step:
                plane.submit(Job.read(step["job"]))


def outcome_of(plane: DataPlane | None, step: dict[str, Any]) -> Outcome:
    """Tell how far the job of a step has come; a step without one is done when it is due."""
    if plane is None or "job" not in step:
        return Outcome.DONE
    return plane.outcome(step["job"]["id"])
