"""The values that a target file is parsed into."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final


class Family(StrEnum):
    """The API families that pgassay examines."""

    CLICKHOUSE = "clickhouse"
    DBAAS = "dbaas"


class Scheme(StrEnum):
    """How a credential travels: RFC 7617, RFC 6750, a header of its own, or not at all."""

    BASIC = "basic"
    BEARER = "bearer"
    HEADER = "header"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Credential:
    """One set of credentials; the secret parts never show in its representation."""

    scheme: Scheme
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    header: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The request headers that carry the credential."""
        match self.scheme:
            case Scheme.BASIC:
                pair = b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")
                return {"Authorization": f"Basic {pair}"}
            case Scheme.BEARER:
                return {"Authorization": f"Bearer {self.token}"}
            case Scheme.HEADER:
                return {self.header: self.token}
            case Scheme.NONE:
                return {}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not appear in anything that is written."""
        values = [self.password, self.token]
        values += [value.split(" ")[-1] for value in self.headers.values()]
        return tuple(value for value in values if value)


@dataclass(frozen=True, slots=True)
class ClickhouseSettings:
    """Where and with what the clickhouse family may be exercised.

    `prefix` is the path before `organizations`. `organization_id` empty means: the single
    organisation that the key sees. `service_id` is a ClickHouse service with a database ClickPipe
    (CDC scaling), `service_without_pipe_id` one without; empty leaves the checks that need it
    NOT_TESTABLE. `observed_service_id` is a Postgres service that is in use: its metrics and slow
    queries are read, it is never changed. `sizes` are those that may really be created; the first
    is used unless a check is about sizes. `redaction` says whether reads hide credentials, as newer
    documents demand: "on", "off", or empty for not said; `other_redaction` says the same of the
    other organisation. `rate_limit` requests in `rate_window` seconds are what a key may send where
    the feature rate_limit is claimed. `quota` services are what the organisation may have where the
    feature quota is; checks use them up.

    The others say which way the target went where documents contradict each other or the deployed
    service; the checks follow, and reports show it. `specification` is the SHA-256 of the published
    OpenAPI document that was promised. `tag_omission` is what a PATCH does to tags that it does not
    name: "keep" or "wipe". `timestamps` are the forms that are read in queries: "rfc3339" or
    "milliseconds", those with three digits and Z alone. `empty_config_on_creation` and
    `empty_config_on_change` are "accept" or "refuse". `default_version` is "any" where none is
    promised. `prometheus_level` "evolving" makes deviations in Prometheus metrics warnings.
    `slow_query_data` "none" says that no queries have been recorded: the checks that need some are
    NOT_TESTABLE.
    """

    prefix: str = "/v1"
    specification: str = ""
    tag_omission: str = "keep"
    timestamps: str = "rfc3339"
    empty_config_on_creation: str = "refuse"
    empty_config_on_change: str = "accept"
    cdc_max_cores: int = 32
    default_version: str = "17"
    prometheus_level: str = "strict"
    slow_query_data: str = "seedable"
    organization_id: str = ""
    other_organization_id: str = ""
    service_id: str = ""
    service_without_pipe_id: str = ""
    observed_service_id: str = ""
    provider: str = "aws"
    region: str = "us-east-1"
    sizes: tuple[str, ...] = ("r6gd.medium", "r6gd.large")
    versions: tuple[str, ...] = ("18", "17")
    redaction: str = ""
    other_redaction: str = ""
    quota: int = 10
    rate_limit: int = 10
    rate_window: float = 10.0


@dataclass(frozen=True, slots=True)
class DbaasSettings:
    """The choices that the PostgreSQL Service API leaves open, as this target made them.

    `conninfo` says how the databases of an instance are reached where the feature data_plane is
    claimed: connection parameters of libpq in which `{member}` stands for a member that the
    instance shows. Empty leaves the checks that need it NOT_TESTABLE.
    """

    prefix: str = "/v1/postgres"
    reference_prefix: str = "/v1/types/postgres"
    collection_slash: bool = False
    project_id: str = ""
    reference_style: str = "uri"
    put_semantics: str = ""
    unique_names: bool = True
    wait_active: bool = True
    conninfo: str = ""


#: The budgets for asynchronous operations, which a `factor` multiplies.
BUDGETS: Final = ("create", "scale", "restart", "delete", "config", "cdc", "backup")


@dataclass(frozen=True, slots=True)
class Timing:
    """Named budgets in seconds: the longest that an asynchronous operation may take.

    `backup` is how long a new service may take to have its first backup. `poll` is the first pause
    between two looks, `settle` how long a reached state must hold; `request` also holds for a login
    and for a statement in PostgreSQL.
    """

    create: float = 1800.0
    scale: float = 1800.0
    restart: float = 900.0
    delete: float = 900.0
    config: float = 60.0
    cdc: float = 600.0
    backup: float = 1800.0
    poll: float = 5.0
    settle: float = 15.0
    request: float = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may cost at most; 0 means no limit."""

    requests_per_second: float = 0.0
    concurrent_resources: int = 0
    total_resources: int = 0
    max_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiver:
    """A known deviation: still examined, not counted as a failure until it expires."""

    requirement: str
    reason: str
    owner: str
    expires: date


