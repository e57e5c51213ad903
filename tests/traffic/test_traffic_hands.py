"""A load process that is late still reads what was answered."""

import socket

import gevent

from pgassay.traffic.hands import pause


def test_a_pause_of_no_time_reads_what_has_come() -> None:
    here, there = socket.socketpair()
    read: list[bytes] = []
    with here, there, gevent.get_hub().loop.io(there.fileno(), 1) as watcher:
        watcher.start(lambda: read.append(there.recv(10)))
        pause(0)
        assert not read
        here.send(b"answer")
        pause(0)
        watcher.stop()
    assert read == [b"answer"]
