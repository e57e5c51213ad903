"""clickhouse configuration: what values each parameter takes."""

from typing import Any

import pytest

from pgassay.check import every_case, full, requirement
from pgassay.expectation import expect, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import comparable, result
from pgassay.families.clickhouse_expectations import (
    configuration,
    configured,
    expect_replacement_refused,
)
from pgassay.values.configuration import (
    CHOSEN,
    MEASURED,
    MINUS_ONE,
    NOT_A_VALUE,
    NUMERIC,
    PARAMETERS,
    RANGED,
    TOO_MANY_FOR_BOUNCER,
    UNKNOWN_PARAMETERS,
    Parameter,
)
from pgassay.values.selection import cases


@every_case
@requirement("CH-CFG-RANGE", "CH-CFG-REJECT-UNTOUCHED")
@pytest.mark.parametrize("parameter", RANGED, ids=str)
def test_a_number_below_the_minimum_is_refused(
    clickhouse: ClickhouseApi, service: Any, parameter: Parameter
) -> None:
    """A JSON number at the documented minimum is accepted, and one below it is refused."""
    low = {parameter.name: parameter.below, **parameter.companions}
    twin = {parameter.name: parameter.minimum, **parameter.companions}
    rule = f"{parameter.name} is below {parameter.minimum}"
    bodies = configuration(low), configuration(twin)
    expect_replacement_refused(clickhouse, service["id"], bodies[0], rule, bodies[1])


@every_case
@requirement("CH-CFG-RANGE")
@pytest.mark.parametrize("parameter", RANGED, ids=str)
def test_a_number_at_the_minimum_is_accepted(
    clickhouse: ClickhouseApi, service: Any, parameter: Parameter
) -> None:
    """A JSON number at the documented minimum is accepted and kept."""
    maps = configuration({parameter.name: parameter.minimum, **parameter.companions})
    expect_status(clickhouse.replace_configuration(service["id"], maps), 200)
    waited = clickhouse.wait_configuration(service["id"], maps)
    expect(
        waited.reached,
        "the minimum is not kept",
        expected=show(maps),
        actual=show(waited.value),
    )


@every_case
@requirement("CH-CFG-UNITS")
@pytest.mark.parametrize("parameter", MEASURED, ids=str)
def test_a_documented_quantity_is_accepted(
    clickhouse: ClickhouseApi, service: Any, parameter: Parameter
) -> None:
    """The documented example with its unit is accepted and shown in some form."""
    body = configuration({parameter.name: parameter.example})
    expect_status(clickhouse.replace_configuration(service["id"], body), 200)
    shown = comparable(result(clickhouse.configuration(service["id"])))
    expect(
        parameter.name in (shown or {}).get("pgConfig", {}),
        "an accepted parameter is not shown",
        expected=parameter.name,
        actual=show(shown),
    )


@requirement("CH-CFG-MINUS-ONE")
@pytest.mark.parametrize("parameter", MINUS_ONE, ids=str)
def test_the_string_minus_one_is_accepted(
    clickhouse: ClickhouseApi, service: Any, parameter: Parameter
) -> None:
    """The string -1 is accepted where the document's description or example has it."""
    body = configuration({parameter.name: "-1"})
    expect_status(clickhouse.replace_configuration(service["id"], body), 200)


@requirement("CH-CFG-VALUE-FORMS")
@pytest.mark.parametrize("parameter", NUMERIC, ids=str)
def test_a_number_and_its_decimal_string_are_the_same(
    clickhouse: ClickhouseApi, service: Any, parameter: Parameter
) -> None:
    """A numeric parameter is accepted as number and as string, and both read the same."""
    shown = []
    for form in (parameter.example, str(parameter.example)):
        body = configuration({parameter.name: form})
        expect_status(clickhouse.replace_configuration(service["id"], body), 200)
        shown.append(clickhouse.wait_configuration(service["id"], body).value)
    expect(
        shown[0] == shown[1] == comparable(configuration({parameter.name: parameter.example})),
        "the two forms of a number differ",
        expected=show(parameter.example),
        actual=show(shown),
    )


@every_case
@requirement("CH-CFG-ENUM")
@pytest.mark.parametrize(
    ("parameter", "choice"),
    cases({f"{p.name}-{choice}": (p.name, choice) for p in CHOSEN for choice in p.choices}),
)
def test_a_documented_choice_is_accepted(
    clickhouse: ClickhouseApi, service: Any, parameter: str, choice: str
) -> None:
    """Every documented choice of an enumerated parameter is accepted and kept."""
    maps = configuration({parameter: choice})
    expect_status(clickhouse.replace_configuration(service["id"], maps), 200)
    waited = clickhouse.wait_configuration(service["id"], maps)
    expect(waited.reached, "the choice is not kept", expected=choice, actual=show(waited.value))


@every_case
@requirement("CH-CFG-ENUM", "CH-CFG-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        pytest.param("default_transaction_isolation", "read uncommitted", id="server-knows-it"),
        pytest.param("wal_compression", "pglz", id="server-knows-it-too"),
        pytest.param("ssl_min_protocol_version", "SSLv3", id="old-protocol"),
    ],
)
def test_a_value_outside_the_choices_is_refused(
    clickhouse: ClickhouseApi, service: Any, parameter: str, value: str
) -> None:
    """A choice that PostgreSQL or OpenSSL knows and the documents do not list is refused."""
    twins = {p.name: configuration({p.name: p.choices[-1]}) for p in CHOSEN}
    body, rule = configuration({parameter: value}), f"{parameter} has no such choice"
    expect_replacement_refused(clickhouse, service["id"], body, rule, twins[parameter])


@full
@requirement("CH-CFG-VALUE-TYPE", "CH-CFG-REJECT-UNTOUCHED")
@pytest.mark.parametrize("parameter", PARAMETERS, ids=str)
def test_no_parameter_takes_a_wrong_type(
    clickhouse: ClickhouseApi, service: Any, parameter: Parameter
) -> None:
    """Each of the documented parameters refuses every JSON type that is no number or string."""
    twin = configuration({parameter.name: parameter.example})
    for value in NOT_A_VALUE.values():
        body, rule = configuration({parameter.name: value}), f"{parameter.name} has a wrong type"
        expect_replacement_refused(clickhouse, service["id"], body, rule, twin)


@every_case
@requirement("CH-CFG-UNKNOWN-PARAMETER", "CH-CFG-REJECT-UNTOUCHED")
@pytest.mark.parametrize("name", cases(UNKNOWN_PARAMETERS))
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_an_unknown_parameter_is_refused(
    clickhouse: ClickhouseApi, service: Any, method: str, name: str
) -> None:
    """A parameter outside the documented set is refused, also beside a valid one."""
    body = configuration({"max_connections": 78, name: 1})
    twin, rule = configuration({"max_connections": 78}), "the parameter is not documented"
    expect_replacement_refused(clickhouse, service["id"], body, rule, twin, method)


@requirement("CH-CFG-BOUNCER-COUNT", "CH-CFG-REJECT-UNTOUCHED")
def test_more_than_64_bouncer_parameters_are_refused(
    clickhouse: ClickhouseApi, service: Any
) -> None:
    """Sixty-five PgBouncer parameters are refused, sixty-four of them are not."""
    configured(clickhouse, service["id"])
    most = dict(list(TOO_MANY_FOR_BOUNCER.items())[:64])
    body, twin = configuration(bouncer=dict(TOO_MANY_FOR_BOUNCER)), configuration(bouncer=most)
    rule = "there are 65 PgBouncer parameters"
    expect_replacement_refused(clickhouse, service["id"], body, rule, twin)
