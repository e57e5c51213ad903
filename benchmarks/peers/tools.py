"""The tools that are compared: how each is called, and where its report is.

Each is configured as its documentation recommends; docs/peers.md tells why.
"""

import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.peers import parsing
from benchmarks.peers.documents import as_openapi_3_0, with_live_identifiers
from benchmarks.peers.outcome import Failure
from benchmarks.peers.stand import Stand
from pgassay._folders import folder
from pgassay.target.model import Credential, Family
from pgassay.target.writing import write_target

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a tool: where it works, on what, and for how long it may plan to run.

    `seconds` is its budget; None lets it run as long as it wants. `first` says that only the first
    failure is wanted.
    """

    stand: Stand
    folder: Path
    seed: int
    seconds: int | None
    first: bool = False

    @property
    def basic(self) -> Credential:
        """The main credential of the clickhouse family."""
        return _credential(self.stand, Family.CLICKHOUSE)

    @property
    def bearer(self) -> Credential:
        """The main credential of the dbaas family."""
        return _credential(self.stand, Family.DBAAS)

    def write(self, name: str, text: str) -> Path:
        """Write a file for the tool."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def _credential(stand: Stand, family: Family) -> Credential:
    credential = stand.target.credential("main", family)
    assert credential is not None  # noqa: S101 - `pgassay serve` wrote it
    return credential


class Tool(ABC):
    """A tool that examines a server by its specification."""

    name: str
    #: Whether it examines more when it has more time.
    elastic = False
    #: Runs against the reference, each with a seed of its own: more where alarms depend on it.
    references = 1

    @abstractmethod
    def version(self) -> str:
        """Return its version."""

    @abstractmethod
    def command(self, call: Call) -> list[str]:
        """Write its configuration into the call's folder, and return its command line."""

    @abstractmethod
    def failures(self, call: Call, output: str) -> tuple[Failure, ...]:
        """Read its report; `output` is what it wrote to standard output."""

    def environment(self, call: Call) -> Mapping[str, str]:
        """Return what its environment holds besides that of this process."""
        return {}


class Pgassay(Tool):
    """pgassay's own command line: the quick profile in a budget, else the full one."""

    name = "pgassay"
    elastic = True
    references = 3

    def version(self) -> str:
        """See `Tool`."""
        return _said(sys.executable, "-m", "pgassay", "--version").split()[-1]

    def command(self, call: Call) -> list[str]:
        """See `Tool`."""
        target = call.folder / "target.toml"
        write_target(call.stand.target, target)
        profile = "full" if call.seconds is None else "quick"
        options = ("--target", str(target), "--profile", profile, "--seed", str(call.seed))
        output = ("--output", str(call.folder / "run"))
        command = [sys.executable, "-m", "pgassay", "check", *options, *output]
        return [*command, "--fail-fast"] if call.first else command

    def failures(self, call: Call, output: str) -> tuple[Failure, ...]:
        """See `Tool`."""
        return parsing.pgassay((call.folder / "run" / "results.json").read_text(encoding="utf-8"))


class Schemathesis(Tool):
    """The Schemathesis command line with all checks and phases."""

    name = "Schemathesis"
    elastic = True
    references = 6

    def version(self) -> str:
        """See `Tool`."""
        return _said(*self._program(), "--version").split()[-1]

    def command(self, call: Call) -> list[str]:
        """See `Tool`."""
        specification = call.write("openapi.yaml", _specification(call.stand))
        call.write("schemathesis.toml", self._configuration(call))
        report = ("--report", "ndjson", "--report-ndjson-path", str(call.folder / "events.ndjson"))
        command = [*self._program(), "run", str(specification), "--url", _url(call), *report]
        command += ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"]
        command += ["--seed", str(call.seed)]
        return command if call.seconds is None else [*command, "--max-time", str(call.seconds)]

    def failures(self, call: Call, output: str) -> tuple[Failure, ...]:
        """See `Tool`."""
        with (call.folder / "events.ndjson").open(encoding="utf-8") as events:
            return parsing.schemathesis(events)

    def _program(self) -> tuple[str, ...]:
        start = "from schemathesis.cli import schemathesis; schemathesis()"
        return (sys.executable, "-c", start)

    def _configuration(self, call: Call) -> str:
        quoted = json.dumps
        return "\n".join(
            [
                'generation.database = "none"',
                "cache.enabled = false",
                "[auth.openapi.basicAuth]",
                f"username = {quoted(call.basic.username)}",
                f"password = {quoted(call.basic.password)}",
                "[auth.openapi.bearerAuth]",
                f"bearer = {quoted(call.bearer.token)}",
                "[dictionaries]",
                f"organization.values = [{quoted(call.stand.organization)}]",
                f"service.values = [{quoted(call.stand.target.clickhouse.service_id)}]",
                f'version.values = ["/v1/types/postgres/versions/{call.stand.version}"]',
                "[parameters]",
                '"path.organizationId" = { dictionary = "organization", probability = 0.9 }',
                '"path.serviceId" = { dictionary = "service", probability = 0.9 }',
                '"body.version" = { dictionary = "version", probability = 0.9 }',
            ]
        )


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
        newman = _said(str(self._programs / "newman"), "--version").strip()
        return f"{_said(str(self._programs / 'portman'), '--version').strip()} + {newman}"

    def command(self, call: Call) -> list[str]:
        """See `Tool`."""
        self._collection = self._collection or self._written(call.folder)
        text = with_live_identifiers(self._collection, call.stand)
        collection = call.write("collection.json", text)
        spare = call.stand.spare
        variables = {
            "baseUrl": _url(call),
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
        return _said(str(self._program), "--version").split()[1].removeprefix("v")

    def command(self, call: Call) -> list[str]:
        """See `Tool`."""
        text = as_openapi_3_0(_specification(call.stand))
        specification = call.write("openapi.yaml", text)
        hooks = ("--hookfiles", str(_HERE / "dredd_hooks.js"))
        command = [str(self._program), str(specification), _url(call), *hooks, "--sorted"]
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


def all_tools(programs: Path) -> tuple[Tool, ...]:
    """Return the tools; those of npm are in `programs`, where install.py puts them."""
    return (Pgassay(), Schemathesis(), Portman(programs), Dredd(programs))


def _without_examples(node: dict[str, object]) -> None:
    for item in node.get("item", []):  # type: ignore[attr-defined]
        item.pop("response", None)
        _without_examples(item)


def _specification(stand: Stand) -> str:
    text = (folder("spec") / "openapi.yaml").read_text(encoding="utf-8")
    return with_live_identifiers(text, stand)


def _url(call: Call) -> str:
    return call.stand.target.base_url


def _said(*command: str) -> str:
    ended = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    return ended.stdout
