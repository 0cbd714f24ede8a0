"""Ports on loopback: which are free, and who waits behind one."""

import random
import socket
import time
from collections.abc import Callable

LOOPBACK = "127.0.0.1"

# Below the range from which the kernel takes ports for outgoing connections: a client that keeps trying to
# reach a killed server there could be given the server's own port, connect to itself and keep it taken.
RANGE = range(12_000, 32_000)
PORT_BASES = range(1_024, 32_700)
"""Where a stack's ports may begin."""
DEFAULT_PORT_BASE = 18_080


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, each different."""
    found: list[int] = []
    for port in random.sample(RANGE, k=len(RANGE)):
        if len(found) == count:
            break
        if is_free(port):
            found.append(port)
    return found


def is_free(port: int) -> bool:
    """True when a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def wait_until(condition: Callable[[], bool], timeout_s: float, pause_s: float = 0.05) -> bool:
    """Whether the condition came true within the time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_s)
    return True
