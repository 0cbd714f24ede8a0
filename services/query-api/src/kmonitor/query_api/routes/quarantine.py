"""What could not be read: listed, and each entry shown with its exact bytes and what became of it."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from msgspec import Struct
from pydantic import Field

from kmonitor.clickhouse.queries.history import TerminalEvents
from kmonitor.clickhouse.queries.quarantine import QuarantineEntries
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.archive import Row
from kmonitor.query_api.cursors import cursor, instant_of, place
from kmonitor.query_api.details import Position
from kmonitor.query_api.parameters import Asked, Between, Word, start_of
from kmonitor.query_api.problems import Problem
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.routes.revenue import check_order
from kmonitor.query_api.routes.terminals import HappenedEvent, happened
from kmonitor.query_api.sight import Quarantine

QUARANTINE_PARTITION = 0
NOBODY_S_ZONE = ZoneInfo("UTC")


class QuarantineWanted(Between):
    """`from` and `to` cut by the time of receiving; a day is UTC's, for some entries are of no terminal."""

    terminal: Word | None = None
    reason: Word | None = None
    stage: Word | None = None
    redriven: Annotated[bool | None, Field(description="Whether a re-drive has settled it.")] = None


class Redrive(Struct, frozen=True):
    """The re-drive that settled an entry; `position` is where its report stands in the log."""

    at: datetime
    by: str
    position: Position


class Quarantined(Struct, frozen=True, kw_only=True):
    """One thing that could not be read; `value_base64` holds its exact bytes, card numbers apart.

    `offset`: where it stands in the quarantine topic, which a re-drive has to say.
    """

    identity: str
    reason: str
    stage: str
    detail: str
    terminal: str | None
    epoch: int | None
    seq: int | None
    item_index: int | None
    original_topic: str | None
    original_partition: int | None
    original_offset: int | None
    received_at: datetime
    sent_at: datetime | None
    redacted: bool
    value_base64: str
    offset: int
    redriven: Redrive | None


class QuarantinedInFull(Quarantined, frozen=True, kw_only=True):
    """`text`: the bytes where they are UTF-8. `taken_by`: the event that counts under its number, if it is
    another one than this entry re-driven."""

    text: str | None
    taken_by: HappenedEvent | None


def quarantine(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["completeness"])

    @router.get("/quarantine", **says(Page[Quarantined], 403))
    async def list_quarantine(sight: Quarantine, wanted: Annotated[QuarantineWanted, Query()]) -> Response:
        await readers.heard(wanted.after)
        check_order(wanted.from_, wanted.to)
        at = place("quarantine", wanted.cursor, str, str)
        rows = await readers.archive.rows(
            QuarantineEntries(
                terminal=wanted.terminal,
                reason=wanted.reason,
                stage=wanted.stage,
                from_=start_of(wanted.from_, NOBODY_S_ZONE),
                to=start_of(wanted.to, NOBODY_S_ZONE),
                is_redriven=wanted.redriven,
                after=(instant_of(str(at[0])), str(at[1])) if at else None,
                limit=wanted.limit + 1,
            )
        )
        items = [Quarantined(**_fields(row)) for row in rows[: wanted.limit]]
        if len(rows) <= wanted.limit:
            return json(Page(items, None))
        return json(Page(items, cursor("quarantine", [items[-1].received_at.isoformat(), items[-1].identity])))

    @router.get("/quarantine/{identity:path}", **says(QuarantinedInFull, 403, 404))
    async def get_quarantined(sight: Quarantine, identity: str, wanted: Annotated[Asked, Query()]) -> Response:
        await readers.heard(wanted.after)
        rows = await readers.archive.rows(QuarantineEntries(identity=identity, limit=1))
        if not rows:
            raise Problem(404, "there is no such entry in the quarantine")
        (row,) = rows
        fields = _fields(row)
        taken_by = None if fields["redriven"] else await _taken_by(readers, row)
        return json(QuarantinedInFull(**fields, text=_text(row["value"]), taken_by=taken_by))

    return router


async def _taken_by(readers: Readers, row: Row) -> HappenedEvent | None:
    epoch, seq = row["epoch"], row["seq"]
    if not row["terminal"] or epoch is None or not seq:
        return None
    query = TerminalEvents(terminal=row["terminal"], after=(epoch, seq - 1), limit=1)
    found = await readers.archive.rows(query)
    return next((happened(each) for each in found if (each["epoch"], each["seq"]) == (epoch, seq)), None)


def _fields(row: Row) -> dict[str, Any]:
    redriven = None
    if row["redriven_at"] is not None:
        position = Position(row["redriven_partition"], row["redriven_offset"])
        redriven = Redrive(row["redriven_at"], row["redriven_by"], position)
    known = {name: row[name] for name in Quarantined.__struct_fields__ if name in row}
    return known | {
        "terminal": row["terminal"] or None,
        "original_topic": row["original_topic"] or None,
        "redriven": redriven,
    }


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
