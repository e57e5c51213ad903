"""Locust's page beside a load: it shows what the recorder measured, and changes nothing."""

import json
import subprocess
import sys
from typing import Any

import pytest

#: Locust replaces parts of the standard library, so it gets a process of its own.
PROGRAM = """
import locust
import json, socket
import requests
from locust import FastHttpUser
from locust.env import Environment
from pgassay.traffic.page import open_page
from pgassay.traffic.tally import Tally

class User(FastHttpUser):
    host = "http://target.test"

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
environment = Environment(user_classes=[User], events=locust.events)
environment.create_local_runner()
tally = Tally(environment)
open_page(environment, port)
for number in range(100):
    tally("create", "POST", 0.05, 170, "" if number % 10 else "status 503")
tally.flush()
environment.events.request.fire(
    request_type="GET", name="unrecorded", response_time=1, response_length=0, exception=None,
    context={}, start_time=0, url="", response=None,
)

def ask(method, path, **more):
    answer = requests.request(method, f"http://127.0.0.1:{port}{path}", timeout=10, **more)
    cors = [name for name in answer.headers if name.lower().startswith("access-control")]
    return answer.status_code, cors, answer.text

shown = [ask("GET", path) for path in ("/", "/stats/requests", "/exceptions", "/tasks")]
refused = [
    ask("POST", "/swarm", data={"user_count": 5, "spawn_rate": 1}), ask("POST", "/stop"),
    ask("POST", "/stats/reset"), ask("GET", "/stop"), ask("PUT", "/"), ask("GET", "/login"),
    ask("GET", "/stats/requests", headers={"Host": "elsewhere.test"}),
]
print(json.dumps({"shown": shown, "refused": refused, "after": ask("GET", "/stats/requests")}))
"""


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_the_page_shows_the_recorded_figures_and_only_those(page: dict[str, Any]) -> None:
    assert [status for status, *_ in page["shown"]] == [200] * 4
    figures = json.loads(page["shown"][1][2])
    assert figures["state"] == "running"
    named = {row["name"]: row for row in figures["stats"]}
    assert set(named) == {"create", "Aggregated"}
    assert named["create"]["num_requests"] == 100
    assert named["create"]["num_failures"] == 10
    assert named["create"]["median_response_time"] == 50


def test_nothing_on_the_page_starts_stops_or_changes_the_load(page: dict[str, Any]) -> None:
    assert [status for status, *_ in page["refused"]] == [403] * 7
    before, after = json.loads(page["shown"][1][2]), json.loads(page["after"][2])
    assert before["stats"][0]["num_requests"] == after["stats"][0]["num_requests"]
    assert after["user_count"] == 0


def test_no_other_site_may_read_the_page(page: dict[str, Any]) -> None:
    assert all(cors == [] for _, cors, _ in [*page["shown"], *page["refused"]])
