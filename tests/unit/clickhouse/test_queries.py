"""Questions are values: what a caller says never becomes part of the text."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kmonitor.clickhouse.client import bound
from kmonitor.clickhouse.queries.bookings import FactsOf, RewriteBuckets
from kmonitor.clickhouse.queries.completeness import (
    Completeness,
    Missing,
    TerminalCompleteness,
    TerminalEpochs,
    WriteOffs,
)
from kmonitor.clickhouse.queries.history import (
    EventsOfPayment,
    FaultHistory,
    OperationKept,
    OperationsSaid,
    TerminalEvents,
)
from kmonitor.clickhouse.queries.payments import PaymentConflicts, PaymentFacts, PaymentLookup
from kmonitor.clickhouse.queries.quarantine import QuarantineEntries
from kmonitor.clickhouse.queries.query import Query
from kmonitor.clickhouse.queries.revenue import RevenueBy, RevenueByZone
from kmonitor.clickhouse.queries.seen import KeysBefore, RevenueProgress, SeenBefore, StoredBodies

EVIL = "x'; DROP TABLE events; --"
NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)
QUERIES: list[Query] = [
    RevenueBy(terminal=EVIL, dealer=EVIL, region=EVIL, service=EVIL, recipient=EVIL, after=(EVIL,)),
    RevenueBy(from_=NOW, to=date(2026, 11, 23), group_by=("terminal", "day"), after=(EVIL, EVIL, EVIL)),
    RevenueBy(dealer=EVIL, own=EVIL),
    RevenueByZone(date(2026, 11, 22), date(2026, 11, 23)),
    RevenueByZone(date(2026, 11, 22), date(2026, 11, 23), own=EVIL),
    PaymentFacts(EVIL, EVIL),
    PaymentLookup(terminal=EVIL, payment_id=EVIL, dealer=EVIL, from_=NOW, to=NOW, after=(NOW, EVIL, EVIL)),
    PaymentLookup(dealer=EVIL, own=EVIL),
    PaymentConflicts(),
    TerminalEvents(terminal=EVIL, from_=NOW, to=NOW, types=(EVIL,), after=(1, 2)),
    TerminalEvents(terminal=EVIL, stays=[(EVIL, 1, 2)]),
    EventsOfPayment(EVIL, EVIL),
    FaultHistory(terminal=EVIL, severity=EVIL, is_open=True, from_=NOW, to=NOW, after=(NOW, EVIL)),
    QuarantineEntries(identity=EVIL, terminal=EVIL, reason=EVIL, stage=EVIL, after=(NOW, EVIL)),
    QuarantineEntries(from_=NOW, to=NOW, is_redriven=True),
    TerminalCompleteness(EVIL),
    TerminalEpochs(EVIL),
    WriteOffs(EVIL, 7),
    FaultHistory(stays=[(EVIL, 1, 2)] * 3_000),
    OperationsSaid(author=EVIL, type=EVIL, subject=EVIL, from_=NOW, to=NOW, after=1),
    OperationKept(7),
    Completeness(),
    Completeness(terminals=[EVIL] * 3_000),
    Missing(after=(EVIL, 1, 2)),
    Missing(terminals=[EVIL], after=(EVIL, 1, 2)),
    SeenBefore(1, 2, [EVIL]),
    KeysBefore(1, 2, [EVIL]),
    StoredBodies([(EVIL, 1, 2)]),
    RevenueProgress([EVIL]),
    FactsOf([1], [EVIL]),
    RewriteBuckets([datetime(2026, 11, 22, 12)], {1: 2}, [EVIL]),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
def test_no_value_stands_in_the_text(query: Query) -> None:
    text, parameters = query.sql()
    assert "DROP" not in text and "2026-11-22" not in text
    for name in parameters:
        assert f"{{{name}:" in text


def test_what_was_not_asked_for_is_not_in_the_text() -> None:
    assert "dealer" not in RevenueBy(dealer=None).sql().text
    assert replace(RevenueBy(), dealer="d").sql().parameters["dealer"] == "d"


def test_whose_terminals_are_none_is_asked_for_none() -> None:
    for query in (Completeness(terminals=[]), Missing(terminals=[]), FaultHistory(stays=[])):
        text, parameters = query.sql()
        assert "{own_0:" in text or "{stay_terminals_0:" in text
        assert [] in parameters.values()


def test_instants_keep_their_microseconds() -> None:
    assert bound({"from": NOW}) == {"from": "2026-11-22 12:00:00.123456"}
