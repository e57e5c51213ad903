"""Print how fast pgassay and its reference server are on this machine; a benchmark, not a test.

    python benchmarks/speed.py [--repeat 3] [--seconds 10] [--without-certify]

Every figure is the minimum and the median of its repeats. Rates are requests per second over
loopback, from one process that sends one request after the other. The stock Schemathesis command
line gets the same server, the same specification and as much time as the quick check took.
"""

import argparse
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from pgassay._folders import folder
from pgassay.cli.embedded import embedded_reference
from pgassay.target.model import Family, Target

TOKEN = secrets.token_hex(16)
PGASSAY = (sys.executable, "-m", "pgassay")


def timed(command: tuple[str, ...], repeat: int) -> list[float]:
    """Run a command `repeat` times; return its seconds."""
    return [_timed(command) for _ in range(repeat)]


def _timed(command: tuple[str, ...]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def line(name: str, values: list[float], unit: str) -> None:
    """Print one figure."""
    low, middle = min(values), statistics.median(values)
    print(f"{name:<48} min {low:9.2f}  median {middle:9.2f}  {unit}  n={len(values)}")


def run(command: str, repeat: int, *options: str) -> tuple[list[float], list[float]]:
    """Run a pgassay command; return its seconds, and its requests per second of checking."""
    seconds, rates = [], []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as scratch:
            output = Path(scratch) / "run"
            seconds.append(_timed((*PGASSAY, command, "--output", str(output), *options)))
            results = json.loads((output / "results.json").read_text(encoding="utf-8"))
            rates.append(results["requests"] / sum(c["duration"] for c in results["checks"]))
    return seconds, rates


@contextmanager
def connection(target: Target) -> Iterator[HTTPConnection]:
    """Open one connection to a target."""
    parts = urlsplit(target.base_url)
    opened = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        yield opened
    finally:
        opened.close()


def rate(target: Target, path: str, headers: Mapping[str, str], seconds: float) -> float:
    """Read `path` over one kept connection for `seconds`; return reads per second."""
    with connection(target) as opened:
        count, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            opened.request("GET", path, headers=dict(headers))
            answer = opened.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"GET {path} was answered with {answer.status}")
            count += 1
        return count / (time.perf_counter() - started)


def served(target: Target) -> int:
    """How many requests the reference has answered, by its own counter."""
    with connection(target) as opened:
        opened.request("GET", "/_control/requests", headers={"X-Control-Token": TOKEN})
        return sum(json.loads(opened.getresponse().read()).values())


def schemathesis(target: Target, family: Family, seconds: float) -> float:
    """Run the stock command line over one family; return its requests per second."""
    credential = target.credential("main", family)
    if credential is None:
        raise SystemExit(f"no credential for {family}")
    ((name, value),) = credential.headers.items()
    include = "^/v1/organizations" if family is Family.CLICKHOUSE else "^/v1/(types/)?postgres"
    command = (
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
        *("run", str(folder("spec") / "openapi.yaml"), "--url", target.base_url),
        *("--header", f"{name}: {value}", "--include-path-regex", include),
        *("--max-time", str(int(seconds)), "--seed", "1", "--workers", "1"),
    )
    before, started = served(target), time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        # Exit status 1 means failures were found, which say nothing of its speed.
        ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=scratch)
    rate = (served(target) - before) / (time.perf_counter() - started)
    if rate < 1:
        raise SystemExit(f"schemathesis did not run: {ended.stdout[-500:]}{ended.stderr[-500:]}")
    return rate


def reference_rates(repeat: int, seconds: float) -> None:
    """Print how many reads per second the reference answers, for each family."""
    with embedded_reference() as target:
        paths: dict[Family, str] = {
            Family.CLICKHOUSE: f"/v1/organizations/{target.clickhouse.organization_id}/postgres",
            Family.DBAAS: "/v1/types/postgres/versions",
        }
        for family, path in paths.items():
            credential = target.credential("main", family)
            headers = credential.headers if credential else {}
            values = [rate(target, path, headers, seconds / 5) for _ in range(repeat)]
            line(f"reference, {family} list over one connection", values, "requests/s")


def peers(repeat: int, seconds: float, own: list[float]) -> None:
    """Print the rate of the stock Schemathesis command line, and the ratio to ours."""
    values: list[float] = []
    for _ in range(repeat):
        for family in Family:
            with embedded_reference(arguments=("--control-token", TOKEN)) as target:
                values.append(schemathesis(target, family, seconds))
    line("schemathesis run, both families", values, "requests/s")
    ratio = statistics.median(own) / statistics.median(values)
    print(f"{'ratio: pgassay check / schemathesis run':<48} {ratio:.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--without-certify", action="store_true")
    options = parser.parse_args()
    line("pgassay --help", timed((*PGASSAY, "--help"), options.repeat), "s")
    seconds, rates = run("check", options.repeat)
    line("pgassay check --profile quick", seconds, "s")
    line("pgassay check --profile quick", rates, "requests/s")
    if not options.without_certify:
        line("pgassay certify", run("certify", 1)[0], "s")
    reference_rates(options.repeat, options.seconds)
    peers(max(options.repeat // 3, 1), options.seconds, rates)


if __name__ == "__main__":
    main()
