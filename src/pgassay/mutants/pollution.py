# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults of servers whose language gives some names of members a meaning."""

from collections.abc import Mapping
from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import Caller
from pgassay.reference.store import Document

FAULTS = Faults()

_PROTOTYPE = "__proto__"


def _apart(body: Any) -> tuple[Any, Mapping[str, Any]]:
    """Return a body without what it says of the prototype of all objects, and that."""
    if not isinstance(body, dict) or not isinstance(body.get(_PROTOTYPE), dict):
        return body, {}
    return {name: body[name] for name in body if name != _PROTOTYPE}, body[_PROTOTYPE]


@FAULTS.clickhouse("HTTP-TEXT-VERBATIM")
class ServicesPolluted(ClickhouseService):
    """What an update says of the prototype of all objects, all services show from then on."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.inherited: dict[str, Any] = {}

    def update(self, document: Document, body: Any) -> None:
        body, prototype = _apart(body)
        self.inherited |= prototype
        super().update(document, body)

    def details(self, document: Document, *, secret: bool) -> Document:
        return {**self.inherited, **super().details(document, secret=secret)}


@FAULTS.dbaas("HTTP-TEXT-VERBATIM")
class UsersPolluted(DbaasService):
    """What a new user says of the prototype of all objects, all users show from then on."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.inherited: dict[str, Any] = {}

    def create_user(self, caller: Caller, instance_id: str, body: Mapping[str, Any]) -> Document:
        body, prototype = _apart(body)
        self.inherited |= prototype
        return super().create_user(caller, instance_id, body)

    def shown_user(self, document: Document) -> Document:
        return {**self.inherited, **super().shown_user(document)}
