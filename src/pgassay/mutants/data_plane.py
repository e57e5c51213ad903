# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults that PostgreSQL alone can tell of: they show on a server with a data plane."""

import os
import tempfile
import time
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.mutants.planes import BentPlane, changed
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import DATABASE, USER, Caller
from pgassay.reference.dbaas.scram import verifier
from pgassay.reference.plane import Action, DataPlane, Job
from pgassay.reference.store import Document

FAULTS = Faults()


class Deaf(BentPlane):
    """A data plane that does not do jobs of one action."""

    ACTION: Action

    def bent(self, job: Job) -> list[Job]:
        return [] if job.action is self.ACTION else [job]


@FAULTS.plane("CH-CFG-EFFECT", "CH-DATA-CONFIG-RESTART")
class ConfigurationNotApplied(Deaf):
    """A configuration is kept and shown, and PostgreSQL never hears of it."""

    ACTION = Action.CONFIGURE


@FAULTS.plane("CH-DATA-PASSWORD-SET", "CH-DATA-PASSWORD-GENERATED")
class PasswordNotApplied(Deaf):
    """A password change is answered, and the password before stays the one that logs in."""

    ACTION = Action.SET_PASSWORD


@FAULTS.plane("CH-DATA-RESTART")
class NothingRestarted(Deaf):
    """A restart shows in the state of the service alone."""

    ACTION = Action.RESTART


@FAULTS.plane("CH-DATA-PROMOTE")
class PromotedInRecovery(Deaf):
    """A promoted read replica is shown as a primary and goes on following its source."""

    ACTION = Action.PROMOTE


@FAULTS.plane("CH-SVC-DELETE-DATA", "DB-DATA-INSTANCE-DELETE")
class ClustersLeftRunning(Deaf):
    """What is deleted disappears from the API and goes on running."""

    ACTION = Action.REMOVE


@FAULTS.plane("DB-DATA-USER-DELETE")
class RolesLeftBehind(Deaf):
    """A deleted user can still log in."""

    ACTION = Action.DROP_USER


@FAULTS.plane("DB-DATA-DATABASE-DELETE")
class DatabasesLeftBehind(Deaf):
    """A deleted database can still be used."""

    ACTION = Action.DROP_DATABASE


@FAULTS.plane("DB-DATA-DATABASE", "DB-USER-LOGIN")
class DatabaseNeverCreated(Deaf):
    """A database becomes ACTIVE that was never created."""

    ACTION = Action.CREATE_DATABASE


@FAULTS.plane("CH-DATA-PASSWORD-WRONG", "CH-DATA-SCRAM", "DB-USER-PASSWORD-SCRAM")
class EverybodyTrusted(BentPlane):
    """A login needs no password."""

    def __init__(self, plane: DataPlane) -> None:
        super().__init__(plane)
        descriptor, name = tempfile.mkstemp(prefix="pgassay-", suffix=".conf")
        with os.fdopen(descriptor, "w") as rules:
            rules.write("host all,replication all 127.0.0.1/32 trust\n")
        # Another account may run PostgreSQL.
        Path(name).chmod(0o644)
        weakref.finalize(self, Path(name).unlink)
        self._rules = name

    def bent(self, job: Job) -> list[Job]:
        if job.action is not Action.PROVISION:
            return [job]
        parameters = {**job.arguments.get("parameters", {}), "hba_file": self._rules}
        return [changed(job, parameters=parameters)]


@FAULTS.plane("CH-SVC-CONNECTION-LOGIN")
class FirstPasswordUnset(BentPlane):
    """The password that a creation answers with was never given to PostgreSQL."""

    def bent(self, job: Job) -> list[Job]:
        if job.action is not Action.PROVISION or "password" not in job.arguments:
            return [job]
        return [changed(job, password="Never-Told-Anyone-1")]  # noqa: S106 - a fault, no secret


@FAULTS.plane("CH-DATA-CONFIG-RUNNING")
class RestartForAnything(BentPlane):
    """Every configuration change restarts the server."""

    def bent(self, job: Job) -> list[Job]:
        if job.action is not Action.CONFIGURE:
            return [job]
        return [
            Job.new(job.cluster, job.action, job.arguments),
            replace(job, action=Action.RESTART),
        ]


@FAULTS.plane("CH-DATA-REPLICA")
class ReplicaNotFollowing(BentPlane):
    """A read replica is a copy that goes its own way from the beginning."""

    def bent(self, job: Job) -> list[Job]:
        if job.action is not Action.REPLICATE:
            return [job]
        return [changed(replace(job, action=Action.RESTORE), target=time.time())]


@FAULTS.plane("CH-RESTORE-DATA")
class RestoredToNow(BentPlane):
    """A restore ends at the moment at which it was asked for, whatever its target is."""

    def bent(self, job: Job) -> list[Job]:
        return [changed(job, target=time.time()) if job.action is Action.RESTORE else job]


