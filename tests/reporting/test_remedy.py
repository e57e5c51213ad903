"""A failed requirement comes with the command that judges it alone."""

from dataclasses import replace

import pytest

from pgassay.reporting.remedy import alone

from .sample import sample


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(
            "pgassay check --profile quick --seed 1",
            "pgassay check --requirement CH-SVC-NAME-LENGTH --seed 1",
            id="the-embedded-reference",
        ),
        pytest.param(
            "pgassay certify --target 'my target.toml' --family dbaas --rate 5 --seed 7",
            "pgassay check --requirement CH-SVC-NAME-LENGTH --target 'my target.toml' --seed 7",
            id="what-narrows-a-run-is-left-out",
        ),
    ],
)
def test_the_command_keeps_target_and_seed(command: str, expected: str) -> None:
    results = sample()
    results = replace(results, run=replace(results.run, command=command))
    assert alone(results, results.requirements[0]) == expected


def test_a_load_requirement_is_judged_by_the_whole_run() -> None:
    results = sample()
    row = replace(results.requirements[0], plane="load")
    assert alone(results, row) == results.run.command
