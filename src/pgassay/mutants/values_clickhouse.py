# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in what the clickhouse family makes of values: trimmed, folded, wrapped, rounded."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.store import Document

FAULTS = Faults()

Body = Mapping[str, Any]
_Read = Callable[[Any], Any]


def _with(body: Any, member: str, read: _Read) -> Any:
    """Return a body in which one member is what `read` makes of it."""
    if not isinstance(body, dict) or member not in body:
        return body
    return {**body, member: read(body[member])}


def _text(change: Callable[[str], str]) -> _Read:
    return lambda value: change(value) if isinstance(value, str) else value


def _number(change: Callable[[Any], Any]) -> _Read:
    def read(value: Any) -> Any:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return change(value) if plain else value

    return read


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


class _Reading(ClickhouseService):
    """Reads one member of creates and updates in its own way."""

    member: ClassVar[str]

    def create(self, organization: Document, body: Any) -> Document:
        return super().create(organization, _with(body, self.member, self.taken))

    def update(self, document: Document, body: Any) -> None:
        super().update(document, _with(body, self.member, self.taken))

    def taken(self, value: Any) -> Any:
        """Return what the member is taken for."""
        return value


@FAULTS.clickhouse("CH-VALUE-KEPT")
class ServiceNameTrimmed(_Reading):
    """Blanks around a service name are cut off."""

    member = "name"

    def taken(self, value: Any) -> Any:
        return _text(str.strip)(value)


@FAULTS.clickhouse("CH-VALUE-KEPT")
class ServiceNameNormalised(_Reading):
    """A service name is kept in compatibility form: its ligatures and wide digits are gone."""

    member = "name"

    def taken(self, value: Any) -> Any:
        return _text(lambda text: unicodedata.normalize("NFKC", text))(value)


@FAULTS.clickhouse("CH-SVC-PATCH-NAME")
class ServiceNameFolded(_Reading):
    """A service name is kept in small letters."""

    member = "name"

    def taken(self, value: Any) -> Any:
        return _text(str.lower)(value)


@FAULTS.clickhouse("CH-SVC-NAME-LENGTH")
class LongServiceNameCut(_Reading):
    """A service name that is too long is cut to fifty characters."""

    member = "name"

    def taken(self, value: Any) -> Any:
        return _text(lambda text: text[:50])(value)


@FAULTS.clickhouse("CH-SVC-PROVIDER")
class ProviderTrimmed(_Reading):
    """White space around a provider is overlooked."""

    member = "provider"

    def taken(self, value: Any) -> Any:
        return _text(str.strip)(value)


@FAULTS.clickhouse("CH-SVC-SIZE")
class SizeEndsAtNul(_Reading):
    """A size ends at a NUL, whatever comes after it."""

    member = "size"

    def taken(self, value: Any) -> Any:
        return _text(lambda text: text.partition("\0")[0])(value)


@FAULTS.clickhouse("CH-SVC-HA")
class NullAvailabilityIsNone(_Reading):
    """A haType of null counts as one that is missing."""

    member = "haType"

    def taken(self, value: Any) -> Any:
        return "none" if value is None else value


@FAULTS.clickhouse("CH-SVC-VERSION")
class NumberIsVersion(_Reading):
    """A postgresVersion may be a JSON number."""

    member = "postgresVersion"

    def taken(self, value: Any) -> Any:
        return _number(str)(value)


@FAULTS.clickhouse("CH-SVC-REGION")
class RegionOutOfArray(_Reading):
    """A region in an array of its own is taken out of it."""

    member = "region"

    def taken(self, value: Any) -> Any:
        return _first(value)


@FAULTS.clickhouse("CH-SVC-PATCH-VALIDATION")
class OneTagWithoutArray(_Reading):
    """A tag that is in no array is taken for an array of one."""

    member = "tags"

    def taken(self, value: Any) -> Any:
        return [value] if isinstance(value, dict) and "key" in value else value


