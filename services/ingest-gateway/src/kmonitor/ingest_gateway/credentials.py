"""Who is asking: a terminal by its key, the office by a token or by the cookie of a session."""

import re
from datetime import UTC, datetime
from hashlib import sha256

from starlette.requests import cookie_parser

from kmonitor.domain.office.registry import TerminalKey
from kmonitor.domain.office.sessions import COOKIE
from kmonitor.domain.office.signers import Recognition, Signer
from kmonitor.ingest_gateway.bodies import Headers
from kmonitor.ingest_gateway.office import Office
from kmonitor.ingest_gateway.problems import Problem, not_now

# Less than the second within which every refusal leaves.
LEARN_S = 0.9

_BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([\x21-\x7e]+)\Z")
_UNKNOWN = "the key is not known or was revoked: ask the office for a new one"


def bearer(authorization: bytes | None) -> bytes:
    """The token of an Authorization header. Raises Problem 401."""
    said = _BEARER.match(authorization) if authorization else None
    if said is None:
        raise Problem(401, "send `Authorization: Bearer …`", field="Authorization")
    return said[1]


def known_key(office: Office, authorization: bytes | None) -> TerminalKey | None:
    """The live key that a terminal showed, None if there is none such in the registry as we know it."""
    key_id, point, secret = bearer(authorization).decode("ascii").partition(".")
    if not point:
        raise Problem(401, "the token must be `<key_id>.<secret>`", field="Authorization")
    key = office.registry.keys.get(key_id)
    return key if key is not None and key.opens_with(sha256(secret.encode()).hexdigest()) else None


async def learned_key(office: Office, authorization: bytes | None) -> TerminalKey:
    """The key of a terminal that we do not know yet: perhaps it was issued a moment ago.

    Raises Problem 401 when nothing that was in the log by now makes it a live key, 503 when that could
    not be learned in time: never a false 401.
    """
    await _catch_up(office)
    key = known_key(office, authorization)
    if key is None:
        raise Problem(401, _UNKNOWN, field="Authorization")
    return key


async def signer(office: Office, headers: Headers, recognition: Recognition) -> Signer:
    """Who signs an operation: by a token where one is shown, else by the session of the cookie.

    Raises Problem 401 when nothing that was in the log by now makes it valid, 503 when that could not be
    learned in time. A browser adds the cookie by itself, but only for our own pages (SameSite=strict), and
    no other page can send JSON with an Idempotency-Key: so no other page can act for who is signed in.
    """
    people = office.registry.people
    cookie = cookie_parser(headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
    is_session = b"authorization" not in headers and cookie is not None
    token = "" if is_session else bearer(headers.get(b"authorization")).decode("ascii")

    def recognised() -> Signer | None:
        if not is_session:
            return recognition.by_token(people, token)
        signed_in = recognition.by_cookie(people, cookie or "", datetime.now(UTC))
        return None if signed_in is None else signed_in.signer

    found = recognised()
    if found is None:
        await _catch_up(office)
        found = recognised()
    if found is None:
        raise _refusal(is_session)
    return found


def _refusal(is_session: bool) -> Problem:
    if is_session:
        return Problem(401, "the session has ended: sign in again", field="Cookie")
    detail = "the token is not known or was revoked: ask an administrator for a new one"
    return Problem(401, detail, field="Authorization")


async def _catch_up(office: Office) -> None:
    """Returns once all that was in the log by now is known. Raises Problem 503 if not in time."""
    if not office.ready:
        raise not_now("the registry is being read: send it again")
    if not await office.caught_up(LEARN_S):
        raise not_now("whether it is known could not be learned: send it again")
