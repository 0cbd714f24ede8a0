"""Who may read: the administrator's token, or the cookie of a page that was opened with it."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Literal, TypedDict

import msgspec
from fastapi import Request, Response

from kmonitor.query_api.problems import Problem

COOKIE = "kmonitor_session"
LASTS_S = 12 * 3600
ATTEMPTS = 10
ATTEMPTS_S = 60.0
MOST_HOSTS = 10_000
LONGEST_TOKEN = 1024


class Traits(TypedDict):
    """How a browser has to treat the cookie."""

    path: str
    secure: bool
    httponly: bool
    samesite: Literal["strict"]


class Session(msgspec.Struct, frozen=True):
    """What the cookie says, under our HMAC."""

    session: str
    expires: int


class Access:
    """Sessions carry their own proof; only those that were ended have to be remembered."""

    def __init__(self, admin_token_sha256: str, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._admin = admin_token_sha256
        self._key = hmac.digest(secret, b"kmonitor session cookie", "sha256")
        self._ended: dict[str, int] = {}
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def require(self, request: Request) -> None:
        """A dependency of every route under /v1: 401 without a valid token or cookie."""
        if "authorization" in request.headers:
            allowed = self._opens(request)
        else:
            allowed = self.session(request) is not None
        if not allowed:
            raise Problem(401, "send `Authorization: Bearer <token>`, or sign in on the page", challenge=True)

    def session(self, request: Request) -> Session | None:
        """The live session of the request's cookie."""
        said = self._read(request.cookies.get(COOKIE, ""))
        if said is None or said.expires <= self._clock() or said.session in self._ended:
            return None
        return said

    def sign_in(self, request: Request, response: Response) -> Session:
        """Exchanges the token for a cookie; a host that keeps sending wrong ones has to wait."""
        now, host = time.monotonic(), request.client.host if request.client else ""
        failures = self._failures.get(host) or deque(maxlen=ATTEMPTS)
        if len(failures) == ATTEMPTS and now - failures[0] < ATTEMPTS_S:
            retry_after_s = round(ATTEMPTS_S - (now - failures[0])) + 1
            raise Problem(429, "too many wrong tokens: try again later", retry_after_s=retry_after_s)
        if not self._opens(request):
            failures.append(now)
            self._failures[host] = failures
            if len(self._failures) > MOST_HOSTS:
                self._failures.popitem(last=False)
            raise Problem(401, "the token is not valid", challenge=True)
        session = Session(secrets.token_urlsafe(16), int(self._clock()) + LASTS_S)
        response.set_cookie(COOKIE, self._write(session), max_age=LASTS_S, **_traits(request))
        return session

    def sign_out(self, request: Request, response: Response) -> None:
        """The session ends here and now, also for whoever has copied its cookie."""
        session = self.session(request)
        if session is not None:
            now = self._clock()
            self._ended = {name: expires for name, expires in self._ended.items() if expires > now}
            self._ended[session.session] = session.expires
        response.delete_cookie(COOKIE, **_traits(request))

    def _opens(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN:
            return False
        said = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
        return hmac.compare_digest(said, self._admin)

    def _write(self, session: Session) -> str:
        said = msgspec.json.encode(session)
        return f"{_base64(said)}.{_base64(self._seal(said))}"

    def _read(self, cookie: str) -> Session | None:
        text, _, seal = cookie.partition(".")
        try:
            said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            sealed = base64.urlsafe_b64decode(seal + "=" * (-len(seal) % 4))
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(sealed, self._seal(said)):
            return None
        return msgspec.json.decode(said, type=Session)

    def _seal(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")


def _traits(request: Request) -> Traits:
    return {"path": "/", "secure": request.url.scheme == "https", "httponly": True, "samesite": "strict"}


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
