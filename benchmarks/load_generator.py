"""Print how fast one load process is beside stock Locust and hey; a benchmark, not a test.

    python benchmarks/load_generator.py [--repeat 3] [--seconds 5] [--connections 50]
                                        [--samples 10000000]

nginx (Debian's nginx-light, one worker) answers every GET with the same JSON of 170 bytes. The
three clients take turns, so that a neighbour on the machine disturbs all of them, and each has as
many connections. pgassay records everything: each request is in the file of samples, in the
histograms, counted, and looked at by the monitors. `hey` is Debian's package. Processor time is
that of the client and tells more than the rate where the machine is shared.
"""

import argparse
import json
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from pgassay.target.model import Credential, Family, Scheme, Target, Timing
from pgassay.traffic import plan, record
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples_file import read_origin

#: It is also the list of versions that a dbaas scenario asks for first.
ANSWER = '{"versions": [{"uuid": "00000000-0000-0000-0000-000000000001"}], "padding": ""}'
ANSWER = ANSWER.replace('""', f'"{"x" * (170 - len(ANSWER))}"')
NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
    location / {{ return 200 '{answer}'; }}
  }}
}}
"""
LOCUST = """
from locust import FastHttpUser, constant, task

class Pinging(FastHttpUser):
    wait_time = constant(0)

    @task
    def ping(self):
        self.client.get("/ping")
"""
PGASSAY = """
from pgassay.traffic.dispatcher import Dispatcher

class Pinging(Dispatcher):
    first_operation = "ping"

    def arrive(self, arrival):
        arrival.call("ping", "GET", "/ping")
"""
#: Fills a recorder in the process that a load runs in, at 5000 requests a second of virtual time.
FILL = """
import resource, sys
import pgassay.traffic.driver
from pathlib import Path
from random import Random
from pgassay.traffic.recorder import Recorder
from pgassay.traffic.samples import Outcome

number, path = int(sys.argv[1]), Path(sys.argv[2])
now = [0.0]
recorder = Recorder(lambda: now[0], (), path)
latencies = [Random(1).lognormvariate(-5.0, 1.0) for _ in range(100003)]
for index in range(number):
    intended = index / 5000
    now[0] = intended + 0.0001
    pending = recorder.begin("ping", intended)
    now[0] = intended + latencies[index % 100003]
    recorder.end(pending, Outcome.SUCCEEDED, 200, size=(150, 330))
    if index % 5000 == 0:
        recorder.beat(0.5)
