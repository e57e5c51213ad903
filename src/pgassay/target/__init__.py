"""A running implementation and how to reach it: the target file, read and checked."""

from pgassay.target.model import (
    ClickhouseSettings,
    Credential,
    DbaasSettings,
    Family,
    Limits,
    Scheme,
    Target,
    Timing,
    Waiver,
)

__all__ = [
    "ClickhouseSettings",
    "Credential",
    "DbaasSettings",
    "Family",
    "Limits",
    "Scheme",
    "Target",
    "Timing",
    "Waiver",
]
