"""What a new store of the clickhouse family holds, and the ids a caller needs to find it."""

from dataclasses import dataclass

from pgassay.reference.clickhouse.backend import ORGANIZATION, SERVICE, WAREHOUSE
from pgassay.reference.clickhouse.rules import ScalingRules
from pgassay.reference.clickhouse.scaling import CPU, MEMORY
from pgassay.reference.clickhouse.services import DOMAIN
from pgassay.reference.clock import Clock
from pgassay.reference.settings import FIRST_ORGANIZATION, SECOND_ORGANIZATION, Settings
from pgassay.reference.store import Document, Store


@dataclass(frozen=True, slots=True)
class Seed:
    """Ids that are the same in every store.

    scalable_service has a database ClickPipe, other_scalable_service too but in the second
    organization; pipeless_service has none, so its scaling is not there.
    """

    organization: str = FIRST_ORGANIZATION
    other_organization: str = SECOND_ORGANIZATION
    service: str = "ee2fef9f-b443-8ad0-8c9b-724390cdb826"
    scalable_service: str = "9b3d0c57-1f6e-4a82-8d44-5e7f2a1c6b10"
    pipeless_service: str = "9b3d0c57-1f6e-4a82-8d44-5e7f2a1c6b11"
    other_scalable_service: str = "9b3d0c57-1f6e-4a82-8d44-5e7f2a1c6b12"


SEED = Seed()


def seed(store: Store, clock: Clock, settings: Settings) -> None:
    """Fill a new store: two organizations, a Postgres service, three ClickHouse services."""
    _organization(store, SEED.organization, "Reference", redacts=False)
    _organization(store, SEED.other_organization, "Other tenant", redacts=True)
    store.put(SERVICE, SEED.service, SEED.organization, _oltp())
    _warehouse(store, SEED.scalable_service, SEED.organization, piped=True)
    _warehouse(store, SEED.pipeless_service, SEED.organization, piped=False)
    _warehouse(store, SEED.other_scalable_service, SEED.other_organization, piped=True)


def _organization(store: Store, id: str, name: str, *, redacts: bool) -> None:
    document = {"id": id, "name": name, "createdAt": "2026-01-12T09:00:00.000Z"}
    store.put(ORGANIZATION, id, "", {**document, "redacts": redacts})


def _warehouse(store: Store, id: str, organization: str, *, piped: bool) -> None:
    default = {CPU: ScalingRules().default_cpu, MEMORY: ScalingRules().default_memory}
    document = {"id": id, "organization": organization, "scaling": default if piped else None}
    store.put(WAREHOUSE, id, organization, document)


def _oltp() -> Document:
    """Return the service of the documentation's answer to the list request."""
    return {
        "id": SEED.service,
        "organization": SEED.organization,
        "name": "oltp",
        "provider": "aws",
        "region": "eu-west-2",
        "postgresVersion": "18",
        "size": "r6gd.medium",
        "haType": "none",
        "tags": [],
        "isPrimary": True,
        "state": "running",
        "createdAt": "2026-05-25T16:42:16+00:00",
        "since": 1_779_727_336.0,
        "username": "postgres",
        # Nothing listens behind the name, so the password guards nothing.
        "password": "oLtp-Reference-00001",
        "hostname": "oltp-0c1d2e3f.pgee2fef9fb4438ad08c9b7243.c0.eu-west-2." + DOMAIN,
        "pgConfig": {},
        "pgBouncerConfig": {},
    }
