"""What read replicas and restored services share: a new service made from another one."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from pgassay.reference.clickhouse.models import CopyRequest, CreateRequest
from pgassay.reference.clickhouse.services import Services
from pgassay.reference.plane import Action
from pgassay.reference.store import Document


class Copies(Services):
    """Makes services out of the backups of others."""

    def first_backup(self, source: Document) -> float:
        """Return when the first backup of a service is complete, in epoch seconds.

        Backups belong to a history of the data; that of a promoted replica begins with the
        promotion.
        """
        begin = source["historySince" if "historySince" in source else "since"]
        return float(begin) + self.rules.durations.first_backup * self.settings.time_scale

    def check_copy(self, request: CopyRequest) -> None:
        """ApiError 400 naming the member that breaks a rule."""
        self.check_text("name", self.rules.service.name, request.name)
        self.check_tags(request.tags)
        self.check_parameters(request.pg_config or {}, request.pg_bouncer_config or {})

    def copy(self, source: Document, request: CopyRequest, size: str) -> Document:
        """Make the document of a service that takes over what the request does not give.

        High availability is not taken over, credentials are.
        """
        inheriting = CreateRequest(
            name=request.name,
            provider=source["provider"],
            region=source["region"],
            size=size,
            postgres_version=source["postgresVersion"],
            tags=request.tags,
            pg_config=_inherited(request.pg_config, source["pgConfig"]),
            pg_bouncer_config=_inherited(request.pg_bouncer_config, source["pgBouncerConfig"]),
        )
        document = self.new_document({"id": source["organization"]}, inheriting)
        return {**document, "username": source["username"], "password": source["password"]}

    def begin_phases(
        self, document: Document, phases: Mapping[str, float], action: Action, **arguments: Any
    ) -> None:
        """Announce the states on the way to running, each with its documented seconds.

        The action belongs to the last step: only with it done the service runs.
        """
        passed = self.rules.durations.allocating
        for state, duration in phases.items():
            self.begin(document, passed, {"state": state})
            passed += duration
        setup = self.setup(document)
        self.begin(document, passed, {"state": "running"}, action, **arguments, **setup)

    def copied(self, document: Document) -> Document:
        """Return the answer to the request; the credentials are those of the source.

        So they are in no answer, redaction or not (the official client 0.5.0 says the same).
        """
        return self.details(document, secret=self.rules.copies_show_secrets)


def _inherited(
    given: dict[str, Any] | UnsetType, source: dict[str, Any]
) -> dict[str, Any] | UnsetType:
    return source or UNSET if given is UNSET else given
