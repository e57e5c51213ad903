"""Where generated bodies of the dbaas family are tried, and how their outcome is read."""

from collections.abc import Callable

from pgassay.exchange import Exchange, Json
from pgassay.families.dbaas import DbaasApi, identity, items
from pgassay.families.value_expectations import Ground
from pgassay.values import forms
from pgassay.values.trials import Place
from pgassay.waiting import wait_until


def creating(api: DbaasApi, place: Place) -> Ground:
    """Creates of instances."""
    names: list[Json] = []

    def fresh() -> dict[str, Json]:
        body = api.creation()
        names.append(body["name"])
        return body

    def listed() -> Json:
        """The instances that were asked for, or all where the fault is in the name."""
        exchange = api.instances()
        if not exchange.succeeded:
            return None
        if place == ("name",):
            return api.lasting(exchange)
        return [
            item.get("uuid")
            for item in items(exchange)
            if isinstance(item, dict) and item.get("name") in names
        ]

    return Ground(
        api.client,
        forms.INSTANCE,
        api.collection("instances"),
        fresh,
        api.proof_of_creation,
        listed,
    )


def updating(api: DbaasApi) -> Ground:
    """Updates, up to the limits, of an instance that is ACTIVE before each."""
    instance = str(api.pool.look(worn=True)["uuid"])
    present = api.representation(instance)

    def shown(_: Exchange, agrees: Callable[[Json], bool]) -> Json:
        def look() -> Json:
            return api.get(instance).json()

        waited = wait_until(look, agrees, budget=api.timing.scale, poll=api.timing.poll)
        api.pool.look(worn=True)
        return waited.value

    return Ground(
        api.client,
        forms.CHANGE,
        api.path(instance),
        lambda: present,
        lambda: api.proof_of_update(instance),
        lambda: api.representation(instance),
        shown,
    )


def creating_users(api: DbaasApi, instance: str) -> Ground:
    """Creates of users in an instance."""

    def shown(made: Exchange, _: Callable[[Json], bool]) -> Json:
        return api.user(instance, identity(made)).json()

    return Ground(
        api.client,
        forms.USER,
        api.collection("instances", instance, "users"),
        api.user_creation,
        lambda: api.proof_of_user(instance),
        lambda: api.lasting(api.users(instance)),
        shown,
    )


def creating_databases(api: DbaasApi, instance: str, owner: str) -> Ground:
    """Creates of databases of a user in an instance."""

    def shown(made: Exchange, _: Callable[[Json], bool]) -> Json:
        return api.database(instance, identity(made)).json()

    return Ground(
        api.client,
        forms.DATABASE,
        api.collection("instances", instance, "databases"),
        lambda: api.database_creation(instance, owner),
        lambda: api.proof_of_database(instance, owner),
        lambda: api.lasting(api.databases(instance)),
        shown,
    )
