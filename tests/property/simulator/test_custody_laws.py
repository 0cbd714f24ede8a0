"""Money in a life that nobody disturbs (domain, section 6), for any seed and terminal."""

from collections import Counter, defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from property.simulator.lives import undisturbed

DAY = 24.0
LONG_ENOUGH = 5.5 * DAY
"""Collectors have come by then."""
seeds = st.integers(0, 2**31)
numbers = st.integers(1, 100_000)
some = settings(max_examples=6)

Kind = tuple[str, int]


def moved(event: dict[str, Any]) -> int:
    match event["type"]:
        case "note.stacked.v1" | "coin.accepted.v1":
            return 1
        case "cash.dispensed.v1":
            return -int(event["count"])
        case _:
            return 0


@some
@given(seeds, numbers)
def test_a_collection_reports_exactly_what_went_in_and_out_since_the_last(seed: int, number: int) -> None:
    boxes: dict[str, Counter[Kind]] = defaultdict(Counter)
    collections = 0
    for event in undisturbed(seed, number, LONG_ENOUGH):
        if event["type"] == "cash.collected.v1":
            collections += 1
            reported = {
                (each["currency"], each["denomination_minor"]): each["count"] for each in event["contents"]
            }
            assert reported == {
                kind: count for kind, count in boxes.pop(event["unit"], Counter()).items() if count
            }
        elif pieces := moved(event):
            box = boxes[event["unit"]]
            box[event["currency"], event["denomination_minor"]] += pieces
            assert min(box.values()) >= 0
    assert collections > 0


@some
@given(seeds, numbers)
def test_inserted_is_credited_and_fee_and_change(seed: int, number: int) -> None:
    for event in undisturbed(seed, number, DAY):
        if event["type"] == "payment.accepted.v1":
            parts = event["credited_minor"] + event["fee_minor"] + event["change_minor"]
            assert event["inserted_minor"] == parts


@some
@given(seeds, numbers)
def test_cash_taken_is_inserted_and_orphans_less_what_was_dispensed(seed: int, number: int) -> None:
    events = undisturbed(seed, number, 2 * DAY)
    paid = {event["payment_id"]: event for event in events if event["type"] == "payment.accepted.v1"}
    taken, orphans, under_way = 0, 0, set()
    for event in events:
        worth = moved(event) * event.get("denomination_minor", 0)
        taken += worth
        if worth > 0 and event["payment_id"] is None:
            orphans += worth
        elif worth and event["payment_id"] not in paid:
            # Only of who stands there when the life is cut off.
            under_way.add(event["payment_id"])
            taken -= worth
    inserted = sum(event["inserted_minor"] for event in paid.values() if event["method"] == "cash")
    dispensed = -sum(
        moved(event) * event["denomination_minor"] for event in events if event["type"] == "cash.dispensed.v1"
    )
    assert taken == inserted + orphans - dispensed
    assert len(under_way) <= 1


@some
@given(seeds, numbers)
def test_a_cassette_is_out_only_during_a_collection(seed: int, number: int) -> None:
    steps = ("service_menu.opened.v1", "cassette.removed.v1", "cash.collected.v1", "cassette.inserted.v1")
    seen: list[str] = []
    for event in undisturbed(seed, number, LONG_ENOUGH):
        if event["type"] == "service_menu.opened.v1":
            seen = [event["type"]]
        elif event["type"] in steps and event["type"] not in seen:
            seen.append(event["type"])
            assert tuple(seen) == steps[: len(seen)]
