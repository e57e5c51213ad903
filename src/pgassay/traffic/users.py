"""The users of an instance under load (PostgreSQL Service API, section Users)."""

import secrets
from collections.abc import Mapping
from typing import ClassVar

from pgassay.exchange import Json
from pgassay.target.model import DbaasSettings
from pgassay.traffic.dbaas import DbaasAdapter


class InstanceUsers(DbaasAdapter):
    """What one instance holds: its users are created, read, listed and deleted as instances are."""

    kind: ClassVar = "user"

    def __init__(self, settings: DbaasSettings, instance: str) -> None:
        """`instance` is the path of the instance."""
        super().__init__(settings)
        self._users = f"{instance}/users"
        self._end = "/" if settings.collection_slash else ""

    def name(self, nonce: str, number: int) -> str:
        """A name of letters, digits and underscores."""
        return f"pga_{nonce}_u{number}"

    def collection(self) -> str:
        """The users of the instance."""
        return f"{self._users}{self._end}"

    def path(self, identifier: str) -> str:
        """One user."""
        return f"{self._users}/{identifier}"

    def creation(self, name: str) -> Mapping[str, Json]:
        """A user with a password of its own."""
        return {
            "name": name,
            "description": "created by pgassay",
            "password": f"Aa1-{secrets.token_hex(8)}",
        }

    def state(self, value: Mapping[str, Json]) -> str:
        """None is followed: the API forbids users no way back."""
        return ""

    def shown(self, value: Mapping[str, Json]) -> Mapping[str, Json]:
        """Nothing: users are not changed under load."""
        return {}
