"""Give the markers of a journal secrets again: those that the replay sends, or invented ones.

Checks compare secrets with each other, never with anything outside the run. Whatever was one secret
when it was recorded is one secret in the replay as well.
"""

import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from pgassay.redaction import MARKER, markers

#: What the replay has for a secret in the place of each one of the target file.
SECRET: Final = "replayed-secret-of-nobody"  # noqa: S105 - it opens nothing
#: Stands for it in answers that disclose it: no journal has a marker for it alone.
CREDENTIAL: Final = "<Secret-0000000000000>"


class Disclosure:
    """Which secret each marker stands for."""

    def __init__(self) -> None:
        """Know that of the credentials alone."""
        self._secrets = {CREDENTIAL: SECRET}

    def matches(self, recorded: str, sent: str) -> bool:
        """Tell whether `sent` is what was recorded; learn the secrets in it if so."""
        if recorded == sent:
            return True
        names = MARKER.findall(recorded)
        found = _pattern(recorded).fullmatch(_compact(sent)) if names else None
        if found is None:
            return False
        for name, secret in zip(names, found.groups(), strict=True):
            self._secrets.setdefault(name, _plain(secret))
        return True

    def learn(self, recorded: Mapping[str, str], sent: Mapping[str, str]) -> None:
        """Learn the secrets in a request's headers, of which each is struck as a whole."""
        for name, value in recorded.items():
            if MARKER.fullmatch(value) and name in sent:
                self._secrets.setdefault(value, sent[name])

    def reveal(self, text: str, *, in_json: bool) -> str:
        """Put secrets in the place of the markers in an answer."""
        if not markers(text):
            return text

        def secret(found: re.Match[str]) -> str:
            known = self._secrets.setdefault(found[0], _invented(found[0]))
            if text[found.start() - 1 : found.start()] == ":" and text[found.end() :][:1] == "@":
                return quote(known, "")
            return json.dumps(known)[1:-1] if in_json else known

        return MARKER.sub(secret, text)


def _pattern(recorded: str) -> re.Pattern[str]:
    parts = map(re.escape, MARKER.split(recorded))
    return re.compile("(.*?)".join(parts), re.DOTALL)


def _compact(sent: str) -> str:
    """Write a body as the vault does that struck something out of it."""
    try:
        return json.dumps(json.loads(sent), ensure_ascii=False)
    except (ValueError, RecursionError):
        return sent


def _plain(secret: str) -> str:
    try:
        return str(json.loads(f'"{secret}"'))
    except ValueError:
        return secret


def _invented(marker: str) -> str:
    """A password that satisfies the published rules, as a server makes them."""
    return f"Invented0{marker[9:-1]}"
