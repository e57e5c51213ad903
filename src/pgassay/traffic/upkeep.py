"""What customers change on resources that run: settings, passwords and users.

Services have a configuration and one password (ClickHouse Cloud OpenAPI, operations 10 to 13);
instances have a description and users of their own (PostgreSQL Service API, section Users).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from pgassay.exchange import Exchange, Json
from pgassay.target.model import Family
from pgassay.traffic.adapter import Condition, Resource
from pgassay.traffic.ledger import GONE
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.session import value_of
from pgassay.traffic.users import InstanceUsers


class Upkeep(Protocol):
    """The changes that one family knows."""

    def configure(self, arrival: Arrival, resource: Resource) -> None:
        """Change a setting, and wait until it shows."""

    def renew_password(self, arrival: Arrival, resource: Resource) -> None:
        """Let somebody log in with a new password."""


def upkeep_of(family: Family) -> Upkeep:
    """The changes that `family` knows."""
    return ServiceUpkeep() if family is Family.CLICKHOUSE else InstanceUpkeep()


class ServiceUpkeep:
    """The configuration and the superuser's password of a service."""

    def configure(self, arrival: Arrival, resource: Resource) -> None:
        """Set `work_mem`, and read the configuration until it shows."""
        path = f"{arrival.traffic.adapter.path(resource.id)}/config"
        wanted = f"{4 + arrival.number % 60}MB"
        # Deployed servers want both maps, and neither empty.
        body = {"pgConfig": {"work_mem": wanted}, "pgBouncerConfig": {"default_pool_size": "16"}}
        exchange = arrival.call("configure", "PATCH", path, body)
        if not exchange.succeeded:
            return

        def shown(seen: Exchange) -> Condition:
            settings = _result(seen).get("pgConfig")
            now = settings.get("work_mem") if isinstance(settings, dict) else None
            return Condition.REACHED if now == wanted else Condition.PENDING

        arrival.watch(
            "time_to_configured",
            arrival.start(exchange),
            lambda: arrival.call("config_poll", "GET", path),
            shown,
            arrival.traffic.plan.target.timing.config,
        )

    def renew_password(self, arrival: Arrival, resource: Resource) -> None:
        """Have the server make a new password; a target that offers none configures instead."""
        if not arrival.traffic.plan.target.features.get("password", True):
            self.configure(arrival, resource)
            return
        path = f"{arrival.traffic.adapter.path(resource.id)}/password"
        arrival.call("set_password", "PATCH", path, {})


class InstanceUpkeep:
    """The description and the users of an instance; passwords are those of users."""

    def configure(self, arrival: Arrival, resource: Resource) -> None:
        """Change the description, and wait until it shows."""
        arrival.configure(resource, {"description": f"change {arrival.number} by pgassay"})

    def renew_password(self, arrival: Arrival, resource: Resource) -> None:
        """Create a user with a password, wait until it may log in, and delete it again."""
        instance = arrival.traffic.adapter.path(resource.id)
        adapter = InstanceUsers(arrival.traffic.plan.target.dbaas, instance)
        own = replace(arrival, traffic=arrival.traffic.part(resource.id, adapter), suffix="_user")
        user = own.create()
        if user is None:
            return
        path = adapter.path(user.id)
        # A poll is named as the ones of other waits are.
        polling = replace(own, suffix="")

        def active(seen: Exchange) -> Condition:
            if seen.status in GONE:
                return Condition.BROKEN
            value = adapter.value(seen)
            return Condition.PENDING if value is None else adapter.condition(value)

        polling.watch(
            "time_to_user_active",
            user.start,
            lambda: polling.call("user_poll", "GET", path),
            active,
            own.traffic.plan.target.timing.config,
        )
        if own.remove(user.id).succeeded:
            own.traffic.session.gone(path)


def _result(exchange: Exchange) -> Mapping[str, Json]:
    body = value_of(exchange) if exchange.succeeded else None
    found = body.get("result") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}
