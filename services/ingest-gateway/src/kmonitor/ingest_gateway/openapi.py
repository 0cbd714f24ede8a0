"""The OpenAPI document, generated from the very types that read the requests."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from kmonitor.domain.office.sessions import COOKIE
from kmonitor.events.log import ReportBody
from kmonitor.events.operations import OperationBody
from kmonitor.events.schemas import components
from kmonitor.ingest_gateway.operations import Recorded
from kmonitor.ingest_gateway.problems import ProblemBody
from kmonitor.ingest_gateway.redrives import Redone, Wanted
from kmonitor.ingest_gateway.reports import Accepted

_REF = "#/components/schemas/{name}"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": _REF.format(name="ProblemBody")}}}
_RETRY = {
    "Retry-After": {"description": "After so many seconds.", "required": True, "schema": {"type": "integer"}}
}
_REDACTED = {
    "Kmonitor-Redacted": {
        "description": "How many card numbers were replaced, if any.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
_SAID = {
    400: "unreadable: nothing was taken",
    401: "no or wrong credential",
    403: "the credential is not for this: another terminal's, or of a role that may not",
    404: "there is no such entry",
    408: "the request did not arrive in time",
    409: "it contradicts what is known, or the Idempotency-Key was used for something else",
    413: "too large",
    415: "another media type or encoding",
    422: "a field that cannot be",
    429: "not so often: send it again after Retry-After; it may have been taken and counts once",
    431: "the head of the request is too large",
    503: "not now: send it again after Retry-After; it may have been taken and counts once",
}


def _refused(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {
            "description": _SAID[status],
            "content": _PROBLEM,
            **({"headers": _RETRY} if status in (429, 503) else {}),
        }
        for status in statuses
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(name=name)}}}


def _components() -> dict[str, Any]:
    (operation, *_), parts = components(
        [OperationBody, ReportBody, Accepted, Recorded, ProblemBody, Wanted, Redone], _REF
    )
    return parts | {"Operation": operation}


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
    "requestBody": {"required": True, "content": _json("Operation")},
    "responses": {
        "202": {"description": "the log has it", "content": _json("Recorded"), "headers": _REDACTED},
        **_refused(400, 401, 403, 408, 409, 413, 415, 422, 431, 503),
    },
}

REDRIVES: dict[str, Any] = {
    "security": [{"bearer": []}, {"session": []}],
    "parameters": [
        {
            "name": "dry_run",
            "in": "query",
            "description": "Only say whether it can be read now.",
            "schema": {"type": "boolean", "default": False},
        }
    ],
    "requestBody": {"required": True, "content": _json("Wanted")},
    "responses": {
        "200": {"description": "a dry run: it can be read now", "content": _json("Redone")},
        "202": {
            "description": "the log has it; an entry that came back before changes nothing",
            "content": _json("Redone"),
        },
        **_refused(400, 401, 403, 404, 408, 409, 413, 415, 422, 431, 503),
    },
}

_REPORTS: dict[str, Any] = {
    "summary": "Take a terminal's report",
    "description": (
        "202 only after the log has every accepted event. Content-Encoding may be gzip or zstd. An event is"
        " known by terminal, epoch and seq, and counts once however often it is sent. An item that can never be"
        " read is told in `rejected`, and does not keep the others from being taken."
    ),
    "operationId": "take_report",
    "security": [{"bearer": []}],
    "requestBody": {"required": True, "content": _json("ReportBody")},
    "responses": {
        "202": {
            "description": "the log has every accepted event",
            "content": _json("Accepted"),
            "headers": _REDACTED,
        },
        **_refused(400, 401, 403, 408, 413, 415, 429, 431, 503),
    },
}

_VERDICT: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
PROBE: dict[int | str, dict[str, Any]] = {
    200: {"description": "it is well", "content": _VERDICT},
    503: {"description": "it is not, and why", "content": _VERDICT},
}
METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "in Prometheus' words", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


def document(api: FastAPI) -> dict[str, Any]:
    """FastAPI's own document, with the route it does not see and the schemas of msgspec's types."""
    said = get_openapi(title=api.title, version=api.version, routes=api.routes)
    said["paths"]["/v1/reports"] = {"post": _REPORTS}
    parts = said.setdefault("components", {})
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    parts.setdefault("schemas", {}).update(_components())
    return said
