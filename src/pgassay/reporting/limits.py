"""Capacity and growth in words."""

from typing import Final

from pgassay.reporting.units import figure
from pgassay.results import CapacityResult

_LAWS: Final = {
    "constant": "constant",
    "log n": "log n",
    "n": "n",
    "n log n": "n log n",
    "n squared": "n²",
}


def told(result: CapacityResult) -> str:
    """Return the capacity and its bracket in a sentence or two."""
    if result.sustained is None:
        at = (
            "" if result.lowest_bad is None else f"; the lowest tried was {rate(result.lowest_bad)}"
        )
        return f"No rate was sustained{at}."
    bracket = (
        "no higher rate was refused, so the capacity may be higher"
        if result.lowest_bad is None
        else f"{rate(result.lowest_bad)} was not"
    )
    creates = ""
    if result.creates_per_minute is not None:
        per_minute = figure(result.creates_per_minute)
        creates = f" At that rate {per_minute} creations per minute became active."
    return f"{rate(result.sustained)} was sustained; {bracket}.{creates}"


def law(name: str) -> str:
    """Return a law of growth as readers write it."""
    return _LAWS.get(name, name)


def exponent(value: float | None) -> str:
    """Return an exponent with two decimals; a dash where it is not known."""
    return "–" if value is None else f"{value:.2f}"


def rate(arrivals: float) -> str:
    """Return a rate as it is searched for: 137.5/s."""
    return f"{arrivals:.4g}/s"
