"""The terminals: the list, one in full, and what happened on it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from msgspec import Raw, Struct
from pydantic import Field

from kmonitor.clickhouse.queries.history import TerminalEvents
from kmonitor.clickhouse.queries.past import AsOf
from kmonitor.domain.terminal.status import Status
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.archive import Row
from kmonitor.query_api.cursors import cursor, place
from kmonitor.query_api.details import Position, TerminalNow
from kmonitor.query_api.fleet import Terminal
from kmonitor.query_api.parameters import Asked, Between, Listed, Moment, Word, start_of
from kmonitor.query_api.past import terminal_at
from kmonitor.query_api.problems import Problem
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.rows import TerminalRow, folded
from kmonitor.query_api.sight import Network


class TerminalsWanted(Listed):
    status: Status | None = None
    region: Word | None = None
    dealer: Word | None = None
    q: Annotated[Word | None, Field(description="A part of the id, the name or the address.")] = None


class EventsWanted(Between):
    type: Annotated[Word | None, Field(description="For example payment.accepted.v1.")] = None


class MomentWanted(Asked):
    """`time`: of a day its first moment, in the terminal's own zone; now, if it is not said.
    `as_known_at`: only what had been received by then."""

    time: Moment | None = None
    as_known_at: Moment | None = None


class HappenedEvent(Struct, frozen=True):
    """`event`: the very bytes that the terminal sent. `event_time`: `at`, or counted back from `received_at`
    where the terminal's clock was wrong."""

    terminal: str
    epoch: int
    seq: int
    type: str
    at: datetime
    event_time: datetime
    received_at: datetime
    position: Position
    event: Raw


def terminals(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["terminals"])

    @router.get("/terminals", **says(Page[TerminalRow]))
    async def list_terminals(sight: Network, wanted: Annotated[TerminalsWanted, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        at = place("terminals", wanted.cursor, str)
        beyond = readers.terminals(sight, str(at[0]) if at else None)
        return json(page_of(beyond, wanted))

    @router.get("/terminals/{terminal}", **says(TerminalNow, 404))
    async def get_terminal(sight: Network, terminal: str, wanted: Annotated[Asked, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        return json(readers.terminal_now(readers.terminal(sight, terminal)))

    @router.get("/terminals/{terminal}/at", **says(TerminalNow, 404))
    async def get_terminal_at(
        sight: Network, terminal: str, wanted: Annotated[MomentWanted, Query()]
    ) -> Response:
        await readers.caught_up(wanted.after)
        zone = readers.terminal(sight, terminal).attributes.zone
        now = readers.now.clock()
        known_at = start_of(wanted.as_known_at, zone) or now
        # What is still to come has not happened: the future is asked as the present.
        time = min(start_of(wanted.time, zone) or now, now)
        if not readers.was_own(sight, terminal, time):
            raise Problem(404, "this terminal was another dealer's then")
        return json(await terminal_at(readers, AsOf(terminal, time, min(known_at, now))))

    @router.get("/terminals/{terminal}/events", **says(Page[HappenedEvent], 404))
    async def list_events(sight: Network, terminal: str, wanted: Annotated[EventsWanted, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        zone = readers.terminal(sight, terminal).attributes.zone
        at = place("events", wanted.cursor, int, int)
        rows = await readers.archive.rows(
            TerminalEvents(
                terminal=terminal,
                from_=start_of(wanted.from_, zone),
                to=start_of(wanted.to, zone),
                types=(wanted.type,) if wanted.type else None,
                stays=readers.stays(sight, terminal),
                after=(int(at[0]), int(at[1])) if at else None,
                limit=wanted.limit + 1,
            )
        )
        items = [happened(row) for row in rows[: wanted.limit]]
        more = len(rows) > wanted.limit
        return json(Page(items, cursor("events", [items[-1].epoch, items[-1].seq]) if more else None))

    return router


def page_of(beyond: Iterable[Terminal], wanted: TerminalsWanted) -> Page[TerminalRow]:
    """The first terminals that match, and where to go on if there is another."""
    status, region, dealer = wanted.status, wanted.region, wanted.dealer
    sought = folded(wanted.q) if wanted.q else None
    found: list[TerminalRow] = []
    for terminal in beyond:
        row = terminal.row
        if (
            (status is None or row.status == status)
            and (region is None or row.region == region)
            and (dealer is None or row.dealer == dealer)
            and (sought is None or sought in terminal.search)
        ):
            if len(found) == wanted.limit:
                return Page(found, cursor("terminals", [found[-1].terminal]))
            found.append(row)
    return Page(found, None)


def happened(row: Row) -> HappenedEvent:
    return HappenedEvent(
        terminal=row["terminal"],
        epoch=row["epoch"],
        seq=row["seq"],
        type=row["type"],
        at=row["at"],
        event_time=row["event_time"],
        received_at=row["received_at"],
        position=Position(row["partition"], row["offset"]),
        event=Raw(row["body"]),
    )
