"""The clickhouse family under load (ClickHouse Cloud OpenAPI, operations 1 to 5 and 7 to 9)."""

from collections.abc import Mapping

from pgassay.exchange import Exchange, Json
from pgassay.target.model import ClickhouseSettings
from pgassay.traffic.adapter import Condition, Unprepared
from pgassay.traffic.ledger import Listed
from pgassay.traffic.session import Session, value_of


class ClickhouseAdapter:
    """The services of one organization."""

    def __init__(self, settings: ClickhouseSettings) -> None:
        """`settings` name the organization, provider, region and sizes to use."""
        self._settings = settings
        self._organization = settings.organization_id

    def prepare(self, session: Session) -> None:
        """Find the organization of the key where the target file names none."""
        if self._organization:
            return
        exchange = session.call("organizations", "GET", "/v1/organizations", measured=False)
        found = _result(exchange)
        if not isinstance(found, list) or not found or not isinstance(found[0], dict):
            raise Unprepared(f"no organization could be found: {exchange.line}")
        self._organization = str(found[0].get("id", ""))

    def name(self, nonce: str, number: int) -> str:
        """A name of letters, digits and blanks."""
        return f"pga {nonce} {number:04d}"

    def collection(self) -> str:
        """The organization's services."""
        return f"/v1/organizations/{self._organization}/postgres"

    def path(self, identifier: str) -> str:
        """One service."""
        return f"{self.collection()}/{identifier}"

    def scaling_path(self) -> str:
        """The CDC scaling of the target file's ClickHouse service; empty when it names none."""
        service = self._settings.service_id
        if not service:
            return ""
        return f"/v1/organizations/{self._organization}/services/{service}/clickpipesCdcScaling"

    def creation(self, name: str) -> Mapping[str, Json]:
        """A service of the first size that may be used."""
        settings = self._settings
        return {
            "name": name,
            "provider": settings.provider,
            "region": settings.region,
            "size": settings.sizes[0],
        }

    def value(self, exchange: Exchange) -> Mapping[str, Json] | None:
        """The `result` of a success envelope."""
        found = _result(exchange) if exchange.succeeded else None
        return found if isinstance(found, dict) else None

    def identity(self, value: Mapping[str, Json]) -> str:
        """The service's id."""
        return str(value.get("id", ""))

    def condition(self, value: Mapping[str, Json]) -> Condition:
        """Only `running` is ready; every other state is on its way to it, except the last two."""
        state = value.get("state")
        if state in ("stopped", "deleting"):
            return Condition.BROKEN
        return Condition.REACHED if state == "running" else Condition.PENDING

    def change(
        self, value: Mapping[str, Json], changes: Mapping[str, Json]
    ) -> tuple[str, Mapping[str, Json]]:
        """A merge patch with the tags, which deployed servers clear when they are left out."""
        return "PATCH", {"tags": value.get("tags", []), **changes}

    def listed(self, exchange: Exchange) -> tuple[Listed, ...] | None:
        """The services of the organization."""
        found = _result(exchange) if exchange.succeeded else None
        if not isinstance(found, list):
            return None
        return tuple(
            Listed(
                str(item.get("id", "")),
                str(item.get("name", "")),
                leaving=item.get("state") == "deleting",
            )
            for item in found
            if isinstance(item, dict)
        )


def _result(exchange: Exchange) -> Json:
    body = value_of(exchange)
    return body.get("result") if isinstance(body, dict) else None
