"""The limits, patterns, enumerations and durations that the clickhouse family holds to.

Every rule is a value, so a server with another rule is `replace(ClickhouseRules(), ...)`.
Sources: ClickHouse Cloud OpenAPI, the schema named beside each rule, unless said otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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
    """`pgTags` and `ResourceTagsV1`.

    The schema is silent about a key that occurs twice: it is refused, or where keys need not be
    unique kept, or `collapsed` into its last occurrence. `kept_when_omitted` follows RFC 7396.
    """

    maximum: int = 50
    key: TextRule = TextRule(1, 128, "letters, digits, '.', '_' and '-'", r"[a-zA-Z0-9._-]+")
    value: TextRule = TextRule(1, 256, "letters, digits, '.', '_' and '-'", r"[a-zA-Z0-9._-]+")
    reserved_prefix: str = "chc_"
    unique_keys: bool = True
    collapsed: bool = False
    kept_when_omitted: bool = True
    value_required_on_update: bool = False


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """`PostgresServicePostRequest` and `PostgresServicePatchRequest`.

    The description of `pgNameProperty` speaks of alphanumerical text with whitespace; official
    clients also use hyphens, so they are accepted, and underscores with them.
    Where documents disagree: whether list items have `storageSize`, whether a creation may name a
    configuration and set nothing in it, whether answers to changes have `createdAt`, whether a
    second delete is accepted, and how a connection string looks.
    `access_rules` shows the list of access rules when a service is read, always an empty one: the
    document does not know it, and clickhousectl 0.5.0 restores no service that lacks it.
    """

    name: TextRule = TextRule(1, 50, "letters, digits, spaces, '-' and '_'", r"[\w -]+")
    region: TextRule = TextRule(1, 255, "printable characters", r"[^\x00-\x1f\x7f-\x9f]+")
    providers: tuple[str, ...] = ("aws",)
    versions: tuple[str, ...] = ("17", "18")
    default_version: str = "17"
    sizes: Mapping[str, Size] = field(default_factory=lambda: SIZES)
    high_availability: tuple[str, ...] = ("none", "async", "sync")
    default_high_availability: str = "none"
    access_rules: bool = True
    tags: TagRules = TagRules()
    storage_in_list: bool = True
    empty_configuration: bool = False
    dated_changes: bool = False
    repeated_delete: bool = True
    connection_uri: str = "postgres://{authority}/postgres?channel_binding=require"


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """`pgPassword`: a length in code points, and classes that each must occur somewhere."""

    minimum: int = 12
    maximum: int = 1024
    classes: tuple[str, ...] = ("[a-z]", "[A-Z]", "[0-9]")

    def problem(self, text: str) -> str | None:
        """Say what is wrong with a password without repeating any of it, or None."""
        if not self.minimum <= len(text) <= self.maximum:
            return f"must have {self.minimum} to {self.maximum} characters"
        if not all(re.search(each, text) for each in self.classes):
            return f"must hold a character of each of {', '.join(self.classes)}"
        if "\0" in text:
            return "must not hold the character U+0000, which PostgreSQL cannot store"
        return None


@dataclass(frozen=True, slots=True)
class ConfigurationRules:
    """`pgConfig` and `pgBouncerConfig`.

    Where documents disagree: whether a request may hold an empty map, whether one that lacks a map
    keeps it as it is or is refused, whether numbers are shown as texts, and whether a parameter
    with a special value -1 takes it as a number too, below its minimum.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=lambda: PARAMETERS)
    empty_accepted: bool = True
    missing_kept: bool = False
    numbers_as_text: bool = False
    minus_one: bool = False
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
    """`ClickPipesCdcScaling`: millicores, GiB, and the GiB that belong to one core.

    `alone` is what becomes of the other member when a request names one of the two: it is kept as
    last asked for (and the pair refused if they do not match), completed, or the request refused.
    """

    cpu: StepRule = StepRule(1000, 32000, 1000)
    memory: StepRule = StepRule(4, 128, 4)
    memory_per_core: int = 4
    alone: Literal["keep", "complete", "refuse"] = "keep"
    missing_pipe_status: Literal[400, 404] = 404
    default_cpu: int = 2000
    default_memory: int = 8


