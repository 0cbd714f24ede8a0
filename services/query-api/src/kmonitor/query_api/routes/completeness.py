"""Whether everything has come, and what could not be read."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from msgspec import Struct

from kmonitor.clickhouse.queries.completeness import Completeness, Missing
from kmonitor.clickhouse.queries.history import QuarantineEntries
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.cursors import cursor, instant_of, place
from kmonitor.query_api.parameters import Listed, Word
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Network, Quarantine


class MissingRange(Struct, frozen=True):
    """Numbers of a terminal that never came, both ends included."""

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


class QuarantineWanted(Listed):
    terminal: Word | None = None
    reason: Word | None = None


class Quarantined(Struct, frozen=True):
    """One thing that could not be read; `value_base64` holds its exact bytes, card numbers apart."""

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
    redacted: bool
    value_base64: str


def completeness(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["completeness"])

    @router.get("/completeness", **says(Complete))
    async def get_completeness(sight: Network, wanted: Annotated[Listed, Query()]) -> Response:
        if wanted.after is not None:
            await readers.caught_up(wanted.after)
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

    @router.get("/quarantine", **says(Page[Quarantined], 403))
    async def list_quarantine(sight: Quarantine, wanted: Annotated[QuarantineWanted, Query()]) -> Response:
        if wanted.after is not None:
            await readers.caught_up(wanted.after)
        at = place("quarantine", wanted.cursor, str, str)
        rows = await readers.archive.rows(
            QuarantineEntries(
                terminal=wanted.terminal,
                reason=wanted.reason,
                after=(instant_of(str(at[0])), str(at[1])) if at else None,
                limit=wanted.limit + 1,
            )
        )
        items = [
            Quarantined(
                **{name: row[name] for name in Quarantined.__struct_fields__}
                | {"terminal": row["terminal"] or None, "original_topic": row["original_topic"] or None}
            )
            for row in rows[: wanted.limit]
        ]
        more = len(rows) > wanted.limit
        last = items[-1] if items else None
        return json(
            Page(
                items,
                cursor("quarantine", [last.received_at.isoformat(), last.identity]) if more and last else None,
            )
        )

    return router
