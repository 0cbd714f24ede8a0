"""Who is asking: a terminal by its key, the office by its token."""

import re
from hashlib import sha256
from hmac import compare_digest

from kmonitor.domain.registry import TerminalKey
from kmonitor.ingest_gateway.office import Office
from kmonitor.ingest_gateway.problems import Problem, not_now

ADMINISTRATOR = "admin"
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
    if not office.ready:
        raise not_now("the registry is being read: send it again")
    if not await office.caught_up(LEARN_S):
        raise not_now("whether the key is known could not be learned: send it again")
    key = known_key(office, authorization)
    if key is None:
        raise Problem(401, _UNKNOWN, field="Authorization")
    return key


def author(authorization: bytes | None, admin_token_sha256: str) -> str:
    """Who signs an operation. Raises Problem 401."""
    if not compare_digest(sha256(bearer(authorization)).hexdigest(), admin_token_sha256):
        raise Problem(401, "the token is not known: use the administrator's", field="Authorization")
    return ADMINISTRATOR
