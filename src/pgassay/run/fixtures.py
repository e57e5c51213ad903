"""The fixtures that checks ask for."""

from collections.abc import Iterator
from typing import Any

import pytest

from pgassay.client import Client
from pgassay.deviation import NotTestable
from pgassay.families import ClickhouseApi, DbaasApi, Names
from pgassay.families.clickhouse_copies import Copy, Promotion, promoted, replicated, restored
from pgassay.families.clickhouse_databases import Backed, backed
from pgassay.families.clickhouse_deletion import Deletion, deleted
from pgassay.families.dbaas import identity
from pgassay.families.dbaas_databases import Owned, owned_in
from pgassay.families.races import Round, rounds
from pgassay.families.site import Site, clickhouse_site, dbaas_site
from pgassay.gaps import Recorder
from pgassay.ownership import SHARED
from pgassay.run.options import EXAMPLES, ROUNDS
from pgassay.run.session import Session
from pgassay.specification import Specification
from pgassay.target.model import Family, Target


class Fixtures:
    """Fixtures of one run."""

    def __init__(self, session: Session) -> None:
        """Offer what `session` holds."""
        self._session = session
        self._loans = session.loans

    @pytest.fixture(scope="session")
    def target(self) -> Target:
        """The target under examination."""
        return self._session.target

    @pytest.fixture(scope="session")
    def client(self) -> Client:
        """The only door to the target."""
        return self._session.client

    @pytest.fixture(scope="session")
    def names(self) -> Names:
        """Fresh names and passwords."""
        return self._session.names

    @pytest.fixture(scope="session")
    def seed(self) -> int:
        """The run's seed."""
        return self._session.options.seed

    @pytest.fixture(scope="session")
    def examples(self) -> int:
        """How many examples a property test draws."""
        return EXAMPLES[self._session.options.profile]

    @pytest.fixture
    def rounds(self, request: pytest.FixtureRequest) -> tuple[Round, ...]:
        """The rounds in which a check repeats its race."""
        options = self._session.options
        return rounds(ROUNDS[options.profile], f"{options.seed}/{request.node.name}")

    @pytest.fixture(scope="session")
    def run_session(self) -> Session:
        """The session itself, for checks that bring an engine of their own (fuzzing)."""
        return self._session

    @pytest.fixture(scope="session")
    def specification(self) -> Specification:
        """The OpenAPI document."""
        return self._session.specification

    @pytest.fixture(scope="session")
    def gaps(self) -> Recorder:
        """Where checks note which way the target goes, if they alone know what an answer means."""
        return Recorder(self._session.gaps, self._session.vault.exchange)

    @pytest.fixture(scope="session")
    def clickhouse(self) -> ClickhouseApi:
        """The vocabulary of the clickhouse family."""
        return self._session.clickhouse

    @pytest.fixture(scope="session")
    def dbaas(self) -> DbaasApi:
        """The vocabulary of the dbaas family."""
        return self._session.dbaas

    @pytest.fixture(scope="session")
    def service(self, clickhouse: ClickhouseApi) -> dict[str, Any]:
        """A running service that checks share and leave as it is."""
        return clickhouse.shown(clickhouse.common_service())

    @pytest.fixture(scope="session")
    def observed(self, clickhouse: ClickhouseApi, request: pytest.FixtureRequest) -> str:
        """The id of a service that has had traffic, of which checks read what it shows of that."""
        known = clickhouse.settings.observed_service_id
        return known or str(request.getfixturevalue("service")["id"])

    @pytest.fixture(scope="session")
    def primary(self, clickhouse: ClickhouseApi) -> dict[str, Any]:
        """A running service that checks share: they command, copy and reset it."""
        return self._loans.borrow("primary", clickhouse.pool, haType="none")

    @pytest.fixture(scope="session")
    def standby(self, clickhouse: ClickhouseApi) -> dict[str, Any]:
        """A running service with a standby that checks share."""
        return self._loans.borrow("standby", clickhouse.pool, haType="async")

    @pytest.fixture(scope="session")
    def replica(self, clickhouse: ClickhouseApi, primary: dict[str, Any]) -> Copy:
        """A read replica of the primary that checks share."""
        return self._loans.copy(
            "replica", clickhouse.pool, lambda: replicated(clickhouse, primary["id"])
        )

    @pytest.fixture(scope="session")
    def promotion(self, clickhouse: ClickhouseApi, primary: dict[str, Any]) -> Promotion:
        """A read replica of the primary that was promoted."""
        return self._loans.copy(
            "promotion", clickhouse.pool, lambda: promoted(clickhouse, primary["id"])
        )

    @pytest.fixture(scope="session")
    def restoration(self, clickhouse: ClickhouseApi, primary: dict[str, Any]) -> Copy:
        """A service that was restored from the primary."""
        return self._loans.copy(
            "restoration", clickhouse.pool, lambda: restored(clickhouse, primary["id"])
        )

    @pytest.fixture(scope="session")
    def deletion(self, clickhouse: ClickhouseApi, service: dict[str, Any]) -> Deletion:
        """A service that ran, was deleted, and is gone; what its end looked like."""
        with clickhouse.client.acting_for(SHARED):
            return deleted(clickhouse, clickhouse.pool.take(worn=True)["id"], service["id"])

    @pytest.fixture(scope="session")
    def database(self, clickhouse: ClickhouseApi) -> Backed:
        """A running service whose database checks share: they write to it and command it."""
        with clickhouse.client.acting_for(SHARED):
            return backed(clickhouse)

    @pytest.fixture
    def own_service(self, clickhouse: ClickhouseApi) -> dict[str, Any]:
        """A running service for one check; others may have renamed and configured it before."""
        return self._loans.borrow("own_service", clickhouse.pool, single=True)

    @pytest.fixture
    def worn_service(self, clickhouse: ClickhouseApi) -> dict[str, Any]:
        """A running service for one check that resizes it; it has any legal values."""
        return self._loans.borrow("worn_service", clickhouse.pool, single=True, worn=True)

    @pytest.fixture
    def doomed_service(self, clickhouse: ClickhouseApi) -> dict[str, Any]:
        """A running service for one check that deletes it; it has any legal values."""
        return self._loans.borrow("doomed_service", clickhouse.pool, single=True, worn=True)

    @pytest.fixture(scope="session")
    def instance(self, dbaas: DbaasApi) -> dict[str, Any]:
        """An ACTIVE instance that checks share and leave as it is."""
        found = dbaas.whole(identity(dbaas.proof_of_creation()))
        if found is None:
            raise NotTestable("a created instance cannot be read, or is broken")
        return found

    @pytest.fixture
    def own_instance(self, dbaas: DbaasApi) -> dict[str, Any]:
        """An ACTIVE instance for one check; others may have updated it before."""
        return self._loans.borrow("own_instance", dbaas.pool, single=True)

    @pytest.fixture
    def worn_instance(self, dbaas: DbaasApi) -> dict[str, Any]:
        """An ACTIVE instance for one check that takes it to limits; it has any legal values."""
        return self._loans.borrow("worn_instance", dbaas.pool, single=True, worn=True)

    @pytest.fixture
    def doomed_instance(self, dbaas: DbaasApi) -> dict[str, Any]:
        """An ACTIVE instance for one check that deletes it; it has any legal values."""
        return self._loans.borrow("doomed_instance", dbaas.pool, single=True, worn=True)

    @pytest.fixture(scope="session")
    def user(self, dbaas: DbaasApi, instance: dict[str, Any]) -> dict[str, Any]:
        """A user of the shared instance."""
        with dbaas.client.acting_for(SHARED):
            uuid = identity(dbaas.create_user(instance["uuid"]))
            found: dict[str, Any] = dbaas.user(instance["uuid"], uuid).json()
        return found

    @pytest.fixture(scope="session")
    def owned(self, dbaas: DbaasApi, instance: dict[str, Any]) -> Owned:
        """A database of the shared instance and the way in of its owner."""
        with dbaas.client.acting_for(SHARED):
            return owned_in(dbaas, instance["uuid"])

    @pytest.fixture
    def site(self, family: Family, request: pytest.FixtureRequest) -> Iterator[Site]:
        """The family of a check for both of them, at what its checks share."""
        if family is Family.CLICKHOUSE:
            service = request.getfixturevalue("service")
            found = clickhouse_site(self._session.clickhouse, service)
        else:
            uuid = request.getfixturevalue("instance")["uuid"]
            user = request.getfixturevalue("user")["uuid"]
            found = dbaas_site(self._session.dbaas, uuid, user)
        yield found
        found.restore()
