"""What lies in a unit's cash box: all that came in and went out since the last collection, in any order."""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.sequences import Seen
from kmonitor.domain.terminal.registers import NOWHERE, Place
from kmonitor.events.cash import CashDispensed, CoinAccepted, NoteStacked

Movement = NoteStacked | CoinAccepted | CashDispensed


class Stretch(Struct, frozen=True):
    """What was moved between two numbers that have not come: no collection can lie inside.

    `last` is the place of its last movement; `counts` is by `currency/denomination`, negative for what left.
    """

    last: Place
    counts: dict[str, int]


class Box(Struct, frozen=True, omit_defaults=True):
    """`collected` is the place of the last collection known; only what came after it counts.

    A collection may come late, but only under a number that is missing. So movements are kept apart where a
    number between them is missing, and added up where none is.
    """

    collected: Place = NOWHERE
    stretches: tuple[Stretch, ...] = ()


class Notes(Struct, frozen=True):
    """How many notes or coins of one denomination lie in one unit; negative: more went out than came in."""

    unit: str
    currency: str
    denomination_minor: int
    count: int


def with_movement(box: Box, event: Movement, place: Place) -> Box:
    """The box once a note or coin came in, or some went out."""
    if place <= box.collected:
        return box
    moved = -event.count if isinstance(event, CashDispensed) else 1
    counts = {f"{event.currency}/{event.denomination_minor}": moved}
    return replace(box, stretches=(*box.stretches, Stretch(place, counts)))


def with_collection(box: Box, place: Place) -> Box:
    """The box once it was emptied; what came after that stays in it, whenever we hear of it."""
    if place <= box.collected:
        return box
    return Box(place, tuple(each for each in box.stretches if each.last > place))


def settled(box: Box, seen: dict[int, Seen]) -> Box:
    """The same box, with what no missing number keeps apart added up."""
    if len(box.stretches) < 2:
        return box
    together: dict[Place, Stretch] = {}
    for each in sorted(box.stretches, key=lambda each: each.last):
        epoch, seq = each.last
        start = (epoch, seen[epoch].start_of(seq))
        known = together.get(start)
        together[start] = each if known is None else Stretch(each.last, _sum(known.counts, each.counts))
    return replace(box, stretches=tuple(together.values()))


def notes_in(boxes: dict[str, Box]) -> Iterator[Notes]:
    """What lies in the boxes, by unit and denomination; what came to nothing is not told."""
    for unit, box in boxes.items():
        total: Counter[str] = Counter()
        for each in box.stretches:
            total.update(each.counts)
        for kind, count in total.items():
            currency, denomination = kind.split("/")
            if count:
                yield Notes(unit, currency, int(denomination), count)


def _sum(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    total = Counter(one)
    total.update(other)
    return dict(sorted(total.items()))
