"""PostgreSQL versions: managed by the administrator, read-only through the API."""

from pgassay.reference.dbaas.resources import VERSION, Caller, Resources
from pgassay.reference.http import not_found
from pgassay.reference.store import Document

#: Versions have no parent; the store wants one.
EVERYWHERE = ""

_SHOWN = ("uuid", "name", "description", "image", "created_at", "updated_at")


class Versions(Resources):
    """Version operations. Source: section PostgreSQL Versions API."""

    def list_versions(self, caller: Caller) -> dict[str, list[Document]]:
        """Return all versions, wrapped as the document shows; the same for every caller."""
        return {"versions": [self.shown_version(each) for each in self.listed(VERSION, EVERYWHERE)]}

    def get_version(self, caller: Caller, identifier: str) -> Document:
        """Return one version; 404."""
        document = self.found(VERSION, identifier)
        if document is None:
            raise not_found(f"there is no version {identifier}")
        return self.shown_version(document)

    def shown_version(self, document: Document) -> Document:
        """Return the public representation."""
        return {name: document[name] for name in _SHOWN}