recorder.close()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one client: requests per second, and its processor seconds per request."""

    rate: float
    cost: float


def main() -> int:
    """Measure and print; 1 where a program is missing."""
    options = _options()
    missing = [name for name in ("nginx", "hey") if not _program(name)]
    if missing:
        print(f"missing: {', '.join(missing)}; apt-get install nginx-light hey")
        return 1
    with tempfile.TemporaryDirectory() as scratch, nginx(Path(scratch)) as url:
        folder = Path(scratch)
        clients = {"hey -cpus 1": hey, "Locust FastHttpUser": locust, "pgassay": pgassay}
        turns: dict[str, list[Turn]] = {name: [] for name in clients}
        for _ in range(options.repeat):
            for name, client in clients.items():
                turns[name].append(client(url, options.connections, options.seconds, folder))
        for name, found in turns.items():
            print(
                f"{name:<22}{_median(turn.rate for turn in found):10.0f} requests/s"
                f"{_median(turn.cost for turn in found) * 1e6:10.1f} us of processor a request"
            )
        for name in ("hey -cpus 1", "Locust FastHttpUser"):
            pairs = list(zip(turns["pgassay"], turns[name], strict=True))
            faster = [own.rate / other.rate for own, other in pairs]
            cheaper = [other.cost / own.cost for own, other in pairs]
            print(
                f"pgassay to {name:<20}{_median(faster):8.2f} times the rate"
                f" ({min(faster):.2f} to {max(faster):.2f}),"
                f" {_median(cheaper):.2f} times as many for the same processor time"
            )
        half = _median(turn.rate for turn in turns["pgassay"]) / 2
        _print_lag(url, half, options, folder)
    if options.samples:
        _print_memory(options.samples)
    return 0


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """Run nginx with one worker; yield its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, answer=ANSWER), "utf-8")
    process = subprocess.Popen([_program("nginx"), "-c", str(configuration)])
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _await(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("nginx did not start")


def hey(url: str, connections: int, seconds: int, folder: Path) -> Turn:
    """One turn of hey on one processor."""
    spent = _spent()
    load = ["-cpus", "1", "-c", str(connections), "-z", f"{seconds}s"]
    ended = subprocess.run(
        [_program("hey"), *load, f"{url}/ping"], capture_output=True, text=True, check=True
    )
    found = re.search(r"Requests/sec:\s+([\d.]+)", ended.stdout)
    if found is None:
        raise SystemExit(f"hey told no rate: {ended.stdout}")
    rate = float(found[1])
    return Turn(rate, (_spent() - spent) / (rate * seconds))


def locust(url: str, connections: int, seconds: int, folder: Path) -> Turn:
    """One turn of a stock FastHttpUser; the cost is without what starting takes."""
    program = folder / "pinging.py"
    program.write_text(LOCUST, "utf-8")
    base = [sys.executable, "-m", "locust", "-f", str(program), "--headless", "-H", url, "--json"]
    users = ["-u", str(connections), "-r", str(connections)]
    start = _spent()
    subprocess.run([*base, "-u", "1", "-i", "1", "-t", "1s"], capture_output=True, check=False)
    start, spent = _spent() - start, _spent()
    ended = subprocess.run(
        [*base, *users, "-t", f"{seconds + 1}s"], capture_output=True, text=True, check=False
    )
    (figures,) = json.loads(ended.stdout)
    number = figures["num_requests"]
    rate = number / (figures["last_request_timestamp"] - figures["start_time"])
    return Turn(rate, (_spent() - spent - start) / number)


def pgassay(url: str, connections: int, seconds: int, folder: Path) -> Turn:
    """One turn of a load process: as many users in the closed model, full recording."""
    load = replace(_plan(url, folder, seconds + 1), model="closed", users=connections)
    found, _ = _carry_out(load, folder)
    return Turn(*_steady(found, seconds))


def _steady(found: LoadRecord, seconds: int) -> tuple[float, float]:
    """Requests per second and processor seconds for each, without the first and last second."""
    (operation,) = found.operations
    inner = range(1, seconds)
    number = sum(operation.seconds[each].succeeded for each in inner if each in operation.seconds)
    beats = [found.heartbeats[each].cpu for each in inner if each in found.heartbeats]
    rate = number / len(inner)
    return rate, statistics.fmean(beats) / rate


def _print_lag(url: str, rate: float, options: argparse.Namespace, folder: Path) -> None:
    lags, starts = [], []
    for _ in range(options.repeat):
        load = replace(_plan(url, folder, options.seconds), rate=rate, arrivals="poisson")
        found, started = _carry_out(load, folder)
        lags.append(found.lags.quantile(0.99) or 0.0)
        starts.append(read_origin(folder / "load.w0.samples") - started)
        print(
            f"open model, {rate:.0f}/s: {found.sent} sent, {found.dropped} dropped,"
            f" lag p50 {(found.lags.quantile(0.5) or 0.0) * 1e3:.2f} ms,"
            f" p99 {lags[-1] * 1e3:.2f} ms, processor {found.cpu:.0%}"
        )
    print(f"send lag p99 at half of the rate: {_median(lags) * 1e3:.2f} ms")
    print(f"start of the process to the first request: {_median(starts):.2f} s")


def _print_memory(samples: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "load.w0.samples"
        ended = subprocess.run(
            [sys.executable, "-c", FILL, str(samples), str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        size = path.stat().st_size
    print(
        f"{samples} samples: {int(ended.stdout) / 2**20:.0f} MiB of memory at most,"
        f" {size / 2**20:.0f} MiB on disk"
    )


def _plan(url: str, folder: Path, seconds: int) -> LoadPlan:
    program = folder / "pinging_pgassay.py"
    program.write_text(PGASSAY, "utf-8")
    target = Target("nginx", url, (Family.DBAAS,), timing=Timing(request=10, settle=0.1))
    return LoadPlan(
        family=Family.DBAAS,
        scenario="ping",
        program=str(program),
        rate=1.0,
        duration=float(seconds),
        drain=5.0,
        max_in_flight=1000,
        pool=1,
        seed=1,
        run="0a1b2c3d",
        nonce="0a1b2c3da",
        target=target,
        journal=str(folder / "load.jsonl"),
        output=str(folder / "load.samples.json"),
    )


def _carry_out(load: LoadPlan, folder: Path) -> tuple[LoadRecord, float]:
    """Run a load process; return its record and when it was started (Unix time)."""
    path = folder / "plan.json"
    plan.write(load, path)
    started = time.time()
    credential = Credential(Scheme.BEARER, token="token-of-a-benchmark")  # noqa: S106  # of nobody
    ended = subprocess.run(
        [sys.executable, "-m", "pgassay.traffic.driver", str(path)],
        input=msgspec.json.encode((credential,)) + b"\n",
        capture_output=True,
        check=False,
        env=dict(os.environ),
    )
    found = record.read(Path(load.output))
    if found is None or found.crash or found.obstacle:
        raise SystemExit(f"{found and (found.crash or found.obstacle)} {ended.stderr.decode()}")
    return found, started


def _program(name: str) -> str:
    """Where a program is; Debian keeps nginx where only administrators look."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin") or ""


def _spent() -> float:
    """The processor seconds of all ended children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _median(values: Iterator[float] | list[float]) -> float:
    return statistics.median(values)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--samples", type=int, default=10_000_000, help="0: leave this out")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
