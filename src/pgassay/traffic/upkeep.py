"""What customers change on resources that run: settings, passwords and users.

Services have a configuration and one password (ClickHouse Cloud OpenAPI, operations 10 to 13);
instances have a description and users of their own (PostgreSQL Service API, section Users).
"""

import secrets
from collections.abc import Mapping
from typing import Protocol

from pgassay.exchange import Exchange, Json
from pgassay.target.model import Family
from pgassay.traffic.adapter import Condition, Resource
from pgassay.traffic.ledger import GONE
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.session import value_of


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
        users = f"{arrival.traffic.adapter.path(resource.id)}/users"
        slash = "/" if arrival.traffic.plan.target.dbaas.collection_slash else ""
        body = _user(arrival)
        exchange = arrival.call("create_user", "POST", users + slash, body)
        user = value_of(exchange) if exchange.succeeded else None
        if not isinstance(user, dict) or not user.get("uuid"):
            return
        path = f"{users}/{user['uuid']}"
        settings = arrival.traffic.plan.target.dbaas

        def active(seen: Exchange) -> Condition:
            value = value_of(seen) if seen.succeeded else None
            status = value.get("status") if isinstance(value, dict) else None
            if seen.status in GONE or status == "ERROR":
                return Condition.BROKEN
            ready = status == "ACTIVE" or (value is not None and not settings.wait_active)
            return Condition.REACHED if ready else Condition.PENDING

        arrival.watch(
            "time_to_user_active",
            arrival.start(exchange),
            lambda: arrival.call("user_poll", "GET", path),
            active,
            arrival.traffic.plan.target.timing.config,
        )
        gone = arrival.call("delete_user", "DELETE", path, expected=GONE)
        if gone.succeeded:
            arrival.traffic.session.gone(path)


def _user(arrival: Arrival) -> Mapping[str, Json]:
    plan = arrival.traffic.plan
    return {
        "name": f"pga_{plan.nonce}_u{plan.worker}_{arrival.number}",
        "description": "created by pgassay",
        "password": f"Aa1-{secrets.token_hex(8)}",
    }


def _result(exchange: Exchange) -> Mapping[str, Json]:
    body = value_of(exchange) if exchange.succeeded else None
    found = body.get("result") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}
