"""Every processor over every example: nothing stumbles, and each says what it made of it."""

from datetime import datetime

import pytest
from builders import EPOCH, TERMINAL, at, dictionary, tick
from examples import Example, of_events, of_operations, of_reports, outcome, posted
from folding import at_once

from kmonitor.clickhouse import tables
from kmonitor.domain.faults.fault import TerminalFaults, sums_differ
from kmonitor.domain.office.objections import objection
from kmonitor.domain.office.registry import Registry, TerminalAttributes
from kmonitor.domain.terminal.state import TerminalState
from kmonitor.event_archive import reading as archive_reading
from kmonitor.event_archive import rows as archive_rows
from kmonitor.event_archive.judging import judge
from kmonitor.events.codec import decode, decode_event, encode, payment_hash, read_operation, read_report
from kmonitor.events.life import DoorChanged, PowerChanged, TamperDetected
from kmonitor.events.log import RawReport, Tick
from kmonitor.events.operations import IssuedKey, Operation, subject
from kmonitor.events.payments import Payment, PaymentAccepted
from kmonitor.events.units import DeviceReported
from kmonitor.fault_detector.fold import FaultDetector
from kmonitor.ingest_gateway.card_mask import CardMask
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.kafka.topics import OPERATIONS, TERMINAL_EVENTS
from kmonitor.query_api.details import Frame, terminal_now
from kmonitor.query_api.fleet import Fleet
from kmonitor.query_api.live.payments import RecentPayments
from kmonitor.revenue_rollup import reading as revenue_reading
from kmonitor.revenue_rollup.counting import Counted, Place, facts_of, rebook
from kmonitor.streams import Message, Recall
from kmonitor.terminal_state.fold import TerminalStates

MASK = CardMask(b"a key")
OFFSET = 7
DICTIONARY = dictionary()
EVERY_EVENT = pytest.mark.parametrize("example", of_events(), ids=str)


def logged(body: bytes, received_at: datetime) -> bytes:
    """The record that the gateway makes of a posted body."""
    read = read_report(MASK.mask(body)[0])
    return encode(
        RawReport(
            terminal=read.said.terminal,
            epoch=read.said.epoch,
            sent_at=read.said.sent_at,
            received_at=received_at,
            queued=read.said.queued,
            operations_up_to=-1,
            events=read.accepted,
            refused=[each.refusal for each in read.refused],
        )
    )


def log_of(example: Example) -> bytes:
    return logged(posted(example.raw), at(0))


def in_the_log(value: bytes, topic: str = TERMINAL_EVENTS) -> Record:
    return Record(topic, 0, OFFSET, TERMINAL.encode(), value, (), 0)


def message(value: bytes, offset: int = OFFSET) -> Message:
    return Message(TERMINAL_EVENTS, 0, offset, TERMINAL.encode(), value, 0.0)


def nothing(_: bytes) -> None:
    return None


def state_after(value: bytes, recall: Recall = nothing) -> TerminalState:
    (state,) = TerminalStates().apply(message(value), recall).remember.values()
    assert state is not None
    return decode(state, TerminalState)


@EVERY_EVENT
def test_the_gateway_takes_it_and_leaves_no_card_number_in_it(example: Example) -> None:
    masked, redacted = MASK.mask(posted(example.raw))
    assert redacted == ("card_number" in example.name)
    assert (masked == posted(example.raw)) == (redacted == 0)
    assert [decode_event(raw).seq for raw in read_report(masked).accepted] == [example.said["seq"]]


@EVERY_EVENT
def test_the_state_has_seen_it(example: Example) -> None:
    event = decode_event(example.raw)
    state = state_after(log_of(example))
    assert event.seq in state.seen[EPOCH]
    assert (state.offset, state.last_event_at) == (OFFSET, event.at)
    assert len(state.units) == isinstance(event, DeviceReported)
    if isinstance(event, DoorChanged | PowerChanged | TamperDetected):
        assert len(state.signals) == 1
    again = {TERMINAL.encode(): encode(state)}.get
    assert TerminalStates().apply(message(log_of(example)), again).remember == {}


@EVERY_EVENT
def test_the_detector_judges_it_and_the_next_tick(example: Example) -> None:
    event = decode_event(example.raw)
    detector = FaultDetector(DICTIONARY, Registry(), at_once)
    effects = detector.apply(message(log_of(example)), nothing)
    remembered = [decode(value, TerminalFaults) for value in effects.remember.values() if value]
    raised = [fault for faults in remembered for fault in faults.open.values()]
    assert len(effects.publish) == len(raised)
    assert ("sums_differ" in [fault.condition for fault in raised]) == (
        isinstance(event, PaymentAccepted) and sums_differ(event)
    )
    assert all(f"{TERMINAL}/{EPOCH}/{event.seq}" in fault.evidence for fault in raised)
    detector.apply(message(encode(tick(1)), OFFSET + 1), nothing)


