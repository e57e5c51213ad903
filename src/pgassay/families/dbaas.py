"""The vocabulary of the dbaas family: its operations, and waits on its statuses.

Paths and bodies follow the PostgreSQL Service API, sections "API Structure" and "API Endpoints";
where that text is silent, the target file's `[dbaas]` settings decide.
"""

import random
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Final

from pgassay.client import Client
from pgassay.deviation import Deviation, NotTestable
from pgassay.exchange import Exchange, Json, Request
from pgassay.expectation import same
from pgassay.families.naming import Names
from pgassay.families.pool import Pool
from pgassay.families.specimen import Specimen, Specimens
from pgassay.ownership import SHARED
from pgassay.results import Duration
from pgassay.target.model import DbaasSettings, Family
from pgassay.values.numbers import CROSSED
from pgassay.waiting import Waited, wait_until

FAMILY: Final = Family.DBAAS
#: The members of an instance that a client sets.
WRITABLE: Final = (
    "name",
    "description",
    "cpu",
    "ram",
    "disk_size",
    "nodes_number",
    "sync_replica_number",
    "version",
    "project_id",
)


class DbaasApi:
    """Exercise the instances of one project of a target."""

    family: Final = FAMILY

    def __init__(self, client: Client, names: Names) -> None:
        """Speak through `client`; what is created is named by `names`."""
        self.client = client
        self.names = names
        self.settings: DbaasSettings = client.target.dbaas
        self.timing = client.target.timing
        self.durations: list[Duration] = []
        self._version = ""
        self._random = random.Random(names.nonce)
        # One password for all users that no check is about: every further secret costs time, since
        # all that is written down is searched for it.
        self._password = names.password()
        #: ACTIVE instances that checks use one after another.
        self.pool = Pool(client, self.request, self.whole, "uuid")
        self._specimens = Specimens(self.pool, self._packs, lambda _: False, self._specimen)
        self._foreign = ""
        self._proofs: dict[tuple[str, ...], Exchange] = {}

    # Requests

    def send(
        self,
        method: str,
        path: str,
        body: Json = ...,
        *,
        credential: str = "main",
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send a request of this family; `body` is encoded as JSON."""
        request = Request.of(
            method,
            path,
            json_body=body,
            credential=credential,
            headers=headers,
            family=FAMILY,
        )
        return self.client.send(request)

    def send_bytes(
        self,
        method: str,
        path: str,
        body: bytes,
        content_type: str = "application/json",
    ) -> Exchange:
        """Send a body as it is, announced as `content_type`; an empty one is not announced."""
        headers = {"Content-Type": content_type} if content_type else {}
        return self.client.send(Request(method, path, headers, body, family=FAMILY))

    def collection(self, *parts: str) -> str:
        """The path of a collection below the prefix, with or without the closing slash."""
        slash = "/" if self.settings.collection_slash else ""
        return "/".join([self.settings.prefix, *parts]) + slash

    def path(self, *parts: str) -> str:
        """The path of a single thing below the prefix's `instances`."""
        return "/".join([self.settings.prefix, "instances", *parts])

    def versions_path(self) -> str:
        """The path of the versions collection."""
        slash = "/" if self.settings.collection_slash else ""
        return f"{self.settings.reference_prefix}/versions{slash}"

    def versions(self) -> Exchange:
        """List all versions."""
        return self.send("GET", self.versions_path())

    def listed_versions(self) -> list[dict[str, Json]]:
        """The versions of the list; raises `NotTestable` where none is listed."""
        listed = [version for version in items(self.versions()) if isinstance(version, dict)]
        if not listed:
            raise NotTestable("no version is listed")
        return listed

    def version(self, identifier: str) -> Exchange:
        """Read one version."""
        return self.send("GET", f"{self.settings.reference_prefix}/versions/{identifier}")

    @property
    def version_reference(self) -> str:
        """The reference of a version that instances may be created with: the first one listed."""
        if not self._version:
            found = self.listed_versions()[0].get("uuid")
            if not isinstance(found, str):
                raise NotTestable("the first version has no uuid, so no instance can refer to it")
            self._version = self.reference("versions", found)
        return self._version

    def reference(self, *parts: str) -> str:
        """Refer to a thing the way the target wants it: by URI path or by uuid alone."""
        if self.settings.reference_style == "uuid":
            return parts[-1]
        return "/".join([self.settings.reference_prefix, *parts])

    def absent_uuid(self) -> str:
        """A well-formed uuid that names nothing."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def creation(self, **changes: Json) -> dict[str, Json]:
        """A valid body of an instance with `changes`; a change to `...` drops a member."""
        body: dict[str, Json] = {
            "name": self.names.identifier(),
            "description": "created by pgassay",
            "cpu": 1,
            "ram": 1024,
            # Large enough to be halved without falling below the minimum.
            "disk_size": 20,
            "nodes_number": 1,
            "sync_replica_number": 0,
            "version": self.version_reference,
        }
        if self.settings.project_id:
            body["project_id"] = self.settings.project_id
        return {name: value for name, value in (body | changes).items() if value is not ...}

    def create(self, body: Json = None, **changes: Json) -> Exchange:
        """Create an instance; without `body` a valid one with `changes`."""
        return self.send(
            "POST",
            self.collection("instances"),
            self.creation(**changes) if body is None else body,
        )

    def specimen(self, needs: Mapping[str, Json] = {}, /, **members: Json) -> Specimen:
        """A valid creation of an instance with these members; other checks may look at it, too.

        `needs` are members that it must have besides where it is made for this check alone.
        """
        return self._specimens.showing(members, needs)

    def _packs(self) -> tuple[Mapping[str, Json], ...]:
        project = self.settings.project_id
        beyond: dict[str, Json] = {"project_id": project} if project else {}
        return ({**CROSSED[0], **beyond}, CROSSED[1])

    def _specimen(self, members: Mapping[str, Json]) -> tuple[Specimen, str]:
        body = self.creation(**members)
        exchange = self.create(body)
        try:
            identifier = identity(exchange)
        except NotTestable:
            return Specimen(body, exchange, exchange, exchange), ""
        return Specimen(body, exchange, self.get(identifier), self.instances()), identifier

    def instances(self) -> Exchange:
        """Read the instances collection, which the endpoint list does not have."""
        return self.send("GET", self.collection("instances"))

    def instances_named(self, name: Json) -> list[str] | None:
        """The uuids of listed instances with this name; None where no list is offered."""
        exchange = self.instances()
        return uuids(exchange, name) if exchange.succeeded else None

    def get(self, instance: str) -> Exchange:
        """Read an instance."""
        return self.send("GET", self.path(instance))

    def update(self, instance: str, **changes: Json) -> Exchange:
        """PUT an instance: what it is now, with `changes`; a change to `...` drops a member.

        With `put_semantics = "merge"` only the changes are sent.
        """
        wanted = dict(changes)
        if self.settings.put_semantics != "merge":
            wanted = self.representation(instance) | wanted
        body = {name: value for name, value in wanted.items() if value is not ...}
        return self.send("PUT", self.path(instance), body)

    def representation(self, instance: str, credential: str = "main") -> dict[str, Json]:
        """What a full PUT of the instance as it is now would send."""
        now = self.send("GET", self.path(instance), credential=credential).json()
        if not isinstance(now, dict):
            raise NotTestable("the instance cannot be read, so that no full PUT can be formed")
        return {name: now[name] for name in WRITABLE if name in now}

    def number(self, instance: str, member: str) -> int:
        """A number that the instance shows; raises `Deviation` when it shows none."""
        exchange = self.get(instance)
        value = exchange.json()
        shown = value.get(member) if isinstance(value, dict) else None
        if not isinstance(shown, int):
            raise Deviation(
                f"the instance does not show its {member}",
                "a whole number",
                f"{shown!r}",
                "DB-INST-GET",
                exchange,
            )
        return shown

    def delete(self, instance: str) -> Exchange:
        """Delete an instance."""
        return self.send("DELETE", self.path(instance))

    def user_creation(self, **changes: Json) -> dict[str, Json]:
        """A valid body of a user with `changes`; a change to `...` drops a member."""
        body: dict[str, Json] = {
            "name": self.names.identifier(),
            "description": "created by pgassay",
            "password": self._password,
        }
        return {name: value for name, value in (body | changes).items() if value is not ...}

    def create_user(self, instance: str, body: Json = None, **changes: Json) -> Exchange:
        """Create a user; without `body` a valid one with `changes`."""
        return self.send(
            "POST",
            self.collection("instances", instance, "users"),
            self.user_creation(**changes) if body is None else body,
        )

    def users(self, instance: str) -> Exchange:
        """List the users of an instance."""
        return self.send("GET", self.collection("instances", instance, "users"))

    def user(self, instance: str, user: str) -> Exchange:
        """Read a user."""
        return self.send("GET", self.path(instance, "users", user))

    def delete_user(self, instance: str, user: str) -> Exchange:
        """Delete a user."""
        return self.send("DELETE", self.path(instance, "users", user))

    def database_creation(self, instance: str, owner: str, /, **changes: Json) -> dict[str, Json]:
        """A valid body of a database owned by the user with uuid `owner`, with `changes`."""
        body: dict[str, Json] = {
            "name": self.names.identifier(),
            "description": "created by pgassay",
            "owner": self.reference("instances", instance, "users", owner),
        }
        return {name: value for name, value in (body | changes).items() if value is not ...}

    def create_database(
        self, instance: str, owner: str = "", /, body: Json = None, **changes: Json
    ) -> Exchange:
        """Create a database owned by the user with uuid `owner`; or send `body` as it is."""
        return self.send(
            "POST",
            self.collection("instances", instance, "databases"),
            self.database_creation(instance, owner, **changes) if body is None else body,
        )

    def databases(self, instance: str) -> Exchange:
        """List the databases of an instance."""
        return self.send("GET", self.collection("instances", instance, "databases"))

    def database(self, instance: str, database: str) -> Exchange:
        """Read a database."""
        return self.send("GET", self.path(instance, "databases", database))

    def delete_database(self, instance: str, database: str) -> Exchange:
        """Delete a database."""
        return self.send("DELETE", self.path(instance, "databases", database))

    def lasting(self, listed: Exchange) -> list[str]:
        """The uuids of a list answer without what ended checks created.

        That was asked to go, and a target may take its time: no document says how long.
        """
        living = (SHARED, self.client.check)
        remaining = self.client.ownership.remaining()
        leaving = {resource.id for resource in remaining if resource.check not in living}
        return [found for found in uuids(listed) if found not in leaving]

    # Proofs: valid requests that stand as the positive twins of many refusals

    def proof_of_creation(self) -> Exchange:
        """The answer to the run's first valid creation of an instance."""
        return self._proof(("instance",), self.create)

    def proof_of_update(self, instance: str) -> Exchange:
        """The answer to a PUT of the instance as it is; the instance is ACTIVE again afterwards."""

        def put() -> Exchange:
            exchange = self.update(instance)
            if exchange.succeeded and self.settings.wait_active:
                self.wait_active(self.path(instance), "instance update to ACTIVE")
            return exchange

        return self._proof(("update", instance), put)

    def proof_of_user(self, instance: str) -> Exchange:
        """The answer to the first valid creation of a user in an instance."""
        return self._proof(("user", instance), lambda: self.create_user(instance))

    def proof_of_database(self, instance: str, owner: str) -> Exchange:
        """The answer to the first valid creation of a database for an owner."""
        return self._proof(
            ("database", instance, owner), lambda: self.create_database(instance, owner)
        )

    def _proof(self, key: tuple[str, ...], attempt: Callable[[], Exchange]) -> Exchange:
        if key in self._proofs:
            return self._proofs[key]
        with self.client.acting_for(SHARED):
            exchange = attempt()
        if exchange.succeeded:
            self._proofs[key] = exchange
        return exchange

    # Waits

    def wait_active(
        self, path: str, what: str, requirement: str = "DB-INST-STATUS-REACHES-ACTIVE"
    ) -> Waited[Json]:
        """Wait until what is at `path` is ACTIVE; raises `Deviation` when the budget is over."""
        if not self.settings.wait_active:
            raise NotTestable("[dbaas] wait_active = false: nothing drives the lifecycle here")
        waited = wait_until(
            lambda: self.send("GET", path).json(),
            lambda value: _status(value) in ("ACTIVE", "ERROR"),
            budget=self.timing.create,
            poll=self.timing.poll,
        )
        if _status(waited.value) != "ACTIVE":
            raise Deviation(
                "the resource does not become ACTIVE",
                f"status ACTIVE within {self.timing.create:g} s",
                f"last seen {_status(waited.value)!r}",
                requirement,
            )
        self.durations.append(Duration(FAMILY, what, waited.lower, waited.upper))
        return waited

    def wait_members(self, instance: str, wanted: Mapping[str, Json]) -> Waited[Json]:
        """Wait until a settled instance shows the `wanted` members; the caller judges."""
        return wait_until(
            lambda: self.get(instance).json(),
            lambda value: (
                self.at_rest(value) and all(same(value.get(name), wanted[name]) for name in wanted)
            ),
            budget=self.timing.scale,
            poll=self.timing.poll,
        )

    def at_rest(self, shown: Json) -> bool:
        """Tell whether a shown instance takes changes: ACTIVE, where something drives that."""
        idle = () if self.settings.wait_active else ("NEW", "IN_PROGRESS")
        return _status(shown) in ("ACTIVE", *idle)

    def wait_absent(self, path: str, requirement: str = "") -> None:
        """Wait until `path` answers 404; raises `Deviation` when the budget is over."""
        waited = wait_until(
            lambda: self.send("GET", path),
            lambda exchange: exchange.status in {404, 410},
            budget=self.timing.delete,
            poll=self.timing.poll,
        )
        if not waited.reached:
            raise Deviation(
                "what was deleted is still there",
                f"404 within {self.timing.delete:g} s",
                waited.value.line,
                requirement,
                waited.value,
            )
        self.client.gone(path)

    def request(self, **changes: Json) -> str:
        """Create an instance and return its uuid; it is not ACTIVE yet."""
        return identity(self.create(**changes))

    def whole(self, instance: str) -> dict[str, Json] | None:
        """An instance as GET shows it once it is ACTIVE; None when it is gone or broken.

        Where nothing drives the lifecycle, no state is waited for.
        """
        exchange = self.get(instance)
        shown = exchange.json()
        if not exchange.succeeded or not isinstance(shown, dict) or _status(shown) == "ERROR":
            return None
        if self.settings.wait_active and _status(shown) != "ACTIVE":
            shown = self.wait_active(self.path(instance), "instance create to ACTIVE").value
        return dict(shown) | {"uuid": instance}

    def other_instance(self) -> str:
        """The uuid of a second instance, ACTIVE now, that the present check may update."""
        return str(self.pool.look()["uuid"])

    def active_instance(self, **changes: Json) -> dict[str, Json]:
        """Create an instance, wait until it is ACTIVE (where something drives that), return it."""
        instance = self.whole(self.request(**changes))
        if instance is None:
            raise NotTestable("a created instance cannot be read, or is broken")
        return instance

    def foreign_instance(self) -> str:
        """The uuid of an instance that [auth.other_tenant] has, made on first use.

        Raises `NotTestable` where that credential creates none.
        """
        if not self._foreign:
            with self.client.acting_for(SHARED):
                path, body = self.collection("instances"), self.creation(project_id=...)
                self._foreign = identity(self.send("POST", path, body, credential="other_tenant"))
        return self._foreign

    def new_user(self, instance: str, **changes: Json) -> str:
        """Create a valid user and return its uuid."""
        return identity(self.create_user(instance, **changes))

    def new_database(self, instance: str, owner: str, /, **changes: Json) -> str:
        """Create a valid database and return its uuid."""
        return identity(self.create_database(instance, owner, **changes))


def identity(exchange: Exchange) -> str:
    """The uuid of what an exchange created; raises `NotTestable` where there is none."""
    body = exchange.json()
    found = body.get("uuid") if isinstance(body, dict) else None
    if not exchange.succeeded or not isinstance(found, str):
        raise NotTestable(f"a valid creation did not answer with a uuid: {exchange.line}")
    return found


def items(exchange: Exchange) -> list[Json]:
    """The members of a list answer: an array, or an object with one array member."""
    body = exchange.json()
    if isinstance(body, dict):
        arrays = [value for value in body.values() if isinstance(value, list)]
        body = arrays[0] if len(arrays) == 1 else None
    return body if isinstance(body, list) else []


def uuids(exchange: Exchange, name: Json = ...) -> list[str]:
    """The sorted uuids of a list answer's members; with `name` of those that have this name."""
    members = [member for member in items(exchange) if isinstance(member, dict)]
    return sorted(
        str(member.get("uuid"))
        for member in members
        if name is ... or same(member.get("name"), name)
    )


def settled(exchange: Exchange) -> Json:
    """What an answer shows of one thing, without the members that change by themselves."""
    body = exchange.json()
    if not isinstance(body, dict):
        return body
    return {name: body[name] for name in body if name not in {"status", "updated_at"}}


def refers_to(reference: Json, identifier: str) -> bool:
    """Tell whether a reference, in either style, names the thing with this uuid."""
    return isinstance(reference, str) and bool(
        re.fullmatch(rf"(.*/)?{re.escape(identifier)}/?", reference)
    )


def _status(value: Json) -> Json:
    return value.get("status") if isinstance(value, dict) else None
