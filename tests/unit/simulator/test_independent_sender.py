"""The independent sender of the outside checks, itself checked against a gateway's twin."""

from collections import Counter

from independent.ledger import Entry, Ledger, cash, conditions, missing, revenue
from independent.sender import Event, make_events, register, send
from unit.simulator.twin import ADMIN, Twin, a_gateway


def taken(twin: Twin) -> set[tuple[str, int, int]]:
    return set(twin.events)


def listed(ledger: Ledger) -> set[tuple[str, int, int]]:
    return {(entry.terminal, entry.epoch, entry.event["seq"]) for entry in ledger.entries}


async def test_what_it_lists_is_what_was_taken_in_any_weather() -> None:
    async with a_gateway() as twin:
        terminals = await register(twin.url, ADMIN, 4, seed=1)
        reports = make_events(terminals, 600, seed=1)
        twin.troubles = ["503", "drop", "lose"] * 4
        ledger = await send(twin.url, reports, seed=1)
        assert listed(ledger) == taken(twin)
        assert len(ledger.entries) == sum(len(events) for _, _, events in reports) >= 600
        assert ledger.retries == 12
        assert ledger.reports == len(reports)
        assert 0.3 * len(reports) < ledger.copies < 0.9 * len(reports)
        assert missing(ledger.entries) == set()


async def test_it_stops_when_told_with_nothing_half_done() -> None:
    async with a_gateway() as twin:
        reports = make_events(await register(twin.url, ADMIN, 4, seed=1), 600, seed=1)
        ledger = await send(twin.url, reports, seed=1, stop_when=lambda so_far: so_far.reports >= 10)
        assert 10 <= ledger.reports < len(reports)
        assert listed(ledger) == taken(twin)
        assert missing(ledger.entries)


def test_money_conditions_and_cash_are_folded_by_the_book() -> None:
    at = "2026-11-22T21:30:00+00:00"
    paid = {
        "type": "payment.accepted.v1", "at": at, "payment_id": "a", "service": "s", "currency": "RUB",
        "inserted_minor": 10_000, "credited_minor": 9_500, "fee_minor": 500,
    }  # fmt: skip
    jam = {
        "type": "device.reported.v1",
        "device": "bill_acceptor",
        "unit": "v",
        "protocol": "ccnet",
        "code": "43",
    }
    note = {"type": "note.stacked.v1", "unit": "v", "currency": "RUB", "denomination_minor": 10_000}
    events: list[tuple[int, Event]] = [
        (2, jam | {"seq": 1}),
        (1, jam | {"seq": 9, "code": "14"}),
        (1, paid | {"seq": 2}),
        (1, paid | {"seq": 3, "payment_id": "b"}),
        (1, {"type": "payment.cancelled.v1", "seq": 4, "payment_id": "b", "at": at}),
        (1, note | {"seq": 5}),
    ]
    ledger = Ledger({"T": "Europe/Moscow"}, [Entry("T", epoch, event) for epoch, event in events])
    money = Counter(payments=1, inserted_minor=10_000, credited_minor=9_500, fee_minor=500)
    assert revenue(ledger) == {("T", "s", "2026-11-23T00", "RUB"): money}
    assert conditions(ledger.entries) == {("T", "bill_acceptor", "v"): "jammed"}
    assert cash(ledger.entries) == {("T", "v", "RUB", 10_000): 1}
