# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in what the dbaas family makes of values: trimmed, folded, wrapped, rounded."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pgassay.mutants.mutant import Faults
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import Caller
from pgassay.reference.store import Document

FAULTS = Faults()

Body = Mapping[str, Any]


class _Reading(DbaasService):
    """Reads one member of every body in its own way."""

    member: ClassVar[str]

    def create_instance(self, caller: Caller, body: Body) -> Document:
        return super().create_instance(caller, self.reading(body))

    def update_instance(self, caller: Caller, identifier: str, body: Body) -> Document:
        return super().update_instance(caller, identifier, self.reading(body))

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        return super().create_user(caller, instance_id, self.reading(body))

    def create_database(self, caller: Caller, instance_id: str, body: Body) -> Document:
        return super().create_database(caller, instance_id, self.reading(body))

    def reading(self, body: Body) -> Body:
        """Return the body with the member as it is taken."""
        if self.member not in body:
            return body
        return {**body, self.member: self.taken(body[self.member])}

    def taken(self, value: Any) -> Any:
        """Return what the member is taken for."""
        return self.text(value) if isinstance(value, str) else value

    def text(self, value: str) -> str:
        """Return what a text is taken for."""
        return value


@FAULTS.dbaas("DB-VALUE-KEPT")
class DescriptionEndsAtNul(_Reading):
    """A description ends at a NUL; what comes after it is lost."""

    member = "description"

    def text(self, value: str) -> str:
        return value.partition("\0")[0]


@FAULTS.dbaas("DB-VALUE-KEPT")
class DescriptionComposed(_Reading):
    """The combining characters of a description are composed with their letters."""

    member = "description"

    def text(self, value: str) -> str:
        return unicodedata.normalize("NFC", value)


@FAULTS.dbaas("DB-VALUE-KEPT")
class ControlCharactersDropped(_Reading):
    """Control characters of a description are dropped."""

    member = "description"

    def text(self, value: str) -> str:
        return "".join(letter for letter in value if letter >= " ")


@FAULTS.dbaas("DB-VALUE-KEPT")
class LongDescriptionCut(_Reading):
    """A description that is too long is cut to 255 characters."""

    member = "description"

    def text(self, value: str) -> str:
        return value[:255]


@FAULTS.dbaas("DB-VALUE-KEPT")
class EmojiReplaced(_Reading):
    """Characters beyond the basic plane become question marks in a description."""

    member = "description"

    def text(self, value: str) -> str:
        return "".join(letter if ord(letter) < 2**16 else "?" for letter in value)


@FAULTS.dbaas("DB-DB-GET")
class NameFolded(_Reading):
    """Names are kept in small letters, as PostgreSQL does without quotes."""

    member = "name"

    def text(self, value: str) -> str:
        return value.lower()


@FAULTS.dbaas("DB-USER-NAME-CHARACTERS")
class NameTrimmed(_Reading):
    """White space around a name is overlooked."""

    member = "name"

    def text(self, value: str) -> str:
        return value.strip()


@FAULTS.dbaas("DB-DB-NAME-LENGTH")
class LongNameCut(_Reading):
    """A name is cut to 63 characters, as PostgreSQL does."""

    member = "name"

    def text(self, value: str) -> str:
        return value[:63]


@FAULTS.dbaas("DB-REQUEST-INVALID")
class VersionOutOfArray(_Reading):
    """A version in an array of its own is taken out of it."""

    member = "version"

    def taken(self, value: Any) -> Any:
        return value[0] if isinstance(value, list) and value else value


@FAULTS.dbaas("DB-INST-CPU-RANGE")
class CpuWraps(_Reading):
    """A cpu beyond 32 bits begins from zero again."""

    member = "cpu"

    def taken(self, value: Any) -> Any:
        return value % 2**32 if isinstance(value, int) and value >= 2**32 else value


@FAULTS.dbaas("DB-INST-UPDATE-VALIDATION")
class RamClamped(_Reading):
    """A ram beyond 64 bits is taken for the largest there is."""

    member = "ram"

    def taken(self, value: Any) -> Any:
        return 1024 * 1024 if isinstance(value, int) and value >= 2**63 else value


@FAULTS.dbaas("DB-INST-DISK-TYPE")
class DiskRounded(_Reading):
    """A disk_size with a fraction is rounded down."""

    member = "disk_size"

    def taken(self, value: Any) -> Any:
        return int(value) if isinstance(value, float) else value


@FAULTS.dbaas("DB-INST-SYNC-TYPE")
class NullReplicasAreNone(_Reading):
    """A sync_replica_number of null counts as 0."""

    member = "sync_replica_number"

    def taken(self, value: Any) -> Any:
        return 0 if value is None else value


@FAULTS.dbaas("HTTP-STATUS-NO-5XX", shown_by=("DB-INST-CPU-RANGE",))
class HugeNumberCrashes(_Reading):
    """A cpu beyond 64 bits is a failure of the server."""

    member = "cpu"

    def taken(self, value: Any) -> Any:
        if isinstance(value, int):
            value.to_bytes(8, "big", signed=True)
        return value


@FAULTS.dbaas("DB-SCHEMA-UNDOCUMENTED-MEMBER", shown_by=("DB-USER-GET",))
class UnknownMemberEchoed(DbaasService):
    """A user is answered with whatever members were sent, known or not."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        made = super().create_user(caller, instance_id, body)
        return {**{name: body[name] for name in body if name != "password"}, **made}


@FAULTS.dbaas("DB-VALUE-KEPT")
class ReservedNameFolded(DbaasService):
    """A user name that would be reserved in small letters is accepted, and kept in these."""

    def new_document(self, model: Any, members: Iterable[str]) -> Document:
        document = super().new_document(model, members)
        folded = document["name"].lower()
        reserved = folded.startswith(("pg_", "dbaas_", "postgres"))
        return document | {"name": folded} if reserved else document
