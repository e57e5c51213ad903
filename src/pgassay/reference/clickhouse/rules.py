"""The limits, patterns, enumerations and durations that the clickhouse family holds to.

Every rule is a value, so a server with another rule is `replace(ClickhouseRules(), ...)`.
Sources: ClickHouse Cloud OpenAPI, the schema named beside each rule, unless said otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pgassay.reference.clickhouse.parameters import PARAMETERS, Parameter
from pgassay.reference.clickhouse.sizes import SIZES, Size


@dataclass(frozen=True, slots=True)
class TextRule:
    """Length in code points, and what the whole text must look like, in words and as a pattern."""

    minimum: int
    maximum: int
    characters: str
    pattern: str

    def problem(self, text: str) -> str | None:
        """Say what is wrong with a text, or None."""
        if not self.minimum <= len(text) <= self.maximum:
            return f"must have {self.minimum} to {self.maximum} characters"
        if not re.fullmatch(self.pattern, text):
            return f"may hold {self.characters} only"
        return None


@dataclass(frozen=True, slots=True)
class TagRules:
    """`pgTags` and `ResourceTagsV1`; a key that occurs twice is refused (the schema is silent)."""

    maximum: int = 50
    key: TextRule = TextRule(1, 128, "letters, digits, '.', '_' and '-'", r"[a-zA-Z0-9._-]+")
    value: TextRule = TextRule(1, 256, "letters, digits, '.', '_' and '-'", r"[a-zA-Z0-9._-]+")
    reserved_prefix: str = "chc_"
    unique_keys: bool = True


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """`PostgresServicePostRequest` and `PostgresServicePatchRequest`.

    The description of `pgNameProperty` speaks of alphanumerical text with whitespace; official
    clients also use hyphens, so they are accepted, and underscores with them.
    """

    name: TextRule = TextRule(1, 50, "letters, digits, spaces, '-' and '_'", r"[\w -]+")
    region: TextRule = TextRule(1, 255, "printable characters", r"[^\x00-\x1f\x7f-\x9f]+")
    providers: tuple[str, ...] = ("aws",)
    versions: tuple[str, ...] = ("17", "18")
    default_version: str = "17"
    sizes: Mapping[str, Size] = field(default_factory=lambda: SIZES)
    high_availability: tuple[str, ...] = ("none", "async", "sync")
    default_high_availability: str = "none"
    tags: TagRules = TagRules()


@dataclass(frozen=True, slots=True)
class ConfigurationRules:
    """`pgConfig` and `pgBouncerConfig`."""

    parameters: Mapping[str, Parameter] = field(default_factory=lambda: PARAMETERS)
    pooler_maximum: int = 64
    pooler_key: TextRule = TextRule(1, 128, "printable characters", r"[^\x00-\x1f\x7f-\x9f]+")
    pooler_value: TextRule = TextRule(0, 1024, "printable characters", r"[^\x00-\x1f\x7f-\x9f]*")


@dataclass(frozen=True, slots=True)
class StepRule:
    """A whole number within a range, in steps of `step`."""

    minimum: int
    maximum: int
    step: int

    def problem(self, number: int) -> str | None:
        """Say what is wrong with a number, or None."""
        if self.minimum <= number <= self.maximum and number % self.step == 0:
            return None
        return f"must be a multiple of {self.step} from {self.minimum} to {self.maximum}"


@dataclass(frozen=True, slots=True)
class ScalingRules:
    """`ClickPipesCdcScaling`: millicores, GiB, and the GiB that belong to one core."""

    cpu: StepRule = StepRule(1000, 32000, 1000)
    memory: StepRule = StepRule(4, 128, 4)
    memory_per_core: int = 4
    default_cpu: int = 2000
    default_memory: int = 8


@dataclass(frozen=True, slots=True)
class Durations:
    """How long operations take, in seconds at time scale 1."""

    creating: float = 300
    resizing: float = 240
    renaming: float = 60
    deleting: float = 60
    scaling: float = 240


@dataclass(frozen=True, slots=True)
class ClickhouseRules:
    """Everything that the family's behaviour depends on."""

    service: ServiceRules = field(default_factory=ServiceRules)
    configuration: ConfigurationRules = field(default_factory=ConfigurationRules)
    scaling: ScalingRules = ScalingRules()
    durations: Durations = Durations()
    prometheus_services: int = 100
