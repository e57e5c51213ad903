"""Which way a ClickHouse Cloud server goes with services, copies, commands and refusals."""

import re
from typing import Final

from pgassay.exchange import ANONYMOUS
from pgassay.gaps.observing import Observers
from pgassay.gaps.seen import CONFLICTING, Seen
from pgassay.target.model import Family

OBSERVERS: Final = Observers()

_CREATE: Final = "postgresServiceCreate"
_READ: Final = "postgresServiceGet"
_PATCH: Final = "postgresServicePatch"
_STATE: Final = "postgresServicePatchState"
_REPLICATE: Final = "postgresInstanceCreateReadReplica"
_RESTORE: Final = "postgresInstanceRestore"
#: The members of a minimal creation, and all that a creation may have.
_MINIMAL: Final = ("name", "provider", "region", "size")
_DOCUMENTED: Final = (*_MINIMAL, "haType", "postgresVersion", "tags", "pgConfig", "pgBouncerConfig")
_WORDS: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 ]{0,48}[A-Za-z0-9])?")
#: Blanks at an end are a point of their own: a server may cut them off.
_PRINTABLE: Final = re.compile(r"[!-~]([ -~]{0,48}[!-~])?")
_HYPHENATED: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 _-]{0,48}[A-Za-z0-9])?")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_NIL: Final = "00000000-0000-0000-0000-000000000000"


def _plain(seen: Seen, *besides: str) -> bool:
    """Tell whether a creation is what every server takes, leaving aside the members `besides`."""
    sent, settings = seen.sending, seen.target.clickhouse
    if not sent.keys() <= {*_MINIMAL, *besides}:
        return False
    ordinary = {
        "name": isinstance(sent.get("name"), str) and bool(_WORDS.fullmatch(sent["name"])),
        "provider": sent.get("provider") == settings.provider,
        "region": sent.get("region") == settings.region,
        "size": sent.get("size") in settings.sizes,
    }
    return all(ordinary[member] for member in _MINIMAL if member not in besides)


@OBSERVERS.of("GAP-CH-PREFIX", "organizationGetList", _CREATE, _READ)
def _prefix(seen: Seen) -> str | None:
    if not seen.accepted:
        return None
    return "documented" if seen.target.clickhouse.prefix == "/v1" else "elsewhere"


# Creation


@OBSERVERS.of("GAP-CH-STORAGE-SIZE-SENT", _CREATE)
def _storage_size_sent(seen: Seen) -> str | None:
    if "storageSize" in seen.sending:
        return None
    if seen.accepted:
        return "not-needed"
    return "required" if _plain(seen) and "storageSize" in seen.exchange.text else None


@OBSERVERS.of("GAP-CH-UNKNOWN-MEMBERS", _CREATE)
def _unknown_members(seen: Seen) -> str | None:
    unknown = seen.sending.keys() - set(_DOCUMENTED)
    if not unknown or not _plain(seen, *unknown):
        return None
    # Longer values may be refused for what they are.
    short = all(isinstance(seen.sending[name], str | int) for name in unknown)
    return seen.outcome("ignored", "refused") if seen.accepted or short else None


@OBSERVERS.of("GAP-CH-EMPTY-MAP-ON-CREATION", _CREATE)
def _empty_map_on_creation(seen: Seen) -> str | None:
    sent = seen.sending
    maps = [sent[name] for name in ("pgConfig", "pgBouncerConfig") if name in sent]
    if not maps or any(one != {} for one in maps) or not _plain(seen, *_DOCUMENTED[-2:]):
        return None
    return seen.outcome("accepted", "refused")


@OBSERVERS.of("GAP-CH-DEFAULT-VERSION", _CREATE)
def _default_version(seen: Seen) -> str | None:
    version = seen.showing.get("postgresVersion")
    if not seen.accepted or "postgresVersion" in seen.sending or version is None:
        return None
    return {"17": "version-17", "18": "version-18"}.get(str(version), "another")


@OBSERVERS.of("GAP-CH-ID-FORM", _CREATE)
def _id_form(seen: Seen) -> str | None:
    identifier = seen.showing.get("id")
    if not seen.accepted or not isinstance(identifier, str):
        return None
    uuid = _UUID.fullmatch(identifier.lower())
    if uuid is None:
        return "no-uuid"
    return {"4": "version-4", "8": "version-8"}.get(uuid[1], "another-version")


@OBSERVERS.of("GAP-CH-CONNECTION-SCHEME", _CREATE)
def _connection_scheme(seen: Seen) -> str | None:
    scheme = str(seen.showing.get("connectionString", "")).partition("://")[0]
    return scheme if scheme in {"postgres", "postgresql"} else None


@OBSERVERS.of("GAP-CH-CREATED-AT-ON-CHANGE", _CREATE, _PATCH)
def _created_at_on_change(seen: Seen) -> str | None:
    if not seen.accepted or not seen.showing:
        return None
    return "shown" if "createdAt" in seen.shown else "left-out"


