"""VM sizes of Managed Postgres: the 82 names, and the hardware each name stands for.

The names are the values of OpenAPI schema `pgSize`. Only two storage sizes are documented
(r6gd.medium 59 GiB, r8gd.large 118 GiB); the others follow the instance stores of the
machines that the names denote.
"""

from dataclasses import dataclass

_GENERAL = {
    "medium": 59,
    "large": 118,
    "xlarge": 237,
    "2xlarge": 474,
    "4xlarge": 950,
    "8xlarge": 1900,
    "12xlarge": 2850,
    "16xlarge": 3800,
    "24xlarge": 5700,
    "32xlarge": 7600,
    "48xlarge": 11400,
}
_DENSE = {
    "large": 468,
    "xlarge": 937,
    "2xlarge": 1875,
    "4xlarge": 3750,
    "8xlarge": 7500,
    "12xlarge": 11250,
    "16xlarge": 15000,
    "24xlarge": 22500,
}
_DENSEST = {
    "large": 1250,
    "xlarge": 2500,
    "2xlarge": 5000,
    "3xlarge": 7500,
    "6xlarge": 15000,
    "12xlarge": 30000,
    "18xlarge": 45000,
    "24xlarge": 60000,
}

_SMALL_RANGE = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge")

# Machine family: memory in GiB per vCPU, storage in GiB by step, steps on offer.
_FAMILIES: dict[str, tuple[int, dict[str, int], tuple[str, ...]]] = {
    "c6gd": (2, _GENERAL, _SMALL_RANGE),
    "i7i": (8, _DENSE, tuple(_DENSE)),
    "i7ie": (8, _DENSEST, tuple(_DENSEST)),
    "i8g": (8, _DENSE, (*_SMALL_RANGE, "24xlarge")),
    "i8ge": (8, _DENSEST, tuple(_DENSEST)),
    "m6gd": (4, _GENERAL, _SMALL_RANGE),
    "m6id": (4, _GENERAL, _SMALL_RANGE),
    "m8gd": (4, _GENERAL, _SMALL_RANGE),
    "r6gd": (8, _GENERAL, ("medium", *_SMALL_RANGE, "12xlarge")),
    "r6id": (8, _GENERAL, (*_SMALL_RANGE, "12xlarge", "24xlarge", "32xlarge")),
    "r8gd": (8, _GENERAL, ("medium", *_SMALL_RANGE, "12xlarge", "24xlarge", "48xlarge")),
}


@dataclass(frozen=True, slots=True)
class Size:
    """What a size provides: virtual CPUs, memory in GiB, storage in GiB."""

    cpus: int
    memory: int
    storage: int


def _cpus(step: str) -> int:
    if step in ("medium", "large"):
        return 1 if step == "medium" else 2
    return 4 * int(step.removesuffix("xlarge") or 1)


SIZES: dict[str, Size] = {
    f"{family}.{step}": Size(_cpus(step), per_cpu * _cpus(step), storage[step])
    for family, (per_cpu, storage, steps) in _FAMILIES.items()
    for step in steps
}
