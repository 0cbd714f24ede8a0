"""How answers are said: JSON by msgspec, pages with a cursor, and their schemas for OpenAPI."""

from typing import Any, Generic, TypeVar

import msgspec
from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from msgspec import Struct

from kmonitor.events.codec import encode
from kmonitor.query_api.problems import MEDIA_TYPE

T = TypeVar("T")
REF = "#/components/schemas/{name}"


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


def says(answer: Any, *failures: int) -> dict[str, Any]:
    """The `responses` of a route, for OpenAPI: msgspec's types are the one source of the schemas."""
    problem = {MEDIA_TYPE: {"schema": schema(ProblemSaid)[0]}}
    failed = {status: {"description": "Problem", "content": problem} for status in (400, 401, 503, *failures)}
    said: dict[str, Any] = {
        "description": "Answer",
        "content": {"application/json": {"schema": schema(answer)[0]}},
    }
    return {
        "responses": {200: said, **failed},
        "response_class": Response,
        "openapi_extra": {"x-answer": answer},
    }


def schema(*answers: Any) -> tuple[Any, dict[str, Any]]:
    """The schema of the first answer, and the components that all of them refer to."""
    schemas, components = msgspec.json.schema_components(answers, ref_template=REF)
    return schemas[0], components


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app whose routes say their answers with `says`."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    calls = [call for path in document["paths"].values() for call in path.values()]
    answers = [call.pop("x-answer") for call in calls if "x-answer" in call]
    _, components = schema(ProblemSaid, *answers)
    document["components"] = document.get("components", {})
    document["components"]["schemas"] = document["components"].get("schemas", {}) | components
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    for call in calls:
        call["responses"].pop("422", None)
    return document
