"""A terminal's faults after each report and as time passes: what opens, what clears, what old news may not."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.clock import Clock
from kmonitor.domain.faults.dictionary import Dictionary
from kmonitor.domain.faults.fault import (
    Fault,
    FaultEvent,
    TerminalFaults,
    diagnose,
    payment_sums,
    silence,
    sums_differ,
)
from kmonitor.domain.faults.presence import Heard
from kmonitor.domain.faults.waiting import Now, looked_at, ripe
from kmonitor.domain.terminal.registers import with_unit
from kmonitor.domain.terminal.signals import word_of
from kmonitor.events.life import ProcedurePerformed
from kmonitor.events.log import Report
from kmonitor.events.payments import PaymentAccepted
from kmonitor.events.types import Event

Judged = tuple[TerminalFaults, list[FaultEvent]]
REPAIRS = frozenset({"inspection", "self_test"})
"""The procedures that confirm a repair."""


class Circumstances(Struct, frozen=True):
    """By what a report is judged: the terminal's interval, the tick time in ms, and the dictionary."""

    interval_s: int
    passed_ms: int
    dictionary: Dictionary


def judge_report(faults: TerminalFaults, report: Report, fresh: list[Event], by: Circumstances) -> Judged:
    """The faults once this report came, of which only the `fresh` events were never applied before.

    Old news (a backlog, by the terminal's own age of it) moves the units' last words and neither raises
    nor clears; where that leaves them is judged once, at the first live event. A re-driven report is old
    news however young its events are, and ends no silence: nobody was heard.
    """
    clock = Clock(report.sent_at, report.received_at)
    published: list[FaultEvent] = []
    if not report.is_redrive:
        silent = [fault for fault in faults.open.values() if fault.rule == "silence"]
        faults = _cleared(faults, silent, report.received_at, published)
    if faults.units and not faults.unjudged and faults.judged_by != by.dictionary.version:
        faults = replace(faults, unjudged=True)  # the dictionary has learned something since
    for event in fresh:
        place = (report.epoch, event.seq)
        if isinstance(event, PaymentAccepted) and sums_differ(event):
            when = clock.event_time(event.at)
            found = payment_sums(report.terminal, report.epoch, event, when, report.received_at)
            faults = _raised(faults, [found], published)
        elif isinstance(event, ProcedurePerformed) and event.procedure in REPAIRS and event.result == "ok":
            faults = replace(faults, repaired=max(faults.repaired, place), unjudged=bool(faults.units))
        elif (word := word_of(event)) is not None:
            units = with_unit(faults.units, word, place, clock.event_time(event.at))
            if units is not faults.units:
                faults = replace(faults, units=units, unjudged=True)
        is_old = report.is_redrive or clock.is_backlog(event.at, by.interval_s)
        if faults.unjudged and not is_old:
            faults = _judge_units(faults, Now(report.received_at, by.passed_ms), by.dictionary, published)
    return faults, published


def judge_waiting(faults: TerminalFaults, now: Now) -> Judged:
    """The faults once so much time has passed: what has lasted is raised, what has been gone is cleared.

    While a terminal is silent its other faults wait.
    """
    published: list[FaultEvent] = []
    if faults.is_silent:
        return faults, published
    raised, cleared = ripe(faults, now)
    gone = {fault.key for fault in (*raised, *cleared)}
    if not gone:
        return faults, published
    faults = replace(
        faults,
        pending={key: each for key, each in faults.pending.items() if key not in gone},
        clearing={key: each for key, each in faults.clearing.items() if key not in gone},
    )
    return _cleared(_raised(faults, raised, published), cleared, now.at, published), published


def judge_silence(faults: TerminalFaults, heard: Heard, at: datetime) -> Judged:
    """The faults once a terminal was not heard for too long."""
    published: list[FaultEvent] = []
    return _raised(
        faults, [silence(faults.terminal, heard.received_at, heard.offset, at)], published
    ), published


def judge_closing(faults: TerminalFaults, fault_id: str, at: datetime, by: str, finding: str | None) -> Judged:
    """The faults once one of them was closed by hand: its cause, while it stands, raises nothing more."""
    published: list[FaultEvent] = []
    closed = [
        replace(fault, cleared_by=by, finding=finding)
        for fault in faults.open.values()
        if fault.fault_id == fault_id
    ]
    faults = _cleared(faults, closed, at, published)
    return replace(faults, closed=(*faults.closed, *(fault.fault_id for fault in closed))), published


def _judge_units(
    faults: TerminalFaults, now: Now, dictionary: Dictionary, published: list[FaultEvent]
) -> TerminalFaults:
    """What the units' words open and clear now; what has to last first waits."""
    found = diagnose(faults.terminal, faults.units, now.at, dictionary)
    standing = {
        key: fault
        for key, fault in found.items()
        if fault.fault_id not in faults.closed
        and not (fault.clears == "repair" and _is_repaired(faults, fault))
    }
    known = {key: fault for key, fault in faults.open.items() if fault.rule == "unit"}
    gone = [
        fault
        for key, fault in known.items()
        if key not in standing and (fault.clears == "itself" or _is_repaired(faults, fault))
    ]
    looked = looked_at(faults, standing, gone, now)
    said = {fault.fault_id for fault in found.values()}
    still = tuple(each for each in faults.closed if each in said)
    faults = replace(
        faults,
        pending=looked.pending,
        clearing=looked.clearing,
        closed=still,
        unjudged=False,
        judged_by=dictionary.version,
    )
    return _cleared(_raised(faults, looked.raised, published), looked.cleared, now.at, published)


def _is_repaired(faults: TerminalFaults, fault: Fault) -> bool:
    """Whether a repair was confirmed after what caused it."""
    return faults.repaired > fault.place


def _raised(faults: TerminalFaults, found: list[Fault], published: list[FaultEvent]) -> TerminalFaults:
    new = {fault.key: fault for fault in found if fault.key not in faults.open}
    if not new:
        return faults
    published.extend(FaultEvent(kind="raised", at=fault.raised_at, fault=fault) for fault in new.values())
    return replace(faults, open=faults.open | new)


def _cleared(
    faults: TerminalFaults, gone: list[Fault], at: datetime, published: list[FaultEvent]
) -> TerminalFaults:
    if not gone:
        return faults
    cleared = [replace(fault, cleared_at=at) for fault in gone]
    published.extend(FaultEvent(kind="cleared", at=at, fault=fault) for fault in cleared)
    keys = {fault.key for fault in gone}
    return replace(
        faults,
        open={key: fault for key, fault in faults.open.items() if key not in keys},
        clearing={key: due for key, due in faults.clearing.items() if key not in keys},
        quiet_since=at,
    )
