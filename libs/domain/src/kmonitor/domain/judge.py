"""A terminal's faults after each report: what its events open and clear, and what old news may not."""

from datetime import datetime

from msgspec.structs import replace

from kmonitor.domain.clock import Clock
from kmonitor.domain.dictionary import Dictionary
from kmonitor.domain.faults import (
    Fault,
    FaultChanges,
    FaultEvent,
    TerminalFaults,
    changes,
    diagnose,
    payment_sums,
    silence,
    sums_differ,
)
from kmonitor.domain.presence import Heard
from kmonitor.domain.registers import with_unit
from kmonitor.events.log import Report
from kmonitor.events.payments import PaymentAccepted
from kmonitor.events.types import Event
from kmonitor.events.units import DeviceReported

Judged = tuple[TerminalFaults, list[FaultEvent]]


def judge_report(
    faults: TerminalFaults, report: Report, fresh: list[Event], interval_s: int, dictionary: Dictionary
) -> Judged:
    """The faults once this report came, of which only the `fresh` events were never applied before.

    Old news (a backlog, by the terminal's own age of it) moves the units' last words and neither raises
    nor clears; where that leaves them is judged once, at the first live event. A re-driven report is old
    news however young its events are, and ends no silence: nobody was heard.
    """
    clock = Clock(report.sent_at, report.received_at)
    published: list[FaultEvent] = []
    if not report.is_redrive:
        heard = {key: fault for key, fault in faults.open.items() if fault.rule != "silence"}
        change = changes(faults.open, heard, report.received_at)
        faults = _changed(faults, change, report.received_at, published)
    for event in fresh:
        if isinstance(event, PaymentAccepted) and sums_differ(event):
            when = clock.event_time(event.at)
            found = payment_sums(report.terminal, report.epoch, event, when, report.received_at)
            if found.key not in faults.open:
                faults = _changed(faults, FaultChanges(raised=(found,)), report.received_at, published)
        if isinstance(event, DeviceReported):
            units = with_unit(faults.units, event, (report.epoch, event.seq), clock.event_time(event.at))
            if units is not faults.units:
                faults = replace(faults, units=units, unjudged=True)
        is_old = report.is_redrive or clock.is_backlog(event.at, interval_s)
        if faults.unjudged and not is_old:
            faults = _judge_units(faults, report.received_at, dictionary, published)
    return faults, published


def judge_silence(faults: TerminalFaults, heard: Heard, at: datetime) -> Judged:
    """The faults once a terminal was not heard for too long."""
    published: list[FaultEvent] = []
    found = silence(faults.terminal, heard.received_at, heard.offset, at)
    if found.key in faults.open:
        return faults, published
    return _changed(faults, FaultChanges(raised=(found,)), at, published), published


def _judge_units(
    faults: TerminalFaults, at: datetime, dictionary: Dictionary, published: list[FaultEvent]
) -> TerminalFaults:
    known = {key: fault for key, fault in faults.open.items() if fault.rule == "unit"}
    found = diagnose(faults.terminal, faults.units, at, dictionary)
    return replace(_changed(faults, changes(known, found, at), at, published), unjudged=False)


def _changed(
    faults: TerminalFaults, change: FaultChanges, at: datetime, published: list[FaultEvent]
) -> TerminalFaults:
    if not change.raised and not change.cleared:
        return faults
    published.extend(FaultEvent(kind="raised", at=at, fault=fault) for fault in change.raised)
    published.extend(FaultEvent(kind="cleared", at=at, fault=fault) for fault in change.cleared)
    gone = {fault.key for fault in change.cleared}
    still: dict[str, Fault] = {key: fault for key, fault in faults.open.items() if key not in gone}
    return replace(
        faults,
        open=still | {fault.key: fault for fault in change.raised},
        quiet_since=at if change.cleared else faults.quiet_since,
    )
