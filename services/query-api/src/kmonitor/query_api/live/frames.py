"""What the live stream says, as Server-Sent Events: each encoded once, however many listen."""

from functools import cached_property
from typing import Literal, get_args

from msgspec import Struct

from kmonitor.events.codec import encode
from kmonitor.query_api.live.vector import Place
from kmonitor.query_api.sight import EVERYTHING, Sight

Kind = Literal["terminal", "fault", "summary", "payment", "reset"]
KINDS: tuple[Kind, ...] = get_args(Kind)
HEARTBEAT = b": still here\n\n"


class Change(Struct, frozen=True):
    """Something to tell, and the record that caused it. `is_last`: the record causes nothing more, so whoever
    was told this has all of it. `dealer`: whose it is."""

    kind: Kind
    place: Place
    offset: int
    terminal: str
    item: Struct
    is_last: bool = True
    dealer: str | None = None


class Frame(Struct, frozen=True):
    """One event of the stream; `id_line` is apart because a snapshot must not be resumed in its middle."""

    kind: Kind
    terminal: str | None
    id_line: bytes
    body: bytes
    dealer: str | None = None


class Filter(Struct, frozen=True):
    """What a reader asked for (None is everything), and what of it that reader may see."""

    terminal: str | None = None
    kinds: frozenset[Kind] | None = None
    sight: Sight = EVERYTHING

    @property
    def is_open(self) -> bool:
        is_whole = self.sight.dealer is None and self.sight.shows_payments
        return is_whole and self.terminal is None and self.kinds is None

    def wants(self, kind: Kind) -> bool:
        """Whether events of this kind are told at all."""
        if kind == "payment" and not self.sight.shows_payments:
            return False
        return self.kinds is None or kind in self.kinds or kind == "reset"

    def passes(self, frame: Frame) -> bool:
        is_seen = self.wants(frame.kind) and self.sight.shows(frame.dealer)
        return is_seen and (self.terminal is None or frame.terminal in (None, self.terminal))


class Portion:
    """Frames told together; every reader without a filter shares the same bytes."""

    def __init__(self, frames: list[Frame]) -> None:
        self.frames = frames
        self.size = sum(len(frame.id_line) + len(frame.body) for frame in frames)

    @cached_property
    def whole(self) -> bytes:
        return b"".join([part for frame in self.frames for part in (frame.id_line, frame.body)])

    def text(self, wanted: Filter, *, with_ids: bool) -> bytes:
        """The bytes for one reader."""
        if wanted.is_open and with_ids:
            return self.whole
        passed = [frame for frame in self.frames if wanted.passes(frame)]
        if not with_ids:
            return b"".join([frame.body for frame in passed])
        return b"".join([part for frame in passed for part in (frame.id_line, frame.body)])


def body(kind: Kind, item: object) -> bytes:
    """An event without its id. JSON of ours holds no line break, so one `data` line is enough."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), encode(item))


def id_line(vector: object) -> bytes:
    return b"id: %b\n" % str(vector).encode()
