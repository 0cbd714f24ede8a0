"""What the office said: all of it for whoever audits, and how one terminal came to be described as it is."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from msgspec import Raw, Struct
from pydantic import Field

from kmonitor.clickhouse.queries.history import OperationKept, OperationsSaid
from kmonitor.domain.office.registry import Described
from kmonitor.events.codec import encode, operation_type
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.archive import Row
from kmonitor.query_api.cursors import cursor, place
from kmonitor.query_api.parameters import Between, Listed, Word, start_of
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Audit, History

ZONE = ZoneInfo("UTC")
"""Where the days of an audit begin."""


class AuditWanted(Between):
    author: Annotated[Word | None, Field(description="admin, a person, or token:<name>.")] = None
    type: Annotated[Word | None, Field(description="For example terminal.registered.v1.")] = None
    subject: Annotated[
        Word | None, Field(description="A terminal, or a kind and whom: person/ivanov, fault/….")
    ] = None


class OperationItem(Struct, frozen=True):
    """One operation. `number` is its place in the log; `body` what was said, keys and passwords apart."""

    number: int
    operation_id: str
    author: str
    recorded_at: datetime
    effective_from: datetime
    type: str
    subject: str
    body: Raw


class Description(Struct, frozen=True):
    """One word of the office on a terminal, in the order in which they hold. In `said` absent means unchanged,
    null cleared."""

    number: int
    effective_from: datetime
    author: str
    type: str
    said: Raw


def audit(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["office"])

    @router.get("/audit", **says(Page[OperationItem], 403))
    async def list_operations(sight: Audit, wanted: Annotated[AuditWanted, Query()]) -> Response:
        await readers.heard(wanted.after)
        if (number := readers.number_of(wanted.after)) is not None:
            await readers.archived(OperationKept(number))
        at = place("audit", wanted.cursor, int)
        rows = await readers.archive.rows(
            OperationsSaid(
                author=wanted.author,
                type=wanted.type,
                subject=wanted.subject,
                from_=start_of(wanted.from_, ZONE),
                to=start_of(wanted.to, ZONE),
                after=int(at[0]) if at else None,
                limit=wanted.limit + 1,
            )
        )
        items = [operation_item(row) for row in rows[: wanted.limit]]
        more = len(rows) > wanted.limit
        return json(Page(items, cursor("audit", [items[-1].number]) if more else None))

    @router.get("/terminals/{terminal}/history", **says(Page[Description], 403, 404))
    async def list_descriptions(sight: History, terminal: str, wanted: Annotated[Listed, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        readers.terminal(sight, terminal)
        at = place("history", wanted.cursor, int)
        start = int(at[0]) if at else 0
        known = readers.now.registry.terminals.get(terminal, ())
        end = start + wanted.limit
        more = len(known) > end
        items = [description(each) for each in known[start:end]]
        return json(Page(items, cursor("history", [end]) if more else None))

    return router


def operation_item(row: Row) -> OperationItem:
    return OperationItem(**row | {"body": Raw(row["body"])})


def description(described: Described) -> Description:
    return Description(
        number=described.number,
        effective_from=described.effective_from,
        author=described.author,
        type=operation_type(described.said),
        said=Raw(encode(described.said)),
    )