@dataclass(frozen=True, slots=True)
class Target:
    """A running implementation: what it claims, how to reach it, what a run may do to it.

    `credentials` has a key `NAME` for each `[auth.NAME]` and `FAMILY.NAME` for each
    `[FAMILY.auth.NAME]`; names in use: main, other_tenant, read_only, disabled.
    `features` maps a feature's name to whether it is claimed; `embedded` is true for the reference
    server that a command started itself.
    """

    name: str
    base_url: str
    families: tuple[Family, ...]
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    clickhouse: ClickhouseSettings = field(default_factory=ClickhouseSettings)
    dbaas: DbaasSettings = field(default_factory=DbaasSettings)
    features: Mapping[str, bool] = field(default_factory=dict)
    timing: Timing = field(default_factory=Timing)
    limits: Limits = field(default_factory=Limits)
    waivers: tuple[Waiver, ...] = ()
    verify_tls: bool = True
    embedded: bool = False

    @property
    def mounts(self) -> tuple[tuple[str, str], ...]:
        """Where the dbaas family is served, and where its text has it."""
        return (
            (f"{self.dbaas.prefix}/instances", "/v1/postgres/instances"),
            (f"{self.dbaas.reference_prefix}/versions", "/v1/types/postgres/versions"),
        )

    def documented(self, path: str) -> str:
        """Return a path as the documents write it, wherever the target mounts the families."""
        for own, documented in self.mounts:
            if path.startswith(own):
                return documented + path.removeprefix(own)
        return path

    def served(self, path: str) -> str:
        """Return a path as it is sent: the suite writes those of clickhouse as its document does.

        Those of dbaas are written as the target serves them, for they also stand in bodies.
        """
        if path.startswith("/v1/organizations"):
            return self.clickhouse.prefix + path.removeprefix("/v1")
        return path

    def url(self, path: str) -> str:
        """Return the URL of a path of the suite."""
        return self.base_url.rstrip("/") + self.served(path)

    def credential(self, name: str, family: Family | None = None) -> Credential | None:
        """Return the credential `name` as it applies to `family`, or None.

        `[FAMILY.auth.NAME]` of the target file goes before `[auth.NAME]`.
        """
        specific = self.credentials.get(f"{family}.{name}") if family else None
        return specific or self.credentials.get(name)

    def of_tenants(self, names: Iterable[str], family: Family) -> tuple[Credential, ...]:
        """Return the credentials with these names, and an empty one for each that is not given."""
        return tuple(self.credential(name, family) or Credential(Scheme.NONE) for name in names)
