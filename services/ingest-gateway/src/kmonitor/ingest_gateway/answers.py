"""Sends an answer over bare ASGI."""

from kmonitor.ingest_gateway.bodies import Scope, Send
from kmonitor.ingest_gateway.metrics import PROBLEMS
from kmonitor.ingest_gateway.problems import MEDIA_TYPE, Problem

JSON = b"application/json"
_START, _BODY = "http.response.start", "http.response.body"


async def answer(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]], media_type: bytes = JSON
) -> None:
    """One whole answer."""
    said = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": _START, "status": status, "headers": said})
    await send({"type": _BODY, "body": body})


async def answer_problem(scope: Scope, send: Send, problem: Problem) -> None:
    """The refusal, and counts it."""
    # Who waited for «100 Continue» may never send the body: what comes next must not be taken for it.
    problem.close = problem.close or any(name == b"expect" for name, _ in scope["headers"])
    PROBLEMS.labels(problem.status).inc()
    await answer(send, problem.status, problem.body, problem.headers, MEDIA_TYPE)


def redacted_header(redacted: int) -> list[tuple[bytes, bytes]]:
    """Says how many card numbers were replaced, if any."""
    return [(b"kmonitor-redacted", b"%d" % redacted)] if redacted else []
