"""Whatever the query API's own document allows, and what it does not, is answered as the document says."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from archive_rows import archive_event, archive_fault, archive_payment
from builders import at, jam, note, payment, report, validator
from honest import bounded, contract, document, is_answered
from query_process import TOKEN, QueryApi, faults_of, publish
from schemathesis import Case

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.domain.faults.fault import FaultEvent
from kmonitor.domain.terminal.state import TerminalState, after_report

SCHEMA = contract("query-api")
KNOWN = "known-to-schemathesis"
# The live stream has no end: what it refuses, and how it flows, has tests of its own.
QUESTIONS = SCHEMA.exclude(path="/v1/live")


@pytest.fixture(scope="module")
def told(query_api: QueryApi, kafka: str, clickhouse: str) -> Iterator[QueryApi]:
    """An API that knows a terminal with all that can be asked of one."""
    events = (payment(1, payment_id="p"), note(2), validator(3, "43"))
    archive = ClickHouse(clickhouse)
    archive_payment(archive, KNOWN, payment(1, payment_id="p"))
    archive_fault(archive, FaultEvent(kind="raised", at=at(5), fault=jam(KNOWN, 5)))
    for event in events:
        archive_event(archive, KNOWN, event)
    state = after_report(TerminalState(terminal=KNOWN), report(*events, terminal=KNOWN), 0, 0)
    publish(kafka, state, faults_of(jam(KNOWN, 5)))
    query_api.eventually(f"/v1/terminals/{KNOWN}", lambda full: full["open_faults"])
    yield query_api
    archive.close()


def test_the_document_it_hands_out_is_the_one_in_schemas(query_api: QueryApi) -> None:
    assert httpx.get(f"{query_api.url}/openapi.json").json() == document("query-api")


def asks(case: Case[Any], api: QueryApi) -> None:
    # An operation that never comes is waited for, 2 s each time.
    case.query.pop("after", None)
    is_answered(case, api.url, TOKEN)


@QUESTIONS.parametrize()
@bounded(10)
def test_every_question_is_answered_as_the_document_says(case: Case[Any], told: QueryApi) -> None:
    asks(case, told)


@QUESTIONS.include(path_regex="{terminal}").parametrize()
@bounded(5)
def test_what_is_asked_of_a_known_terminal_is_answered_so_too(case: Case[Any], told: QueryApi) -> None:
    for name, value in (("terminal", KNOWN), ("payment_id", "p")):
        if name in case.path_parameters:
            case.path_parameters[name] = value
    asks(case, told)
