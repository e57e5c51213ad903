"""The clickhouse family's behaviour in one class, which variants of the server subclass."""

from pgassay.reference.clickhouse.organizations import Organizations
from pgassay.reference.clickhouse.prometheus import Monitoring
from pgassay.reference.clickhouse.scaling import Scaling
from pgassay.reference.clickhouse.services import Services


class ClickhouseService(Services, Scaling, Monitoring, Organizations):
    """Every operation of the family; a variant of the server overrides one method."""
