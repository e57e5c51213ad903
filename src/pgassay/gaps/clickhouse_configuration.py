"""Which way a ClickHouse Cloud server goes with configurations and the scaling of CDC."""

from collections.abc import Mapping
from typing import Final

from pgassay.exchange import Json
from pgassay.gaps.observing import Observers
from pgassay.gaps.seen import Seen

OBSERVERS: Final = Observers()

_READ: Final = "postgresInstanceConfigGet"
_POST: Final = "postgresInstanceConfigPost"
_PATCH: Final = "postgresInstanceConfigPatch"
_SCALE: Final = "clickPipeCdcScalingUpdate"
_MAPS: Final = ("pgConfig", "pgBouncerConfig")
#: Parameters for which the document's examples say -1, below the minimum of their schemas.
_BELOW_MINIMUM: Final = frozenset(
    {"max_slot_wal_keep_size", "autovacuum_work_mem", "autovacuum_vacuum_cost_limit"}
)
_WAL_SIZES: Final = frozenset({"min_wal_size", "max_wal_size"})
_OLD_PROTOCOLS: Final = frozenset({"TLSv1", "TLSv1.1", "TLSv1.2"})
_CORES: Final = "replicaCpuMillicores"
_MEMORY: Final = "replicaMemoryGb"


def _map(members: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = members.get(name)
    return found if isinstance(found, dict) else {}


def _single(seen: Seen) -> tuple[str, Json] | None:
    """The parameter of a change that names one only, in pgConfig."""
    parameters = _map(seen.sending, "pgConfig")
    return next(iter(parameters.items())) if len(parameters) == 1 else None


@OBSERVERS.of("GAP-CH-EMPTY-MAP-ON-CHANGE", _POST, _PATCH)
def _empty_map_on_change(seen: Seen) -> str | None:
    sent = seen.sending
    if sent.keys() != set(_MAPS) or {} not in sent.values():
        return None
    if seen.accepted:
        return "accepted"
    # What else the request holds was accepted before, so that the empty map alone is at fault.
    known = all(_map(sent, name).items() <= _map(seen.before, name).items() for name in _MAPS)
    return "refused" if seen.refused and known else None


@OBSERVERS.of("GAP-CH-EMPTY-MAP-SHOWN", _READ)
def _empty_map_shown(seen: Seen) -> str | None:
    if not seen.accepted or not seen.showing:
        return None
    if any(name not in seen.shown for name in _MAPS):
        return "left-out"
    return "empty-object" if {} in (seen.shown[name] for name in _MAPS) else None


@OBSERVERS.of("GAP-CH-ONE-MAP", _POST, _PATCH)
def _one_map(seen: Seen) -> str | None:
    sent = seen.sending
    if len(sent) != 1 or not sent.keys() <= set(_MAPS):
        return None
    missing = next(name for name in _MAPS if name not in sent)
    if seen.refused:
        given = next(iter(sent))
        known = _map(sent, given) and _map(sent, given).items() <= _map(seen.before, given).items()
        return "refused" if known else None
    if not seen.accepted or not _map(seen.before, missing) or not seen.showing:
        return None
    return "emptied" if seen.shown.get(missing) == {} else "kept"


@OBSERVERS.of("GAP-CH-NUMBERS-SHOWN", _POST, _PATCH)
def _numbers_shown(seen: Seen) -> str | None:
    if not seen.accepted:
        return None
    for name, value in _map(seen.sending, "pgConfig").items():
        shown = _map(seen.showing, "pgConfig").get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and shown is not None:
            return "as-text" if isinstance(shown, str) else "as-numbers"
    return None


@OBSERVERS.of("GAP-CH-INTEGER-MINUS-ONE", _POST, _PATCH)
def _integer_minus_one(seen: Seen) -> str | None:
    name, value = _single(seen) or ("", None)
    special = name in _BELOW_MINIMUM and isinstance(value, int) and value == -1
    return seen.outcome("accepted", "refused") if special else None


@OBSERVERS.of("GAP-CH-WAL-SIZE-UNITS", _POST, _PATCH)
def _wal_size_units(seen: Seen) -> str | None:
    name, value = _single(seen) or ("", None)
    small = name in _WAL_SIZES and isinstance(value, str) and value.endswith("MB")
    return seen.outcome("accepted", "refused") if small else None


@OBSERVERS.of("GAP-CH-OLD-TLS", _POST, _PATCH)
def _old_tls(seen: Seen) -> str | None:
    name, value = _single(seen) or ("", None)
    old = name == "ssl_min_protocol_version" and isinstance(value, str) and value in _OLD_PROTOCOLS
    return seen.outcome("accepted", "refused") if old else None


@OBSERVERS.of("GAP-CH-CONFIG-POST", _POST)
def _config_post(seen: Seen) -> str | None:
    before, sent = _map(seen.before, "pgConfig"), _map(seen.sending, "pgConfig")
    unnamed = before.keys() - sent.keys()
    if not seen.accepted or not unnamed or not seen.showing:
        return None
    return "merges" if unnamed & _map(seen.showing, "pgConfig").keys() else "replaces"


# Scaling of CDC


def _whole(value: Json) -> int:
    """The value where it is a whole number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _sized(seen: Seen, least: int, most: int) -> str | None:
    """Whether a well-formed pair of `least` to `most` cores is accepted."""
    cpu, memory = (_whole(seen.sending.get(name)) for name in (_CORES, _MEMORY))
    formed = seen.sends_only(_CORES, _MEMORY) and cpu % 1000 == 0 and memory * 250 == cpu
    wanted = formed and least <= cpu // 1000 <= most and _scalable(seen) and seen.main
    return seen.outcome("accepted", "refused") if wanted else None


def _scalable(seen: Seen) -> bool:
    service = seen.target.clickhouse.service_id
    return bool(service) and f"/services/{service}/" in seen.path


@OBSERVERS.of("GAP-CH-CDC-UP-TO-24", _SCALE)
def _up_to_24(seen: Seen) -> str | None:
    return _sized(seen, 17, 24)


@OBSERVERS.of("GAP-CH-CDC-UP-TO-32", _SCALE)
def _up_to_32(seen: Seen) -> str | None:
    return _sized(seen, 25, 32)


@OBSERVERS.of("GAP-CH-CDC-ONE-MEMBER", _SCALE)
def _one_member(seen: Seen) -> str | None:
    if len(seen.sending) != 1 or not seen.main or not _scalable(seen):
        return None
    name, value = next(iter(seen.sending.items()))
    unit = {_CORES: 1000, _MEMORY: 4}.get(name, 1)
    sized = _whole(value) % unit == 0 and 1 <= _whole(value) // unit <= 16
    if not sized or seen.before.get(name) in (None, value):
        return None
    return seen.outcome("completed", "refused")


@OBSERVERS.of("GAP-CH-CDC-WITHOUT-PIPE", "clickPipeCdcScalingGet", _SCALE)
def _without_pipe(seen: Seen) -> str | None:
    service = seen.target.clickhouse.service_without_pipe_id
    if not service or f"/services/{service}/" not in seen.path or not seen.main:
        return None
    return {400: "status-400", 404: "status-404", 409: "status-409"}.get(seen.status)