@OBSERVERS.of("GAP-CH-NAME-HYPHEN", _CREATE, _PATCH)
def _name_hyphen(seen: Seen) -> str | None:
    return _named(seen, _HYPHENATED, but=_WORDS)


@OBSERVERS.of("GAP-CH-NAME-OTHER", _CREATE, _PATCH)
def _name_other(seen: Seen) -> str | None:
    return _named(seen, _PRINTABLE, but=_HYPHENATED)


def _named(seen: Seen, form: re.Pattern[str], *, but: re.Pattern[str]) -> str | None:
    """What becomes of a request that is plain but for a name of this form."""
    name = seen.sending.get("name")
    if not isinstance(name, str) or but.fullmatch(name) or not form.fullmatch(name):
        return None
    alone = _plain(seen, "name") if seen.operation == _CREATE else seen.sends_only("name")
    return seen.outcome("accepted", "refused") if alone else None


# Reads


@OBSERVERS.of("GAP-CH-PROVIDER", _READ)
def _provider(seen: Seen) -> str | None:
    provider = seen.showing.get("provider")
    if provider is None:
        return None
    return "aws" if provider == "aws" else "another"


@OBSERVERS.of("GAP-CH-CREATED-AT-FORM", _READ)
def _created_at_form(seen: Seen) -> str | None:
    created = seen.showing.get("createdAt")
    if not isinstance(created, str):
        return None
    return "z" if created.endswith("Z") else "offset"


@OBSERVERS.of("GAP-CH-SECRETS-IN-READS", _READ)
def _secrets_in_reads(seen: Seen) -> str | None:
    if not seen.accepted or not seen.main or not seen.showing:
        return None
    return "shown" if {"password", "connectionString"} & seen.shown.keys() else "hidden"


@OBSERVERS.of("GAP-CH-LIST-STORAGE-SIZE", "postgresServiceGetList")
def _list_storage_size(seen: Seen) -> str | None:
    items = seen.shown if isinstance(seen.shown, list) else []
    if not seen.accepted or not items:
        return None
    shown = any(isinstance(item, dict) and "storageSize" in item for item in items)
    return "shown" if shown else "left-out"


@OBSERVERS.of("GAP-CH-ORGANIZATIONS", "organizationGetList")
def _organizations(seen: Seen) -> str | None:
    if not seen.accepted or not isinstance(seen.shown, list) or not seen.shown:
        return None
    return "one" if len(seen.shown) == 1 else "several"


# Updates


@OBSERVERS.of("GAP-CH-RENAME", _PATCH)
def _rename(seen: Seen) -> str | None:
    name, old = seen.sending.get("name"), seen.before.get("name")
    if not isinstance(name, str) or not _WORDS.fullmatch(name) or old in {None, name}:
        return None
    # Read replicas have a rule of their own.
    primary = seen.before.get("isPrimary") is True
    return seen.outcome("changeable", "fixed") if primary and seen.sends_only("name") else None


@OBSERVERS.of("GAP-CH-TAGS-OMITTED", _PATCH)
def _tags_omitted(seen: Seen) -> str | None:
    before, after = seen.before.get("tags"), seen.showing.get("tags")
    omitted = seen.accepted and "tags" not in seen.sending
    if not omitted or not before or not isinstance(after, list):
        return None
    return "kept" if after else "wiped"


@OBSERVERS.of("GAP-CH-TAG-WITHOUT-VALUE", _PATCH)
def _tag_without_value(seen: Seen) -> str | None:
    tags = seen.sending.get("tags")
    if not seen.sends_only("tags") or not isinstance(tags, list) or len(tags) != 1:
        return None
    key = tags[0].get("key") if isinstance(tags[0], dict) and tags[0].keys() == {"key"} else None
    plain = isinstance(key, str) and re.fullmatch(r"[a-z]{1,20}", key)
    return seen.outcome("accepted", "refused") if plain else None


@OBSERVERS.of("GAP-CH-DUPLICATE-TAG-KEYS", _PATCH)
def _duplicate_tag_keys(seen: Seen) -> str | None:
    tags = seen.sending.get("tags")
    if not seen.sends_only("tags") or not isinstance(tags, list) or len(tags) != 2:
        return None
    pairs = [(tag.get("key"), tag.get("value")) for tag in tags if isinstance(tag, dict)]
    if len(pairs) < 2 or pairs[0][0] != pairs[1][0]:
        return None
    if not all(isinstance(text, str) and re.fullmatch(r"\w+", text) for text in sum(pairs, ())):
        return None
    shown = seen.showing.get("tags")
    kept = isinstance(shown, list) and len(shown) == 2
    return seen.outcome("kept" if kept else "collapsed", "refused")


@OBSERVERS.of("GAP-CH-REPLICA-SCALING", _PATCH)
def _replica_scaling(seen: Seen) -> str | None:
    changes = seen.sending
    size = changes.get("size") in seen.target.clickhouse.sizes
    if seen.before.get("isPrimary") is not False or not seen.sends_only("size") or not size:
        return None
    return seen.outcome("independent", "refused")


