"""Whoever answers in a service's place is no traceback: what passes is waited for, all else is told."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest
from unit.cli.far import PAGE, Said, a_service, ours

from kmonitor.cli import quarantine_calls, terminals_import
from kmonitor.cli.answers import NoAnswer, problem
from kmonitor.cli.quarantine_calls import Entry, Outcome, QuarantineCalls
from kmonitor.cli.terminals_csv import BadRow, Row
from kmonitor.cli.terminals_import import Office, register

ROW = Row(2, {"type": "terminal.registered.v1", "terminal": "T-1"})
ENTRY = {"identity": "gateway/0/7", "offset": 7}
NO_MORE = ours(200, items=[], next=None)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (terminals_import, quarantine_calls):
        monkeypatch.setattr(module, "AGAIN_S", 0.0)
        monkeypatch.setattr(module, "PATIENCE_S", 0.2)


def imported(*says: Said) -> list[BadRow]:
    with a_service(*says) as gateway:
        return asyncio.run(register([ROW], Office(gateway, "k1.secret", "park"), lambda *_: None))


@contextmanager
def calls(*says: Said) -> Iterator[QuarantineCalls]:
    with a_service(*says) as url, closing(QuarantineCalls(url, url, "k1.secret")) as made:
        yield made


def entries(*says: Said) -> list[Entry]:
    with calls(*says) as made:
        return list(made.entries({}))


def redriven(*says: Said) -> Outcome:
    with calls(*says) as made:
        return made.redrive(ENTRY, dry_run=False)


def test_a_problem_is_what_the_service_says() -> None:
    said = {"title": "Wrong", "detail": "not like this", "field": "name"}
    assert problem(httpx.Response(422, json=said)) == said


@pytest.mark.parametrize("body", [b"", b"\xff", PAGE.encode(), b"[1]", b'"no"', b'{"title": "who is this?"}'])
def test_of_an_answer_that_is_not_ours_the_status_is_told(body: bytes) -> None:
    assert problem(httpx.Response(404, content=body)) == {"detail": "HTTP 404"}


@pytest.mark.parametrize("says", [(502, PAGE), (504, PAGE), (503, PAGE), ours(429, detail="slower")])
def test_what_passes_is_waited_for(says: Said) -> None:
    assert imported(says, ours(202)) == []
    assert entries(says, NO_MORE) == []


@pytest.mark.parametrize(
    ("says", "why"), [((502, PAGE), "now: HTTP 502"), (ours(503, detail="asleep"), "now: asleep")]
)
def test_what_does_not_pass_is_told(says: Said, why: str) -> None:
    with pytest.raises(NoAnswer, match=why):
        imported(says)
    with pytest.raises(NoAnswer, match=why):
        entries(says)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_opens_nothing_is_told_at_once(status: int) -> None:
    with pytest.raises(NoAnswer, match="The token may not register"):
        imported((status, PAGE))
    with pytest.raises(NoAnswer, match="The token is not the administrator's"):
        entries((status, PAGE))


def test_another_gateway_that_knows_no_such_path_is_told() -> None:
    assert imported((404, PAGE)) == [BadRow(2, "T-1", "HTTP 404")]
    assert redriven((404, PAGE)) == Outcome(False, "HTTP 404")


def test_a_refusal_names_its_field() -> None:
    assert imported(ours(422, detail="unknown", field="timezone")) == [BadRow(2, "T-1", "`timezone`: unknown")]


def test_a_page_in_place_of_entries_is_told() -> None:
    with pytest.raises(NoAnswer, match="is not KMonitor's answer"):
        entries((200, PAGE))
