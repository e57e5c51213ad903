"""Remove what an earlier run left behind: only what its journals prove to be its own.

Proof is either the recorded answer to the creation, or a creation whose name, which carries the
run's nonce, is found in the collection's list: the answer may be missing, or there may be two.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from pgassay.client import Client
from pgassay.deviation import NotJudged
from pgassay.errors import UsageError
from pgassay.exchange import Json, Request
from pgassay.journal import Journal, read
from pgassay.ownership import Collection, Ownership, Resource, Setting, collections
from pgassay.redaction import Vault
from pgassay.results import Cleanup, ResourceRecord
from pgassay.run.cleanup import Cleaner
from pgassay.target.model import Family, Target

#: A shorter nonce could be part of somebody else's name.
_SHORTEST_NONCE = 8
#: What the sweep itself records, in the folder of the run.
_OWN = "sweep.jsonl"
#: Credentials that may create; what another one seems to have created is the main one's to remove.
_CREATING = frozenset({"main", "other_tenant"})


#: Kinds of resources with which all goes that belongs to them.
_WHOLE = frozenset({"service", "instance"})
_UNKNOWN = "its creation was not answered, and the collection cannot be listed: look by this name"


@dataclass(slots=True)
class _Record:
    """What the journals of one run say."""

    nonce: str = ""
    base_url: str = ""
    dbaas_prefix: str = "/v1/postgres"
    created: dict[str, Resource] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    #: Creations by journal and sequence number, and those of them that no recorded answer closed.
    creations: dict[tuple[Path, int], dict[str, Json]] = field(default_factory=dict)
    open: set[tuple[Path, int]] = field(default_factory=set)


def sweep(
    place: Path,
    target: Target,
    *,
    dry_run: bool = False,
    transport: httpx.BaseTransport | None = None,
) -> Cleanup:
    """Remove what the run at `place` (its folder or a journal in it) left at `target`.

    With `dry_run` nothing is removed; the result then lists what would be. A `transport` takes the
    place of the network. Raises `UsageError` where there is no journal, or it belongs to another
    target.
    """
    folder, journals = _journals(place)
    record = _gather(journals)
    _check(record, journals[0], target)
    vault = Vault()
    ownership = Ownership(collections(record.dbaas_prefix))
    header = {"nonce": record.nonce, "base_url": target.base_url, "sweeps": place.name}
    with Journal(folder / _OWN, vault, header) as journal:
        client = Client(target, journal, vault, ownership, (), transport)
        try:
            with client.acting_for("sweep"):
                search = _Search(record, client)
                for resource in [*record.created.values(), *search.run()]:
                    ownership.adopt(resource)
                for setting in record.settings.values():
                    ownership.remember(setting)
                done = _plan(ownership) if dry_run else _remove(client)
                return replace(done, left=(*done.left, *search.unknown))
        finally:
            client.close()


def _plan(ownership: Ownership) -> Cleanup:
    left = tuple(
        ResourceRecord(own.family, own.kind, own.id, own.name, own.path, "would be removed")
        for own in ownership.remaining()
    )
    return Cleanup(created=len(left), left=left)


def _remove(client: Client) -> Cleanup:
    found = client.ownership.live
    left = Cleaner(client).finish()
    return Cleanup(created=found, removed=client.ownership.removed, left=left)


def _journals(place: Path) -> tuple[Path, list[Path]]:
    if place.is_file():
        return place.parent, [place]
    found = sorted(path for path in place.glob("*.jsonl") if path.name != _OWN)
    if not found:
        raise UsageError(
            "there is no journal",
            where=str(place),
            expected="the folder of a run, or a journal.jsonl",
        )
    return place, found


def _gather(journals: list[Path]) -> _Record:
    record = _Record()
    for path in journals:
        for entry in read(path):
            _take(record, path, entry)
    return record


def _take(record: _Record, journal: Path, entry: Mapping[str, Json]) -> None:
    match entry.get("kind"):
        case "run":
            record.nonce = str(entry.get("nonce") or record.nonce)
            record.base_url = str(entry.get("base_url") or record.base_url)
            record.dbaas_prefix = str(entry.get("dbaas_prefix") or record.dbaas_prefix)
        case "intent" if entry.get("method") == "POST":
            key = (journal, int(entry["sequence"]))
            record.creations[key] = {**entry, "nonce": record.nonce}
            record.open.add(key)
        case "exchange":
            if not entry.get("failure"):
                record.open.discard((journal, int(entry["sequence"])))
        case "created":
            resource = _resource(entry)
            record.created[resource.path] = resource
        case "removed":
            gone = str(entry["path"])
            for path in [p for p in record.created if p == gone or p.startswith(gone + "/")]:
                del record.created[path]
        case "setting":
            setting = _setting(entry)
            record.settings.setdefault(setting.path, setting)


def _resource(entry: Mapping[str, Json]) -> Resource:
    kind, own, name = str(entry["resource"]), str(entry["id"]), str(entry["name"])
    credential = str(entry.get("credential", "main"))
    family, path = Family(entry["family"]), str(entry["path"])
    return Resource(family, kind, own, name, path, "sweep", 0, credential)


def _setting(entry: Mapping[str, Json]) -> Setting:
    path, method = str(entry["path"]), str(entry["method"])
    return Setting(Family(entry["family"]), path, method, dict(entry["original"]))


def _check(record: _Record, journal: Path, target: Target) -> None:
    if len(record.nonce) < _SHORTEST_NONCE:
        raise UsageError("the journal names no run", where=str(journal))
    if record.base_url.rstrip("/") != target.base_url.rstrip("/"):
        raise UsageError(
            f"the run examined {record.base_url}, not {target.base_url}",
            where=str(journal),
            remedy="Give the target file of that run with --target.",
        )


class _Search:
    """The search for resources whose creation was sent, whatever was recorded of the answer.

    They are known by their names, which carry the run's nonce: what is only named similarly is not
    touched. Each collection is listed once, however many are looked for. What belongs to a service
    or an instance goes with it, and is looked for only where the answer is missing.
    """

    def __init__(self, record: _Record, client: Client) -> None:
        """Look for what `record` leaves open."""
        self._client = client
        self._wanted: dict[tuple[Collection, str, str], set[str]] = {}
        #: What may be there, and nobody can look.
        self.unknown: list[ResourceRecord] = []
        self._open: set[tuple[str, str]] = set()
        for key, intent in record.creations.items():
            if intent["nonce"] in _name(intent):
                self._want(intent, collections(record.dbaas_prefix), open_=key in record.open)

    def run(self) -> Iterator[Resource]:
        """Yield what is there."""
        for (place, path, credential), names in self._wanted.items():
            items = self._listed(
                Request.of("GET", path, family=place.family, credential=credential)
            )
            if items is None and place.kind in _WHOLE:
                self.unknown += [
                    ResourceRecord(place.family, place.kind, "", name, path, _UNKNOWN)
                    for name in sorted(names)
                    if (path, name) in self._open
                ]
            for item in items or ():
                if item.get("name") in names and place.identifier in item:
                    own, name = str(item[place.identifier]), str(item["name"])
                    yield Resource(
                        place.family, place.kind, own, name, f"{path}/{own}", "sweep", 0, credential
                    )

    def _want(
        self, intent: Mapping[str, Json], places: Iterable[Collection], *, open_: bool
    ) -> None:
        path = str(intent["path"]).split("?")[0].rstrip("/")
        sender = str(intent.get("credential"))
        credential = sender if sender in _CREATING else "main"
        for place in places:
            if place.pattern.fullmatch(path) and (open_ or place.kind in _WHOLE):
                home = place.home(path)
                self._wanted.setdefault((place, home, credential), set()).add(_name(intent))
                if open_:
                    self._open.add((home, _name(intent)))

    def _listed(self, request: Request) -> list[dict[str, Json]] | None:
        """The items of a collection; None where it cannot be listed."""
        try:
            exchange = self._client.send(request)
        except NotJudged:
            return None
        body = exchange.json()
        arrays = [body] if isinstance(body, list) else []
        if isinstance(body, dict):
            arrays = [value for value in body.values() if isinstance(value, list)]
        if exchange.succeeded and arrays:
            return [item for item in arrays[0] if isinstance(item, dict)]
        return None


def _name(intent: Mapping[str, Json]) -> str:
    try:
        body = json.loads(str(intent.get("body") or ""))
    except (ValueError, RecursionError):
        return ""
    return str(body.get("name", "")) if isinstance(body, dict) else ""
