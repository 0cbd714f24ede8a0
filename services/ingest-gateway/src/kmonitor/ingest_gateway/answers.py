"""Sends an answer over bare ASGI."""

from http import HTTPStatus

from kmonitor.ingest_gateway.bodies import Scope, Send
from kmonitor.ingest_gateway.metrics import PROBLEMS
from kmonitor.ingest_gateway.problems import MEDIA_TYPE, Problem

JSON = b"application/json"
WHOLE_ANSWER = "kmonitor.whole-answer"
"""The ASGI extension by which our server takes an answer in one piece; False when it cannot."""
_STATUS_LINES = {int(each): f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}


async def answer(
    scope: Scope,
    send: Send,
    status: int,
    body: bytes,
    headers: list[tuple[bytes, bytes]],
    media_type: bytes = JSON,
) -> None:
    """One whole answer: in one piece where our own server serves it, so in one packet and two awaits fewer."""
    said = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers]
    whole = scope.get("extensions", {}).get(WHOLE_ANSWER)
    is_plain = scope["method"] == "POST" and (b"connection", b"close") not in headers
    if is_plain and whole is not None and whole(_spelled(status, said, body)):
        return
    await send({"type": "http.response.start", "status": status, "headers": said})
    await send({"type": "http.response.body", "body": body})


def _spelled(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join((_STATUS_LINES[status], *lines, b"\r\n", body))


async def answer_problem(scope: Scope, send: Send, problem: Problem) -> None:
    """The refusal, and counts it."""
    # Who waited for «100 Continue» may never send the body: what comes next must not be taken for it.
    problem.close = problem.close or any(name == b"expect" for name, _ in scope["headers"])
    PROBLEMS.labels(problem.status).inc()
    await answer(scope, send, problem.status, problem.body, problem.headers, MEDIA_TYPE)


def redacted_header(redacted: int) -> list[tuple[bytes, bytes]]:
    """Says how many card numbers were replaced, if any."""
    return [(b"kmonitor-redacted", b"%d" % redacted)] if redacted else []
