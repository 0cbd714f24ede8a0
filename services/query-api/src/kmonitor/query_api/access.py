"""Who may come in: by the administrator's token or a program's, or by the cookie of somebody who signed in."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypedDict, TypeVar

from fastapi import Request, Response
from msgspec import Meta, Struct

from kmonitor.domain.office.people import People
from kmonitor.domain.office.sessions import COOKIE, Session
from kmonitor.domain.office.signers import THE_ADMINISTRATOR, Recognition, SignedIn, Signer
from kmonitor.events.codec import Unreadable, decode
from kmonitor.query_api.now import Now
from kmonitor.query_api.passwords import Passwords
from kmonitor.query_api.problems import Problem, not_now
from kmonitor.query_api.sign_outs import SignOuts
from kmonitor.query_api.throttle import Throttle

T = TypeVar("T")
LASTS = timedelta(hours=12)
LONGEST_TOKEN = 1024
LEARN_S = 0.9
SHOWS_S = 2.0
MOST_BYTES = 4_096
"""Of a request to sign in."""


class Traits(TypedDict):
    """How a browser has to treat the cookie."""

    path: str
    secure: bool
    httponly: bool
    samesite: Literal["strict"]


class SignIn(Struct, frozen=True):
    """What somebody types in."""

    person: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(max_length=256)]


@dataclass(frozen=True)
class Access:
    """Sessions carry their own proof; what they rest on is asked of the registry each time."""

    now: Now
    recognition: Recognition
    sign_outs: SignOuts
    clock: Callable[[], datetime]
    passwords: Passwords
    throttle: Throttle

    async def require(self, request: Request) -> None:
        """A dependency of every route under /v1: 401 without a valid token or cookie."""
        signer = await self._learned(request, lambda: self.recognised(request))
        if signer is None:
            raise Problem(401, "send `Authorization: Bearer <token>`, or sign in on the page", challenge=True)
        if "authorization" not in request.headers or signer != THE_ADMINISTRATOR:
            # What was ended or revoked may still look alive in a half of the registry.
            self._refuse_while_reading()
        request.state.signer = signer

    def recognised(self, request: Request) -> Signer | None:
        """Who asks, as things stand now: by a token where one is shown, else by the session of the cookie."""
        if "authorization" in request.headers:
            return self.recognition.by_token(self._people, _bearer(request))
        signed_in = self._signed_in(request)
        return None if signed_in is None else signed_in.signer

    def still_allows(self, request: Request) -> bool:
        """Whether who was let in would be let in again, as the same one."""
        let_in: Signer = request.state.signer
        return self.recognised(request) == let_in

    async def session(self, request: Request) -> SignedIn | None:
        """The live session of the request's cookie, if there is one."""
        return await self._learned(request, lambda: self._signed_in(request))

    async def sign_in(self, request: Request, response: Response) -> SignedIn:
        """Exchanges a token, or a person's password, for a cookie; who keeps sending wrong ones has to wait."""
        by_token = "authorization" in request.headers
        signed_in = await (self._by_token(request) if by_token else self._by_password(request))
        cookie = self.recognition.seal.cookie(signed_in.session)
        response.set_cookie(COOKIE, cookie, max_age=int(LASTS.total_seconds()), **_traits(request))
        return signed_in

    async def sign_out(self, request: Request, response: Response) -> None:
        """The session ends, also for whoever has copied its cookie, in this process and in every other."""
        response.delete_cookie(COOKIE, **_traits(request))
        signed_in = await self.session(request)
        if signed_in is None:
            return
        operation = await self.sign_outs.record(signed_in.session, signed_in.signer.author)
        if operation is None or not await self.now.knows(operation, SHOWS_S):
            problem = not_now(
                "this browser is signed out, but the log does not answer: a copied cookie lives on"
            )
            problem.headers["Set-Cookie"] = response.headers["set-cookie"]
            raise problem

    @property
    def _people(self) -> People:
        return self.now.registry.people

    def _signed_in(self, request: Request) -> SignedIn | None:
        return self.recognition.by_cookie(self._people, request.cookies.get(COOKIE, ""), self.clock())

    async def _by_token(self, request: Request) -> SignedIn:
        host, token = _host(request), _bearer(request)
        self.throttle.enter(host)
        try:
            signed_in = await self._learned(
                request, lambda: self.recognition.open_by_token(self._people, token, self._session())
            )
        except Problem:
            self.throttle.forgive(host)  # whether it is wrong could not be learned
            raise
        if signed_in is None:
            raise Problem(401, "the token is not valid", challenge=True)
        self.throttle.forgive(host)
        return signed_in

    async def _by_password(self, request: Request) -> SignedIn:
        said = await _read_sign_in(request)
        self._refuse_while_reading()
        names = (_host(request), f"person {said.person}")
        self.throttle.enter(*names)
        # While the broker is away, what was known before has to do.
        await self.now.heard_all(LEARN_S)
        person = self._people.persons.get(said.person)
        try:
            is_right = await self.passwords.is_right(said.password, person.password_hash if person else None)
        except Problem:
            self.throttle.forgive(*names)  # nobody looked at it
            raise
        if person is None or not is_right:
            raise Problem(401, "there is no such person, or the password is another", challenge=True)
        self.throttle.forgive(*names)
        return self.recognition.open_by_person(person, self._session())

    async def _learned(self, request: Request, ask: Callable[[], T | None]) -> T | None:
        """What is asked; if nothing is known yet of what may be new, once all that was said is known."""
        known = ask()
        if known is None and self._may_be_new(request):
            await self._hear_all()
            known = ask()
        return known

    def _session(self) -> Session:
        expires_at = int((self.clock() + LASTS).timestamp())
        return Session(session=secrets.token_urlsafe(16), expires_at=expires_at)

    def _may_be_new(self, request: Request) -> bool:
        """Whether what is shown looks as ours do, and so may be newer than what we know."""
        if "authorization" in request.headers:
            return "." in _bearer(request)
        return self.recognition.seal.read(request.cookies.get(COOKIE, ""), self.clock()) is not None

    async def _hear_all(self) -> None:
        """All that was said by now is known, so that nobody is sent away who was let in a moment ago."""
        self._refuse_while_reading()
        if not await self.now.heard_all(LEARN_S):
            raise not_now("whether it is known could not be learned: ask again in a moment")

    def _refuse_while_reading(self) -> None:
        if self.now.hub is None:
            raise not_now("who may come in is still being read: ask again in a moment")


async def _read_sign_in(request: Request) -> SignIn:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(
            415, "send the token as `Authorization: Bearer …`, or person and password as application/json"
        )
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise Problem(413, f"more than {MOST_BYTES} bytes")
    try:
        return decode(body, SignIn)
    except Unreadable as unreadable:
        raise Problem(400, str(unreadable), parameter=unreadable.field) from unreadable


def _bearer(request: Request) -> str:
    """The token that is shown; one that is too long to be any is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(token) <= LONGEST_TOKEN else ""


def _host(request: Request) -> str:
    return f"host {request.client.host}" if request.client else "host"


def _traits(request: Request) -> Traits:
    return {"path": "/", "secure": request.url.scheme == "https", "httponly": True, "samesite": "strict"}
