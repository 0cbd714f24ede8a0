"""A terminal as it was: its state put together from the last words of its registers, by the live fold."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.clock import Clock
from kmonitor.domain.sequences import Seen
from kmonitor.domain.terminal.cash_box import Box, Stretch
from kmonitor.domain.terminal.registers import ClockState, Place, clock_state
from kmonitor.domain.terminal.state import TerminalState, apply
from kmonitor.events.types import Event


class Word(Struct, frozen=True):
    """An event that was the last of its register."""

    place: Place
    time: datetime
    event: Event


class Moved(Struct, frozen=True):
    """What came into a unit of one kind of note or coin, less what went out, since its last collection."""

    unit: str
    kind: str
    """As `RUB/50000`."""
    count: int
    last: Place


class Presence(Struct, frozen=True):
    """When a terminal was heard by then, and what its last report said; `offset` is the last one known."""

    partition: int
    offset: int
    first_received_at: datetime | None = None
    received_at: datetime | None = None
    sent_at: datetime | None = None
    queued: int = 0


class Times(Struct, frozen=True):
    """The newest place that had happened, and when the terminal's last event and last payment were."""

    newest: Place
    last_event_at: datetime | None = None
    last_payment_at: datetime | None = None


class Pieces(Struct, frozen=True):
    """All that an archive knows of a terminal at a moment."""

    words: Iterable[Word]
    moved: Iterable[Moved]
    presence: Presence
    times: Times


def state_of(terminal: str, pieces: Pieces) -> TerminalState:
    """The state that folding every event that had happened would give, `seen` apart from its newest number.

    Of a register only the last word matters, in whatever order; so folding the last words alone is enough.
    """
    state = TerminalState(terminal=terminal)
    for word in pieces.words:
        state = apply(state, word.event, word.place, word.time)
    boxes = dict(state.boxes)
    for each in pieces.moved:
        box = boxes.get(each.unit, Box())
        boxes[each.unit] = replace(box, stretches=(*box.stretches, Stretch(each.last, {each.kind: each.count})))
    heard, (epoch, seq) = pieces.presence, pieces.times.newest
    return replace(
        state,
        boxes=boxes,
        partition=heard.partition,
        offset=heard.offset,
        seen={epoch: Seen(((seq, seq),))} if seq else {},
        last_event_at=pieces.times.last_event_at,
        last_payment_at=pieces.times.last_payment_at,
        first_received_at=heard.first_received_at,
        last_received_at=heard.received_at,
        queued=heard.queued,
        clock=_clock(heard),
    )


def _clock(heard: Presence) -> ClockState:
    if heard.sent_at is None or heard.received_at is None:
        return ClockState()
    return clock_state(Clock(heard.sent_at, heard.received_at))
