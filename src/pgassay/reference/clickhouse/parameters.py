"""The 31 PostgreSQL parameters of OpenAPI schema `pgConfig`, and when a value of one is good.

The schema gives type, minimum and enumeration. Its minimum binds numbers only; what a string
may say follows PostgreSQL (chapter "Setting Parameters"): a number in the parameter's own unit,
or a number with a unit. "m" for minutes is not PostgreSQL's, but stands in the schema's examples.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

_MEMORY = {"kB": Decimal(1), "MB": Decimal(2**10), "GB": Decimal(2**20), "TB": Decimal(2**30)}
_TIME = {
    "us": Decimal("0.001"),
    "ms": Decimal(1),
    "s": Decimal(1000),
    "min": Decimal(60_000),
    "m": Decimal(60_000),
    "h": Decimal(3_600_000),
    "d": Decimal(86_400_000),
}
_UNITS: dict[str, dict[str, Decimal]] = {"memory": _MEMORY, "time": _TIME, "none": {}}

#: No integer of PostgreSQL goes beyond 32 bits in its own unit, and no sensible real does.
HIGHEST = 2**31 - 1

# Eighteen digits are beyond every limit of PostgreSQL and cheap to convert.
_WHOLE = re.compile(r"(-?[0-9]{1,18})([A-Za-z]*)")
_REAL = re.compile(r"(-?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?)()")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    minimum, maximum: in the parameter's own unit; least_text where a text with a unit may go
    lower. base: the own unit in kB or ms. special: texts that are good whatever the minimum.
    restart: the major versions of PostgreSQL on which a change waits for a restart.
    """

    kind: Literal["integer", "number", "enum"] = "integer"
    minimum: int = 0
    maximum: int = HIGHEST
    least_text: int | None = None
    unit: Literal["none", "memory", "time"] = "none"
    base: int = 1
    special: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    restart: frozenset[str] = frozenset()

    def problem(self, value: Any) -> str | None:
        """Say what is wrong with a JSON value for this parameter, or None."""
        if self.kind == "enum":
            return None if value in self.values else f"must be one of {', '.join(self.values)}"
        if isinstance(value, str):
            return self._problem_of_text(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"must be {self._article()} or a string"
        if self.kind == "integer" and not isinstance(value, int):
            return f"must be {self._article()} or a string"
        return self._problem_of_number(Decimal(str(value)), self.minimum)

    def _problem_of_text(self, text: str) -> str | None:
        if text in self.special:
            return None
        parts = (_REAL if self.kind == "number" else _WHOLE).fullmatch(text)
        if parts is None or (parts[2] and parts[2] not in _UNITS[self.unit]):
            units = f" with or without a unit ({', '.join(_UNITS[self.unit])})"
            return f"must be {self._article()}" + ("" if self.unit == "none" else units)
        number, least = Decimal(parts[1]), self.minimum
        if parts[2]:
            number = number * _UNITS[self.unit][parts[2]] / self.base
            least = self.minimum if self.least_text is None else self.least_text
        return self._problem_of_number(number, least)

    def _problem_of_number(self, number: Decimal, least: int) -> str | None:
        if least <= number <= self.maximum:
            return None
        return f"must be from {least} to {self.maximum} in its own unit"

    def _article(self) -> str:
        return "an integer" if self.kind == "integer" else "a number"


def canonical(value: Any) -> Any:
    """Make values that mean the same number equal: 42 and "42"."""
    if isinstance(value, str) and _REAL.fullmatch(value):
        return Decimal(value)
    return Decimal(str(value)) if isinstance(value, int | float) else value


def _enum(*values: str) -> Parameter:
    return Parameter(kind="enum", values=values)


def _memory(minimum: int, base: int = 1, **more: Any) -> Parameter:
    return Parameter(minimum=minimum, unit="memory", base=base, **more)


def _time(minimum: int = 0, base: int = 1, **more: Any) -> Parameter:
    return Parameter(minimum=minimum, unit="time", base=base, **more)


# The maxima are those of PostgreSQL 18 (pg_settings.max_val); the schema has none.
_PROCESSES = 262_143
_PARALLEL = Parameter(maximum=1024)
_SHARE = Parameter(kind="number", maximum=100)
_BOTH = frozenset({"17", "18"})

PARAMETERS: dict[str, Parameter] = {
    "max_connections": Parameter(minimum=1, maximum=_PROCESSES, restart=_BOTH),
    "default_transaction_isolation": _enum("read committed", "repeatable read", "serializable"),
    "ssl_min_protocol_version": _enum("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
    "maintenance_work_mem": _memory(64),
    "work_mem": _memory(64),
    "effective_cache_size": _memory(8, base=8),
    "random_page_cost": Parameter(kind="number"),
    "effective_io_concurrency": Parameter(maximum=1000),
    "max_worker_processes": Parameter(maximum=_PROCESSES, restart=_BOTH),
    "max_parallel_workers": _PARALLEL,
    "max_parallel_workers_per_gather": _PARALLEL,
    "max_parallel_maintenance_workers": _PARALLEL,
    "statement_timeout": _time(),
    "lock_timeout": _time(),
    "idle_session_timeout": _time(),
    "idle_in_transaction_session_timeout": _time(),
    "transaction_timeout": _time(),
    "wal_sender_timeout": _time(),
    "wal_keep_size": _memory(0, base=1024),
    # The minimum of 32768 would be 32 GiB in the parameter's own unit, while the schema's
    # examples are 80MB and 5GB: with a unit PostgreSQL's own minimum of 2 MB holds.
    "min_wal_size": _memory(32768, base=1024, least_text=2),
    "max_wal_size": _memory(32768, base=1024, least_text=2),
    "max_slot_wal_keep_size": _memory(0, base=1024, special=("-1",)),
    "wal_compression": _enum("off", "on", "lz4", "zstd"),
    # Since PostgreSQL 18 this one takes effect on reload.
    "autovacuum_max_workers": Parameter(minimum=1, maximum=_PROCESSES, restart=frozenset({"17"})),
    "autovacuum_naptime": _time(1, base=1000, maximum=HIGHEST // 1000),
    "autovacuum_work_mem": _memory(1024, special=("-1",)),
    "autovacuum_vacuum_scale_factor": _SHARE,
    "autovacuum_analyze_scale_factor": _SHARE,
    "autovacuum_vacuum_insert_scale_factor": _SHARE,
    "autovacuum_vacuum_cost_limit": Parameter(minimum=1, maximum=10_000, special=("-1",)),
    "autovacuum_vacuum_cost_delay": _time(maximum=100),
}
