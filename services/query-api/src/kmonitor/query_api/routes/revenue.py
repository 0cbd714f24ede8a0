"""Money taken, by any keys and over any time."""

from datetime import date, datetime
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Response
from msgspec import UNSET, Struct, UnsetType
from pydantic import AfterValidator, Field

from kmonitor.clickhouse.queries.revenue import Key, RevenueBy, RevenuePosition
from kmonitor.query_api.answers import json, says
from kmonitor.query_api.archive import Row
from kmonitor.query_api.cursors import cursor, place
from kmonitor.query_api.parameters import Between, Word
from kmonitor.query_api.problems import wrong_parameter
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Money

KEYS: tuple[Key, ...] = get_args(Key)
SUMS = ("payments", "inserted_minor", "credited_minor", "fee_minor", "refunded_minor")


def _keys(said: str) -> str:
    for key in said.split(","):
        if key not in KEYS:
            raise ValueError(f"must be a list of {', '.join(KEYS)}")
    if len(set(said.split(","))) != len(said.split(",")):
        raise ValueError("names a key twice")
    return said


class RevenueWanted(Between):
    group_by: Annotated[
        str | None, AfterValidator(_keys), Field(description=f"A list of {', '.join(KEYS)}.")
    ] = None
    terminal: Word | None = None
    dealer: Word | None = None
    region: Word | None = None
    service: Word | None = None
    recipient: Word | None = None


class Volume(Struct, frozen=True, kw_only=True):
    """The keys that were asked for, and the sums of one currency. `day` is YYYY-MM-DD and `hour`
    YYYY-MM-DDTHH in the terminal's own zone."""

    terminal: str | None | UnsetType = UNSET
    service: str | None | UnsetType = UNSET
    recipient: str | None | UnsetType = UNSET
    dealer: str | None | UnsetType = UNSET
    region: str | None | UnsetType = UNSET
    method: str | None | UnsetType = UNSET
    day: str | None | UnsetType = UNSET
    hour: str | None | UnsetType = UNSET
    currency: str
    payments: int
    inserted_minor: int
    credited_minor: int
    fee_minor: int
    refunded_minor: int


class Revenue(Struct, frozen=True):
    """`complete_to`: everything that happened before it on the terminals that are heard is counted.
    `position`: the last counted offset of each partition of the log."""

    items: list[Volume]
    next: str | None
    complete_to: datetime | None
    position: dict[str, int]


def revenue(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["money"])

    @router.get("/revenue", **says(Revenue, 403))
    async def get_revenue(sight: Money, wanted: Annotated[RevenueWanted, Query()]) -> Response:
        await readers.heard(wanted.after)
        check_order(wanted.from_, wanted.to)
        group_by = asked_keys(wanted.group_by)
        name = "revenue-" + "-".join(group_by)
        at = place(name, wanted.cursor, *(str for _ in group_by), str)
        # The position first: the sums then hold it at least.
        position = await readers.archive.rows(RevenuePosition())
        rows = await readers.archive.rows(
            RevenueBy(
                from_=wanted.from_,
                to=wanted.to,
                group_by=group_by,
                terminal=wanted.terminal,
                dealer=wanted.dealer,
                region=wanted.region,
                service=wanted.service,
                recipient=wanted.recipient,
                own=sight.dealer,
                after=tuple(map(str, at)) if at else None,
                limit=wanted.limit + 1,
            )
        )
        figures = await readers.figures_for(sight)
        items = [volume(row) for row in rows[: wanted.limit]]
        last = (
            [rows[wanted.limit - 1][key] for key in (*group_by, "currency")]
            if len(rows) > wanted.limit
            else None
        )
        return json(
            Revenue(
                items=items,
                next=cursor(name, last) if last else None,
                complete_to=figures.complete_to if figures else None,
                position={str(row["partition"]): int(row["offset"]) for row in position},
            )
        )

    return router


def asked_keys(said: str | None) -> tuple[Key, ...]:
    """The keys in the order in which they were asked for."""
    order = said.split(",") if said else []
    return tuple(sorted((key for key in KEYS if key in order), key=order.index))


def volume(row: Row) -> Volume:
    """A key that the terminal did not have then is null."""
    said: dict[str, Any] = {name: None if value == "" else value for name, value in row.items()}
    return Volume(**said)


def check_order(from_: date | datetime | None, to: date | datetime | None) -> None:
    """Refuses an interval that ends before it begins."""
    if from_ is not None and to is not None and type(from_) is type(to) and to < from_:
        raise wrong_parameter("to", "lies before `from`")
