"""Ports for clusters."""

import random
import socket
from collections.abc import Collection

from pgassay.reference.postgres.access import HOST
from pgassay.reference.postgres.problem import PlaneError

# Below what systems give to outgoing connections, so that none of those takes the port of a
# cluster while that is stopped.
_PORTS = range(15000, 32000)
_ATTEMPTS = 200


def free_port(taken: Collection[int]) -> int:
    """Return a port on which nothing listens and that is not taken; PlaneError after many tries."""
    for _ in range(_ATTEMPTS):
        port = random.choice(_PORTS)
        if port not in taken and is_free(port):
            return port
    raise PlaneError(f"no free port was found from {_PORTS.start} to {_PORTS.stop - 1}")


def is_free(port: int) -> bool:
    """Tell whether nothing listens on a port."""
    with socket.socket() as probe:
        # As PostgreSQL does: connections that just ended do not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
