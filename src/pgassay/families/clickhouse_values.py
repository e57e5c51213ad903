"""Where generated bodies of the clickhouse family are tried, and how their outcome is read."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pgassay.exchange import Exchange, Json
from pgassay.families.clickhouse import ClickhouseApi, comparable, result
from pgassay.families.clickhouse_copies import Copy
from pgassay.families.clickhouse_expectations import everything, kept, pair_of
from pgassay.families.command_expectations import restarted, secret
from pgassay.families.value_expectations import Ground
from pgassay.values import forms
from pgassay.values.trials import Form, Place
from pgassay.waiting import wait_until


@dataclass(slots=True)
class _Creations:
    """Bodies of new services, and a look at those that came to be listed since.

    Services of other names are none of ours, unless the fault is in the name.
    """

    api: ClickhouseApi
    named: bool
    names: list[Json] = field(default_factory=list)
    before: set[Json] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Remember what is listed now."""
        self.before = {item.get("id") for item in self.api.listed()}

    def fresh(self) -> dict[str, Json]:
        """Values of a create with a name of its own."""
        body = self.api.creation()
        self.names.append(body["name"])
        return body

    def listed(self) -> Json:
        """The services that were not listed before."""
        return [
            item.get("id")
            for item in self.api.listed()
            if item.get("id") not in self.before
            and (not self.named or item.get("name") in self.names)
        ]


def creating(api: ClickhouseApi, place: Place) -> Ground:
    """Creates of services."""
    made = _Creations(api, named=place != ("name",))
    return Ground(
        api.client,
        forms.SERVICE,
        api.services_path(),
        made.fresh,
        api.creation_answer,
        made.listed,
    )


def copying(api: ClickhouseApi, form: Form, copy: Copy, part: str, place: Place) -> Ground:
    """Requests for copies of the source that `copy` was made from."""
    made = _Creations(api, named=place != ("name",))
    known = {name: copy.asked[name] for name in form.needed if name in copy.asked}
    return Ground(
        api.client,
        form,
        api.path(str(copy.source["id"]), part),
        lambda: {**known, "name": made.fresh()["name"]},
        lambda: copy.exchange,
        made.listed,
    )


def updating(api: ClickhouseApi) -> Ground:
    """Updates of the second service."""
    service = api.neighbour()

    def shown(_: Exchange, agrees: Callable[[Json], bool]) -> Json:
        return _look(api, lambda: api.shown(service), agrees)

    return Ground(
        api.client,
        forms.UPDATE,
        api.path(service),
        lambda: {"name": api.names.words(), "size": api.settings.sizes[0]},
        lambda: api.proven("update", lambda: api.patch(service, {"tags": []})),
        lambda: kept(api.shown(service)),
        shown,
    )


def configuring(api: ClickhouseApi, form: Form) -> Ground:
    """Changes of the second service's configuration."""
    service = api.neighbour()
    path = api.path(service, "config")
    method = "POST" if form is forms.REPLACEMENT else "PATCH"

    def read() -> Json:
        return comparable(result(api.configuration(service)))

    def shown(_: Exchange, agrees: Callable[[Json], bool]) -> Json:
        return _look(api, read, agrees)

    return Ground(
        api.client,
        form,
        path,
        dict,
        lambda: api.proven(form.name, lambda: api.send(method, path, dict(form.sample))),
        read,
        shown,
    )


def resetting(api: ClickhouseApi, service: str) -> Ground:
    """Changes of a service's password."""
    return Ground(
        api.client,
        forms.PASSWORD,
        api.path(service, "password"),
        lambda: {"password": api.names.password()},
        lambda: api.proven(
            "password", lambda: api.set_password(service, {"password": api.names.password()})
        ),
        lambda: [secret(api, service), everything(api, service)],
    )


def commanding(api: ClickhouseApi, service: str) -> Ground:
    """Commands to a service."""
    return Ground(
        api.client,
        forms.COMMAND,
        api.path(service, "state"),
        dict,
        lambda: api.proven("restart", lambda: restarted(api, service)),
        lambda: {"state": api.state(service), "rest": everything(api, service)},
    )


def scaling(api: ClickhouseApi) -> Ground:
    """Changes of the CDC scaling."""
    api.remember_scaling()
    return Ground(
        api.client,
        forms.SCALING,
        api.scaling_path(),
        lambda: pair_of(2),
        lambda: api.proven("scaling", lambda: api.scale(api.scaling_pair())),
        api.scaling_pair,
    )


def _look(api: ClickhouseApi, read: Callable[[], Json], agrees: Callable[[Json], bool]) -> Json:
    return wait_until(read, agrees, budget=api.timing.config, poll=api.timing.poll).value
