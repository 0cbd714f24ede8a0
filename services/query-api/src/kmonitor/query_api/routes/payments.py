"""Payments: the list, and one payment's whole life («the kiosk ate my 5,000»)."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from msgspec import Struct

from kmonitor.clickhouse.queries.history import EventsOfPayment, FaultHistory
from kmonitor.clickhouse.queries.payments import PaymentFacts, PaymentLookup
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.archive import Row
from kmonitor.query_api.cursors import cursor, instant_of, place
from kmonitor.query_api.details import Position
from kmonitor.query_api.fault_list import FaultItem
from kmonitor.query_api.parameters import Asked, Between, Word
from kmonitor.query_api.payment_item import PaymentItem
from kmonitor.query_api.problems import Problem
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.routes.faults import archived_fault
from kmonitor.query_api.routes.revenue import check_order
from kmonitor.query_api.routes.terminals import HappenedEvent, happened
from kmonitor.query_api.sight import Payments, Sight

SHOWN = PaymentItem.__struct_fields__
AROUND = timedelta(minutes=30)
"""Faults raised so long before or after a payment are shown with it."""


class PaymentsWanted(Between):
    terminal: Word | None = None
    payment_id: Word | None = None
    dealer: Word | None = None


class Fact(Struct, frozen=True):
    """One thing that was said of the payment. `counts` is false for a second word on the same
    matter."""

    kind: str
    refund_id: str | None
    at: datetime
    event_time: datetime
    received_at: datetime
    epoch: int
    seq: int
    position: Position
    currency: str | None
    inserted_minor: int
    credited_minor: int
    fee_minor: int
    change_minor: int
    reason: str | None
    counts: bool


class PaymentLife(Struct, frozen=True):
    """`payment` is null while only its later events have come. `events`: notes, receipt and all that names it;
    `faults`: what was raised around it."""

    terminal: str
    payment_id: str
    payment: PaymentItem | None
    facts: list[Fact]
    events: list[HappenedEvent]
    faults: list[FaultItem]


def payments(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["money"])

    @router.get("/payments", **says(Page[PaymentItem], 403))
    async def list_payments(sight: Payments, wanted: Annotated[PaymentsWanted, Query()]) -> Response:
        await readers.heard(wanted.after)
        check_order(wanted.from_, wanted.to)
        at = place("payments", wanted.cursor, str, str, str)
        rows = await readers.archive.rows(
            PaymentLookup(
                terminal=wanted.terminal,
                payment_id=wanted.payment_id,
                dealer=wanted.dealer,
                own=sight.dealer,
                from_=wanted.from_,
                to=wanted.to,
                after=(instant_of(str(at[0])), str(at[1]), str(at[2])) if at else None,
                limit=wanted.limit + 1,
            )
        )
        items = [payment(row) for row in rows[: wanted.limit]]
        if len(rows) <= wanted.limit:
            return json(Page(items, None))
        last = rows[wanted.limit - 1]
        return json(
            Page(
                items,
                cursor("payments", [last["accepted_at"].isoformat(), last["terminal"], last["payment_id"]]),
            )
        )

    @router.get("/payments/{terminal}/{payment_id}", **says(PaymentLife, 403, 404))
    async def get_payment(
        sight: Payments, terminal: str, payment_id: str, wanted: Annotated[Asked, Query()]
    ) -> Response:
        await readers.heard(wanted.after)
        ask = readers.archive.rows
        if not (terminal.isprintable() and payment_id.isprintable()):
            raise Problem(404, "there is no such payment")
        facts = await ask(PaymentFacts(terminal, payment_id))
        events = await ask(EventsOfPayment(terminal, payment_id))
        if not (facts or events) or not is_own(readers, sight, terminal, facts or events):
            raise Problem(404, "there is no such payment")
        found = await ask(PaymentLookup(terminal=terminal, payment_id=payment_id, limit=1))
        times = [row["event_time"] for row in (*facts, *events)]
        around = FaultHistory(
            terminal=terminal,
            from_=min(times) - AROUND,
            to=max(times) + AROUND,
            stays=readers.stays(sight, terminal),
        )
        return json(
            PaymentLife(
                terminal=terminal,
                payment_id=payment_id,
                payment=payment(found[0]) if found else None,
                facts=facts_of(facts),
                events=[happened(row) for row in events],
                faults=[archived_fault(row, readers.now.registry.upkeep.care) for row in await ask(around)],
            )
        )

    return router


def is_own(readers: Readers, sight: Sight, terminal: str, told: list[Row]) -> bool:
    """A payment is the dealer's whose terminal accepted it, whoever has the terminal later; one of which no
    acceptance has come is his whose the terminal was when it was first spoken of."""
    accepted = [fact for fact in told if fact.get("kind") == "accepted"]
    if accepted:
        return sight.shows(accepted[0]["dealer"])
    return readers.was_own(sight, terminal, min(row["event_time"] for row in told))


def payment(row: Row) -> PaymentItem:
    said: dict[str, Any] = {name: None if row[name] == "" else row[name] for name in SHOWN if name in row}
    return PaymentItem(**said | {"status": row["outcome"], "test": bool(row["is_test"])})


def facts_of(rows: list[Row]) -> list[Fact]:
    """In the order of the log: the first word on a matter counts."""
    said: set[tuple[str, str]] = set()
    facts: list[Fact] = []
    for row in rows:
        matter = (row["kind"], row["refund_id"])
        facts.append(
            Fact(
                kind=row["kind"],
                refund_id=row["refund_id"] or None,
                at=row["at"],
                event_time=row["event_time"],
                received_at=row["received_at"],
                epoch=row["epoch"],
                seq=row["seq"],
                position=Position(row["partition"], row["offset"]),
                currency=row["currency"] or None,
                inserted_minor=row["inserted_minor"],
                credited_minor=row["credited_minor"],
                fee_minor=row["fee_minor"],
                change_minor=row["change_minor"],
                reason=row["reason"] or None,
                counts=matter not in said,
            )
        )
        said.add(matter)
    return facts
