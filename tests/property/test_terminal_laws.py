"""Laws of a terminal's state: order, repetition and batching of its events change nothing."""

from itertools import pairwise

from builders import TERMINAL, note, paper, payment, printer, report, validator
from hypothesis import given
from hypothesis import strategies as st

from kmonitor.domain.sequences import Seen
from kmonitor.domain.terminal import TerminalState, after_report
from kmonitor.events.types import DeviceReported, Event, NoteStacked

MAKERS = [
    lambda seq: printer(seq, "jammed", seq),
    lambda seq: printer(seq, "ok", seq),
    lambda seq: validator(seq, "43", seq),
    lambda seq: validator(seq, "14", seq),
    lambda seq: note(seq, 10_000, seq),
    lambda seq: note(seq, 500_000, seq),
    lambda seq: payment(seq, seconds=seq),
    lambda seq: paper(seq, 100 - seq, seq),
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
    assert (state.units, state.cash, state.consumables, state.seen, state.last_payment_at) == (
        straight.units,
        straight.cash,
        straight.consumables,
        straight.seen,
        straight.last_payment_at,
    )


@given(sendings())
def test_the_fold_equals_a_plain_reading_of_the_events(sending: tuple[list[Event], list[list[Event]]]) -> None:
    events, reports = sending
    state = folded(reports)
    units = {f"{each.device}/{each.unit}": each for each in events if isinstance(each, DeviceReported)}
    notes = [each.denomination_minor for each in events if isinstance(each, NoteStacked)]
    assert {key: unit.place[1] for key, unit in state.units.items()} == {k: e.seq for k, e in units.items()}
    assert {cash.denomination_minor: cash.count for cash in state.cash.values()} == {
        each: notes.count(each) for each in notes
    }


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
