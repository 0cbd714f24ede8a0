"""Reads the body of a request, and never more of it than may be held."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from kmonitor.ingest_gateway.encodings import BODY_AT_MOST
from kmonitor.ingest_gateway.gate import Gate
from kmonitor.ingest_gateway.problems import Problem

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = dict[bytes, bytes]


class Gone(Exception):
    """The other side has closed the connection, or was too slow and was cut off: nobody waits for an answer."""


async def read_body(receive: Receive, headers: Headers, gate: Gate) -> bytes:
    """The whole body; its bytes are held at the gate and the caller releases them.

    Raises Problem 413 for more than 1 MiB, said or sent; 503 when all bodies together are too many.
    How long it may take is the server's watch.
    """
    if _said_length(headers) > BODY_AT_MOST:
        raise _too_large()
    message = await receive()
    body = _part(message)
    if len(body) > BODY_AT_MOST:
        raise _too_large()
    gate.hold(len(body))
    if not message.get("more_body", False):
        return body
    parts = [body]
    held = len(body)
    try:
        while message.get("more_body", False):
            message = await receive()
            part = _part(message)
            if held + len(part) > BODY_AT_MOST:
                raise _too_large()
            gate.hold(len(part))
            held += len(part)
            parts.append(part)
    except BaseException:
        gate.release(held)
        raise
    return b"".join(parts)


def require_json(headers: Headers) -> None:
    """Raises Problem 415 unless the body says that it is JSON."""
    media_type, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    if media_type.strip() != b"application/json" or charset not in (b"", b"charset=utf-8"):
        raise Problem(415, "Content-Type must be application/json, in UTF-8", field="Content-Type")


def _part(message: Message) -> bytes:
    if message["type"] != "http.request":
        raise Gone
    part: bytes = message.get("body", b"")
    return part


def _said_length(headers: Headers) -> int:
    said = headers.get(b"content-length", b"0")
    return int(said) if said.isdigit() and len(said) < 19 else BODY_AT_MOST + 1


def _too_large() -> Problem:
    return Problem(413, f"the body is larger than {BODY_AT_MOST} bytes: send fewer events at once")
