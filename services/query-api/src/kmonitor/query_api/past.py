"""A terminal at any past moment: asked of the archive in pieces, and put together by the live code."""

import asyncio

from kmonitor.clickhouse.queries.past import (
    AsOf,
    CashSince,
    FaultsThen,
    LastHeard,
    LastPlaces,
    Words,
)
from kmonitor.domain.faults.fault import FaultEvent
from kmonitor.domain.office.registry import UNDESCRIBED
from kmonitor.domain.office.upkeep import Belongs
from kmonitor.domain.terminal.past import Moved, Pieces, Presence, Times, Word, state_of
from kmonitor.domain.terminal.register_names import CASH, COLLECTED, SEPARATOR
from kmonitor.domain.terminal.registers import NOWHERE, Place
from kmonitor.domain.terminal.standing import standing
from kmonitor.domain.terminal.state import TerminalState
from kmonitor.domain.terminal.status import OpenFaults, quiet_from, status
from kmonitor.events.codec import decode, decode_event
from kmonitor.query_api.archive import Archive, Row
from kmonitor.query_api.details import Frame, Shown, TerminalNow, terminal_now
from kmonitor.query_api.readers import Readers


async def terminal_at(readers: Readers, as_of: AsOf) -> TerminalNow:
    """The terminal as it was, read by the present dictionary and by what the office has said of that time."""
    state, faults = await asyncio.gather(state_at(readers.archive, as_of), faults_at(readers.archive, as_of))
    registry = readers.now.registry
    up_to = registry.known_at(as_of.terminal, as_of.known_at)
    who = registry.attributes(as_of.terminal, as_of.time, up_to) or UNDESCRIBED
    stands = standing(registry, as_of.terminal, who, as_of.time)
    quiet_at = quiet_from(state, who.interval_s)
    is_quiet = quiet_at is not None and quiet_at <= as_of.time
    return terminal_now(
        Shown(
            terminal=as_of.terminal,
            attributes=who,
            state=state,
            status=status(state, faults, stands, quiet_at if is_quiet else None),
            faults=faults.faults,
        ),
        Frame(
            readers.dictionary,
            registry.upkeep.every_days(Belongs(as_of.terminal, who.region, who.dealer)),
            as_of.time,
        ),
    )


async def state_at(archive: Archive, as_of: AsOf) -> TerminalState:
    """What the events that had happened by then make of it."""
    last, heard = await asyncio.gather(archive.rows(LastPlaces(as_of)), archive.rows(LastHeard(as_of)))
    places = {row["register"]: (row["epoch"], row["seq"]) for row in last}
    words, moved = await asyncio.gather(
        archive.rows(Words(as_of.terminal, [place for name, place in places.items() if _is_told(name)])),
        archive.rows(CashSince(as_of, _collected(places))),
    )
    return state_of(
        as_of.terminal,
        Pieces(
            words=map(_word, words),
            moved=map(_moved, moved),
            presence=_presence(heard[0]),
            times=Times(
                newest=max(places.values(), default=NOWHERE),
                last_event_at=max((row["last_event_at"] for row in last), default=None),
                last_payment_at=max(filter(None, (row["last_payment_at"] for row in last)), default=None),
            ),
        ),
    )


async def faults_at(archive: Archive, as_of: AsOf) -> OpenFaults:
    """The faults that were open then, as the detector had raised them."""
    rows = await archive.rows(FaultsThen(as_of))
    return OpenFaults(
        faults=tuple(decode(row["body"], FaultEvent).fault for row in rows if row["cleared_at"] is None),
        quiet_since=max((row["cleared_at"] for row in rows if row["cleared_at"]), default=None),
    )


def _is_told(register: str) -> bool:
    """Whether the last event of a register has to be read: movements of cash are counted instead."""
    return register != "" and not register.startswith(CASH + SEPARATOR)


def _collected(places: dict[str, Place]) -> dict[str, Place]:
    """Where each unit was emptied last."""
    names = {name: name.split(SEPARATOR) for name in places}
    return {parts[1]: places[name] for name, parts in names.items() if parts[0] == COLLECTED}


def _word(row: Row) -> Word:
    return Word((row["epoch"], row["seq"]), row["event_time"], decode_event(row["body"], suspicious=False))


def _moved(row: Row) -> Moved:
    _, unit, currency, denomination, came_in = row["register"].split(SEPARATOR)
    count = int(came_in) * row["times"]
    return Moved(unit, f"{currency}/{denomination}", count, (row["epoch"], row["seq"]))


def _presence(row: Row) -> Presence:
    if row["reports"] == 0:
        return Presence(-1, -1)
    return Presence(
        partition=row["partition"],
        offset=row["offset"],
        first_received_at=row["first_received_at"],
        received_at=row["received_at"],
        sent_at=row["sent_at"],
        queued=row["queued"],
    )
