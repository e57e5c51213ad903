"""Whole numbers at and just beside the borders of their ranges, and JSON values that are none.

Source: PostgreSQL Service API, "Instance Validation".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hypothesis import strategies
from hypothesis.strategies import SearchStrategy

from pgassay.exchange import Json


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A member's range, with the smallest value that is certainly above it.

    `area` is the part of the requirements' identifiers that stands for the member. `largest` is
    certainly within the range; `beyond` is `largest + 1` unless the document leaves open where
    exactly the range ends. `usual` is a value in the middle; `needs` are other members that must
    have certain values for the whole body to be valid.
    """

    area: str
    member: str
    least: int
    largest: int
    beyond: int
    usual: int
    unit: str
    needs: Mapping[str, int] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """What a value outside violates."""
        return f"{self.member} must be between {self.least} and {self.largest} {self.unit}"

    def changes(self, value: Json) -> dict[str, Json]:
        """The members of a body in which only `value` decides whether it is valid."""
        return {**self.needs, self.member: value}

    @property
    def accepted(self) -> dict[str, int]:
        """Values at the inner side of both borders."""
        return {"minimum": self.least, "maximum": self.largest}

    @property
    def refused(self) -> dict[str, int]:
        """Values at the outer side of both borders."""
        return {"minimum-1": self.least - 1, "maximum+1": self.beyond}

    @property
    def mistyped(self) -> dict[str, Json]:
        """JSON values of other types than a whole number. 4.0 is one to some parsers: left out."""
        return {
            "true": True,
            "text": str(self.usual),
            "fraction": self.usual + 0.5,
            "null": None,
            "array": [self.usual],
            "object": {},
        }

    def near_misses(self) -> SearchStrategy[Json]:
        """Draw whole numbers outside, near and far."""
        below = strategies.integers(max_value=self.least - 1)
        return below | strategies.integers(min_value=self.beyond)

    def members(self) -> SearchStrategy[int]:
        """Draw whole numbers inside."""
        return strategies.integers(self.least, self.largest)


CPU: Final = NumberRange("CPU", "cpu", 1, 128, 129, 4, "cores")
# 1 TB is 1000000 or 1048576 MB, 1000 or 1024 GB: what lies between is not judged.
RAM: Final = NumberRange("RAM", "ram", 512, 1_000_000, 1_048_577, 2048, "MB")
DISK: Final = NumberRange("DISK", "disk_size", 8, 1_000, 1_025, 100, "GB")
NODES: Final = NumberRange("NODES", "nodes_number", 1, 16, 17, 3, "nodes")
SYNC: Final = NumberRange(
    "SYNC", "sync_replica_number", 0, 15, 16, 1, "replicas", {"nodes_number": 16}
)

RANGES: Final = (CPU, RAM, DISK, NODES, SYNC)

#: The limits of all ranges in two bodies; crosswise, so that neither asks for the most of all.
CROSSED: Final[tuple[Mapping[str, Json], ...]] = (
    {
        "cpu": CPU.largest,
        "ram": RAM.least,
        "disk_size": DISK.largest,
        "nodes_number": NODES.least,
        "sync_replica_number": SYNC.least,
    },
    {
        "cpu": CPU.least,
        "ram": RAM.largest,
        "disk_size": DISK.least,
        "nodes_number": NODES.largest,
        "sync_replica_number": SYNC.largest,
    },
)


def outside() -> SearchStrategy[tuple[NumberRange, Json]]:
    """Draw a member and a number outside its range."""
    return strategies.sampled_from(RANGES).flatmap(
        lambda numbers: strategies.tuples(strategies.just(numbers), numbers.near_misses())
    )


def inside() -> SearchStrategy[dict[str, int]]:
    """Draw all members inside their ranges."""
    free = {numbers.member: numbers.members() for numbers in (CPU, RAM, DISK)}
    return NODES.members().flatmap(
        lambda nodes: strategies.fixed_dictionaries(
            free
            | {
                NODES.member: strategies.just(nodes),
                SYNC.member: strategies.integers(SYNC.least, nodes - 1),
            }
        )
    )
