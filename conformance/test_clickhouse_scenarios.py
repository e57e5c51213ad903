"""clickhouse: many steps in any order, compared with a simple model after each."""

import functools
from typing import Any

from pgassay.check import kind, requirement
from pgassay.exploration import explore_steps
from pgassay.families import ClickhouseApi
from pgassay.models.clickhouse import ScalingMachine, ServiceMachine
from pgassay.models.scenario import Creations


@kind("stateful")
@requirement(
    "CH-SVC-MODEL",
    "CH-SVC-GET",
    "CH-SVC-LIST",
    "CH-SVC-PATCH-MERGE",
    "CH-SVC-TAGS-REPLACE",
    "CH-SVC-PATCH-NAME",
    "CH-SVC-PATCH-SIZE",
    "CH-SVC-PATCH-HA",
    "CH-SVC-DELETE-ABSENT",
    "CH-CFG-REPLACE",
    "CH-CFG-MERGE",
)
def test_services_behave_as_their_model(
    clickhouse: ClickhouseApi, worn_service: dict[str, Any], seed: int, examples: int
) -> None:
    """Services show what their model says, whatever the order of changes, copies and commands."""
    creations = Creations(1 + examples // 12)
    machine = functools.partial(ServiceMachine, clickhouse, worn_service["id"], creations)
    explore_steps(machine, seed=seed, scenarios=max(1, examples // 12), steps=7 + examples // 2)


@kind("stateful")
@requirement(
    "CH-CDC-UPDATE",
    "CH-CDC-DELAYED-EFFECT",
    "CH-CDC-PAIR",
    "CH-CDC-REJECT-UNTOUCHED",
    "CH-CDC-LAST",
)
def test_the_scaling_behaves_as_its_model(
    clickhouse: ClickhouseApi, seed: int, examples: int
) -> None:
    """The CDC scaling shows the last accepted pair, whatever else was asked for in between."""
    machine = functools.partial(ScalingMachine, clickhouse)
    explore_steps(machine, seed=seed, scenarios=max(1, examples // 16), steps=3 + examples // 25)
