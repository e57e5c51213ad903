"""Faults in what the clickhouse family accepts: limits, patterns, enumerations, defaults."""

from typing import Any

from pgassay.mutants.mutant import Mutant
from pgassay.reference import Behaviour
from pgassay.reference.clickhouse.rules import (
    ClickhouseRules,
    ConfigurationRules,
    ServiceRules,
    TagRules,
    TextRule,
)

_NAME = TextRule(1, 50, "letters, digits, spaces, '-' and '_'", r"[\w -]+")
_TAG = r"[a-zA-Z0-9._-]+"


def _service(name: str, description: str, breaks: str, /, **rules: Any) -> Mutant:
    wrong = ClickhouseRules(service=ServiceRules(**rules))
    return Mutant(name, description, (breaks,), Behaviour(clickhouse=wrong))


def _name(name: str, description: str, breaks: str, rule: TextRule) -> Mutant:
    return _service(name, description, f"CH-SVC-NAME-{breaks}", name=rule)


def _tags(name: str, description: str, breaks: str, /, **rules: Any) -> Mutant:
    return _service(name, description, f"CH-SVC-TAGS-{breaks}", tags=TagRules(**rules))


def _pooler(name: str, description: str, breaks: str, maximum: int) -> Mutant:
    wrong = ClickhouseRules(configuration=ConfigurationRules(pooler_maximum=maximum))
    return Mutant(name, description, (breaks,), Behaviour(clickhouse=wrong))


def _text(minimum: int, maximum: int, pattern: str) -> TextRule:
    return TextRule(minimum, maximum, "letters, digits and more", pattern)


FAULTS: tuple[Mutant, ...] = (
    _name(
        "ServiceNameTooLongAccepted",
        "A service name may have 51 characters.",
        "LENGTH",
        _text(1, 51, _NAME.pattern),
    ),
    _name(
        "ServiceNameLongestRefused",
        "A service name may not have 50 characters.",
        "LENGTH",
        _text(1, 49, _NAME.pattern),
    ),
    _name(
        "ServiceNameEmptyAccepted",
        "A service name may be empty.",
        "LENGTH",
        _text(0, 50, r"[\w -]*"),
    ),
    _name(
        "ServiceNameWithBlankRefused",
        "A service name may not have blanks.",
        "CHARACTERS",
        _text(1, 50, r"[\w-]+"),
    ),
    _name(
        "ServiceNameWithHyphenRefused",
        "A service name may not have hyphens.",
        "HYPHEN",
        _text(1, 50, r"[\w ]+"),
    ),
    _service(
        "UnknownProviderAccepted",
        "A provider that does not exist is accepted.",
        "CH-SVC-PROVIDER",
        providers=("aws", "AWS", "amazon", "aws ", " aws", "aw", "awsx", "none", ""),
    ),
    _service(
        "AsyncRefused",
        "A service with one standby cannot be created.",
        "CH-SVC-HA",
        high_availability=("none", "sync"),
    ),
    _service(
        "AvailabilityByDefault",
        "A service for which nothing was said has a standby.",
        "CH-SVC-HA-DEFAULT",
        default_high_availability="async",
    ),
    _service(
        "OldVersionAccepted",
        "A service can be created with PostgreSQL 16.",
        "CH-SVC-VERSION",
        versions=("16", "17", "18"),
    ),
    _service(
        "Version17Refused",
        "A service cannot be created with PostgreSQL 17.",
        "CH-SVC-VERSION",
        versions=("18",),
        default_version="18",
    ),
    _service(
        "Version18ByDefault",
        "A service for which nothing was said runs PostgreSQL 18.",
        "CH-SVC-VERSION-DEFAULT",
        default_version="18",
    ),
    _tags("TagsAboveMaximumAccepted", "A service may have 51 tags.", "COUNT", maximum=51),
    _tags("TagsMaximumRefused", "A service may not have 50 tags.", "COUNT", maximum=49),
    _tags(
        "TagKeyTooLongAccepted",
        "A tag key may have 129 characters.",
        "KEY",
        key=_text(1, 129, _TAG),
    ),
    _tags(
        "TagKeyLongestRefused",
        "A tag key may not have 128 characters.",
        "KEY",
        key=_text(1, 127, _TAG),
    ),
    _tags(
        "TagKeyEmptyAccepted",
        "A tag key may be empty.",
        "KEY",
        key=_text(0, 128, r"[a-zA-Z0-9._-]*"),
    ),
    _tags(
        "TagKeyWithPunctuationAccepted",
        "A tag key may have every visible ASCII character.",
        "KEY",
        key=_text(1, 128, r"[!-~]+"),
    ),
    _tags(
        "TagKeyWithNewlineAccepted",
        "A tag key may end with a newline, as the pattern's last anchor lets it through.",
        "KEY",
        key=_text(1, 128, _TAG + r"\n?"),
    ),
    _tags(
        "TagValueTooLongAccepted",
        "A tag value may have 257 characters.",
        "VALUE",
        value=_text(1, 257, _TAG),
    ),
    _tags(
        "TagValueEmptyAccepted",
        "A tag value may be empty.",
        "VALUE",
        value=_text(0, 256, r"[a-zA-Z0-9._-]*"),
    ),
    _tags(
        "TagValueWithBlankAccepted",
        "A tag value may have blanks.",
        "VALUE",
        value=_text(1, 256, r"[a-zA-Z0-9. _-]+"),
    ),
    _tags(
        "TagValueWithNewlineAccepted",
        "A tag value may end with a newline, as the pattern's last anchor lets it through.",
        "VALUE",
        value=_text(1, 256, _TAG + r"\n?"),
    ),
    _tags(
        "ReservedTagAccepted",
        "A tag key may begin with chc_.",
        "RESERVED",
        reserved_prefix="chc_reserved_",
    ),
    _tags(
        "TagKeyTwiceAccepted",
        "A service may have two tags of the same key, and shows both.",
        "UNIQUE",
        unique_keys=False,
    ),
    _pooler(
        "PoolerAboveMaximumAccepted",
        "A service may have 65 PgBouncer parameters.",
        "CH-CFG-BOUNCER-COUNT",
        65,
    ),
)
