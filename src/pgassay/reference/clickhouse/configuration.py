"""Configuration of a service: replacing, merging, and what a change asks of its owner."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pgassay.reference.clickhouse.backend import Backend
from pgassay.reference.clickhouse.models import ConfigurationRequest, convert
from pgassay.reference.clickhouse.parameters import HIGHEST, canonical
from pgassay.reference.http import bad_request
from pgassay.reference.plane import Action
from pgassay.reference.store import Document

POSTGRES, POOLER = "pgConfig", "pgBouncerConfig"

Parameters = Mapping[str, Any]


class Configuration(Backend):
    """The operations on `/config` (OpenAPI: postgresInstanceConfigGet, -Post, -Patch)."""

    def configuration(self, document: Document) -> Document:
        """Return the parameters that a user has set; defaults are not among them."""
        maps = {POSTGRES: document[POSTGRES], POOLER: document[POOLER]}
        as_text = self.rules.configuration.numbers_as_text
        return {name: _texts(one) for name, one in maps.items()} if as_text else maps

    def replace_configuration(self, document: Document, body: Any) -> Document:
        """Carry out POST: what the request does not name returns to its default."""
        request = self.configuration_request(self.both_maps(document, body))
        return self.configure(document, request.pg_config, request.pg_bouncer_config)

    def merge_configuration(self, document: Document, body: Any) -> Document:
        """Carry out PATCH: what the request does not name stays."""
        request = self.configuration_request(self.both_maps(document, body))
        postgres = {**document[POSTGRES], **request.pg_config}
        pooler = {**document[POOLER], **request.pg_bouncer_config}
        return self.configure(document, postgres, pooler)

    def both_maps(self, document: Document, body: Any) -> Any:
        """Fill in a map that a request lacks, and refuse an empty one, if the rules say so."""
        rules = self.rules.configuration
        if not isinstance(body, dict):
            return body
        if not rules.empty_accepted and {} in (body.get(POSTGRES), body.get(POOLER)):
            raise bad_request("request body: a map must set a parameter")
        present = {POSTGRES: document[POSTGRES], POOLER: document[POOLER]}
        return {**present, **body} if rules.missing_kept else body

    def configuration_request(self, body: Any) -> ConfigurationRequest:
        """Read a request; ApiError 400 unless both maps are there and every value is good."""
        if isinstance(body, dict):
            for member in (POSTGRES, POOLER):
                if member not in body:
                    raise bad_request(f"request body.{member}: 'undefined'")
        request = convert(body, ConfigurationRequest)
        self.check_parameters(request.pg_config, request.pg_bouncer_config)
        return request

    def configure(self, document: Document, postgres: Parameters, pooler: Parameters) -> Document:
        """Make the maps the service's configuration and return the answer to the request."""
        self.check_pooler_size(pooler)
        self.check_not_deleting(document)
        waiting = self.waiting_for_restart(document, postgres)
        document[POSTGRES], document[POOLER] = dict(postgres), dict(pooler)
        self.begin(document, 0, {}, Action.CONFIGURE, parameters=dict(postgres))
        self.save(document)
        answer = self.configuration(document)
        return {**answer, "message": restart_message(waiting)} if waiting else answer

    def waiting_for_restart(self, document: Document, postgres: Parameters) -> list[str]:
        """Name the parameters whose new value takes effect after a restart only."""
        old, version = document[POSTGRES], document["postgresVersion"]
        return [
            name
            for name, parameter in self.rules.configuration.parameters.items()
            if version in parameter.restart
            and canonical(old.get(name)) != canonical(postgres.get(name))
        ]

    def check_parameters(self, postgres: Parameters, pooler: Parameters) -> None:
        """ApiError 400 naming the first parameter that is unknown or has a bad value."""
        known = self.rules.configuration.parameters
        for name, value in postgres.items():
            problem = known[name].problem(value) if name in known else "unknown parameter"
            if problem and not self.is_special(name, value):
                raise bad_request(f"request body.{POSTGRES}.{name[:64]}: {problem}")
        for name, value in pooler.items():
            problem = self.pooler_problem(name, value)
            if problem:
                raise bad_request(f"request body.{POOLER}.{name[:64]}: {problem}")
        self.check_pooler_size(pooler)

    def is_special(self, name: str, value: Any) -> bool:
        """Tell whether a number stands for a parameter's special value -1, if the rules say so."""
        rules = self.rules.configuration
        known = rules.parameters.get(name)
        return bool(
            rules.minus_one and known and type(value) is int and str(value) in known.special
        )

    def pooler_problem(self, name: str, value: Any) -> str | None:
        """Say what is wrong with a PgBouncer parameter; the public service takes numbers too."""
        rules = self.rules.configuration
        if problem := rules.pooler_key.problem(name):
            return f"its name {problem}"
        if isinstance(value, str):
            return rules.pooler_value.problem(value)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if number and abs(value) <= HIGHEST else "must be a string"

    def check_pooler_size(self, pooler: Parameters) -> None:
        """ApiError 400 when there are more PgBouncer parameters than allowed."""
        maximum = self.rules.configuration.pooler_maximum
        if len(pooler) > maximum:
            raise bad_request(f"request body.{POOLER}: at most {maximum} parameters")

    def initial_configuration(self, member: str, sent: Any) -> Document:
        """Return the map that a create request sets; ApiError 400 when it is there but empty."""
        if sent is msgspec.UNSET:
            return {}
        if not sent and not self.rules.service.empty_configuration:
            raise bad_request(f"request body.{member}: must set a parameter, or be left out")
        return dict(sent)


def _texts(parameters: Parameters) -> Document:
    return {name: str(value) for name, value in parameters.items()}


def restart_message(parameters: list[str]) -> str:
    """Word the consequence of a change as the service's documentation shows it."""
    return (
        "The changes in the following parameters require a database restart to take effect: "
        f"{', '.join(parameters)}. You can restart the database by using the restart endpoint."
    )
