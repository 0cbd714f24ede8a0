"""What a reader is told when it goes wrong: problem+json (RFC 9457) that names what to mend."""

from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Answered as it says; `parameter` names the one that is wrong."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        parameter: str | None = None,
        retry_after_s: int | None = None,
        challenge: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.parameter = parameter
        self.headers: dict[str, str] = {}
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(retry_after_s)
        if challenge:
            self.headers["WWW-Authenticate"] = 'Bearer realm="kmonitor"'


def wrong_parameter(name: str, detail: str) -> Problem:
    return Problem(400, f"`{name}`: {detail}", parameter=name)


def not_now(detail: str, retry_after_s: int = 1) -> Problem:
    """What cannot be answered for a while, while everything else goes on."""
    return Problem(503, detail, retry_after_s=retry_after_s)


def response(problem: Problem) -> Response:
    said: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.parameter is not None:
        said["parameter"] = problem.parameter
    headers = problem.headers | {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(said), problem.status, headers, MEDIA_TYPE)


def answer_problems(app: FastAPI) -> None:
    """Every failure of a request, FastAPI's own included, is a problem+json."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_surprise)


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 (only registered for it)
    return response(error)


async def _on_invalid(_: Request, error: Exception) -> Response:
    """FastAPI's 422 as our 400, naming the first parameter that is wrong; never its value."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 (only registered for it)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    if first["type"] == "extra_forbidden":
        return response(wrong_parameter(name, "this call has no such parameter"))
    return response(wrong_parameter(name, str(first["msg"]).removeprefix("Value error, ")))


async def _on_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (only registered for it)
    problem = Problem(error.status_code, str(error.detail))
    problem.headers = dict(error.headers or {})
    return response(problem)


async def _on_surprise(_: Request, __: Exception) -> Response:
    """A bug: the server logs it, the reader learns only that it is ours."""
    return response(Problem(500, "a fault of ours, it has been logged"))
