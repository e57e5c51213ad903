"""The rules that a server follows, chosen one by one or by how its documents are read."""

from dataclasses import dataclass, field, replace

from pgassay.reference.clickhouse.rules import (
    ClickhouseRules,
    ConfigurationRules,
    InsightRules,
    MetricsRules,
    ScalingRules,
    ServiceRules,
    StepRule,
    TagRules,
    TextRule,
)
from pgassay.reference.dbaas import DbaasRules
from pgassay.reference.dbaas.rules import InstanceRules, Range
from pgassay.reference.readings import Readings

_PLAIN_NAME = TextRule(1, 50, "letters, digits and spaces", r"(?:[^\W_]| )+")
#: A pattern that every text fits.
ANYTHING = r"(?s:.*)"
_ANY_NAME = TextRule(1, 50, "any characters", ANYTHING)
_SECURE_URI = "postgresql://{authority}/postgres?sslmode=require"
_DECIMAL = InstanceRules(ram=Range(512, 1_000_000, "MB"), disk_size=Range(8, 1000, "GB"))


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The rules that the families follow: limits, patterns, durations, legal steps."""

    clickhouse: ClickhouseRules = field(default_factory=ClickhouseRules)
    dbaas: DbaasRules = field(default_factory=DbaasRules)

    @classmethod
    def of(cls, readings: Readings) -> "Behaviour":
        """Return the rules that follow from how the documents are read."""
        return cls(_clickhouse(readings), _dbaas(readings))


def _clickhouse(readings: Readings) -> ClickhouseRules:
    return ClickhouseRules(
        service=_service(readings),
        configuration=ConfigurationRules(
            empty_accepted=readings.empty_config_on_change == "accept",
            missing_kept=readings.missing_config == "keep",
            numbers_as_text=readings.config_numbers == "text",
            minus_one=readings.integer_minus_one == "accept",
        ),
        scaling=_scaling(readings),
        metrics=MetricsRules(widens=readings.metrics_above_limit == "widen"),
        insights=InsightRules(
            fractional_durations=readings.query_durations == "fractional",
            refuses_unknown=readings.unknown_query == "not_found",
        ),
        milliseconds_only=readings.timestamps == "milliseconds",
        nil_refused=readings.nil_uuid == "refuse",
        switchover_ignored=readings.switchover_without_standby == "ignore",
        copies_show_secrets=readings.copy_credentials == "show",
        redaction=None if readings.redaction == "organization" else readings.redaction == "on",
    )


def _service(readings: Readings) -> ServiceRules:
    rules = ServiceRules(
        default_version=readings.default_version,
        tags=TagRules(
            unique_keys=readings.duplicate_tag_keys == "refuse",
            collapsed=readings.duplicate_tag_keys == "collapse",
            kept_when_omitted=readings.tag_omission == "keep",
            value_required_on_update=readings.tag_value_on_update == "required",
        ),
        storage_in_list=readings.storage_size_in_list == "shown",
        empty_configuration=readings.empty_config_on_creation == "accept",
        dated_changes=readings.created_at_on_change == "shown",
        repeated_delete=readings.repeated_delete == "accept",
    )
    if readings.names == "alphanumeric":
        rules = replace(rules, name=_PLAIN_NAME)
    if readings.names == "any":
        rules = replace(rules, name=_ANY_NAME)
    if readings.connection_string == "postgresql":
        rules = replace(rules, connection_uri=_SECURE_URI)
    return rules


def _scaling(readings: Readings) -> ScalingRules:
    cores = int(readings.cdc_maximum_cores)
    return ScalingRules(
        cpu=StepRule(1000, 1000 * cores, 1000),
        memory=StepRule(4, 4 * cores, 4),
        alone=readings.one_field_scaling,
        missing_pipe_status=404 if readings.scaling_without_pipe == "404" else 400,
    )


def _dbaas(readings: Readings) -> DbaasRules:
    return DbaasRules(
        instance=_DECIMAL if readings.dbaas_terabyte == "decimal" else InstanceRules(),
        deprecated_versions_selectable=readings.dbaas_deprecated_versions == "selectable",
        merging_put=readings.dbaas_put == "merge",
        wrapped_lists=readings.dbaas_lists == "object",
        unique_names=readings.dbaas_names == "unique",
        cascading_users=readings.dbaas_owner_deletion == "cascade",
        bare_references=readings.dbaas_references == "uuid",
        delete_with_body=readings.dbaas_delete == "200",
        instance_list=readings.dbaas_instance_list == "offered",
    )
