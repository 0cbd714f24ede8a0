"""The HTTP application: the office's API and the probes on FastAPI, the terminals' one route on bare ASGI."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response
from msgspec import Struct
from starlette.exceptions import HTTPException

from kmonitor.domain.office.roles import REDRIVERS
from kmonitor.domain.office.signers import Recognition
from kmonitor.events import codec
from kmonitor.ingest_gateway import openapi
from kmonitor.ingest_gateway.answers import JSON, redacted_header
from kmonitor.ingest_gateway.bodies import Gone, Receive, Scope, Send, read_body, require_json
from kmonitor.ingest_gateway.card_mask import CardMask
from kmonitor.ingest_gateway.credentials import signer
from kmonitor.ingest_gateway.gate import Gate
from kmonitor.ingest_gateway.metrics import IN_FLIGHT, LIMIT, PROBLEMS, REDACTED
from kmonitor.ingest_gateway.office import Office
from kmonitor.ingest_gateway.operations import Operations
from kmonitor.ingest_gateway.problems import MEDIA_TYPE, Problem
from kmonitor.ingest_gateway.redrives import Redrives
from kmonitor.ingest_gateway.reports import Reports
from kmonitor.kafka.lookup import Lookup
from kmonitor.kafka.producer import DurableProducer
from kmonitor.runtime.health import Health, answer

REPORTS = "/v1/reports"
OPERATIONS = "/v1/operations"
REDRIVES = "/v1/redrives"
SAID = {"true": True, "false": False}
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Dependencies(Struct, frozen=True):
    """All that the application stands on; main builds it."""

    producer: DurableProducer
    office: Office
    gate: Gate
    health: Health
    secret: bytes
    recognition: Recognition
    quarantine: Lookup


def create_app(on: Dependencies) -> App:
    """One application: reports go straight to their route, everything else through FastAPI."""
    mask = CardMask(on.secret)
    reports = Reports(on.producer, on.office, mask, on.gate)
    operations = Operations(on.producer, on.office, mask, on.secret)
    api = _api(on, operations, Redrives(on.producer, on.office, mask, on.quarantine))
    IN_FLIGHT.set_function(lambda: on.gate.inside)
    LIMIT.set_function(lambda: on.gate.limit)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == REPORTS:
            await reports(scope, receive, send)
        else:
            await api(scope, receive, send)

    return app


def document() -> dict[str, Any]:
    """The OpenAPI document: its routes are described, never called, so they stand on nothing."""
    nothing: Any = None
    return openapi.document(_api(nothing, nothing, nothing))


def _api(on: Dependencies, operations: Operations, redrives: Redrives) -> FastAPI:
    api = FastAPI(title="KMonitor ingest gateway", version="1", docs_url=None, redoc_url=None)

    @api.post(OPERATIONS, status_code=202, response_class=Response, openapi_extra=openapi.OPERATIONS)
    async def record_operation(request: Request) -> Response:
        """Record one operation of the office."""
        headers = dict(request.scope["headers"])
        signed = await signer(on.office, headers, on.recognition)
        require_json(headers)
        on.gate.check_log()
        body = await read_body(request.receive, headers, on.gate)
        try:
            key = request.headers.get("idempotency-key")
            recorded, redacted = await operations.take(signed, key, body)
        finally:
            on.gate.release(len(body))
        REDACTED.inc(redacted)
        return _response(202, codec.encode(recorded), redacted_header(redacted), JSON)

    @api.post(REDRIVES, status_code=202, response_class=Response, openapi_extra=openapi.REDRIVES)
    async def redrive(request: Request) -> Response:
        """Bring an entry of the quarantine back, if it can be read now."""
        headers = dict(request.scope["headers"])
        signed = await signer(on.office, headers, on.recognition)
        if signed.role not in REDRIVERS:
            raise Problem(403, f"re-driving is not for the role {signed.role}: ask an administrator")
        require_json(headers)
        dry_run = SAID.get(request.query_params.get("dry_run", "false"))
        if dry_run is None:
            raise Problem(400, "say `true` or `false`", field="dry_run")
        on.gate.check_log()
        body = await read_body(request.receive, headers, on.gate)
        try:
            redone = await redrives.take(signed.author, body, dry_run=dry_run)
        finally:
            on.gate.release(len(body))
        return _response(200 if dry_run else 202, codec.encode(redone), [], JSON)

    @api.get("/health/live", responses=openapi.PROBE, response_class=Response)
    @api.get("/health/ready", responses=openapi.PROBE, response_class=Response)
    @api.get("/metrics", responses=openapi.METRICS, response_class=Response)
    async def probe(request: Request) -> Response:
        """Whether it lives, whether it is ready, and what it counts."""
        on.health.report("registry", None if on.office.ready else "the operations are being read")
        said = answer(on.health, request.url.path)
        return Response(said.body, said.status, media_type=said.content_type)

    @api.exception_handler(Problem)
    async def say_problem(request: Request, problem: Problem) -> Response:
        problem.close = problem.close or "expect" in request.headers
        PROBLEMS.labels(problem.status).inc()
        return _response(problem.status, problem.body, problem.headers, MEDIA_TYPE)

    @api.exception_handler(HTTPException)
    async def say_http(request: Request, error: HTTPException) -> Response:
        return await say_problem(
            request, Problem(error.status_code, f"{request.method} {request.url.path}: {error.detail}")
        )

    @api.exception_handler(Gone)
    async def say_nothing(_: Request, __: Gone) -> Response:
        return Response(status_code=408)

    api.openapi = cache(lambda: openapi.document(api))  # type: ignore[method-assign]
    return api


def _response(status: int, body: bytes, headers: list[tuple[bytes, bytes]], media_type: bytes) -> Response:
    said: dict[str, Any] = {name.decode(): value.decode() for name, value in headers}
    return Response(body, status, headers=said, media_type=media_type.decode())
