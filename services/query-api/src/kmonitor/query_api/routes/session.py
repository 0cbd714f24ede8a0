"""The page's own door: a token becomes a cookie, and the cookie ends."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from kmonitor.events.codec import encode
from kmonitor.query_api.access import Access
from kmonitor.query_api.answers import json, says


class SignedIn(Struct, frozen=True):
    """Until when the session lasts; null without one."""

    expires_at: datetime | None


def sessions(access: Access) -> APIRouter:
    router = APIRouter(tags=["session"])

    @router.post("/v1/session", **says(SignedIn, 429))
    async def sign_in(request: Request) -> Response:
        response = Response(media_type="application/json", headers={"Cache-Control": "no-store"})
        session = access.sign_in(request, response)
        response.body = encode(SignedIn(datetime.fromtimestamp(session.expires, UTC)))
        response.headers["content-length"] = str(len(response.body))
        return response

    @router.get("/v1/session", **says(SignedIn))
    async def get_session(request: Request) -> Response:
        session = access.session(request)
        return json(SignedIn(datetime.fromtimestamp(session.expires, UTC) if session else None))

    @router.delete("/v1/session", status_code=204)
    async def sign_out(request: Request) -> Response:
        response = Response(status_code=204)
        access.sign_out(request, response)
        return response

    return router
