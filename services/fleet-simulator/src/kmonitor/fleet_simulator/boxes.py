"""What must lie in the boxes of terminals, and what their collections must have found."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

Identity = tuple[str, int, int]
Kind = tuple[str, int]
"""Currency and denomination."""


class Move(NamedTuple):
    """So many notes or coins more, or fewer, in a unit."""

    unit: str
    currency: str
    denomination_minor: int
    pieces: int


class Collected(NamedTuple):
    """Everything in a unit was taken away."""

    unit: str
    event: dict[str, Any]


def movement(event: dict[str, Any]) -> Move | Collected | None:
    """What an event does to a box, if anything."""
    match event["type"]:
        case "note.stacked.v1" | "coin.accepted.v1":
            return Move(event["unit"], event["currency"], event["denomination_minor"], 1)
        case "cash.dispensed.v1":
            return Move(event["unit"], event["currency"], event["denomination_minor"], -event["count"])
        case "cash.collected.v1":
            return Collected(event["unit"], event)
        case _:
            return None


def tell_boxes(movements: Mapping[Identity, Move | Collected]) -> dict[str, list[dict[str, Any]]]:
    """`cash` since each unit's last collection in the order of numbers, and `collections` with what was
    expected in them and what the terminal reported."""
    boxes: dict[tuple[str, str], Counter[Kind]] = defaultdict(Counter)
    collections = []
    for (terminal, epoch, seq), each in sorted(movements.items(), key=lambda pair: pair[0]):
        box = boxes[terminal, each.unit]
        if isinstance(each, Move):
            box[each.currency, each.denomination_minor] += each.pieces
            continue
        event = each.event
        collections.append(
            {
                "collection_id": event["collection_id"],
                "terminal": terminal,
                "unit": each.unit,
                "identity": [terminal, epoch, seq],
                "at": event["at"],
                "by": event.get("by"),
                "bag": event.get("bag"),
                "expected": _contents(box),
                "reported": event["contents"],
            }
        )
        box.clear()
    cash = [
        {"terminal": terminal, "unit": unit} | content
        for (terminal, unit), box in sorted(boxes.items())
        for content in _contents(box)
    ]
    return {"cash": cash, "collections": collections}


def _contents(box: Counter[Kind]) -> list[dict[str, Any]]:
    return [
        {"currency": currency, "denomination_minor": denomination, "count": count}
        for (currency, denomination), count in sorted(box.items())
        if count
    ]
