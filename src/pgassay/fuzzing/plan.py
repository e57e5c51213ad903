"""How much a pass draws, and of what: the settings of Schemathesis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pgassay.exchange import Json
from pgassay.fuzzing import PassName
from pgassay.fuzzing.document import SCHEME
from pgassay.run.options import Profile
from pgassay.target.model import Credential, Scheme

#: The base URL that Schemathesis knows belongs to nobody (RFC 2606): see `pgassay.fuzzing.door`.
BASE_URL: Final = "http://target.invalid"
#: Requests of a chain at most.
_STEPS: Final = 8
#: The rule of the scaling names 32 pairs, for which the coverage phase sends some 400 requests; the
#: three patterns of a password of 1024 characters cost it a minute. Checks of their own try both.
_WITHOUT_COVERAGE: Final[Mapping[str, Json]] = {
    "include-operation-id": ["clickPipeCdcScalingUpdate", "postgresServiceSetPassword"],
    "phases": {"coverage": {"enabled": False}},
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a pass draws.

    `phases` and `mode` are Schemathesis's; the coverage phase runs in the full profile only.
    `pinned` draws the ground's identifiers alone; `credentials_drawn` draws wrong credentials, too;
    `bodies_only` are the profiles that leave out operations without a body. `examples` are drawn
    for each operation, or chains in the stateful phase; `creations` is how many services or
    instances may be created.
    """

    phases: tuple[str, ...]
    mode: str
    pinned: bool
    credentials_drawn: bool
    bodies_only: tuple[Profile, ...]
    examples: Mapping[Profile, int]
    creations: Mapping[Profile, int]


PLANS: Final[Mapping[PassName, Plan]] = {
    "conformance": Plan(
        phases=("coverage", "fuzzing"),
        mode="all",
        pinned=True,
        credentials_drawn=True,
        bodies_only=("quick",),
        examples={"quick": 3, "full": 6},
        creations={"quick": 5, "full": 60},
    ),
    "refusals": Plan(
        phases=("fuzzing",),
        mode="negative",
        pinned=True,
        credentials_drawn=False,
        bodies_only=("quick", "full"),
        examples={"quick": 4, "full": 35},
        creations={"quick": 3, "full": 20},
    ),
    "links": Plan(
        phases=("stateful",),
        mode="positive",
        pinned=False,
        credentials_drawn=False,
        bodies_only=(),
        examples={"quick": 3, "full": 30},
        creations={"quick": 6, "full": 60},
    ),
}


def configuration(
    plan: Plan, seed: int, profile: Profile, credential: Credential
) -> dict[str, Json]:
    """Schemathesis's configuration: repeatable, nothing kept, nothing learnt, no shrinking."""
    drawn = {"enabled": True, "extra-data-sources": {"responses": False}}
    phases: dict[str, Json] = {
        name: {"enabled": False} for name in ("examples", "coverage", "fuzzing", "stateful")
    }
    if "coverage" in plan.phases and profile == "full":
        phases["coverage"] = drawn | {"unexpected-methods": ["PUT", "PATCH", "DELETE"]}
    if "fuzzing" in plan.phases:
        phases["fuzzing"] = drawn | {"error-feedback": {"enabled": False}}
    if "stateful" in plan.phases:
        phases["stateful"] = {
            "enabled": True,
            "max-steps": _STEPS,
            "inference": {"algorithms": []},
        }
    return {
        "base-url": BASE_URL,
        "seed": seed,
        "workers": 1,
        "continue-on-failure": True,
        "max-redirects": 0,
        "cache": {"enabled": False},
        "auth": _authentication(credential),
        "suppress-health-check": ["all"],
        "phases": phases,
        "operations": [_WITHOUT_COVERAGE],
        "checks": {"allow_header_conformance": {"enabled": False}},
        "generation": {
            "mode": plan.mode,
            "max-examples": plan.examples[profile],
            "deterministic": True,
            "no-shrink": True,
            "database": "none",
            "allow-x00": False,
            "with-security-parameters": plan.credentials_drawn,
        },
    }


def _authentication(credential: Credential) -> dict[str, Json]:
    match credential.scheme:
        case Scheme.BASIC:
            known = {"username": credential.username, "password": credential.password}
        case Scheme.BEARER:
            known = {"bearer": credential.token}
        case Scheme.HEADER:
            known = {"api_key": credential.token}
        case Scheme.NONE:
            return {}
    return {"openapi": {SCHEME: known}}