@dataclass(frozen=True, slots=True)
class RangeRule:
    """A whole number within a range."""

    minimum: int
    maximum: int

    def problem(self, number: int) -> str | None:
        """Say what is wrong with a number, or None."""
        if self.minimum <= number <= self.maximum:
            return None
        return f"must be a whole number from {self.minimum} to {self.maximum}"


@dataclass(frozen=True, slots=True)
class MetricsRules:
    """Parameters of postgresInstanceMetricsGet; lengths of time in seconds.

    `widens` tells what becomes of a bucket so small that a series would have more points than
    allowed: it is widened, or the request refused (the document says only that it is capped).
    The longest window and how long metrics are kept are not in the document: they are what the
    software below the service holds to. `leeway` is for a request that asks for all that is kept,
    and is on its way meanwhile.
    """

    bucket: RangeRule = RangeRule(1, 2**63 - 1)
    derived_buckets: tuple[int, ...] = (1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 86400)
    points: int = 250
    widens: bool = False
    longest_window: float = 31 * 86400
    kept: float = 31 * 86400
    leeway: float = 60


@dataclass(frozen=True, slots=True)
class InsightRules:
    """Parameters of slowQueryPatternsGetList and slowQueryPatternGet.

    `kept` is in seconds: at least so much of the past is covered (documentation, pricing: seven
    days in the Scale tier); whole days fall off at its end. `fractional_durations` answers parts
    of microseconds, as the service does where the document promises integers. `refuses_unknown`
    answers 404 for a pattern that is not there, in place of a detail without aggregate.
    """

    limit: RangeRule = RangeRule(1, 500)
    default_limit: int = 20
    offset: RangeRule = RangeRule(0, 2**63 - 1)
    executions: int = 10
    kept: int = 7 * 86400
    fractional_durations: bool = False
    refuses_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Durations:
    """How long operations take, in seconds at time scale 1."""

    creating: float = 300
    # A service made from a backup takes these in place of `creating`.
    allocating: float = 60
    restoring: float = 120
    replaying: float = 120
    finalizing: float = 60
    # From the creation on; until then there is nothing to make such a service from.
    first_backup: float = 600
    restarting: float = 60
    promoting: float = 1
    switching_over: float = 30
    resizing: float = 240
    renaming: float = 60
    deleting: float = 60
    scaling: float = 240


@dataclass(frozen=True, slots=True)
class ClickhouseRules:
    """Everything that the family's behaviour depends on.

    `restore_window` is how far back a service can be restored, in seconds whatever the time scale
    (documentation: backups are kept for seven days). `quota` is how many Postgres services an
    organization may have, where the settings do not say.
    `milliseconds_only` reads timestamps in query strings as the public service does: only with
    exactly three digits after the point and a Z, where the document promises RFC 3339.
    `nil_refused` answers 400 and not 404 to the nil UUID, `switchover_ignored` answers 200 where
    there is no standby, `copies_show_secrets` tells the source's credentials in the answers that
    create replicas and restored services. `redaction` overrules the organizations' own setting.
    """

    service: ServiceRules = field(default_factory=ServiceRules)
    password: PasswordRules = PasswordRules()
    configuration: ConfigurationRules = field(default_factory=ConfigurationRules)
    scaling: ScalingRules = ScalingRules()
    durations: Durations = Durations()
    metrics: MetricsRules = MetricsRules()
    insights: InsightRules = InsightRules()
    restore_window: float = 7 * 86_400
    quota: int = 1_000_000
    prometheus_services: int = 100
    milliseconds_only: bool = False
    nil_refused: bool = False
    switchover_ignored: bool = False
    copies_show_secrets: bool = False
    redaction: bool | None = None
