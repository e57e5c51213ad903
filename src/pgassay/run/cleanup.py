"""Remove what a run created and put back what it changed. Nothing else is touched."""

from collections.abc import Callable, Mapping

import httpx

from pgassay.client import Client
from pgassay.deviation import NotJudged
from pgassay.exchange import Exchange, Json, Request
from pgassay.ownership import Resource, Setting
from pgassay.results import ResourceRecord
from pgassay.waiting import wait_until

_GONE = frozenset({404, 410})
_INTERRUPTED = "the removal was interrupted"


class Cleaner:
    """Remove resources through the client, so that the removal is journalled as well."""

    def __init__(self, client: Client) -> None:
        """Work for the client's run."""
        self._client = client
        self._asked: set[str] = set()

    def after_check(self, check: str) -> None:
        """Ask for the removal of what `check` created; whether it happened is seen at the end."""
        for resource in self._client.ownership.remaining(check):
            self._ask(resource)

    def remove(self, identifier: str, *, wait: bool = False) -> None:
        """Ask for the removal of the resource with this id; with `wait` until it is gone."""
        for resource in self._client.ownership.remaining():
            if resource.id == identifier:
                with self._client.acting_for("cleanup"):
                    self._ask(resource)
                    if wait:
                        self._settle(resource)

    def relieve(self, surrender: Callable[[], str | None]) -> bool:
        """Wait until one service or instance is gone that was asked to go.

        Where none was, one is asked that `surrender` names, of those that nobody uses. False when
        there is none either, or it stays.
        """
        costly = [one for one in self._client.ownership.remaining() if one.costs]
        leaving = next((one for one in costly if one.path in self._asked), None)
        while leaving is None:
            identifier = surrender()
            if identifier is None:
                return False
            given_up = next((one for one in costly if one.id == identifier), None)
            if given_up is not None:
                self._ask(given_up)
                leaving = given_up if given_up.path in self._asked else None
        return self._settle(leaving) is None

    def finish(self) -> tuple[ResourceRecord, ...]:
        """Remove everything, wait until it is gone, put settings back; return what is left.

        An interruption ends that: what was found out must not be lost with it, and what is left is
        named.
        """
        ownership = self._client.ownership
        settings = list(ownership.settings)
        left: list[ResourceRecord | None] = []
        try:
            with self._client.acting_for("cleanup"):
                for resource in ownership.remaining():
                    self._ask(resource)
                left += [self._settle(resource) for resource in ownership.remaining()]
                while settings:
                    left.append(self._restore(settings[0]))
                    settings.pop(0)
        except KeyboardInterrupt:
            known = {record.path for record in left if record is not None}
            remaining = (one for one in ownership.remaining() if one.path not in known)
            left += [_record(resource, _INTERRUPTED) for resource in remaining]
            left += [_unrestored(setting, f"not put back: {_INTERRUPTED}") for setting in settings]
        return tuple(record for record in left if record is not None)

    def _ask(self, resource: Resource) -> None:
        exchange = self._send(resource, "DELETE")
        if exchange is None:
            return
        if exchange.status in _GONE or exchange.status == 204:
            # A synchronous delete is confirmed by one look, an asynchronous one at the end.
            looked = self._send(resource, "GET")
            if looked is not None and looked.status in _GONE:
                self._client.gone(resource.path)

    def _settle(self, resource: Resource) -> ResourceRecord | None:
        if not self._client.ownership.owns(resource.path):
            return None  # went with its parent
        timing = self._client.target.timing
        waited = wait_until(
            lambda: self._look(resource),
            lambda exchange: exchange is not None and exchange.status in _GONE,
            budget=timing.delete if self._client.silent < 2 else 0.0,
            poll=timing.poll,
        )
        if waited.reached:
            self._client.gone(resource.path)
            return None
        last = waited.value
        reason = last.line if last is not None else "no answer"
        if last is not None and last.succeeded and resource.path not in self._asked:
            reason = f"the delete was refused; {reason}"
        return _record(resource, reason)

    def _look(self, resource: Resource) -> Exchange | None:
        """Look at a resource on its way out; ask again where it had to wait for dependents."""
        if resource.path not in self._asked:
            self._send(resource, "DELETE")
        return self._send(resource, "GET")

    def _restore(self, setting: Setting) -> ResourceRecord | None:
        original = Request.of(
            setting.method, setting.path, json_body=dict(setting.original), family=setting.family
        )
        try:
            # A change that has not taken effect yet could still come after the one that undoes it.
            self._wait_for(setting, self._client.ownership.wanted(setting))
            answer = self._client.send(original)
            shown = self._wait_for(setting, setting.original)
            reason = "" if shown else f"not put back: {answer.line}"
        except NotJudged as error:
            reason = f"not put back: {error}"
        return _unrestored(setting, reason) if reason else None

    def _wait_for(self, setting: Setting, value: Mapping[str, Json]) -> bool:
        read = Request.of("GET", setting.path, family=setting.family)
        timing = self._client.target.timing

        def shows() -> bool:
            body = self._client.send(read).json()
            return isinstance(body, dict) and body.get("result") == dict(value)

        return wait_until(shows, bool, budget=timing.cdc, poll=timing.poll).reached

    def _send(self, resource: Resource, method: str) -> Exchange | None:
        request = Request.of(
            method, resource.path, family=resource.family, credential=resource.credential
        )
        try:
            exchange = self._client.send(request)
        except (NotJudged, httpx.HTTPError):
            return None
        if method == "DELETE" and (exchange.succeeded or exchange.status in _GONE):
            self._asked.add(resource.path)
        return exchange


def _unrestored(setting: Setting, reason: str) -> ResourceRecord:
    return ResourceRecord(setting.family, "setting", "", "", setting.path, reason)


def _record(resource: Resource, reason: str) -> ResourceRecord:
    return ResourceRecord(
        resource.family, resource.kind, resource.id, resource.name, resource.path, reason
    )
