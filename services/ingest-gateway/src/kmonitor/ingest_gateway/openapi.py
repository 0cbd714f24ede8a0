"""The OpenAPI document, generated from the very types that read the requests."""

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from msgspec import Struct

from kmonitor.domain.sessions import COOKIE
from kmonitor.events.operations import OperationBody
from kmonitor.events.scalars import Count, Epoch, Instant
from kmonitor.events.types import Event
from kmonitor.ingest_gateway.problems import ProblemBody

_REF = "#/components/schemas/{name}"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": _REF.format(name="ProblemBody")}}}


class Report(Struct, kw_only=True):
    """What a terminal posts."""

    terminal: str
    epoch: Epoch
    sent_at: Instant
    events: list[Event]
    queued: Count = 0


def _refused(*statuses: int) -> dict[str, Any]:
    said = {
        400: "unreadable: nothing was taken",
        401: "no or wrong credential",
        403: "the credential is another terminal's, or its role may not say this",
        408: "the request did not arrive in time",
        409: "it contradicts the registry, or the Idempotency-Key was used for something else",
        413: "too large",
        415: "another media type or encoding",
        422: "a field that cannot be",
        503: "not now: send it again after Retry-After; it may have been taken and counts once",
    }
    return {str(status): {"description": said[status], "content": _PROBLEM} for status in statuses}


def _body(name: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name=name)}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _components() -> tuple[dict[str, Any], dict[str, Any]]:
    (operation, *_), components = msgspec.json.schema_components(
        [OperationBody, Report, ProblemBody], ref_template=_REF
    )
    return operation, components


_OPERATION, _SCHEMAS = _components()

OPERATIONS: dict[str, Any] = {
    "security": [{"bearer": []}, {"session": []}],
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "The same key and body again have no second effect.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        }
    ],
    "requestBody": _body("Operation"),
    "responses": {
        "202": {"description": "the log has it: `operation_id`, and `key` (and `token`) of what was issued"},
        **_refused(400, 401, 403, 408, 409, 413, 415, 422, 503),
    },
}

_REPORTS: dict[str, Any] = {
    "summary": "Take a terminal's report",
    "description": (
        "202 only after the log has every accepted event. Content-Encoding may be gzip or zstd. An event is"
        " known by terminal, epoch and seq, and counts once however often it is sent."
    ),
    "operationId": "take_report",
    "security": [{"bearer": []}],
    "requestBody": _body("Report"),
    "responses": {
        "202": {"description": "`accepted`, `rejected`, `received_at`, `report_interval_s`"},
        **_refused(400, 401, 403, 408, 413, 415, 503),
    },
}


def document(api: FastAPI) -> dict[str, Any]:
    """FastAPI's own document, with the route it does not see and the schemas of msgspec's types."""
    said = get_openapi(title=api.title, version=api.version, routes=api.routes)
    said["paths"]["/v1/reports"] = {"post": _REPORTS}
    components = said.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    components.setdefault("schemas", {}).update(_SCHEMAS | {"Operation": _OPERATION})
    return said
