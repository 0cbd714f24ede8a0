"""Whether everything has come: of the whole network, and of one terminal."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from msgspec import Struct

from kmonitor.clickhouse.queries.completeness import (
    Completeness,
    Missing,
    TerminalCompleteness,
    TerminalEpochs,
    WriteOffs,
)
from kmonitor.domain.office.write_offs import WriteOff, WrittenOff, told_apart
from kmonitor.query_api.answers import json, says
from kmonitor.query_api.archive import Row
from kmonitor.query_api.cursors import cursor, place
from kmonitor.query_api.parameters import Asked, Listed
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Network

RANGES_AT_MOST = 1_000
COUNTS = ("received", "applied", "duplicate", "quarantined", "last_seq")


class MissingRange(Struct, frozen=True):
    """Numbers of a terminal that never came and were not written off, both ends included."""

    terminal: str
    epoch: int
    from_seq: int
    to_seq: int


class Complete(Struct, frozen=True):
    """received = applied + duplicate + quarantined. `missing` is a list like any other: `next` goes on."""

    received: int
    applied: int
    duplicate: int
    quarantined: int
    missing: list[MissingRange]
    missing_events: int
    complete_to: datetime | None
    catching_up: int
    next: str | None


class Range(Struct, frozen=True):
    from_seq: int
    to_seq: int


class EpochComplete(Struct, frozen=True, kw_only=True):
    """received = applied + duplicate + quarantined. `missing` shows at most the first 1,000 ranges of
    `missing_events` numbers; `written_off` is what nobody waits for any more and has not come."""

    epoch: int
    received: int
    applied: int
    duplicate: int
    quarantined: int
    last_seq: int
    missing: list[Range]
    missing_events: int
    written_off: list[WrittenOff]


class TerminalComplete(Struct, frozen=True):
    """`complete_to` and `catching_up` by the rules of the whole network; `queued`: events that still waited on
    the terminal at its last report."""

    terminal: str
    epochs: list[EpochComplete]
    complete_to: datetime | None
    catching_up: bool
    queued: int


def completeness(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["completeness"])

    @router.get("/completeness", **says(Complete))
    async def get_completeness(sight: Network, wanted: Annotated[Listed, Query()]) -> Response:
        await readers.heard(wanted.after)
        await _written_off(readers, wanted.after)
        at = place("missing", wanted.cursor, str, int, int)
        after = (str(at[0]), int(at[1]), int(at[2])) if at else None
        own = readers.now.fleet.names_of(sight.dealer)
        total = (await readers.archive.rows(Completeness(own)))[0]
        rows = await readers.archive.rows(Missing(own, after, wanted.limit + 1))
        missing = [MissingRange(**row) for row in rows[: wanted.limit]]
        more = len(rows) > wanted.limit
        return json(
            Complete(
                received=total["received"],
                applied=total["applied"],
                duplicate=total["duplicate"],
                quarantined=total["quarantined"],
                missing=missing,
                missing_events=total["missing"],
                complete_to=total["complete_to"],
                catching_up=total["catching_up"],
                next=cursor("missing", [missing[-1].terminal, missing[-1].epoch, missing[-1].from_seq])
                if more
                else None,
            )
        )

    @router.get("/terminals/{terminal}/completeness", **says(TerminalComplete, 404))
    async def get_terminal_completeness(
        sight: Network, terminal: str, wanted: Annotated[Asked, Query()]
    ) -> Response:
        await readers.caught_up(wanted.after)
        readers.terminal(sight, terminal)
        await _written_off(readers, wanted.after)
        epochs, bounds, offs = await asyncio.gather(
            readers.archive.rows(TerminalEpochs(terminal)),
            readers.archive.rows(TerminalCompleteness(terminal)),
            readers.archive.rows(WriteOffs(terminal)),
        )
        bound = bounds[0] if bounds else {"complete_to": None, "catching_up": False, "queued": 0}
        return json(TerminalComplete(terminal, epochs_of(epochs, [WriteOff(**row) for row in offs]), **bound))

    return router


async def _written_off(readers: Readers, after: str | None) -> None:
    """Within 2 s the archive knows of the write-off `after`, as the registry does."""
    number = readers.number_of(after)
    if number in readers.now.registry.write_offs:
        await readers.archived(WriteOffs(number=number))


def epochs_of(rows: list[Row], write_offs: list[WriteOff]) -> list[EpochComplete]:
    """One for each epoch of which something came, or was written off."""
    came = {row["epoch"]: row for row in rows}
    epochs: list[EpochComplete] = []
    for epoch in sorted({*came, *(off.epoch for off in write_offs)}):
        row = came.get(epoch, {})
        offs = [off for off in write_offs if off.epoch == epoch]
        missing, written_off = told_apart(row.get("last_seq", 0), row.get("gaps", []), offs)
        epochs.append(
            EpochComplete(
                epoch=epoch,
                **{name: row.get(name, 0) for name in COUNTS},
                missing=[Range(*gap) for gap in missing[:RANGES_AT_MOST]],
                missing_events=sum(last - first + 1 for first, last in missing),
                written_off=list(written_off),
            )
        )
    return epochs
