"""The values that creates of services are to show, packed into few bodies."""

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final

from pgassay.exchange import Json
from pgassay.families.naming import Names
from pgassay.values.tags import VALUELESS, tags

#: The length of a name at most (OpenAPI, PostgresServicePostRequest).
LONGEST: Final = 50
FEW_TAGS: Final = [{"key": "stage", "value": "test"}, {"key": "team.owner", "value": "db_1"}]
MANY_TAGS: Final = tags(50)
MAPS: Final[Mapping[str, Json]] = {
    "pgConfig": {"max_connections": 107, "work_mem": "8MB"},
    "pgBouncerConfig": {"default_pool_size": "17"},
}
#: Members that the schema of a create does not name.
UNNAMED: Final[Mapping[str, Json]] = {"storageSize": 59, "ipAccessList": []}


def long_name(names: Names) -> str:
    """The longest legal name, with every lower case letter."""
    return f"pga{names.nonce}{ascii_lowercase}".ljust(LONGEST, "n")


def short_name(names: Names) -> str:
    """A name of one character."""
    return names.nonce[-1]


def plain_name(names: Names) -> str:
    """A name of blanks and lower case letters with every digit and upper case letter."""
    return f"pga{names.nonce} {digits}{ascii_uppercase} a"


def hyphenated_name(names: Names) -> str:
    """A name with hyphens."""
    return f"pga-{names.nonce}-0"


def specimens(
    names: Names, sizes: Sequence[str], versions: Sequence[str]
) -> Iterator[Mapping[str, Json]]:
    """The members of each body; every availability, and of sizes and versions the outermost."""
    newest, oldest = versions[0], versions[-1]
    yield {
        "name": plain_name(names),
        "size": sizes[0],
        "postgresVersion": newest,
        "haType": "async",
        "tags": FEW_TAGS,
    }
    yield {
        "name": long_name(names),
        "size": sizes[-1],
        "postgresVersion": oldest,
        "haType": "sync",
        "tags": MANY_TAGS,
    }
    yield {"name": hyphenated_name(names), "haType": "none", "tags": VALUELESS, **MAPS}
    yield {"name": short_name(names), **UNNAMED}


def usual(members: Mapping[str, Json]) -> bool:
    """Tell whether a service with these members is as services usually are, but for its name."""
    return members.keys() <= {"name", *UNNAMED}
