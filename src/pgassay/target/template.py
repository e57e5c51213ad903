"""The commented target file that `pgassay init` starts a user with."""

from collections.abc import Iterable
from typing import Final

from pgassay.target.model import Family

#: The environment variables that the template refers to.
VARIABLES: Final = ("PG_KEY_ID", "PG_KEY_SECRET", "PG_TOKEN")

_HEAD: Final = """\
# What pgassay examines, how it gets there, and what a run may do to it.
# Uncommented keys are needed; commented ones show their default or an example.
# Secrets never stand here: write "env:NAME" (an environment variable) or "file:PATH"
# (a file; relative paths start at this file's folder).

[target]
name = "staging"                          # how reports call the target
base_url = "https://api.example.test"     # without credentials, query and trailing slash
families = [{families}]
# verify_tls = true                       # false accepts any certificate
"""

_CLICKHOUSE: Final = """
[clickhouse.auth.main]                    # an API key that may create and delete services
scheme = "basic"
username = "env:PG_KEY_ID"
password = "env:PG_KEY_SECRET"

# Each of these tables is optional and unlocks checks: a key of another organisation,
# a key that may only read, a key that was disabled.
# [clickhouse.auth.other_tenant]
# [clickhouse.auth.read_only]
# [clickhouse.auth.disabled]

[clickhouse]
# prefix = "/v1"
# organization_id = "00000000-0000-0000-0000-000000000000"   # needed if the key sees several
# other_organization_id = "..."           # of the other tenant
# service_id = "..."                      # a ClickHouse service with a database ClickPipe
# service_without_pipe_id = "..."         # one without
# observed_service_id = "..."             # a Postgres service in use; it is only read
# provider = "aws"
# region = "us-east-1"
# sizes = ["r6gd.medium", "r6gd.large"]   # what may really be created; the cheapest first
# versions = ["18", "17"]
# redaction = "on"                        # "on": reads hide credentials; left out: either is fine
# other_redaction = "on"                  # the same of the other tenant's organisation
# quota = 10                              # with the feature quota: services that may exist
# rate_limit = 10                         # with the feature rate_limit: what a key may send
# rate_window = 10                        # in so many seconds
# What follows is for servers that differ from the documents where these contradict each other:
# specification = "..."                   # SHA-256 of the OpenAPI document that was promised
# tag_omission = "keep"                   # "wipe": a PATCH removes tags that it does not name
# timestamps = "rfc3339"                  # "milliseconds": queries need three digits and Z
# empty_config_on_creation = "refuse"     # or "accept"
# empty_config_on_change = "accept"       # or "refuse"
# cdc_max_cores = 32                      # 32 | 24 | 16
# default_version = "17"                  # 17 | 18 | any: of services created without one
# prometheus_level = "strict"             # "evolving": deviations in metrics are warnings
# slow_query_data = "seedable"            # "none": no queries have been recorded
"""

_DBAAS: Final = """
[dbaas.auth.main]
scheme = "bearer"                         # basic | bearer | header | none
token = "env:PG_TOKEN"                    # header: also header = "X-Api-Key"

# [dbaas.auth.other_tenant]               # optional, as are read_only and disabled

[dbaas]                                   # what the API's text leaves open
# prefix = "/v1/postgres"
# reference_prefix = "/v1/types/postgres"
# collection_slash = false                # true: collections end in a slash
# project_id = "..."                      # sent with every create
# reference_style = "uri"                 # uri | uuid: how references are sent
# put_semantics = "full"                  # full | merge; probed when left out
# unique_names = true                     # users and databases have unique names in an instance
# wait_active = true                      # false: nothing provisions, lifecycles are not judged
# conninfo = "host={ipsv4} port=5432"     # with the feature data_plane: how libpq reaches the
                                          # databases; {member} is a member that an instance shows
"""

_TAIL: Final = """
[features]                                # optional features that are claimed (true) or not (false)
                                          # those left out are probed where that is safe
# data_plane = true                       # PostgreSQL itself is asked whether the API is right

[timing]                                  # seconds; how long an operation may take at most
# create = 1800
# scale = 1800
# restart = 900
# delete = 900
# config = 60
# cdc = 600
# backup = 1800                           # until a service has its first backup
# poll = 5                                # the first pause between two looks
# settle = 15                             # how long a reached state must hold
# request = 30                            # a single request, login or statement

[limits]                                  # what a run may cost; left out means no limit
# requests_per_second = 20
# concurrent_resources = 4                # services and instances at once
# total_resources = 12                    # in all; three times as many as at once if left out
# max_minutes = 120

# A known deviation: still examined, not counted as a failure until it expires.
# [[waiver]]
# requirement = "..."                     # an id that `pgassay requirements` lists
# reason = "accepted until the next release"
# owner = "platform team"
# expires = 2030-01-31
"""

_SECTIONS: Final = {Family.CLICKHOUSE: _CLICKHOUSE, Family.DBAAS: _DBAAS}


def template(families: Iterable[Family] = tuple(Family)) -> str:
    """Return the text of a new target file for `families`."""
    wanted = frozenset(families)
    chosen = [family for family in Family if family in wanted]
    named = ", ".join(f'"{family}"' for family in chosen)
    return _HEAD.format(families=named) + "".join(_SECTIONS[one] for one in chosen) + _TAIL
