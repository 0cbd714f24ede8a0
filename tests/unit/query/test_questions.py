"""What readers ask and how it is refused: cursors, moments, tokens and sessions."""

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from fastapi import Request, Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kmonitor.query_api.access import ATTEMPTS, COOKIE, Access
from kmonitor.query_api.cursors import cursor, place
from kmonitor.query_api.parameters import Moment
from kmonitor.query_api.problems import Problem

MOMENT: TypeAdapter[date | datetime] = TypeAdapter(Moment)


def request(token: str | None = None, cookie: str | None = None) -> Request:
    headers = []
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode("utf-8", "replace")))
    if cookie is not None:
        headers.append((b"cookie", f"{COOKIE}={cookie}".encode("utf-8", "replace")))
    return Request(
        {"type": "http", "path": "/", "headers": headers, "scheme": "http", "client": ("10.0.0.1", 1)}
    )


def access(secret: bytes = b"s" * 32) -> Access:
    return Access(sha256(b"right").hexdigest(), secret)


def cookie_of(response: Response) -> str:
    return response.headers["set-cookie"].split(";")[0].partition("=")[2]


def test_a_cursor_is_read_as_it_was_written() -> None:
    assert place("events", cursor("events", [3, 17]), int, int) == [3, 17]


def test_another_lists_cursor_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        place("terminals", cursor("events", [3, 17]), str)
    assert (refused.value.status, refused.value.parameter) == (400, "cursor")


@given(st.text())
def test_any_text_is_a_cursor_or_a_400(text: str) -> None:
    try:
        place("events", text, int, int)
    except Problem as problem:
        assert problem.status == 400


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22T10:00:00+03:00", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("2026-11-22T10:00:00 03:00", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("2026-11-22T10:00:00.123456789z", datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_day_or_an_instant(text: str, moment: date) -> None:
    assert MOMENT.validate_python(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-13-01", "2026-11-22T10:00:00", "0001-01-01", "9999-12-31T23:59:59-14:00", "20261122"],
)
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)


@given(st.text())
def test_no_text_breaks_the_reading_of_a_moment(text: str) -> None:
    try:
        MOMENT.validate_python(text)
    except ValidationError:
        return


def test_the_token_opens_and_any_other_does_not() -> None:
    access().require(request("right"))
    for wrong in (request(), request("wrong"), request(""), request("й" * 10), request("x" * 100_000)):
        with pytest.raises(Problem) as refused:
            access().require(wrong)
        assert refused.value.status == 401


def test_a_session_opens_until_it_is_ended() -> None:
    it, response = access(), Response()
    it.sign_in(request("right"), response)
    cookie = cookie_of(response)
    assert "HttpOnly" in response.headers["set-cookie"]
    assert "SameSite=strict" in response.headers["set-cookie"]
    it.require(request(cookie=cookie))
    it.sign_out(request(cookie=cookie), Response())
    with pytest.raises(Problem):
        it.require(request(cookie=cookie))


def test_an_altered_cookie_or_one_under_another_key_is_refused() -> None:
    response = Response()
    access().sign_in(request("right"), response)
    cookie = cookie_of(response)
    for it, said in (
        (access(b"t" * 32), cookie),
        (access(), cookie[:-2] + "AA"),
        (access(), "é.é"),
        (access(), ""),
    ):
        with pytest.raises(Problem):
            it.require(request(cookie=said))


def test_an_old_session_is_refused() -> None:
    now = 1_000_000.0
    it, response = Access(sha256(b"right").hexdigest(), b"s" * 32, lambda: now), Response()
    session = it.sign_in(request("right"), response)
    assert it.session(request(cookie=cookie_of(response))) == session
    now = float(session.expires)
    assert it.session(request(cookie=cookie_of(response))) is None


def test_who_keeps_sending_wrong_tokens_has_to_wait() -> None:
    it = access()
    for _ in range(ATTEMPTS):
        with pytest.raises(Problem):
            it.sign_in(request("wrong"), Response())
    with pytest.raises(Problem) as refused:
        it.sign_in(request("right"), Response())
    assert refused.value.status == 429
    assert "Retry-After" in refused.value.headers
