"""Organizations: the tenants of the clickhouse family."""

from pgassay.reference.clickhouse.backend import ORGANIZATION, Backend
from pgassay.reference.settings import ApiKey
from pgassay.reference.store import Document


class Organizations(Backend):
    """The operation on `/v1/organizations` (OpenAPI: organizationGetList)."""

    def organizations(self, key: ApiKey) -> list[Document]:
        """Return the one organization that the key belongs to."""
        document = self.store.get(ORGANIZATION, key.organization)
        return [] if document is None else [self.organization(document)]

    def organization(self, document: Document) -> Document:
        """Return an organization as it is shown."""
        return {
            "id": document["id"],
            "createdAt": document["createdAt"],
            "name": document["name"],
            "privateEndpoints": [],
            "byocConfig": [],
            "enableCoreDumps": False,
        }
