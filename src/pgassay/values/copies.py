"""Members of requests for read replicas and restores that break a documented constraint."""

from typing import Final

from pgassay.exchange import Json
from pgassay.values.tags import BAD_KEYS, BAD_VALUES, NOT_TAGS, tags

#: By what is wrong: a member and its value.
FAULTS: Final[dict[str, tuple[str, Json]]] = {
    "name-empty": ("name", ""),
    "name-limit+1": ("name", "n" * 51),
    "name-integer": ("name", 7),
    "name-array": ("name", ["copy"]),
    "tags-limit+1": ("tags", tags(51)),
    "tags-object": ("tags", NOT_TAGS["tags-object"]),
    "tags-key-blank": ("tags", BAD_KEYS["blank"]),
    "tags-value-blank": ("tags", BAD_VALUES["blank"]),
    "parameter-unknown": ("pgConfig", {"no_such_parameter": 1}),
    "parameter-below-minimum": ("pgConfig", {"max_connections": 0}),
    "parameter-array": ("pgConfig", {"work_mem": ["4MB"]}),
    "parameters-text": ("pgConfig", "work_mem=4MB"),
    "bouncer-text": ("pgBouncerConfig", "default_pool_size=16"),
}
#: Those that the quick profile tries.
NEAR: Final = frozenset({"name-empty", "name-limit+1", "parameter-unknown"})
