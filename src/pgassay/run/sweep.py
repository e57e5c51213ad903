"""Remove what an earlier run left behind: only what its journals prove to be its own.

Proof is either the recorded answer to the creation, or a creation without a recorded answer whose
name, which carries the run's nonce, is found in the collection's list.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

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


@dataclass(slots=True)
class _Record:
    """What the journals of one run say."""

    nonce: str = ""
    base_url: str = ""
    dbaas_prefix: str = "/v1/postgres"
    created: dict[str, Resource] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    #: Creations without a recorded answer, by journal and sequence number.
    open: dict[tuple[Path, int], dict[str, Json]] = field(default_factory=dict)


def sweep(place: Path, target: Target, *, dry_run: bool = False) -> Cleanup:
    """Remove what the run at `place` (its folder or a journal in it) left at `target`.

    With `dry_run` nothing is removed; the result then lists what would be. Raises `UsageError`
    where there is no journal, or it belongs to another target.
    """
    folder, journals = _journals(place)
    record = _gather(journals)
    _check(record, journals[0], target)
    vault = Vault()
    ownership = Ownership(collections(record.dbaas_prefix))
    header = {"nonce": record.nonce, "base_url": target.base_url, "sweeps": place.name}
    with Journal(folder / _OWN, vault, header) as journal:
        client = Client(target, journal, vault, ownership)
        try:
            with client.acting_for("sweep"):
                for resource in [*record.created.values(), *_settled(record, client)]:
                    ownership.adopt(resource)
                for setting in record.settings.values():
                    ownership.remember(setting)
                return _plan(ownership) if dry_run else _remove(client)
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
            record.open[journal, int(entry["sequence"])] = {**entry, "nonce": record.nonce}
        case "exchange":
            if not entry.get("failure"):
                record.open.pop((journal, int(entry["sequence"])), None)
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


def _settled(record: _Record, client: Client) -> Iterator[Resource]:
    """Find the resources whose creation was sent but whose answer was not recorded."""
    for intent in record.open.values():
        name = _name(intent)
        if intent["nonce"] not in name:
            continue
        path = str(intent["path"]).split("?")[0].rstrip("/")
        for place in collections(record.dbaas_prefix):
            if place.pattern.fullmatch(path):
                sender = str(intent.get("credential"))
                credential = sender if sender in _CREATING else "main"
                yield from _named(client, place, place.home(path), name, credential)


def _named(
    client: Client, place: Collection, path: str, name: str, credential: str
) -> Iterator[Resource]:
    request = Request.of("GET", path, family=place.family, credential=credential)
    try:
        body = client.send(request).json()
    except NotJudged:
        return
    arrays = [body] if isinstance(body, list) else []
    if isinstance(body, dict):
        arrays = [value for value in body.values() if isinstance(value, list)]
    for item in arrays[0] if arrays else []:
        if isinstance(item, dict) and item.get("name") == name and place.identifier in item:
            own = str(item[place.identifier])
            yield Resource(
                place.family, place.kind, own, name, f"{path}/{own}", "sweep", 0, credential
            )


def _name(intent: Mapping[str, Json]) -> str:
    try:
        body = json.loads(str(intent.get("body") or ""))
    except (ValueError, RecursionError):
        return ""
    return str(body.get("name", "")) if isinstance(body, dict) else ""
