"""The quota of services that an organization may have (`postgres-services-per-organization`)."""

from pgassay.reference.clickhouse.backend import SERVICE, Backend
from pgassay.reference.http import ApiError


class Quotas(Backend):
    """Refuses what goes beyond an organization's quota."""

    # organization -> at least as many services as it has. Counting them for each creation would
    # make it slower with every service, so those that are gone are told apart at the limit only.
    _at_most: dict[str, int] | None = None

    def quota(self) -> int:
        """Return how many services an organization may have."""
        given = self.settings.quota
        return self.rules.quota if given is None else given

    def claim_service(self, organization_id: str) -> None:
        """Count one more service; ApiError 409 when the organization has all it may have.

        A service counts until it is gone.
        """
        known = self._at_most = {} if self._at_most is None else self._at_most
        count = known.get(organization_id)
        if count is None:
            count = self.store.count(SERVICE, organization_id)
        if count >= self.quota():
            count = self.count_services(organization_id)
        if count >= self.quota():
            limit = f"at most {self.quota()} Postgres services per organization"
            raise ApiError(409, "CONFLICT", f"The quota is used up: {limit}")
        known[organization_id] = count + 1

    def count_services(self, organization_id: str) -> int:
        """Count the services of an organization that are not gone yet."""
        documents = self.store.children(SERVICE, organization_id)
        return sum(self.present_state(SERVICE, each) is not None for each in documents)
