"""Asks a broker, in its own protocol, whether it serves clients; needs no Kafka client."""

import socket
import struct

from kmonitor.local.ports import LOOPBACK

METADATA = 3
VERSION = 1
CORRELATION = 7


def answers(port: int, timeout_s: float = 1.0) -> bool:
    """True when the broker answers a metadata request and knows itself to be alive."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout_s) as connection:
            connection.sendall(_request())
            answer = _read(connection)
    except OSError:
        return False
    return _alive_brokers(answer) > 0


def _request() -> bytes:
    # Header version 1: key, version, correlation, client id null; body: an empty list of topics.
    body = struct.pack(">hhih", METADATA, VERSION, CORRELATION, -1) + struct.pack(">i", 0)
    return struct.pack(">i", len(body)) + body


def _read(connection: socket.socket) -> bytes:
    answer = b""
    while len(answer) < 4 or len(answer) < 4 + struct.unpack_from(">i", answer)[0]:
        part = connection.recv(65536)
        if not part:
            raise ConnectionResetError("the broker closed the connection")
        answer += part
    return answer[4:]


def _alive_brokers(answer: bytes) -> int:
    correlation, brokers = struct.unpack_from(">ii", answer)
    return int(brokers) if correlation == CORRELATION else 0