@FAULTS.plane("CH-DATA-PROMOTE-SOURCE")
class SourceDemoted(BentPlane):
    """The source of a promoted read replica takes no writes any longer."""

    def __init__(self, plane: DataPlane) -> None:
        super().__init__(plane)
        self._sources: dict[str, str] = {}

    def bent(self, job: Job) -> list[Job]:
        if job.action is Action.REPLICATE:
            self._sources[job.cluster] = job.arguments["source"]
        if job.action is not Action.PROMOTE:
            return [job]
        read_only = {"parameters": {"default_transaction_read_only": "on"}}
        return [Job.new(self._sources[job.cluster], Action.CONFIGURE, read_only), job]


@FAULTS.plane("CH-DATA-KEPT")
class RestartForgets(BentPlane):
    """A restart leaves the database empty."""

    def __init__(self, plane: DataPlane) -> None:
        super().__init__(plane)
        self._passwords: dict[str, str] = {}

    def bent(self, job: Job) -> list[Job]:
        if "password" in job.arguments:
            self._passwords[job.cluster] = job.arguments["password"]
        if job.action is Action.RESTART:
            self.empty(job.cluster)
        return [job]

    def empty(self, cluster: str) -> None:
        """Drop everything in the database of a service."""
        import psycopg  # noqa: PLC0415 - half a second, for this one fault

        address = self.address(cluster)
        if address is not None:
            with psycopg.connect(
                host=address.host,
                port=address.port,
                user="postgres",
                password=self._passwords[cluster],
            ) as connection:
                connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


@FAULTS.plane("DB-USER-LOGIN")
class PasswordsMixedUp(BentPlane):
    """A user gets another password than the one that it was created with."""

    def bent(self, job: Job) -> list[Job]:
        if job.action is not Action.CREATE_USER:
            return [job]
        return [changed(job, verifier=verifier("somebody-else's"))]


@FAULTS.plane("DB-DATA-NAMES")
class NamesFolded(BentPlane):
    """Users and databases get their names in lower case."""

    def bent(self, job: Job) -> list[Job]:
        if job.action not in (Action.CREATE_USER, Action.CREATE_DATABASE):
            return [job]
        names = {
            name: job.arguments[name].lower() for name in ("name", "owner") if name in job.arguments
        }
        return [changed(job, **names)]


@FAULTS.plane("DB-DB-OWNER-PRIVILEGE")
class OwnedBySuperuser(BentPlane):
    """A database belongs to the superuser instead of its owner."""

    def bent(self, job: Job) -> list[Job]:
        return [changed(job, owner="postgres") if job.action is Action.CREATE_DATABASE else job]


@FAULTS.plane("DB-DATA-OWNER-ONLY")
class OwnedByTheLatest(BentPlane):
    """A new user becomes the owner of all databases of its instance."""

    def __init__(self, plane: DataPlane) -> None:
        super().__init__(plane)
        self._databases: list[Job] = []

    def bent(self, job: Job) -> list[Job]:
        if job.action is Action.CREATE_DATABASE:
            self._databases.append(job)
        if job.action is not Action.CREATE_USER:
            return [job]
        mine = [each for each in self._databases if each.cluster == job.cluster]
        user = Job.new(job.cluster, job.action, job.arguments)
        taken = [self.taken(each, job) for each in mine]
        return [user, *taken[:-1], replace(taken[-1], id=job.id)] if taken else [job]

    def taken(self, database: Job, user: Job) -> Job:
        """Return the job that gives a database to a user."""
        arguments = {**database.arguments, "owner": user.arguments["name"]}
        return Job.new(user.cluster, Action.CREATE_DATABASE, arguments)


@FAULTS.clickhouse("CH-SVC-VERSION-SERVER", plane=BentPlane)
class VersionMisreported(ClickhouseService):
    """A service is shown with another major version than its server has."""

    def summary(self, document: Document) -> Document:
        return {**super().summary(document), "postgresVersion": "17"}


@FAULTS.clickhouse("CH-DATA-USER", plane=BentPlane)
class UserMisreported(ClickhouseService):
    """A service is shown with a user that PostgreSQL does not know."""

    def details(self, document: Document, *, secret: bool) -> Document:
        return {**super().details(document, secret=secret), "username": "admin"}


@FAULTS.dbaas("DB-DATA-VERSION", plane=BentPlane)
class VersionMisnamed(DbaasService):
    """A version has the name of another one than its instances run."""

    def shown_version(self, document: Document) -> Document:
        return {**super().shown_version(document), "name": "12"}


@FAULTS.dbaas("DB-DATA-KEPT", plane=BentPlane)
class UpdateForgets(DbaasService):
    """An update of an instance leaves its databases empty."""

    def update_instance(self, caller: Caller, identifier: str, body: Mapping[str, Any]) -> Document:
        shown = super().update_instance(caller, identifier, body)
        instance = self.instance(caller, identifier)
        users = {each["uuid"]: each for each in self.listed(USER, instance["uuid"])}
        verifiers = {each["name"]: each["verifier"] for each in users.values()}
        databases = self.listed(DATABASE, instance["uuid"])
        owners = {each["name"]: users[each["owner"]]["name"] for each in databases}
        for left in ({}, owners):
            self.dispatch(instance, Action.RECONCILE, users=verifiers, databases=left)
        return shown
