# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the configuration of services of the clickhouse family."""

from dataclasses import replace
from typing import Any

from pgassay.mutants.mutant import Faults, Mutant
from pgassay.reference import Behaviour
from pgassay.reference.clickhouse.configuration import POOLER, POSTGRES, Parameters
from pgassay.reference.clickhouse.models import ConfigurationRequest
from pgassay.reference.clickhouse.parameters import PARAMETERS, Parameter
from pgassay.reference.clickhouse.rules import ClickhouseRules, ConfigurationRules
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.schedule import plan
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-CFG-GET")
class UpdateDropsConfiguration(ClickhouseService):
    """An update of a service sets its configuration back to the defaults."""

    def update(self, document: Document, body: Any) -> None:
        super().update(document, body)
        document[POSTGRES], document[POOLER] = {}, {}
        self.save(document)


@FAULTS.clickhouse("CH-CFG-GET")
class PoolerConfigurationLeftOut(ClickhouseService):
    """Reading the configuration shows the PgBouncer part only when something is set."""

    def configuration(self, document: Document) -> Document:
        whole = super().configuration(document)
        return whole if whole[POOLER] else {POSTGRES: whole[POSTGRES]}


@FAULTS.clickhouse("CH-CFG-REPLACE")
class ReplacementMerges(ClickhouseService):
    """POST keeps the parameters that it does not name."""

    def replace_configuration(self, document: Document, body: Any) -> Document:
        return self.merge_configuration(document, body)


@FAULTS.clickhouse("CH-CFG-MERGE")
class MergeReplaces(ClickhouseService):
    """PATCH drops the parameters that it does not name."""

    def merge_configuration(self, document: Document, body: Any) -> Document:
        return self.replace_configuration(document, body)


@FAULTS.clickhouse("CH-CFG-MERGE")
class PoolerMergeReplaces(ClickhouseService):
    """PATCH drops the PgBouncer parameters that it does not name."""

    def merge_configuration(self, document: Document, body: Any) -> Document:
        request = self.configuration_request(body)
        postgres = {**document[POSTGRES], **request.pg_config}
        return self.configure(document, postgres, request.pg_bouncer_config)


@FAULTS.clickhouse("CH-CFG-ECHO")
class AnswerShowsOldConfiguration(ClickhouseService):
    """The answer to a change shows the configuration before the change."""

    def configure(self, document: Document, postgres: Parameters, pooler: Parameters) -> Document:
        before = self.configuration(document)
        return super().configure(document, postgres, pooler) | before


@FAULTS.clickhouse("CH-CFG-REQUIRED-MAPS")
class MissingMapAccepted(ClickhouseService):
    """A change may leave out one of the maps, which then counts as empty."""

    def configuration_request(self, body: Any) -> ConfigurationRequest:
        if isinstance(body, dict):
            body = {POSTGRES: {}, POOLER: {}, **body}
        return super().configuration_request(body)


@FAULTS.clickhouse("CH-CFG-EMPTY-MAP")
class EmptyMapRefused(ClickhouseService):
    """A change may not have an empty map."""

    def configuration_request(self, body: Any) -> ConfigurationRequest:
        request = super().configuration_request(body)
        if not request.pg_config or not request.pg_bouncer_config:
            raise bad_request("request body: a map is empty")
        return request


@FAULTS.clickhouse("CH-CFG-UNKNOWN-PARAMETER")
class UnknownParameterAccepted(ClickhouseService):
    """A PostgreSQL parameter that is not documented is accepted."""

    def check_parameters(self, postgres: Parameters, pooler: Parameters) -> None:
        known = self.rules.configuration.parameters
        super().check_parameters({n: v for n, v in postgres.items() if n in known}, pooler)


@FAULTS.clickhouse("CH-CFG-UNKNOWN-PARAMETER")
class ParameterInCapitalsAccepted(ClickhouseService):
    """The name of a PostgreSQL parameter may be written in capitals."""

    def check_parameters(self, postgres: Parameters, pooler: Parameters) -> None:
        super().check_parameters({name.lower(): value for name, value in postgres.items()}, pooler)


@FAULTS.clickhouse("CH-CFG-VALUE-FORMS")
class TextBecomesAnotherNumber(ClickhouseService):
    """A number given as text loses its last digit."""

    def configure(self, document: Document, postgres: Parameters, pooler: Parameters) -> Document:
        kept = {name: _shortened(value) for name, value in postgres.items()}
        return super().configure(document, kept, pooler)


@FAULTS.clickhouse("CH-CFG-RESTART-MESSAGE")
class RestartUnannounced(ClickhouseService):
    """No change says that it needs a restart."""

    def waiting_for_restart(self, document: Document, postgres: Parameters) -> list[str]:
        return []


@FAULTS.clickhouse("CH-CFG-RESTART-MESSAGE-ABSENT")
class RestartAlwaysAnnounced(ClickhouseService):
    """Every change says that it needs a restart."""

    def waiting_for_restart(self, document: Document, postgres: Parameters) -> list[str]:
        return [name for name in postgres if postgres[name] != document[POSTGRES].get(name)]


