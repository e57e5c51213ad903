"""Write quantities the way people read them, with their unit."""

import math
from datetime import datetime

from pgassay.results import LoadScenario, SloResult


def seconds(value: float | None) -> str:
    """Return a latency or duration with three significant digits: 850 µs, 12.3 ms, 4 min 10 s."""
    if value is None or not math.isfinite(value):
        return "–"
    if value >= 60:
        return _clock(round(value))
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{figure(value * factor)} {unit}"
    return f"{figure(value * 1e6)} µs" if value else "0 s"


def between(lower: float | None, upper: float | None) -> str:
    """Return an interval of durations; an end that is not known is left out."""
    first, second = seconds(lower), seconds(upper)
    if second == "–":
        return "no interval" if first == "–" else f"at least {first}"
    if first == "–":
        return f"at most {second}"
    number, _, unit = first.partition(" ")
    return f"{number} to {second}" if second.endswith(f" {unit}") else f"{first} to {second}"


def change(slope: float | None) -> str:
    """Return by how much a latency grows in a minute, where it grows by `slope` in each second."""
    if slope is None or not math.isfinite(slope):
        return "–"
    sign = "-" if slope < 0 else "+" if slope else ""
    return sign + seconds(abs(slope * 60))


def size(octets: float) -> str:
    """Return a number of bytes with three significant digits: 170 B, 1.25 kB, 3.4 MB."""
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if octets >= factor:
            return f"{figure(octets / factor)} {unit}"
    return f"{octets:.0f} B"


def _clock(total: int) -> str:
    minutes, rest = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def figure(value: float) -> str:
    """Return a number with three significant digits and no exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(timestamp: str) -> str:
    """Return an RFC 3339 time as 2026-03-04 09:11:44 UTC; anything else as it is."""
    try:
        time = datetime.fromisoformat(timestamp)
    except ValueError:
        return timestamp
    digits = 23 if time.microsecond else 19
    return f"{str(time.replace(tzinfo=None))[:digits]} {time.tzname() or ''}".rstrip()


def percent(q: float) -> str:
    """Return the usual name of the percentile `q` (0 to 100): p50, p99.9."""
    return f"p{q:.4g}"


def measure(slo: SloResult, value: float | None) -> str:
    """Return a figure of an objective with its unit: a latency, or a share in per cent."""
    if value is None or not math.isfinite(value):
        return "–"
    return seconds(value) if slo.objective.endswith(" s") else f"{value:.3%}"


def interval(slo: SloResult) -> str:
    """Return the 95 % interval of an objective's figure with its unit; a dash where it has none."""
    if slo.lower is None and slo.upper is None:
        return "–"
    if slo.objective.endswith(" s"):
        return between(slo.lower, slo.upper)
    return f"{measure(slo, slo.lower)} to {measure(slo, slo.upper)}"


def pace(scenario: LoadScenario) -> str:
    """Return how fast a load was meant to be, and for how long."""
    if scenario.model == "closed":
        return f"{scenario.users} users, closed model, for {seconds(scenario.duration)}"
    if not scenario.rate:
        return "one request after the other"
    return f"{scenario.rate:g} arrivals per second for {seconds(scenario.duration)}"
