"""Laws of a terminal's state: order, repetition and batching of its events change nothing."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from builders import (
    TERMINAL,
    cassette,
    coin,
    collected,
    dispensed,
    door,
    heartbeat,
    locked,
    menu,
    note,
    paper,
    payment,
    power,
    printer,
    procedure,
    report,
    started,
    stopped,
    validator,
)
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kmonitor.domain.sequences import Seen
from kmonitor.domain.terminal.cash_box import notes_in
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.cash import CashCollected, CashDispensed, CoinAccepted, NoteStacked
from kmonitor.events.types import Event
from kmonitor.events.units import DeviceReported

MAKERS: list[Callable[[int], Event]] = [
    lambda seq: printer(seq, "jammed", seq),
    lambda seq: printer(seq, "ok", seq),
    lambda seq: validator(seq, "43", seq),
    lambda seq: note(seq, 10_000, seq),
    lambda seq: note(seq, 500_000, seq),
    lambda seq: coin(seq, 1_000, seq),
    lambda seq: dispensed(seq, 2, seq),
    lambda seq: collected(seq, seq),
    lambda seq: cassette(seq, seq % 2 == 0, seq),
    lambda seq: payment(seq, seconds=seq),
    lambda seq: paper(seq, 100 - seq, seq),
    lambda seq: door(seq, seq % 2 == 0, seq),
    lambda seq: power(seq, "ups_low", seq),
    lambda seq: menu(seq, seq % 2 == 0, seq),
    lambda seq: procedure(seq, seq),
    lambda seq: locked(seq, seq % 2 == 0, seq),
    lambda seq: heartbeat(seq, seq),
    lambda seq: started(seq, seq),
    lambda seq: stopped(seq, seq),
]


@st.composite
def sendings(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """A terminal's events in order, and the same ones shuffled, repeated and cut into reports anyhow."""
    makers = draw(st.lists(st.sampled_from(MAKERS), min_size=1, max_size=20))
    events = [maker(seq) for seq, maker in enumerate(makers, start=1)]
    again = draw(st.lists(st.sampled_from(events), max_size=20))
    shuffled = draw(st.permutations([*events, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=6)))
    edges = [0, *cuts, len(shuffled)]
    return events, [list(shuffled[a:b]) for a, b in pairwise(edges)]


def folded(reports: list[list[Event]]) -> TerminalState:
    state = TerminalState(terminal=TERMINAL)
    for offset, events in enumerate(reports):
        state = after_report(state, report(*events), partition=0, offset=offset)
    return state


@given(sendings())
def test_order_repetition_and_batching_change_nothing(sending: tuple[list[Event], list[list[Event]]]) -> None:
    events, reports = sending
    state, straight = folded(reports), folded([events])
    assert replace(state, offset=0) == straight


@given(sendings())
def test_the_fold_equals_a_plain_reading_of_the_events(sending: tuple[list[Event], list[list[Event]]]) -> None:
    events, reports = sending
    state = folded(reports)
    units = {f"{each.device}/{each.unit}": each for each in events if isinstance(each, DeviceReported)}
    assert {key: unit.place[1] for key, unit in state.units.items()} == {k: e.seq for k, e in units.items()}
    assert {(each.unit, each.denomination_minor): each.count for each in notes_in(state.boxes)} == {
        kind: count for kind, count in plainly_in_the_boxes(events).items() if count
    }


def plainly_in_the_boxes(events: list[Event]) -> Counter[tuple[str, int]]:
    """What lies there, read in the terminal's own order."""
    boxes: Counter[tuple[str, int]] = Counter()
    for event in events:
        match event:
            case NoteStacked() | CoinAccepted():
                boxes[event.unit, event.denomination_minor] += 1
            case CashDispensed():
                boxes[event.unit, event.denomination_minor] -= event.count
            case CashCollected():
                boxes = Counter({kind: count for kind, count in boxes.items() if kind[0] != event.unit})
            case _:
                pass
    return boxes


@given(sendings(), st.integers(0, 20))
def test_what_is_still_missing_may_be_a_collection(
    sending: tuple[list[Event], list[list[Event]]], missing: int
) -> None:
    """Without one of the events, and then with it at last: the same as if it had come in its place."""
    events, _ = sending
    last = [each for each in events if each.seq == missing]
    rest = [each for each in events if each.seq != missing]
    state = folded([rest, last]) if last else folded([rest])
    assert replace(state, offset=0) == folded([events])


@given(st.lists(st.integers(1, 60), max_size=80))
def test_what_was_seen_is_a_set_of_numbers(seqs: list[int]) -> None:
    seen = Seen()
    for seq in seqs:
        seen = seen.with_(seq)
    inside = [seq for first, last in seen.ranges for seq in range(first, last + 1)]
    missing = [seq for first, last in seen.missing() for seq in range(first, last + 1)]
    assert inside == sorted(set(seqs))
    assert all((seq in seen) == (seq in seqs) for seq in range(62))
    assert sorted(inside + missing) == list(range(1, max(seqs, default=0) + 1))