@FAULTS.clickhouse("CH-SVC-TAGS-KEY")
class TagKeyTrimmed(_Reading):
    """White space around a tag key is overlooked."""

    member = "tags"

    def taken(self, value: Any) -> Any:
        trimmed = _text(str.strip)
        return [_with(tag, "key", trimmed) for tag in value] if isinstance(value, list) else value


class _Configuring(ClickhouseService):
    """Reads the values of pgConfig in its own way."""

    def replace_configuration(self, document: Document, body: Any) -> Document:
        return super().replace_configuration(document, _with(body, "pgConfig", self.parameters))

    def parameters(self, value: Any) -> Any:
        """Return what pgConfig is taken for."""
        if not isinstance(value, dict):
            return value
        return {name: self.taken(one) for name, one in value.items()}

    def taken(self, value: Any) -> Any:
        """Return what the value of a parameter is taken for."""
        return value


@FAULTS.clickhouse("CH-VALUE-KEPT")
class ParameterWraps(_Configuring):
    """A parameter beyond 32 bits begins from zero again."""

    def taken(self, value: Any) -> Any:
        return value % 2**32 if isinstance(value, int) and value >= 2**32 else value


@FAULTS.clickhouse("CH-REQUEST-INVALID")
class ParameterRounded(_Configuring):
    """Parameters are rounded to whole numbers."""

    def taken(self, value: Any) -> Any:
        return _number(int)(value)


class _Scaling(ClickhouseService):
    """Reads the numbers of a scaling in its own way."""

    def scale(self, document: Document, body: Any) -> Document:
        for member in ("replicaCpuMillicores", "replicaMemoryGb"):
            body = _with(body, member, self.taken)
        return super().scale(document, body)

    def taken(self, value: Any) -> Any:
        """Return what a number is taken for."""
        return value


@FAULTS.clickhouse("CH-CDC-CPU-RANGE")
class ScalingWraps(_Scaling):
    """CPU and memory beyond 32 bits begin from zero again."""

    def taken(self, value: Any) -> Any:
        return value % 2**32 if isinstance(value, int) and value >= 2**32 else value


@FAULTS.clickhouse("CH-CDC-CPU-STEP", "CH-CDC-MEMORY-STEP")
class ScalingRounded(_Scaling):
    """CPU and memory are rounded to whole numbers."""

    def taken(self, value: Any) -> Any:
        return _number(int)(value)


@FAULTS.clickhouse("CH-CDC-TYPES")
class ScalingOutOfArray(_Scaling):
    """A number in an array of its own is taken out of it."""

    def taken(self, value: Any) -> Any:
        return _first(value)


@FAULTS.clickhouse("CH-STATE-COMMAND")
class CommandTrimmed(ClickhouseService):
    """White space around a command is overlooked."""

    def command(self, document: Document, body: Any) -> None:
        super().command(document, _with(body, "command", _text(str.strip)))


@FAULTS.clickhouse("CH-PASSWORD-RULES")
class LongPasswordCut(ClickhouseService):
    """A password that is too long is cut to what is allowed."""

    def set_password(self, document: Document, body: Any) -> Document:
        return super().set_password(document, _with(body, "password", _text(lambda t: t[:1024])))


@FAULTS.clickhouse("CH-REPLICA-VALIDATION")
class LongReplicaNameCut(ClickhouseService):
    """The name of a read replica is cut to fifty characters."""

    def create_replica(self, source: Document, body: Any) -> Document:
        return super().create_replica(source, _with(body, "name", _text(lambda text: text[:50])))


@FAULTS.clickhouse("CH-RESTORE-REQUIRED")
class RestoreTargetTrimmed(ClickhouseService):
    """White space around a restore target is overlooked."""

    def restore(self, source: Document, body: Any) -> Document:
        return super().restore(source, _with(body, "restoreTarget", _text(str.strip)))
