"""How a derived fault becomes a mutant."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp

from pgassay.mutants.derived.operations import Asking, Operation, words
from pgassay.mutants.mutant import Mutant
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService


def service_of(one: Operation) -> type[Any]:
    """Return the class of the family's service, for a faulty one to inherit from."""
    return DbaasService if one.dbaas else ClickhouseService


def in_service(mutant: Mutant, service: type[Any]) -> Mutant:
    """Return a mutant whose fault is in the service of a family."""
    if issubclass(service, DbaasService):
        return replace(mutant, dbaas=service)
    return replace(mutant, clickhouse=service)


def when_asked(rule: str, one: Operation, change: str, does: str, service: type[Any]) -> Mutant:
    """Return a mutant whose service is faulty for one operation, which it knows by `asked`."""
    return in_service(around(rule, one, change, does, Asking), service)


def around(
    rule: str, one: Operation, change: str, does: str, middleware: Callable[[ASGIApp], ASGIApp]
) -> Mutant:
    """Return a mutant with a middleware that is about one operation.

    `change` ends its name; `does` follows the operation in the sentence that describes it.
    """
    return Mutant(
        f"{words(one.id)}-{words(change)}",
        f"{one.id} {does}.",
        (),
        bending=middleware,
        rule=rule,
        operations=(one.id,),
    )
