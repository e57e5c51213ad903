"""The clickhouse family's behaviour in one class, which variants of the server subclass."""

from pgassay.reference.clickhouse.certificates import Certificates
from pgassay.reference.clickhouse.commands import Commands
from pgassay.reference.clickhouse.insights import Insights
from pgassay.reference.clickhouse.organizations import Organizations
from pgassay.reference.clickhouse.passwords import Passwords
from pgassay.reference.clickhouse.restore import Restoration
from pgassay.reference.clickhouse.scaling import Scaling


class ClickhouseService(
    Passwords, Commands, Restoration, Scaling, Insights, Certificates, Organizations
):
    """Every operation of the family; a variant of the server overrides one method."""
