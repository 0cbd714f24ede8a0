"""Signing in and out: what opens the door, what closes it again, and how it meets those who guess."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from query_process import (
    BEARER,
    SECRET,
    TOKEN,
    QueryApi,
    bearer,
    operation,
    person,
    publish,
    spoken,
    token,
)

from kmonitor.domain.office.sessions import COOKIE, Seal, Session
from kmonitor.events.office.people import PersonRetired, PersonUpdated, ServiceTokenRevoked
from kmonitor.events.operations import Operation
from kmonitor.local.ports import wait_until

PASSWORD = "correct horse battery staple"
NAMES = (f"si-{os.getpid()}-{number}" for number in count())


@pytest.fixture
def name(kafka: str) -> str:
    """A dispatcher who can sign in."""
    name = next(NAMES)
    publish(kafka, person(name, "dispatcher", PASSWORD))
    return name


@pytest.fixture
def browser(query_api: QueryApi) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=query_api.url, timeout=20) as browser:
        yield browser


def signs_in(browser: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    return browser.post("/v1/session", json={"person": name, "password": password})


def shows(api: QueryApi, said: Operation) -> None:
    """Returns when the query API has heard of it."""
    api.get("/v1/summary", after=said.operation_id)


def opens(api: QueryApi, cookie: str) -> bool:
    answer = httpx.get(f"{api.url}/v1/summary", headers={"Cookie": f"{COOKIE}={cookie}"}, timeout=20)
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


def test_who_signs_in_is_known_until_signing_out(browser: httpx.Client, name: str) -> None:
    entered = signs_in(browser, name)
    assert entered.status_code == 200
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    now = browser.get("/v1/session").json()
    assert now == entered.json()
    assert (now["author"], now["person"], now["role"], now["token"]) == (name, name, "dispatcher", None)
    assert now["expires_at"] > datetime.now(UTC).isoformat()
    assert browser.delete("/v1/session").status_code == 204
    assert browser.get("/v1/session").json()["author"] is None


def test_a_token_says_who_it_is_without_a_session(browser: httpx.Client, kafka: str) -> None:
    label = next(NAMES)
    publish(kafka, token(label, "dealer", "d9"))
    now = browser.get("/v1/session", headers=bearer(spoken(label))).json()
    assert (now["author"], now["token"], now["role"], now["dealer"]) == (
        f"token:{label}",
        label,
        "dealer",
        "d9",
    )
    assert now["expires_at"] is None
    assert browser.get("/v1/session", headers=bearer("no.such")).status_code == 401


def test_a_programs_token_opens_a_session_too_until_it_is_revoked(
    query_api: QueryApi, browser: httpx.Client, kafka: str
) -> None:
    label = next(NAMES)
    publish(kafka, token(label, "technician"))
    assert browser.post("/v1/session", headers=bearer(spoken(label))).json()["role"] == "technician"
    assert browser.get("/v1/summary").status_code == 200
    revoked = operation(ServiceTokenRevoked(name=label))
    publish(kafka, revoked)
    shows(query_api, revoked)
    assert browser.get("/v1/summary").status_code == 401
    assert httpx.get(f"{query_api.url}/v1/summary", headers=bearer(spoken(label))).status_code == 401


def test_a_token_works_the_moment_it_is_issued(browser: httpx.Client, kafka: str) -> None:
    for _ in range(20):
        label = next(NAMES)
        publish(kafka, token(label, "technician"))
        assert browser.get("/v1/summary", headers=bearer(spoken(label))).status_code == 200


def test_a_copied_cookie_is_worth_nothing_after_signing_out_not_even_elsewhere(
    query_api: QueryApi, browser: httpx.Client, name: str, kafka: str, clickhouse: str, tmp_path: Path
) -> None:
    signs_in(browser, name)
    cookie = browser.cookies[COOKIE]
    with QueryApi(kafka, clickhouse, tmp_path) as another:
        assert opens(another, cookie)
        assert browser.delete("/v1/session").status_code == 204
        assert not opens(query_api, cookie)
        assert wait_until(lambda: not opens(another, cookie), 5)


@pytest.mark.parametrize("ends", ["password", "role", "retired"])
def test_a_session_ends_with_what_it_rests_on(
    query_api: QueryApi, browser: httpx.Client, name: str, kafka: str, ends: str
) -> None:
    signs_in(browser, name)
    said = {
        "password": person(name, "dispatcher", "another password"),
        "role": operation(PersonUpdated(person=name, role="technician")),
        "retired": operation(PersonRetired(person=name)),
    }[ends]
    publish(kafka, said)
    shows(query_api, said)
    assert browser.get("/v1/summary").status_code == 401


def test_an_altered_an_expired_and_a_foreign_cookie_open_nothing(
    query_api: QueryApi, browser: httpx.Client, name: str
) -> None:
    signs_in(browser, name)
    cookie = browser.cookies[COOKIE]
    ours, now = Seal(bytes.fromhex(SECRET)), datetime.now(UTC)
    session = ours.read(cookie, now)
    assert session is not None
    old = Session(**{each: getattr(session, each) for each in session.__struct_fields__} | {"expires_at": 1})
    text, _, seal = cookie.partition(".")
    for wrong in (
        ours.cookie(old),
        Seal(b"x" * 32).cookie(session),
        f"{text[:-4]}AAAA.{seal}",
        f"{text}.{seal[:-4]}AAAA",
        f"{text}.",
        "nonsense",
    ):
        assert not opens(query_api, wrong)
    assert opens(query_api, ours.cookie(session))
    assert session.expires_at <= (now + timedelta(hours=12, minutes=1)).timestamp()


def test_the_live_stream_of_who_is_revoked_ends(query_api: QueryApi, kafka: str) -> None:
    label = next(NAMES)
    publish(kafka, token(label, "technician"))
    with httpx.stream("GET", f"{query_api.url}/v1/live", headers=bearer(spoken(label)), timeout=15) as answer:
        lines = answer.iter_lines()
        assert next(lines)
        publish(kafka, operation(ServiceTokenRevoked(name=label)))
        # It ends by itself; what was said before is read to the end.
        assert all(not line.startswith("event: terminal") for line in lines)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"person": "p"}}, 400),
        ({"json": ["p"]}, 400),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"json": {"person": "p", "password": "x" * 5_000}}, 413),
        ({"content": b"person=p&password=x"}, 415),
        ({}, 415),
    ],
)
def test_what_is_no_sign_in_is_told_so(browser: httpx.Client, sent: dict[str, object], status: int) -> None:
    answer = browser.post("/v1/session", **sent)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


class Guesser:
    """Somebody who tries passwords at a door of its own: whoever guesses from one host keeps all of it out."""

    def __init__(self, api: QueryApi) -> None:
        self.api = api

    def tries(self, name: str, password: str) -> httpx.Response:
        typed = {"person": name, "password": password}
        return httpx.post(f"{self.api.url}/v1/session", json=typed, timeout=20)


@pytest.fixture
def guesser(kafka: str, clickhouse: str, query_api: QueryApi, tmp_path: Path) -> Iterator[Guesser]:
    with QueryApi(kafka, clickhouse, tmp_path) as api:
        yield Guesser(api)


def test_who_keeps_guessing_has_to_wait_even_with_the_right_one(guesser: Guesser, name: str) -> None:
    assert guesser.tries(name, PASSWORD).status_code == 200
    for number in range(10):
        wrong = guesser.tries(name, f"guess {number}")
        assert (wrong.status_code, wrong.headers["www-authenticate"][:6]) == (401, "Bearer")
    refused = guesser.tries(name, PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 61
    by_token = httpx.post(f"{guesser.api.url}/v1/session", headers=bearer(TOKEN))
    assert by_token.status_code == 429
    # What needs no guessing goes on.
    assert httpx.get(f"{guesser.api.url}/v1/summary", headers=BEARER).status_code == 200


def test_guessing_many_names_is_guessing_too(guesser: Guesser) -> None:
    answers = [guesser.tries(f"nobody-{number}", "a guess").status_code for number in range(12)]
    assert answers == [401] * 10 + [429] * 2


def test_guessing_at_once_gains_nothing(guesser: Guesser, name: str) -> None:
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda number: guesser.tries(name, f"guess {number}").status_code, range(24)))
    assert sorted(answers) == [401] * 10 + [429] * 14


def test_who_is_unknown_hears_what_who_is_known_hears(guesser: Guesser, name: str) -> None:
    unknown, known = guesser.tries("nobody-at-all", "a guess"), guesser.tries(name, "a guess")
    assert (unknown.status_code, unknown.text) == (known.status_code, known.text)
    assert "a guess" not in guesser.api.log.read_text()
