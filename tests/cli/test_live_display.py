"""A load shows as a table where a terminal redraws it, and as a line now and then elsewhere."""

import os
import pty
import socket
import threading
import time
from pathlib import Path

import msgspec
import pytest

from pgassay.cli.display import Display
from pgassay.cli.watching import announce_page, live_view
from pgassay.errors import UsageError
from pgassay.traffic.live import LiveView

VIEW = LiveView(family="dbaas", scenario="churn", phase="steady", elapsed=5, left=3.5, offered=20)


def test_where_nobody_watches_a_load_is_one_line_every_few_seconds(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([100.0, 100.0, 101.0, 106.0, 106.0])
    with Display() as display:
        monkeypatch.setattr(time, "monotonic", lambda: next(moments))
        for _ in range(3):
            display.load(VIEW)
        display.load(None)
        monkeypatch.undo()
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("dbaas churn: phase steady, left 3.5 s, offered 20/s")


def test_on_a_terminal_a_load_is_a_table_and_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    ours, theirs = pty.openpty()
    monkeypatch.setattr(os, "dup", lambda _: theirs)
    with Display() as display:
        monkeypatch.undo()
        display.load(VIEW)
        display._progress.refresh()
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "steady" in shown
    assert "dbaas churn:" not in shown


def test_the_latest_view_is_shown_and_none_when_the_block_has_ended(tmp_path: Path) -> None:
    shown: list[LiveView | None] = []
    path = tmp_path / "load-dbaas-churn.live.json"
    path.write_bytes(msgspec.json.encode(VIEW))
    seen = threading.Event()

    def show(view: LiveView | None) -> None:
        shown.append(view)
        seen.set()

    with live_view(tmp_path, show, pause=0.001):
        assert seen.wait(10)
    assert [view.phase if view else None for view in shown] == ["steady", None]


def test_a_port_that_is_taken_is_an_error_before_the_load(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"--web {port}"):
            announce_page(port)
    announce_page(port)
    assert f"http://127.0.0.1:{port}/" in capsys.readouterr().err