@FAULTS.clickhouse("CH-CFG-NO-RESTART")
class ConfigurationRestarts(ClickhouseService):
    """A change of the configuration restarts the service at once."""

    def configure(self, document: Document, postgres: Parameters, pooler: Parameters) -> Document:
        if document["state"] == "running":
            document["state"] = "restarting"
            plan(document, self.due(self.rules.durations.deleting), {"state": "running"})
        return super().configure(document, postgres, pooler)


@FAULTS.clickhouse("CH-CFG-REJECT-UNTOUCHED")
class RefusedChangeAppliedInPart(ClickhouseService):
    """A change is refused for one parameter, and sets the others all the same."""

    def replace_configuration(self, document: Document, body: Any) -> Document:
        try:
            return super().replace_configuration(document, body)
        except ApiError:
            self.apply_part(document, body)
            raise

    def merge_configuration(self, document: Document, body: Any) -> Document:
        try:
            return super().merge_configuration(document, body)
        except ApiError:
            self.apply_part(document, body)
            raise

    def apply_part(self, document: Document, body: Any) -> None:
        """Set those parameters of a refused request that are good in themselves."""
        known = self.rules.configuration.parameters
        sent = body.get(POSTGRES) if isinstance(body, dict) else None
        good = sent if isinstance(sent, dict) else {}
        document[POSTGRES] |= {
            name: value
            for name, value in good.items()
            if name in known and not known[name].problem(value)
        }
        self.save(document)


class _Lenient(Parameter):
    """Takes any JSON value."""

    def problem(self, value: Any) -> str | None:
        return None


class _AnyType(Parameter):
    """Takes JSON values of every type, yet keeps to the range of numbers."""

    def problem(self, value: Any) -> str | None:
        return super().problem(value) if isinstance(value, str | int | float) else None


class _Truth(Parameter):
    """Takes a truth value for the number that Python makes of it."""

    def problem(self, value: Any) -> str | None:
        return super().problem(int(value) if isinstance(value, bool) else value)


class _Unsigned(Parameter):
    """Knows no special text."""

    def problem(self, value: Any) -> str | None:
        return "must be a number" if value == "-1" else super().problem(value)


class _Unitless(Parameter):
    """Knows no units."""

    def problem(self, value: Any) -> str | None:
        unit = isinstance(value, str) and value[-1:].isalpha() and self.kind != "enum"
        return "must be a number" if unit else super().problem(value)


class _TextOnly(Parameter):
    """Takes numbers as text only."""

    def problem(self, value: Any) -> str | None:
        return super().problem(value) if isinstance(value, str) else "must be a string"


def _rules(name: str, description: str, breaks: str, parameters: dict[str, Parameter]) -> Mutant:
    rules = ConfigurationRules(parameters={**PARAMETERS, **parameters})
    return Mutant(name, description, (breaks,), Behaviour(ClickhouseRules(configuration=rules)))


def _as(kind: type[Parameter], *, numeric: bool = True) -> dict[str, Parameter]:
    """Return the parameters (numeric ones or enumerations) as another kind."""
    chosen = {name: each for name, each in PARAMETERS.items() if (each.kind != "enum") is numeric}
    return {
        name: kind(
            each.kind,
            each.minimum,
            each.maximum,
            each.least_text,
            each.unit,
            each.base,
            each.special,
            each.values,
            each.restart,
        )
        for name, each in chosen.items()
    }


def _shortened(value: Any) -> Any:
    return value[:-1] if isinstance(value, str) and value[1:].isdigit() else value


_CONNECTIONS = PARAMETERS["max_connections"]

RULES: tuple[Mutant, ...] = (
    _rules(
        "ParameterBelowMinimumAccepted",
        "No connection at all may be allowed.",
        "CH-CFG-RANGE",
        {"max_connections": replace(_CONNECTIONS, minimum=0)},
    ),
    _rules(
        "ParameterMinimumRefused",
        "A single connection may not be allowed.",
        "CH-CFG-RANGE",
        {"max_connections": replace(_CONNECTIONS, minimum=2)},
    ),
    _rules(
        "UnknownChoiceAccepted",
        "An enumerated parameter may have any value.",
        "CH-CFG-ENUM",
        _as(_Lenient, numeric=False),
    ),
    _rules(
        "ChoiceRefused",
        "WAL cannot be compressed with zstd.",
        "CH-CFG-ENUM",
        {"wal_compression": Parameter("enum", values=("off", "on", "lz4"))},
    ),
    _rules(
        "NullParameterAccepted",
        "A parameter may be null, an array or an object.",
        "CH-CFG-VALUE-TYPE",
        _as(_AnyType),
    ),
    _rules(
        "TruthTakenForNumber",
        "A numeric parameter may be true, which counts as 1.",
        "CH-CFG-VALUE-TYPE",
        _as(_Truth),
    ),
    _rules(
        "JsonNumberRefused",
        "A numeric parameter may be given as text only.",
        "CH-CFG-VALUE-FORMS",
        _as(_TextOnly),
    ),
    _rules(
        "UnitsRefused",
        "A parameter may not have a unit.",
        "CH-CFG-UNITS",
        _as(_Unitless),
    ),
    _rules(
        "MinusOneRefused",
        "A parameter may not be -1, which stands for no limit.",
        "CH-CFG-MINUS-ONE",
        _as(_Unsigned),
    ),
)
