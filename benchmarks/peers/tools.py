"""The tools that are compared: how each is called, and where its report is.

Each is configured as its documentation recommends; docs/peers.md tells why.
"""

import json
import sys
from pathlib import Path

from benchmarks.peers import parsing
from benchmarks.peers.npm_tools import Dredd, Portman
from benchmarks.peers.outcome import Failure
from benchmarks.peers.tool import Call, Tool, said, specification
from pgassay.target.writing import write_target


class Pgassay(Tool):
    """pgassay's own command line: the quick profile in a budget, else the full one."""

    name = "pgassay"
    elastic = True
    references = 2

    def version(self) -> str:
        """See `Tool`."""
        return said(sys.executable, "-m", "pgassay", "--version").split()[-1]

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
    references = 5

    def version(self) -> str:
        """See `Tool`."""
        return said(*self._program(), "--version").split()[-1]

    def command(self, call: Call) -> list[str]:
        """See `Tool`."""
        document = call.write("openapi.yaml", specification(call.stand))
        call.write("schemathesis.toml", self._configuration(call))
        report = ("--report", "ndjson", "--report-ndjson-path", str(call.folder / "events.ndjson"))
        command = [*self._program(), "run", str(document), "--url", call.url, *report]
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


def all_tools(programs: Path) -> tuple[Tool, ...]:
    """Return the tools; those of npm are in `programs`, where install.py puts them."""
    return (Pgassay(), Schemathesis(), Portman(programs), Dredd(programs))
