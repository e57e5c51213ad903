"""Workers behind networks of their own, which is as close as one machine comes to several."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pgassay.target.model import Credential, Family, Scheme, Target, Timing
from pgassay.traffic import judgement
from pgassay.traffic.brief import WorkerBrief, environment, hand_over
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.slo import Objectives
from pgassay.traffic.workforce import Patience, Workforce, identity
from pgassay.verdict import Verdict

from .plans import TOKEN, planned, requests_of

#: `Stub` of conftest.py, which importlib mode does not let tests import.
Stub: TypeAlias = Any
#: Networks for documentation (RFC 5737); the test is skipped where they are in use all the same.
NETWORKS = ("203.0.113", "198.51.100")
#: Shorter than users have it: the test waits that long for a worker that is cut off.
PATIENCE = Patience(silence=3.0)


@dataclass(frozen=True)
class Network:
    """A namespace, joined to this one by a pair of interfaces of which `link` is here."""

    name: str
    link: str
    here: str

    def build(self) -> None:
        there = f"{self.link}t"
        ip("netns", "add", self.name)
        ip("link", "add", self.link, "type", "veth", "peer", "name", there, "netns", self.name)
        ip("addr", "add", f"{self.here}.1/30", "dev", self.link)
        ip("link", "set", self.link, "up")
        ip("-n", self.name, "addr", "add", f"{self.here}.2/30", "dev", there)
        ip("-n", self.name, "link", "set", there, "up")
        # The target has one address for all.
        ip("-n", self.name, "route", "add", "default", "via", f"{self.here}.1")

    def cut(self) -> None:
        ip("link", "set", self.link, "down")

    def remove(self) -> None:
        # A namespace goes with its last socket; the pair need not wait for that.
        ip("link", "delete", self.link, check=False)
        ip("netns", "delete", self.name, check=False)


def ip(*words: str, check: bool = True) -> str:
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True).stdout


def in_use(network: str) -> bool:
    """Tell whether this machine has addresses or routes there, which the test would hide."""
    routes = [*ip("route", "show", "table", "all").splitlines(), *ip("-o", "addr").splitlines()]
    return any(f" {network}." in f" {route}" for route in routes)


@pytest.fixture
def networks() -> Iterator[tuple[Network, ...]]:
    """Two networks; the test is skipped where this machine does not allow them."""
    if sys.platform != "linux" or shutil.which("ip") is None:
        pytest.skip("network namespaces need Linux and iproute2")
    made = tuple(
        Network(f"pga{os.getpid()}n{number}", f"pga{os.getpid() % 10**6}n{number}", network)
        for number, network in enumerate(NETWORKS)
    )
    if any(map(in_use, NETWORKS)):
        pytest.skip(f"this machine uses one of the networks {' and '.join(NETWORKS)}")
    try:
        for network in made:
            network.build()
        yield made
    except subprocess.CalledProcessError as error:
        pytest.skip(f"network namespaces cannot be made here: {error.stderr.strip()}")
    finally:
        for network in made:
            network.remove()


def short(url: str, place: Path, stem: str, duration: float) -> LoadPlan:
    """A plan that does not wait long for what is cut off."""
    timing = Timing(create=5, scale=5, delete=1, poll=0.05, settle=0.2, request=1)
    target = Target("stub", url, (Family.DBAAS,), timing=timing)
    return planned(
        url,
        place,
        stem,
        rate=30.0,
        duration=duration,
        nonce=f"0a1b2c3d{stem[0]}",
        target=target,
    )


def come(network: Network, port: int, place: Path, url: str) -> "subprocess.Popen[bytes]":
    place.mkdir()
    process = subprocess.Popen(
        ["ip", "netns", "exec", network.name, sys.executable, "-m", "pgassay.traffic.worker"],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    credentials = {"main": Credential(Scheme.BEARER, token=TOKEN)}
    brief = WorkerBrief(
        identity(), f"{network.here}.1", port, str(place), credentials, url, remote=True
    )
    hand_over(process, brief)
    return process


def test_workers_in_networks_of_their_own_count_exactly_and_a_cut_one_is_lost(
    networks: tuple[Network, ...], public_stub: Stub, tmp_path: Path
) -> None:
    """Two networks cost no request, and a worker whose network goes is lost."""
    url = f"http://{NETWORKS[0]}.1:{public_stub.url.rpartition(':')[2]}"
    ours = tmp_path / "run"
    load = short(url, ours, "a-load", 0.5)
    target = replace(load.target, credentials={"main": Credential(Scheme.BEARER, token=TOKEN)})
    force = Workforce(target, 2, "0.0.0.0:0", ours, lambda text: None, patience=PATIENCE)
    workers = []
    try:
        for number, network in enumerate(networks):
            workers.append(come(network, force.port, tmp_path / f"worker{number}", url))
        check_exact(force.carry_out(load, ours / "a-load"), public_stub)
        endless = short(url, ours, "b-load", 300.0)
        thread = threading.Thread(target=cut, args=(networks[1], public_stub))
        thread.start()
        check_lost(force.carry_out(endless, ours / "b-load"), endless)
        thread.join()
    finally:
        force.close()
        for worker in workers:
            worker.kill()
            worker.communicate()


def cut(network: Network, stub: Stub) -> None:
    for _ in range(15 + 10):
        assert stub.created.acquire(timeout=60)
    network.cut()


def check_exact(found: LoadRecord, stub: Stub) -> None:
    assert requests_of(found.requests) == dict(stub.requests)
    assert (found.offered, found.created, found.removed, found.lost) == (15, 15, 15, ())


def check_lost(found: LoadRecord, load: LoadPlan) -> None:
    (sentence,) = found.lost
    assert "was not heard of for 3 s; its journal b-load.w" in sentence
    assert found.created == found.removed > 0
    assert judgement.judge(load, found, Objectives()).verdict is Verdict.INCONCLUSIVE
