"""The tools of npm: Portman with Newman, and Dredd."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.peers import parsing
from benchmarks.peers.documents import as_openapi_3_0, with_live_identifiers
from benchmarks.peers.outcome import Failure
from benchmarks.peers.tool import Call, Tool, said, specification
from pgassay._folders import folder

_HERE: Final = Path(__file__).parent


class Portman(Tool):
    """Portman writes a Postman collection from the specification, and Newman runs it.

    The collection is written once: it holds the identifiers of the examples, which are replaced.
    """

    name = "Portman + Newman"

    def __init__(self, programs: Path) -> None:
        self._programs = programs / "portman" / "node_modules" / ".bin"
        self._collection = ""

    def version(self) -> str:
        """See `Tool`."""
        newman = said(str(self._programs / "newman"), "--version").strip()
        return f"{said(str(self._programs / 'portman'), '--version').strip()} + {newman}"

    def command(self, call: Call) -> list[str]:
        """See `Tool`."""
        self._collection = self._collection or self._written(call.folder)
        text = with_live_identifiers(self._collection, call.stand)
        collection = call.write("collection.json", text)
        spare = call.stand.spare
        variables = {
            "baseUrl": call.url,
            "basicAuthUsername": call.basic.username,
            "basicAuthPassword": call.basic.password,
            "bearerToken": call.bearer.token,
            "spareService": spare.service,
            "spareInstance": spare.instance,
            "idleUser": call.stand.lent.idle,
        }
        given = [part for pair in variables.items() for part in ("--env-var", "=".join(pair))]
        newman = str(self._programs / "newman")
        return [newman, "run", str(collection), "--color", "off", *given]

    def failures(self, call: Call, output: str) -> tuple[Failure, ...]:
        """See `Tool`."""
        return parsing.newman(output)

    def _written(self, scratch: Path) -> str:
        """Convert the specification, and leave out the saved examples: they test nothing."""
        path = scratch / "converted.json"
        command = [str(self._programs / "portman"), "-l", str(folder("spec") / "openapi.yaml")]
        command += ["-b", "{{baseUrl}}", "-c", str(_HERE / "portman.json"), "-o", str(path)]
        subprocess.run(command, check=True, capture_output=True, cwd=scratch)
        collection = json.loads(path.read_text(encoding="utf-8"))
        collection["variable"] = []
        _without_examples(collection)
        return json.dumps(collection)


class Dredd(Tool):
    """Dredd sends the example of each operation and compares the answer."""

    name = "Dredd"

    def __init__(self, programs: Path) -> None:
        self._program = programs / "dredd" / "node_modules" / ".bin" / "dredd"

    def version(self) -> str:
        """See `Tool`."""
        return said(str(self._program), "--version").split()[1].removeprefix("v")

    def command(self, call: Call) -> list[str]:
        """See `Tool`."""
        text = as_openapi_3_0(specification(call.stand))
        document = call.write("openapi.yaml", text)
        hooks = ("--hookfiles", str(_HERE / "dredd_hooks.js"))
        command = [str(self._program), str(document), call.url, *hooks, "--sorted"]
        return [*command, "--color", "false", "--loglevel", "error"]

    def environment(self, call: Call) -> Mapping[str, str]:
        """See `Tool`."""
        return {
            "BASIC": call.basic.headers["Authorization"],
            "BEARER": call.bearer.headers["Authorization"],
            "SPARED": json.dumps(
                {
                    call.stand.lent.service: call.stand.spare.service,
                    call.stand.lent.instance: call.stand.spare.instance,
                    call.stand.lent.user: call.stand.lent.idle,
                }
            ),
        }

    def failures(self, call: Call, output: str) -> tuple[Failure, ...]:
        """See `Tool`."""
        return parsing.dredd(output)


def _without_examples(node: dict[str, Any]) -> None:
    for item in node.get("item", []):
        item.pop("response", None)
        _without_examples(item)
