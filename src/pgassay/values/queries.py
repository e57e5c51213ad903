"""Parameters of queries with every fault that a text can have."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from pgassay.exchange import Request
from pgassay.specification import specification
from pgassay.values.faults import Bounds, faults_of, written
from pgassay.values.trials import SOME_ID, zones
from pgassay.zone import Zone

#: Beside the documented limits of counts: from 0 or 1 to 500, or without an end.
_COUNTS = Bounds(1, 500)


def wrong_queries(
    operation: str, query: Mapping[str, str], parameter: str, most: int
) -> dict[str, dict[str, str]]:
    """What makes a valid query wrong, by name: another value of the parameter.

    At most so many are returned. What lenient readers take for the valid value is left out: blanks
    around it, digits of other scripts, 20.0 for 20.
    """
    found = {
        f"{parameter} is wrong: {label}": {parameter: text}
        for label, text in _texts(query[parameter])
        if _wrong(operation, query, parameter, text)
    }
    step = -(-len(found) // most)
    return {name: found[name] for name in list(found)[::step]}


def _texts(valid: str) -> Iterator[tuple[str, str]]:
    value = int(valid) if valid.isdecimal() else valid
    for fault in faults_of(value, _COUNTS):
        spoilt = fault.spoil(value)
        # Longer texts do not fit into the target of a request.
        if type(spoilt) is str and isinstance(value, str) and fault.label != "long":
            yield fault.label, spoilt
        elif isinstance(value, int) and (fault.kind == "range" or fault.label == "fraction"):
            yield fault.label, str(written(spoilt))


def _wrong(operation: str, query: Mapping[str, str], parameter: str, text: str) -> bool:
    if unicodedata.normalize("NFKC", text).strip() == query[parameter]:
        return False
    template = specification().operation(operation).template
    asked = urlencode({**query, parameter: text})
    path = f"{re.sub(r'{[^}]+}', SOME_ID, template)}?{asked}"
    return zones().of(Request("GET", path), path)[1] is Zone.INVALID
