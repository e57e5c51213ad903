"""The kinds of resources that a manifest may contain, and the rules of their members.

Source: PostgreSQL Service API, sections Element Manifest Example and Validation Rules.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pgassay.manifest.document import Entry
from pgassay.manifest.finding import Finding
from pgassay.manifest.references import parse_reference

INSTANCES = "$dbaas.types.postgres.instances"
SECRETS = "$core.secret.passwords"

#: Returns what is wrong with a value, or None.
Rule = Callable[[object], str | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource: how `resources` spells it, which members it needs and their rules."""

    spelling: str
    required: tuple[str, ...]
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def matches(self, name: str) -> bool:
        """Tell whether a key of `resources` is of this kind."""
        return self._match(name) is not None

    def parent(self, name: str) -> str | None:
        """Return the id of the instance that the key names, if this kind lies in one."""
        match = self._match(name)
        return match.groupdict().get("parent") if match else None

    def findings(self, resource: Entry) -> Iterator[Finding]:
        """Yield the missing members, and the members that break a rule."""
        for name in self.required:
            if name not in resource.members:
                yield resource.finding(f"has no `{name}`")
        for name, rule in self.rules.items():
            if name in resource.members:
                problem = rule(resource.members[name].value)
                if problem:
                    yield resource.members[name].finding(problem)

    def _match(self, name: str) -> re.Match[str] | None:
        pattern = re.escape(self.spelling).replace(r"\$NAME", r"\$(?P<parent>[A-Za-z_]\w*)")
        return re.fullmatch(pattern, name, re.ASCII)


def _integer(low: int, high: int) -> Rule:
    def rule(value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return None
        return f"must be a whole number from {low} to {high}"

    return rule


def _identifier(pattern: str, characters: str, reserved: tuple[str, ...] = ()) -> Rule:
    def rule(value: object) -> str | None:
        if _is_reference(value):
            return None
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            return f"must be 1 to 63 {characters}, and not start with a digit or dollar sign"
        if value.startswith(reserved):
            return f"must not start with {', '.join(reserved)}"
        return None

    return rule


def _text(value: object) -> str | None:
    return None if isinstance(value, str) and value else "must be a text that is not empty"


def _password(value: object) -> str | None:
    reference = parse_reference(value) if isinstance(value, str) else None
    if reference and reference.kind == SECRETS and reference.field == "value":
        return None
    return f"must refer to a secret, as `{SECRETS}.$ID:value`"


def _pointer(expected: str) -> Rule:
    def rule(value: object) -> str | None:
        if _is_reference(value) or (isinstance(value, str) and value.startswith("/v1/")):
            return None
        return f"must refer to {expected}"

    return rule


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith("$")


#: Every kind that the document shows.
#: One terabyte is read as a binary one: a size that only the decimal reading forbids is no finding.
KINDS = (
    Kind(SECRETS, ("name",), {"name": _text}),
    Kind(
        INSTANCES,
        ("name", "version"),
        {
            "name": _text,
            "cpu": _integer(1, 128),
            "ram": _integer(512, 1024 * 1024),
            "disk_size": _integer(8, 1024),
            "nodes_number": _integer(1, 16),
            "sync_replica_number": _integer(0, 15),
            "version": _pointer("a version"),
        },
    ),
    Kind(
        INSTANCES + ".$NAME.users",
        ("name", "password"),
        {
            "name": _identifier(
                r"[A-Za-z_][A-Za-z0-9_$]{0,62}",
                "letters, digits, underscores or dollar signs",
                ("pg_", "dbaas_", "postgres"),
            ),
            "password": _password,
            "instance": _pointer("an instance"),
        },
    ),
    Kind(
        INSTANCES + ".$NAME.databases",
        ("name", "owner"),
        {
            "name": _identifier(r"[A-Za-z_][A-Za-z0-9_]{0,62}", "letters, digits or underscores"),
            "owner": _pointer("a user"),
            "instance": _pointer("an instance"),
        },
    ),
    Kind("$core.config.configs", ()),
)
