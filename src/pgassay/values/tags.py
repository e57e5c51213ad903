"""Arrays of resource tags at and beside the limits of pgTags and ResourceTagsV1."""

from typing import Final

from pgassay.exchange import Json

KEY_LIMIT: Final = 128
VALUE_LIMIT: Final = 256
COUNT_LIMIT: Final = 50


def tags(count: int) -> list[Json]:
    """`count` valid tags with different keys."""
    return [{"key": f"key-{number}", "value": f"value.{number}"} for number in range(count)]


#: Arrays whose only fault is one tag's key.
BAD_KEYS: Final[dict[str, Json]] = {
    "missing": [{"value": "staging"}],
    "empty": [{"key": "", "value": "staging"}],
    "limit+1": [{"key": "k" * (KEY_LIMIT + 1), "value": "staging"}],
    "blank": [{"key": "two words", "value": "staging"}],
    "slash": [{"key": "a/b", "value": "staging"}],
    "umlaut": [{"key": "größe", "value": "staging"}],
    "newline-after": [{"key": "stage\n", "value": "staging"}],
    "second-tag": [{"key": "stage", "value": "staging"}, {"key": "a b", "value": "c"}],
    "integer": [{"key": 7, "value": "staging"}],
    "null": [{"key": None, "value": "staging"}],
}

#: Arrays whose only fault is one tag's value.
BAD_VALUES: Final[dict[str, Json]] = {
    "empty": [{"key": "stage", "value": ""}],
    "limit+1": [{"key": "stage", "value": "v" * (VALUE_LIMIT + 1)}],
    "blank": [{"key": "stage", "value": "two words"}],
    "at-sign": [{"key": "stage", "value": "a@b"}],
    "umlaut": [{"key": "stage", "value": "größe"}],
    "newline-after": [{"key": "stage", "value": "staging\n"}],
    "integer": [{"key": "stage", "value": 7}],
    "true": [{"key": "stage", "value": True}],
}

#: Values of the member `tags` that are no array of objects.
NOT_TAGS: Final[dict[str, Json]] = {
    "tags-object": {"key": "stage", "value": "staging"},
    "tags-string": "stage=staging",
    "tags-integer": 7,
    "tags-array-of-strings": ["stage"],
    "tags-array-of-arrays": [["stage", "staging"]],
}

#: Valid arrays at the limits.
GOOD_TAGS: Final[dict[str, Json]] = {
    "key-limit": [{"key": "k" * KEY_LIMIT, "value": "staging"}],
    "key-one": [{"key": "k", "value": "staging"}],
    "value-limit": [{"key": "stage", "value": "v" * VALUE_LIMIT}],
    "value-one": [{"key": "stage", "value": "v"}],
    "all-characters": [{"key": "aZ0._-", "value": "zA9-_."}],
}


def as_set(value: Json) -> list[Json]:
    """Tags in an order of their own, for comparison: the documents promise none."""
    if not isinstance(value, list):
        return [value]
    return sorted(value, key=lambda tag: str(tag.get("key")) if isinstance(tag, dict) else "")
