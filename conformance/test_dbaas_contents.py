"""dbaas requests: bodies in a writing, of a type or of a size that no operation takes."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from pgassay.check import full, requirement
from pgassay.families import DbaasApi
from pgassay.families.dbaas_values import creating, creating_databases, creating_users, updating
from pgassay.families.value_expectations import Ground, expect_contents_refused
from pgassay.values.contents import EXTREME, FOREIGN, HUGE

#: Where bodies are sent, by form.
GROUNDS: Final[dict[str, Callable[[DbaasApi, str, str], Ground]]] = {
    "instance": lambda api, _instance, _user: creating(api, ("cpu",)),
    "update": lambda api, _instance, _user: updating(api),
    "user": lambda api, instance, _user: creating_users(api, instance),
    "database": creating_databases,
}


@requirement(
    "HTTP-JSON-SYNTAX",
    "HTTP-JSON-OBJECT",
    "HTTP-JSON-ENCODING",
    "HTTP-CONTENT-TYPE-REQUEST",
    "HTTP-ANSWERED",
)
@pytest.mark.parametrize("form", GROUNDS)
def test_a_body_that_is_no_json_object_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], form: str, examples: int
) -> None:
    """A body that is no JSON object in UTF-8, or announced as something else, is refused."""
    ground = GROUNDS[form](dbaas, instance["uuid"], user["uuid"])
    expect_contents_refused(ground, FOREIGN, examples)


@requirement("HTTP-BODY-OVERSIZE", "HTTP-ANSWERED")
@pytest.mark.parametrize("form", GROUNDS)
def test_a_wrong_body_is_refused_however_it_is_written(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], form: str, examples: int
) -> None:
    """A wrong body that is large, deep, or in an unusual coding is refused as any other one."""
    ground = GROUNDS[form](dbaas, instance["uuid"], user["uuid"])
    expect_contents_refused(ground, EXTREME, examples)


@full
@requirement("HTTP-BODY-OVERSIZE", "HTTP-ANSWERED")
def test_a_huge_wrong_body_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], examples: int
) -> None:
    """A wrong body of up to ten mebibytes is refused, and the server keeps serving."""
    expect_contents_refused(creating_users(dbaas, instance["uuid"]), HUGE, examples)
