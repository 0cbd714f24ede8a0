"""Asks an HTTP server on loopback whether it is well."""

import http.client

from kmonitor.local.ports import LOOPBACK


def is_ok(port: int, path: str, timeout_s: float = 1.0) -> bool:
    """True when GET of the path answers 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
