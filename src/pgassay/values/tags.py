"""Arrays of resource tags at and beside the limits of pgTags and ResourceTagsV1."""

from string import ascii_letters, digits
from typing import Final

from pgassay.exchange import Json

KEY_LIMIT: Final = 128
VALUE_LIMIT: Final = 256
COUNT_LIMIT: Final = 50
_CHARACTERS: Final = f"{ascii_letters}{digits}._-"


def tags(count: int) -> list[Json]:
    """`count` valid tags with different keys."""
    return [{"key": f"key-{number}", "value": f"value.{number}"} for number in range(count)]


#: A tag that has a key alone.
VALUELESS: Final[list[Json]] = [{"key": "flag"}]
#: Valid arrays at the limits.
GOOD_TAGS: Final[dict[str, Json]] = {
    "key-limit": [{"key": "k" * KEY_LIMIT, "value": "staging"}],
    "key-one": [{"key": "k", "value": "staging"}],
    "value-limit": [{"key": "stage", "value": "v" * VALUE_LIMIT}],
    "value-one": [{"key": "stage", "value": "v"}],
    "all-characters": [{"key": _CHARACTERS, "value": _CHARACTERS}],
}


def as_set(value: Json) -> list[Json]:
    """Tags in an order of their own, for comparison: the documents promise none."""
    if not isinstance(value, list):
        return [value]
    return sorted(value, key=lambda tag: str(tag.get("key")) if isinstance(tag, dict) else "")
