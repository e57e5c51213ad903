"""What a run leaves behind where it could not remove it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ResourceRecord:
    """A resource that this run created and could not remove; several have an order."""

    family: str
    kind: str
    id: str
    name: str
    path: str
    reason: str

    @property
    def subject(self) -> str:
        """How people find it: by identifier and name; a setting has neither, but a path."""
        if not self.id:
            return self.name or self.path
        return f"{self.id} ({self.name})" if self.name else self.id
