"""Servers that read the documents otherwise, in all that no document speaks against."""

from collections.abc import Iterable

from pgassay.reference import Readings

from .variant import CLICKHOUSE, DBAAS, Variant

#: What the ledger has to say of a server with a reading.
SHOWN = {
    "tag_omission=wipe": ("GAP-CH-TAGS-OMITTED", "wiped"),
    "tag_value_on_update=required": ("GAP-CH-TAG-WITHOUT-VALUE", "refused"),
    "duplicate_tag_keys=keep": ("GAP-CH-DUPLICATE-TAG-KEYS", "kept"),
    "duplicate_tag_keys=collapse": ("GAP-CH-DUPLICATE-TAG-KEYS", "collapsed"),
    "names=alphanumeric": ("GAP-CH-NAME-HYPHEN", "refused"),
    "names=any": ("GAP-CH-NAME-OTHER", "accepted"),
    "default_version=18": ("GAP-CH-DEFAULT-VERSION", "version-18"),
    "empty_config_on_creation=accept": ("GAP-CH-EMPTY-MAP-ON-CREATION", "accepted"),
    "empty_config_on_change=refuse": ("GAP-CH-EMPTY-MAP-ON-CHANGE", "refused"),
    "missing_config=keep": ("GAP-CH-ONE-MAP", "kept"),
    "config_numbers=text": ("GAP-CH-NUMBERS-SHOWN", "as-text"),
    "integer_minus_one=accept": ("GAP-CH-INTEGER-MINUS-ONE", "accepted"),
    "storage_size_in_list=left_out": ("GAP-CH-LIST-STORAGE-SIZE", "left-out"),
    "created_at_on_change=shown": ("GAP-CH-CREATED-AT-ON-CHANGE", "shown"),
    "connection_string=postgresql": ("GAP-CH-CONNECTION-SCHEME", "postgresql"),
    "redaction=on": ("GAP-CH-SECRETS-IN-READS", "hidden"),
    "redaction=off": ("GAP-CH-SECRETS-IN-READS", "shown"),
    "copy_credentials=show": ("GAP-CH-COPY-CREDENTIALS", "shown"),
    "repeated_delete=refuse": ("GAP-CH-REPEATED-DELETE", "refused"),
    "switchover_without_standby=ignore": ("GAP-CH-SWITCHOVER-ALONE", "ignored"),
    "nil_uuid=refuse": ("GAP-CH-NIL-UUID", "status-400"),
    "cdc_maximum_cores=24": ("GAP-CH-CDC-UP-TO-32", "refused"),
    "cdc_maximum_cores=16": ("GAP-CH-CDC-UP-TO-24", "refused"),
    "one_field_scaling=complete": ("GAP-CH-CDC-ONE-MEMBER", "completed"),
    "one_field_scaling=refuse": ("GAP-CH-CDC-ONE-MEMBER", "refused"),
    "scaling_without_pipe=400": ("GAP-CH-CDC-WITHOUT-PIPE", "status-400"),
    "timestamps=milliseconds": ("GAP-CH-QUERY-TIMES", "milliseconds"),
    "metrics_above_limit=widen": ("GAP-CH-METRICS-TOO-MANY-POINTS", "widened"),
    "unknown_query=not_found": ("GAP-CH-UNKNOWN-QUERY", "not-found"),
    "query_durations=fractional": ("GAP-CH-DURATIONS", "fractions"),
    "dbaas_put=merge": ("GAP-DB-PUT", "merge"),
    "dbaas_terabyte=decimal": ("GAP-DB-TERABYTE-RAM", "decimal"),
    "dbaas_lists=object": ("GAP-DB-LISTS", "object"),
    "dbaas_instance_list=absent": ("GAP-DB-INSTANCE-LIST", "absent"),
    "dbaas_names=free": ("GAP-DB-USER-NAMES", "free"),
    "dbaas_owner_deletion=cascade": ("GAP-DB-OWNER-DELETION", "cascades"),
    "dbaas_references=uuid": ("GAP-DB-REFERENCES-SHOWN", "uuid"),
    "dbaas_delete=200": ("GAP-DB-DELETE-STATUS", "status-200"),
}
#: Those that no answer shows, and those about which a quick run does not ask, or not in time.
UNTOLD = {"dbaas_deprecated_versions=refused"}
UNASKED = {
    "integer_minus_one=accept",
    "repeated_delete=refuse",
    "dbaas_put=merge",
    "dbaas_terabyte=decimal",
}

MANY = (
    "tag_value_on_update=required",
    "duplicate_tag_keys=keep",
    "names=alphanumeric",
    "default_version=18",
    "empty_config_on_creation=accept",
    "empty_config_on_change=refuse",
    "missing_config=keep",
    "config_numbers=text",
    "integer_minus_one=accept",
    "storage_size_in_list=left_out",
    "created_at_on_change=shown",
    "connection_string=postgresql",
    "redaction=on",
    "copy_credentials=show",
    "repeated_delete=refuse",
    "switchover_without_standby=ignore",
    "nil_uuid=refuse",
    "one_field_scaling=complete",
    "scaling_without_pipe=400",
    "metrics_above_limit=widen",
    "unknown_query=not_found",
    "query_durations=fractional",
)
OTHERS = (
    "duplicate_tag_keys=collapse",
    "names=any",
    "redaction=off",
    "one_field_scaling=refuse",
)
DBAAS_MANY = (
    "dbaas_put=merge",
    "dbaas_deprecated_versions=refused",
    "dbaas_terabyte=decimal",
    "dbaas_lists=object",
    "dbaas_instance_list=absent",
    "dbaas_names=free",
    "dbaas_owner_deletion=cascade",
    "dbaas_references=uuid",
    "dbaas_delete=200",
)
#: Together they are all that no document speaks against.
ALLOWED = (MANY, OTHERS, DBAAS_MANY)


def told(choices: Iterable[str]) -> dict[str, str]:
    return dict(SHOWN[choice] for choice in choices if choice not in UNTOLD | UNASKED)


VARIANTS = (
    Variant(
        "ReadOtherwise",
        "Whatever can be read in another way is, as far as that goes together.",
        CLICKHOUSE,
        readings=Readings.of(MANY),
        warned=frozenset(
            {
                "CH-CFG-EMPTY-MAP",
                "CH-CFG-REJECT-UNTOUCHED",
                "CH-CFG-REQUIRED-MAPS",
                "CH-REPLICA-NO-CREDENTIALS",
                "CH-RESTORE-NO-CREDENTIALS",
                "CH-STATE-REJECT-UNTOUCHED",
                "CH-STATE-SWITCHOVER-NONE",
                "CH-SVC-CREATE-CONFIG-EMPTY",
                "CH-SVC-NAME-HYPHEN",
                "CH-SVC-TAGS-UNIQUE",
                "CH-SVC-TAGS-VALUE-OPTIONAL",
                "CH-SVC-VERSION-DEFAULT",
            }
        ),
        told=told(MANY),
    ),
    Variant(
        "ReadInAThirdWay",
        "What can be read in three ways, in the third.",
        CLICKHOUSE,
        readings=Readings.of(OTHERS),
        told=told(OTHERS),
    ),
    Variant(
        "ReadOtherwise",
        "Whatever can be read in another way is.",
        DBAAS,
        readings=Readings.of(DBAAS_MANY),
        told=told(DBAAS_MANY),
    ),
)
