"""The documented pgConfig parameters, and PgBouncer parameters to fill its map with.

Figures are those of the OpenAPI document, #/components/schemas/pgConfig/properties.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pgassay.exchange import Json


@dataclass(frozen=True, slots=True)
class Parameter:
    """A pgConfig parameter: its documented example and either its minimum or its choices.

    `judged` is false where the document's example is less than its own minimum. `falls_back`
    tells that its description or example allows -1, which its minimum does not: either way is
    right. `companions` are parameters that must follow for a valid request at the minimum.
    """

    name: str
    example: Json
    minimum: int | None = None
    choices: tuple[str, ...] = ()
    judged: bool = True
    falls_back: bool = False
    companions: Mapping[str, Json] = field(default_factory=dict)

    def __str__(self) -> str:
        """Name the parameter."""
        return self.name

    @property
    def below(self) -> int:
        """The largest integer below the minimum that must be refused."""
        below = (self.minimum or 0) - 1
        return below - 1 if self.undecided(below) else below

    def undecided(self, number: int) -> bool:
        """Tell whether a server may take or refuse a number below the minimum."""
        return self.falls_back and number == -1

    @property
    def ranged(self) -> bool:
        """Tell whether the minimum can be judged."""
        return self.minimum is not None and self.judged


_ISOLATION = ("read committed", "repeatable read", "serializable")
_PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")

PARAMETERS: Final = (
    Parameter("max_connections", 500, 1),
    Parameter("default_transaction_isolation", "read committed", choices=_ISOLATION),
    Parameter("ssl_min_protocol_version", "TLSv1.3", choices=_PROTOCOLS),
    Parameter("maintenance_work_mem", "64MB", 64),
    Parameter("work_mem", "4MB", 64),
    Parameter("effective_cache_size", "4GB", 8),
    Parameter("random_page_cost", 1.1, 0),
    Parameter("effective_io_concurrency", 200, 0),
    Parameter("max_worker_processes", 8, 0, companions={"max_parallel_workers": 0}),
    Parameter("max_parallel_workers", 4, 0),
    Parameter("max_parallel_workers_per_gather", 2, 0),
    Parameter("max_parallel_maintenance_workers", 2, 0),
    Parameter("statement_timeout", "60s", 0),
    Parameter("lock_timeout", "10s", 0),
    Parameter("idle_session_timeout", "2m", 0),
    Parameter("idle_in_transaction_session_timeout", "2h", 0),
    Parameter("transaction_timeout", "120s", 0),
    Parameter("wal_sender_timeout", "120m", 0),
    Parameter("wal_keep_size", "1GB", 0),
    Parameter("min_wal_size", "80MB", 32768, judged=False),
    Parameter("max_wal_size", "5GB", 32768, judged=False),
    Parameter("max_slot_wal_keep_size", "-1", 0, falls_back=True),
    Parameter("wal_compression", "off", choices=("off", "on", "lz4", "zstd")),
    Parameter("autovacuum_max_workers", 8, 1),
    Parameter("autovacuum_naptime", "5s", 1),
    Parameter("autovacuum_work_mem", "64000kB", 1024, falls_back=True),
    Parameter("autovacuum_vacuum_scale_factor", 0.2, 0),
    Parameter("autovacuum_analyze_scale_factor", 0.1, 0),
    Parameter("autovacuum_vacuum_insert_scale_factor", 0.2, 0),
    Parameter("autovacuum_vacuum_cost_limit", "-1", 1, falls_back=True),
    Parameter("autovacuum_vacuum_cost_delay", "2ms", 0),
)

RANGED: Final = tuple(parameter for parameter in PARAMETERS if parameter.ranged)
CHOSEN: Final = tuple(parameter for parameter in PARAMETERS if parameter.choices)
MINUS_ONE: Final = tuple(parameter for parameter in PARAMETERS if parameter.falls_back)
#: Those whose example is a quantity with a unit.
MEASURED: Final = tuple(
    parameter
    for parameter in PARAMETERS
    if isinstance(parameter.example, str) and parameter.example[0].isdigit()
)
#: Those that take a plain number.
NUMERIC: Final = tuple(
    parameter for parameter in PARAMETERS if isinstance(parameter.example, int | float)
)

#: JSON values that no pgConfig parameter takes.
NOT_A_VALUE: Final[dict[str, Json]] = {
    "true": True,
    "false": False,
    "null": None,
    "array": [1],
    "object": {"value": 1},
}

#: Names that are no documented pgConfig parameter, though they look like one.
UNKNOWN_PARAMETERS: Final[dict[str, str]] = {
    "unknown": "no_such_parameter",
    "server-knows-it": "fsync",
    "upper-case": "MAX_CONNECTIONS",
    "blank-after": "max_connections ",
    "hyphen": "max-connections",
    "empty": "",
}

_BOUNCER_NUMBERS = (
    "default_pool_size min_pool_size reserve_pool_size reserve_pool_timeout max_db_connections "
    "max_user_connections max_client_conn server_idle_timeout server_lifetime "
    "server_connect_timeout server_login_retry query_timeout query_wait_timeout "
    "cancel_wait_timeout client_idle_timeout client_login_timeout idle_transaction_timeout "
    "transaction_timeout suspend_timeout autodb_idle_timeout dns_max_ttl dns_nxdomain_ttl "
    "dns_zone_check_period pkt_buf max_packet_size listen_backlog sbuf_loopcnt tcp_defer_accept "
    "tcp_socket_buffer tcp_keepalive tcp_keepcnt tcp_keepidle tcp_keepintvl tcp_user_timeout "
    "server_reset_query_always server_check_delay server_fast_close server_round_robin "
    "log_connections log_disconnections log_pooler_errors log_stats stats_period verbose "
    "max_prepared_statements disable_pqexec application_name_add_host so_reuseport "
    "scram_iterations max_db_client_connections max_user_client_connections query_wait_notify"
).split()
_BOUNCER_TEXTS = {
    "pool_mode": "transaction",
    "server_reset_query": "DISCARD ALL",
    "server_check_query": "select 1",
    "ignore_startup_parameters": "extra_float_digits",
    "track_extra_parameters": "IntervalStyle",
    "client_tls_sslmode": "prefer",
    "server_tls_sslmode": "prefer",
    "client_tls_protocols": "secure",
    "server_tls_protocols": "secure",
    "client_tls_ciphers": "default",
    "server_tls_ciphers": "default",
    "auth_type": "scram-sha-256",
    "auth_dbname": "postgres",
}

#: One more PgBouncer parameter than the map may have (64), each with a plausible value.
TOO_MANY_FOR_BOUNCER: Final[dict[str, str]] = {
    **dict.fromkeys(_BOUNCER_NUMBERS, "30"),
    **_BOUNCER_TEXTS,
}


def canonical(value: Json) -> Json:
    """A parameter's value for comparison: a number and its decimal string are the same."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    try:
        return float(value)
    except (ValueError, OverflowError):
        return value