@OBSERVERS.of("GAP-CH-PASSWORD-REPEATED", "postgresServiceSetPassword")
def _password_repeated(seen: Seen) -> str | None:
    if not seen.accepted or "password" not in seen.sending:
        return None
    return "repeated" if "password" in seen.showing else "left-out"


@OBSERVERS.of("GAP-CH-BODY-MISSING", _PATCH)
def _body_missing(seen: Seen) -> str | None:
    return None if seen.exchange.request.body else seen.outcome("accepted", "refused")


# Commands, copies and deletion


@OBSERVERS.of("GAP-CH-COMMAND-MISSING", _STATE)
def _command_missing(seen: Seen) -> str | None:
    return seen.outcome("accepted", "refused") if seen.sent == {} else None


@OBSERVERS.of("GAP-CH-SWITCHOVER-ALONE", _STATE)
def _switchover_alone(seen: Seen) -> str | None:
    alone = seen.before.get("haType") == "none" and seen.before.get("isPrimary") is True
    if seen.sent != {"command": "switchover"} or not alone:
        return None
    return seen.outcome("ignored", "refused", CONFLICTING)


@OBSERVERS.of("GAP-CH-PROMOTE-PRIMARY", _STATE)
def _promote_primary(seen: Seen) -> str | None:
    if seen.sent != {"command": "promote"} or seen.before.get("isPrimary") is not True:
        return None
    return seen.outcome("accepted", "refused", CONFLICTING)


@OBSERVERS.of("GAP-CH-COPY-CREDENTIALS", _REPLICATE, _RESTORE)
def _copy_credentials(seen: Seen) -> str | None:
    if not seen.accepted or not seen.showing:
        return None
    return "shown" if {"password", "connectionString"} & seen.shown.keys() else "hidden"


@OBSERVERS.of("GAP-CH-RESTORE-TARGET", _RESTORE)
def _restore_target(seen: Seen) -> str | None:
    named = isinstance(seen.sending.get("name"), str)
    return seen.outcome("optional", "required") if named and seen.sends_only("name") else None


@OBSERVERS.of("GAP-CH-COPIES-LISTED")
def _copies_listed(seen: Seen) -> str | None:
    if seen.exchange.request.method != "GET" or not seen.main:
        return None
    if not re.search(r"/postgres/[^/]+/(readReplica|restoredService)$", seen.path):
        return None
    if seen.accepted:
        return "listed"
    return "not-offered" if seen.status in {404, 405} else None


@OBSERVERS.of("GAP-CH-REPEATED-DELETE", "postgresServiceDelete")
def _repeated_delete(seen: Seen) -> str | None:
    if not seen.deleted:
        return None
    return "not-found" if seen.status == 404 else seen.outcome("accepted", "refused", CONFLICTING)


# Refusals


@OBSERVERS.of("GAP-CH-UNAUTHENTICATED")
def _unauthenticated(seen: Seen) -> str | None:
    request = seen.exchange.request
    if request.credential != ANONYMOUS or request.family != Family.CLICKHOUSE:
        return None
    return _status(seen, "400", "401", "403") if seen.operation else None


@OBSERVERS.of("GAP-CH-FOREIGN-ORGANIZATION", "postgresServiceGetList", _CREATE)
def _foreign_organization(seen: Seen) -> str | None:
    other = seen.target.clickhouse.other_organization_id
    foreign = seen.main and other and seen.path.endswith(f"/organizations/{other}/postgres")
    return _status(seen, "400", "403", "404") if foreign else None


@OBSERVERS.of("GAP-CH-UNKNOWN-SERVICE", _READ)
def _unknown_service(seen: Seen) -> str | None:
    organization, _, identifier = seen.path.split("/")[-3:]
    formed = _UUID.fullmatch(identifier) and _UUID.fullmatch(organization) and identifier != _NIL
    unknown = seen.main and not seen.before and formed and not seen.exchange.request.body
    return _status(seen, "400", "403", "404") if unknown else None


@OBSERVERS.of("GAP-CH-NIL-UUID", _READ)
def _nil_uuid(seen: Seen) -> str | None:
    return _status(seen, "400", "404") if seen.main and seen.path.endswith(f"/{_NIL}") else None


@OBSERVERS.of("GAP-CH-ERROR-STATUS")
def _error_status(seen: Seen) -> str | None:
    if not seen.operation or seen.exchange.request.family != Family.CLICKHOUSE:
        return None
    body = seen.exchange.json() if seen.exchange.rejected else None
    if not isinstance(body, dict):
        return None
    return "whole-number" if isinstance(body.get("status"), int) else "otherwise"


def _status(seen: Seen, *statuses: str) -> str | None:
    """Name the branch that is called by the status; a branch for each of `statuses` exists."""
    return f"status-{seen.status}" if str(seen.status) in statuses else None