@EVERY_EVENT
def test_revenue_books_it_if_it_is_a_payment(example: Example) -> None:
    event = decode_event(example.raw)
    (entry,) = revenue_reading.read([in_the_log(log_of(example))], Tolerance(TERMINAL_EVENTS)).entries
    assert not isinstance(entry.said, Tick)
    facts = list(facts_of(entry.said, Place(0, OFFSET, -1), Counted(), Registry()))
    assert [fact.seq for fact in facts] == ([event.seq] if isinstance(event, Payment) else [])
    bookings = rebook(facts)
    if isinstance(event, PaymentAccepted):
        assert facts[0].content_hash == payment_hash(event)
        assert [each.credited for each in bookings] == [0 if event.test else event.credited_minor]


@EVERY_EVENT
def test_the_archive_keeps_its_very_bytes(example: Example) -> None:
    tolerances = {TERMINAL_EVENTS: Tolerance(TERMINAL_EVENTS)}
    found = archive_reading.read([in_the_log(log_of(example))], tolerances)
    (heard,) = found.reports
    arrivals, events = tables.arrivals(), tables.events()
    archive_rows.add_report(arrivals, events, judge(heard, {}), archive_rows.Place(60, -1))
    row = {name: list(values) for name, values in zip(events.names, events.values, strict=True)}
    assert (row["type"], row["seq"]) == ([example.kind], [example.said["seq"]])
    assert row["body"] == [MASK.mask(example.raw.strip())[0]]
    assert len(arrivals) == 1


@EVERY_EVENT
def test_readers_see_the_terminal_and_its_payment(example: Example) -> None:
    event = decode_event(example.raw)
    fleet = Fleet(Registry(), lambda: at(0), DICTIONARY)
    assert fleet.take_state(TERMINAL, encode(state_after(log_of(example)))) is not None
    known = fleet.get(TERMINAL)
    assert known is not None
    full = terminal_now(known.shown, Frame(DICTIONARY, {}, at(0)))
    assert full.last_event_at == event.at
    assert encode(full)
    items = RecentPayments().take(log_of(example), lambda _, __: TerminalAttributes())
    told = [item.payment_id for item in items]
    assert told == ([event.payment_id] if isinstance(event, Payment) else [])


@pytest.mark.parametrize("report", of_reports(), ids=str)
def test_a_whole_report_goes_through_everything(report: Example) -> None:
    expected = outcome(report)
    value = logged(report.raw, datetime.fromisoformat(expected.received_at))
    state = state_after(value)
    assert state.clock.wrong == expected.clock_is_wrong
    assert sum(len(range(first, last + 1)) for seen in state.seen.values() for first, last in seen.ranges) == (
        expected.accepted
    )
    FaultDetector(DICTIONARY, Registry(), at_once).apply(message(value), nothing)
    (heard,) = archive_reading.read([in_the_log(value)], {TERMINAL_EVENTS: Tolerance(TERMINAL_EVENTS)}).reports
    arrivals, events = tables.arrivals(), tables.events()
    archive_rows.add_report(arrivals, events, judge(heard, {}), archive_rows.Place(60, -1))
    arrived = dict(zip(arrivals.names, (values[0] for values in arrivals.values), strict=True))
    assert arrived["is_backlog"] == expected.is_backlog
    assert len(events) == expected.accepted


@pytest.mark.parametrize("example", of_operations(), ids=str)
def test_the_office_and_whoever_follows_it_take_every_operation(example: Example) -> None:
    body = read_operation(MASK.mask(example.raw)[0])
    assert subject(body)
    registry = Registry()
    found = objection(registry, body)
    # What an empty registry contradicts is right by its form.
    assert found is None or found.conflict
    operation = Operation(
        operation_id=str(example),
        author="test",
        recorded_at=at(0),
        body_sha256="",
        body=body,
        key=IssuedKey(key_id="k", secret_sha256="0" * 64),
    )
    registry.learn(0, operation)
    assert registry.up_to == 0
    assert str(example) in registry.operations
    fleet = Fleet(registry, lambda: at(0), DICTIONARY)
    for terminal in fleet.meant_by(body):
        fleet.describe(terminal)
    found_by_archive = archive_reading.read(
        [in_the_log(encode(operation), OPERATIONS)], {OPERATIONS: Tolerance(OPERATIONS)}
    )
    assert found_by_archive.unreadable == []
