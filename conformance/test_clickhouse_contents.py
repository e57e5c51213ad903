"""clickhouse requests: bodies in a writing, of a type or of a size that no operation takes."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from pgassay.check import full, requirement
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_copies import Copy
from pgassay.families.clickhouse_values import (
    commanding,
    configuring,
    copying,
    creating,
    resetting,
    scaling,
    updating,
)
from pgassay.families.value_expectations import Ground, expect_contents_refused
from pgassay.values import forms
from pgassay.values.contents import EXTREME, FOREIGN, HUGE
from pgassay.values.trials import Form

#: Where bodies are sent, by form.
GROUNDS: Final[dict[str, Callable[[ClickhouseApi, str], Ground]]] = {
    "create": lambda api, _: creating(api, ("size",)),
    "update": lambda api, _: updating(api),
    "configuration": lambda api, _: configuring(api, forms.REPLACEMENT),
    "configuration-merge": lambda api, _: configuring(api, forms.MERGE),
    "password": resetting,
    "command": commanding,
    "scaling": lambda api, _: scaling(api),
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
    clickhouse: ClickhouseApi, primary: Any, form: str, examples: int
) -> None:
    """A body that is no JSON object in UTF-8, or announced as something else, is refused."""
    ground = GROUNDS[form](clickhouse, primary["id"])
    expect_contents_refused(ground, FOREIGN, examples)


@requirement("HTTP-BODY-OVERSIZE", "HTTP-ANSWERED")
@pytest.mark.parametrize("form", GROUNDS)
def test_a_wrong_body_is_refused_however_it_is_written(
    clickhouse: ClickhouseApi, primary: Any, form: str, examples: int
) -> None:
    """A wrong body that is large, deep, or in an unusual coding is refused as any other one."""
    ground = GROUNDS[form](clickhouse, primary["id"])
    expect_contents_refused(ground, EXTREME, examples)


@full
@requirement("HTTP-BODY-OVERSIZE", "HTTP-ANSWERED")
def test_a_huge_wrong_body_is_refused(clickhouse: ClickhouseApi, examples: int) -> None:
    """A wrong body of up to ten mebibytes is refused, and the server keeps serving."""
    expect_contents_refused(updating(clickhouse), HUGE, examples)


@full
@requirement("HTTP-JSON-SYNTAX", "HTTP-JSON-OBJECT", "HTTP-JSON-ENCODING", "HTTP-BODY-OVERSIZE")
@pytest.mark.parametrize(
    ("form", "part"),
    [
        pytest.param(forms.REPLICA, "readReplica", id="replica"),
        pytest.param(forms.RESTORE, "restoredService", id="restore"),
    ],
)
def test_a_copy_is_not_made_by_a_strange_body(
    clickhouse: ClickhouseApi, restoration: Copy, form: Form, part: str, examples: int
) -> None:
    """A copy is refused to a body that is no JSON object, or wrong in an unusual writing."""
    ground = copying(clickhouse, form, restoration, part, ("tags",))
    expect_contents_refused(ground, FOREIGN + EXTREME, examples)
