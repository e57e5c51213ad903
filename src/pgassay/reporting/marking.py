"""Cut a body into what comes before the offending part, that part, and what follows."""

import json
from copy import copy
from typing import Final

from pgassay.exchange import Json

#: Stands for the offending part while the body is laid out; no JSON text holds it unescaped.
_STAND_IN: Final = "\x00"
_LAID_OUT: Final = json.dumps(_STAND_IN)


def marked(body: str, place: str, indent: int | None = None) -> tuple[str, str, str] | None:
    """Return the three parts of a JSON body, laid out with `indent`; `place` is a JSON Pointer.

    None where the body is no JSON or has no such place.
    """
    if not place.startswith("/"):
        return None
    try:
        whole = json.loads(body)
        changed, part = _replaced(whole, place.split("/")[1:])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    before, _, after = _dumped(changed, indent).partition(_LAID_OUT)
    margin = before.rpartition("\n")[2]
    spaces = " " * (len(margin) - len(margin.lstrip()))
    return before, _dumped(part, indent).replace("\n", "\n" + spaces), after


def _replaced(value: Json, path: list[str]) -> tuple[Json, Json]:
    """Return `value` with the stand-in at `path`, and what was there."""
    if not path:
        return _STAND_IN, value
    name = path[0].replace("~1", "/").replace("~0", "~")
    key: int | str = int(name) if isinstance(value, list) else name
    changed = copy(value)
    changed[key], part = _replaced(value[key], path[1:])
    return changed, part


def _dumped(value: Json, indent: int | None) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False)
