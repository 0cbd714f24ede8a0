"""The application: who may ask, what may be asked, and the page."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware

from kmonitor.query_api.access import Access
from kmonitor.query_api.answers import describe
from kmonitor.query_api.live.ticker import SummaryTicker
from kmonitor.query_api.problems import Problem, answer_problems
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.routes.audit import audit
from kmonitor.query_api.routes.codes import codes
from kmonitor.query_api.routes.completeness import completeness
from kmonitor.query_api.routes.conditions import conditions
from kmonitor.query_api.routes.faults import faults
from kmonitor.query_api.routes.live import live
from kmonitor.query_api.routes.payments import payments
from kmonitor.query_api.routes.people import people
from kmonitor.query_api.routes.quarantine import quarantine
from kmonitor.query_api.routes.revenue import revenue
from kmonitor.query_api.routes.session import sessions
from kmonitor.query_api.routes.summary import summaries
from kmonitor.query_api.routes.terminals import terminals
from kmonitor.query_api.sight import refuse_blind_calls
from kmonitor.query_api.web import page
from kmonitor.runtime.health import Health, answer

ABOUT = "What a network of payment kiosks is doing now, what happened, and what money was taken."
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(readers: Readers, access: Access, ticker: SummaryTicker, health: Health) -> FastAPI:
    """Reads under /v1, each for who shows a token or a session and has the role; the rest is for everybody."""
    app = FastAPI(title="KMonitor query API", version="1", description=ABOUT, docs_url=None, redoc_url=None)
    answer_problems(app)
    # Lists shrink tenfold, for phones; a stream of events is left alone.
    app.add_middleware(GZipMiddleware, minimum_size=4096, compresslevel=1)
    app.include_router(sessions(access))
    guarded = APIRouter(prefix="/v1", dependencies=[Depends(access.require)])
    for router in (
        summaries(readers),
        terminals(readers),
        faults(readers),
        conditions(readers),
        codes(readers),
        revenue(readers),
        payments(readers),
        completeness(readers),
        quarantine(readers),
        people(readers),
        audit(readers),
        live(readers, ticker, access),
    ):
        refuse_blind_calls(router)
        guarded.include_router(router)
    guarded.add_api_route("/{rest:path}", _no_such_call, methods=METHODS, include_in_schema=False)
    app.include_router(guarded)
    app.include_router(_probes(health))
    app.include_router(page())
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


def document() -> dict[str, Any]:
    """The OpenAPI document: its routes are described, never called, so they stand on nothing."""
    nothing: Any = None
    access = Access(nothing, nothing, nothing, nothing, nothing, nothing)
    return describe(create_app(nothing, access, nothing, Health()))


def _no_such_call(request: Request) -> Response:
    """Nothing under /v1 is ever answered by the page."""
    raise Problem(404, "there is no such call: see /openapi.json")


def _probes(health: Health) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/{which}")
    @router.get("/metrics")
    def probe(request: Request) -> Response:
        said = answer(health, request.url.path)
        return Response(said.body, said.status, media_type=said.content_type)

    return router
