"""Readings of the documents: where they contradict each other, or say nothing, one is chosen.

The first value of each is the reference's own. Another one makes a server that is as legal, or that
does what the deployed service has been seen to do against its documents.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args, get_type_hints


def _reading(otherwise: str, about: str, source: str) -> Any:
    return field(default=otherwise, metadata={"about": about, "source": source})


@dataclass(frozen=True, slots=True)
class Reading:
    """One point that can be read in more than one way; `values` begin with the default."""

    name: str
    values: tuple[str, ...]
    about: str
    source: str


@dataclass(frozen=True, slots=True)
class Readings:
    """How one server reads the documents; each member says of what it is about, and by whom.

    Those that begin with `dbaas_` are about the PostgreSQL Service API.
    """

    tag_omission: Literal["keep", "wipe"] = _reading(
        "keep",
        "What a PATCH that does not name tags does to them.",
        "RFC 7396 in the documentation; the deployed service wipes them, as its clients report",
    )
    tag_value_on_update: Literal["optional", "required"] = _reading(
        "optional",
        "Whether a PATCH may hold a tag without a value.",
        "OpenAPI ResourceTagsV1; the deployed service refuses it, as its clients report",
    )
    duplicate_tag_keys: Literal["refuse", "collapse", "keep"] = _reading(
        "refuse", "What becomes of tags with one key.", "OpenAPI pgTags says nothing"
    )
    names: Literal["hyphens", "alphanumeric", "any"] = _reading(
        "hyphens",
        "What a service's name may hold beside letters, digits and spaces.",
        "Official clients use hyphens; OpenAPI pgNameProperty describes it, but has no pattern",
    )
    default_version: Literal["17", "18"] = _reading(
        "17",
        "The PostgreSQL version of a service that was created without one.",
        "Documentation, quickstart; an official client says 18",
    )
    empty_config_on_creation: Literal["refuse", "accept"] = _reading(
        "refuse",
        "Whether a creation may hold an empty configuration.",
        "OpenAPI pgConfig, minProperties; examples send one",
    )
    empty_config_on_change: Literal["accept", "refuse"] = _reading(
        "accept",
        "Whether a change of the configuration may hold an empty map.",
        "Official clients send one; OpenAPI pgConfig, minProperties",
    )
    missing_config: Literal["refuse", "keep"] = _reading(
        "refuse",
        "What a change of the configuration without one of the maps does.",
        "OpenAPI postgresInstanceConfig requires both; PATCH is described as an update",
    )
    config_numbers: Literal["as_sent", "text"] = _reading(
        "as_sent",
        "How parameters that were sent as numbers are shown.",
        "OpenAPI pgConfig; the deployed service shows text, as its clients report",
    )
    integer_minus_one: Literal["refuse", "accept"] = _reading(
        "refuse",
        "Whether -1 may be sent as a number where it is special and below the minimum.",
        "OpenAPI pgConfig: the minimum against the examples",
    )
    storage_size_in_list: Literal["shown", "left_out"] = _reading(
        "shown",
        "Whether items of the list have storageSize.",
        "Documentation, example of a list; OpenAPI PostgresServiceListItem has none",
    )
    created_at_on_change: Literal["left_out", "shown"] = _reading(
        "left_out",
        "Whether the answers to a creation and to a PATCH have createdAt.",
        "Documentation, examples; OpenAPI PostgresService has it",
    )
    connection_string: Literal["postgres", "postgresql"] = _reading(
        "postgres",
        "Scheme and parameter of the connection string.",
        "OpenAPI example; documentation, connecting",
    )
    redaction: Literal["organization", "on", "off"] = _reading(
        "organization",
        "Whether credentials are shown on creation only: in the second organization, in all, none.",
        "OpenAPI PostgresService against the older examples of the documentation",
    )
    copy_credentials: Literal["hide", "show"] = _reading(
        "hide",
        "Whether the answers that create a replica or a restored service hold the credentials.",
        "An official client says that there are none; OpenAPI PostgresService has them",
    )
    repeated_delete: Literal["accept", "refuse"] = _reading(
        "accept",
        "What a second delete is answered while the first is carried out: 200, or 409.",
        "The documents say nothing; official clients accept both",
    )
    switchover_without_standby: Literal["refuse", "ignore"] = _reading(
        "refuse",
        "What a switchover is answered where haType is none: 400, or 200 without an effect.",
        "OpenAPI PostgresServiceSetState; the deployed service ignores it, as its clients report",
    )
    nil_uuid: Literal["not_found", "refuse"] = _reading(
        "not_found",
        "What the nil UUID is answered: 404 like any unknown id, or 400.",
        "RFC 9562, 5.9 makes it a UUID; the deployed service refuses it, as its clients report",
    )
    cdc_maximum_cores: Literal["32", "24", "16"] = _reading(
        "32",
        "How many cores CDC can be scaled to.",
        "OpenAPI ClickPipesCdcScaling; documentation, scaling ClickPipes; its older edition",
    )
    one_field_scaling: Literal["keep", "complete", "refuse"] = _reading(
        "keep",
        "What a CDC scaling does to the member that it does not name; kept, it must still match.",
        "RFC 7396; OpenAPI ClickPipesCdcScaling: memory is four times the cores",
    )
    scaling_without_pipe: Literal["404", "400"] = _reading(
        "404",
        "The status of CDC scaling before there is a database ClickPipe.",
        "OpenAPI clickPipeCdcScalingGet says that it is not available, not how",
    )
    timestamps: Literal["rfc3339", "milliseconds"] = _reading(
        "rfc3339",
        "Which date-times are read in query strings: all, or those with three digits and Z.",
        "OpenAPI format date-time; the deployed service reads one form, as its clients report",
    )
    metrics_above_limit: Literal["refuse", "widen"] = _reading(
        "refuse",
        "What a bucket so small that a series has more than 250 points leads to.",
        "OpenAPI postgresInstanceMetricsGet: requests are capped",
    )
    unknown_query: Literal["empty", "not_found"] = _reading(
        "empty",
        "What the detail of an unknown query pattern is answered: without aggregate, or 404.",
        "OpenAPI slowQueryPatternGet says nothing",
    )
    query_durations: Literal["whole", "fractional"] = _reading(
        "whole",
        "Whether durations of query patterns are whole numbers.",
        "OpenAPI PostgresSlowQueryPattern; the deployed service sends fractions, as clients report",
    )
    dbaas_put: Literal["full", "merge"] = _reading(
        "full",
        "Whether a PUT holds the whole instance, or what is to change.",
        "RFC 9110, 9.3.4; PostgreSQL Service API says nothing",
    )
    dbaas_deprecated_versions: Literal["selectable", "refused"] = _reading(
        "selectable",
        "Whether new instances may run a deprecated version.",
        "PostgreSQL Service API, Version Lifecycle",
    )
    dbaas_terabyte: Literal["binary", "decimal"] = _reading(
        "binary",
        "Whether 1 TB is 1024 or 1000 GB.",
        "PostgreSQL Service API, Instance Validation",
    )
    dbaas_lists: Literal["array", "object"] = _reading(
        "array",
        "Whether lists stand in an object, as that of the versions does.",
        "PostgreSQL Service API, API Endpoints",
    )
    dbaas_instance_list: Literal["offered", "absent"] = _reading(
        "offered",
        "Whether instances can be listed.",
        "PostgreSQL Service API, API Endpoints has no such operation",
    )
    dbaas_names: Literal["unique", "free"] = _reading(
        "unique",
        "Whether two users, or two databases, of an instance may have one name.",
        "PostgreSQL keeps both unique in a cluster; PostgreSQL Service API says nothing",
    )
    dbaas_owner_deletion: Literal["refuse", "cascade"] = _reading(
        "refuse",
        "What becomes of a user who is deleted and owns databases.",
        "PostgreSQL Service API, Database: an owner must be a valid user",
    )
    dbaas_references: Literal["uri", "uuid"] = _reading(
        "uri",
        "How answers refer to other resources.",
        "PostgreSQL Service API, API Structure; the element manifest uses uuids",
    )
    dbaas_delete: Literal["204", "200"] = _reading(
        "204", "The status of a delete.", "RFC 9110, 9.3.5; PostgreSQL Service API says nothing"
    )

    @classmethod
    def known(cls) -> Iterator[Reading]:
        """Yield all that can be read in more than one way."""
        types = get_type_hints(cls)
        for one in fields(cls):
            yield Reading(one.name, get_args(types[one.name]), **one.metadata)

    @classmethod
    def of(cls, choices: Iterable[str]) -> "Readings":
        """Return the readings that `NAME=VALUE` choose, the last of one name counting.

        LookupError for a name that is none (with the name), ValueError for a value (with those
        that there are).
        """
        values = {reading.name: reading.values for reading in cls.known()}
        chosen: dict[str, Any] = {}
        for choice in choices:
            name, _, value = choice.partition("=")
            if name not in values:
                raise LookupError(name)
            if value not in values[name]:
                raise ValueError(f"{name}={' or '.join(values[name])}")
            chosen[name] = value
        return replace(cls(), **chosen)
