"""The page's own door: a token or a password becomes a cookie, says who it is, and ends."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct

from kmonitor.domain.office.signers import SignedIn, Signer
from kmonitor.events.codec import encode
from kmonitor.events.office.people import Role
from kmonitor.query_api.access import Access, SignIn
from kmonitor.query_api.answers import COMPONENTS, REF, json, says


class SessionNow(Struct, frozen=True, kw_only=True):
    """Who is asking, and until when the session lasts. All null when nobody has signed in; a token shown with
    the question has no end of its own."""

    author: str | None = None
    person: str | None = None
    token: str | None = None
    name: str | None = None
    role: Role | None = None
    dealer: str | None = None
    expires_at: datetime | None = None


def sessions(access: Access) -> APIRouter:
    router = APIRouter(tags=["session"])

    @router.post("/v1/session", **_says_with_body(413, 415, 429))
    async def sign_in(request: Request) -> Response:
        """By `Authorization: Bearer <token>`, or by a person and a password in the body."""
        response = Response(media_type="application/json", headers={"Cache-Control": "no-store"})
        response.body = encode(_now(await access.sign_in(request, response)))
        response.headers["content-length"] = str(len(response.body))
        return response

    @router.get("/v1/session", **says(SessionNow))
    async def get_session(request: Request) -> Response:
        if "authorization" in request.headers:
            await access.require(request)
            return json(_who(request.state.signer))
        signed_in = await access.session(request)
        return json(SessionNow() if signed_in is None else _now(signed_in))

    @router.delete("/v1/session", status_code=204)
    async def sign_out(request: Request) -> Response:
        response = Response(status_code=204)
        await access.sign_out(request, response)
        return response

    return router


def _now(signed_in: SignedIn) -> SessionNow:
    return _who(signed_in.signer, datetime.fromtimestamp(signed_in.session.expires_at, UTC))


def _who(signer: Signer, expires_at: datetime | None = None) -> SessionNow:
    return SessionNow(**msgspec.structs.asdict(signer), expires_at=expires_at)


def _says_with_body(*failures: int) -> dict[str, Any]:
    """As `says`, with what somebody types in."""
    said = says(SessionNow, *failures)
    (schema,), components = msgspec.json.schema_components((SignIn,), ref_template=REF)
    return said | {
        "openapi_extra": {
            COMPONENTS: said["openapi_extra"][COMPONENTS] | components,
            "requestBody": {"content": {"application/json": {"schema": schema}}},
        }
    }
