"""How answers are said: JSON by msgspec, pages with a cursor, and their schemas for OpenAPI."""

from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec
from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from msgspec import Struct

from kmonitor.domain.office.sessions import COOKIE
from kmonitor.events.codec import encode
from kmonitor.query_api.problems import MEDIA_TYPE

T = TypeVar("T")
REF = "#/components/schemas/{name}"
COMPONENTS = "x-components"
RETRY = {
    "Retry-After": {"description": "After so many seconds.", "required": True, "schema": {"type": "integer"}}
}


class Page(Struct, Generic[T], frozen=True):
    """A part of a list; `next` is the cursor of the following part, null at the end."""

    items: list[T]
    next: str | None


class ProblemSaid(Struct, frozen=True):
    """RFC 9457. `parameter` is there when one is wrong."""

    type: str
    title: str
    status: int
    detail: str
    parameter: str | None = None


def json(answer: object) -> Response:
    return Response(encode(answer), media_type="application/json", headers={"Cache-Control": "no-store"})


def says(answer: Any, *failures: int, media_type: str = "application/json") -> dict[str, Any]:
    """The `responses` of a route, for OpenAPI: msgspec's types are the one source of the schemas."""
    (said, problem), components = msgspec.json.schema_components((answer, ProblemSaid), ref_template=REF)
    failed = {"content": {MEDIA_TYPE: {"schema": problem}}}
    return {
        "responses": {
            200: {"description": "Answer", "content": {media_type: {"schema": said}}},
            **{
                status: failed
                | {"description": HTTPStatus(status).phrase}
                | ({"headers": RETRY} if status in (429, 503) else {})
                for status in sorted((400, 401, 403, 503, *failures))
            },
        },
        "response_class": Response,
        "openapi_extra": {COMPONENTS: components},
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app whose routes say their answers with `says`."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for call in (call for path in document["paths"].values() for call in path.values()):
        schemas |= call.pop(COMPONENTS, {})
        # FastAPI's own word for a wrong parameter, which is said as 400 here.
        call["responses"].pop("422", None)
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    return document | {"security": [{"token": []}, {"session": []}]}
