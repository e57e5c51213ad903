"""The limits and durations of the dbaas family, as values a variant of the server can replace.

Source of every figure: PostgreSQL Service API, sections Core Components, Validation Rules and
Status Management. Durations and the limits of free text are this server's own choices, as the
document has none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

MEBIBYTES_PER_TEBIBYTE = 1024 * 1024
GIBIBYTES_PER_TEBIBYTE = 1024


class Status(StrEnum):
    """States of instances, databases and users (section Status Management)."""

    NEW = "NEW"
    IN_PROGRESS = "IN_PROGRESS"
    ACTIVE = "ACTIVE"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Range:
    """An inclusive range of whole numbers, with the unit that its message names."""

    low: int
    high: int
    unit: str

    def problems(self, name: str, value: int) -> Iterator[str]:
        """Yield one sentence when `value` lies outside."""
        if not self.low <= value <= self.high:
            yield f"{name}: must be between {self.low} and {self.high} {self.unit}, got {value}"


@dataclass(frozen=True, slots=True)
class TextRule:
    """Length in characters (code points), and whether control characters may occur."""

    shortest: int
    longest: int
    control_characters: bool = True

    def problems(self, name: str, value: str) -> Iterator[str]:
        """Yield a sentence per broken rule; never quotes the value, which may be a password."""
        if not self.shortest <= len(value) <= self.longest:
            allowed = f"{self.shortest} to {self.longest} characters"
            yield f"{name}: must have {allowed}, got {len(value)}"
        if not self.control_characters and re.search(r"[\x00-\x1f\x7f-\x9f]", value):
            yield f"{name}: must not contain control characters"


@dataclass(frozen=True, slots=True)
class IdentifierRule:
    """What a role or database name may look like. "Letter" is read as an ASCII letter."""

    pattern: str
    described: str
    longest: int = 63
    reserved_prefixes: tuple[str, ...] = ()

    def problems(self, name: str, value: str) -> Iterator[str]:
        """Yield a sentence per broken rule."""
        if not re.fullmatch(self.pattern, value):
            yield f"{name}: must start with a letter or underscore and have only {self.described}"
        if len(value) > self.longest:
            yield f"{name}: must have at most {self.longest} characters, got {len(value)}"
        if value.startswith(self.reserved_prefixes):
            yield f"{name}: must not start with {', '.join(self.reserved_prefixes)}"


@dataclass(frozen=True, slots=True)
class InstanceRules:
    """Section Instance Validation. 1 TB is read as a binary terabyte."""

    name: TextRule = TextRule(1, 255, control_characters=False)
    description: TextRule = TextRule(0, 1000)
    cpu: Range = Range(1, 128, "cores")
    ram: Range = Range(512, MEBIBYTES_PER_TEBIBYTE, "MB")
    disk_size: Range = Range(8, GIBIBYTES_PER_TEBIBYTE, "GB")
    nodes_number: Range = Range(1, 16, "nodes")
    sync_replica_number: Range = Range(0, 15, "synchronous replicas")


@dataclass(frozen=True, slots=True)
class UserRules:
    """Section User Validation."""

    name: IdentifierRule = IdentifierRule(
        pattern=r"[A-Za-z_][A-Za-z0-9_$]*",
        described="letters, digits, underscores and dollar signs",
        reserved_prefixes=("pg_", "dbaas_", "postgres"),
    )
    description: TextRule = TextRule(0, 1000)
    password: TextRule = TextRule(8, 99)


@dataclass(frozen=True, slots=True)
class DatabaseRules:
    """Section Database Validation."""

    name: IdentifierRule = IdentifierRule(
        pattern=r"[A-Za-z_][A-Za-z0-9_]*", described="letters, digits and underscores"
    )
    description: TextRule = TextRule(0, 1000)


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds at time scale 1 that each stage of a lifecycle lasts."""

    new: float = 60
    provisioning: float = 240
    updating: float = 120
    child: float = 10


@dataclass(frozen=True, slots=True)
class DbaasRules:
    """All rules of the family; the defaults are the correct ones.

    What the document leaves open: whether new instances may run deprecated versions, whether a PUT
    merges, whether lists stand in an object, whether names are unique in an instance, whether a
    user who owns databases takes them along when deleted, whether references are written as bare
    uuids, whether deletes are answered 200 with a body, whether instances can be listed.
    """

    instance: InstanceRules = field(default_factory=InstanceRules)
    user: UserRules = field(default_factory=UserRules)
    database: DatabaseRules = field(default_factory=DatabaseRules)
    durations: Durations = field(default_factory=Durations)
    deprecated_versions_selectable: bool = True
    merging_put: bool = False
    wrapped_lists: bool = False
    unique_names: bool = True
    cascading_users: bool = False
    bare_references: bool = False
    delete_with_body: bool = False
    instance_list: bool = True
