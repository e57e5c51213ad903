"""The dbaas family's behaviour in one class, which variants of the server subclass."""

from pgassay.reference.dbaas.databases import Databases
from pgassay.reference.dbaas.instances import Instances
from pgassay.reference.dbaas.users import Users
from pgassay.reference.dbaas.versions import Versions


class DbaasService(Instances, Users, Databases, Versions):
    """Every operation of the family; a variant overrides one method, or `rules`."""
