"""A session as its cookie tells it: who signed in and on what that rests, under a seal that only we can make.

It is no list that a server keeps: every replica of every service reads it, and asks the registry whether what
it rests on still holds.
"""

import base64
import binascii
import hmac
from datetime import datetime

import msgspec
from msgspec import Struct

from kmonitor.events import codec

COOKIE = "kmonitor_session"
LONGEST = 1024


class Session(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`session` is its own name, `expires_at` in seconds since 1970. It rests on one of three: on a `person`
    as `proven_by` that operation, on the token `key_id`, or on the administrator's token, known by a mark."""

    session: str
    expires_at: int
    person: str | None = None
    proven_by: int = -1
    key_id: str | None = None
    administrator: str | None = None


class Seal:
    """Seals sessions and reads them, with a key of its own made from the secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"kmonitor session cookie", "sha256")

    def cookie(self, session: Session) -> str:
        said = codec.encode(session)
        return f"{_text(said)}.{_text(self._of(said))}"

    def read(self, cookie: str, now: datetime) -> Session | None:
        """The session; None when nobody here sealed it, or its time is over."""
        text, _, seal = cookie[:LONGEST].partition(".")
        try:
            said, sealed = _bytes(text), _bytes(seal)
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(sealed, self._of(said)):
            return None
        session = msgspec.json.decode(said, type=Session)
        return session if now.timestamp() < session.expires_at else None

    def mark(self, admin_token_sha256: str) -> str:
        """By what a session knows the administrator's token again; it tells nothing of the token."""
        return _text(self._of(b"administrator\0" + admin_token_sha256.encode()))

    def _of(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
