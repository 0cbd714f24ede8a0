"""Where changes meet readers: told in order, remembered for a while, and cheap when nobody listens."""

import time
from collections.abc import Callable, Iterator, Mapping

from kmonitor.query_api.live.frames import Change, Filter, Frame, Portion, body, id_line
from kmonitor.query_api.live.ring import Ring
from kmonitor.query_api.live.subscriber import Subscriber
from kmonitor.query_api.live.vector import Place, Vector
from kmonitor.query_api.sight import Sight

REMEMBERED = 20_000
PIECE = 500
"""Changes encoded at once when a reader resumes."""
ATTENDED_S = 60.0
"""For so long after the last reader left it may come back and resume."""


class Hub:
    """Made when everything has been read; `positions` is where that was."""

    def __init__(self, positions: Vector, remembered: int = REMEMBERED) -> None:
        self._vector = positions
        self._ring = Ring(positions, remembered)
        self._subscribers: set[Subscriber] = set()
        self._left_at = -ATTENDED_S

    @property
    def subscribers(self) -> int:
        return len(self._subscribers)

    @property
    def is_attended(self) -> bool:
        """Whether somebody listens, or has just left and may come back."""
        return bool(self._subscribers) or time.monotonic() - self._left_at < ATTENDED_S

    @property
    def now(self) -> bytes:
        """The id line of the present."""
        return id_line(self._vector)

    def tell(self, changes: list[Change], positions: Mapping[Place, int]) -> None:
        """A portion of records: what they change, and the next offset of each place they touch."""
        for change in changes:
            self._ring.append(change)
        if changes and self._subscribers:
            self._offer(Portion(_frames(changes, self._vector)))
        self._vector.take(positions)

    @property
    def sights(self) -> set[Sight]:
        """What those who listen may see: each of these gets a summary of its own."""
        return {subscriber.wanted.sight for subscriber in self._subscribers}

    def tell_summary(self, summary: object, sight: Sight) -> None:
        """The summary is no record: it is told as of the present and never again."""
        frame = Frame("summary", None, self.now, body("summary", summary), sight.dealer)
        portion = Portion([frame])
        for subscriber in self._subscribers:
            if subscriber.wanted.sight == sight:
                subscriber.offer(portion)

    def part_with_refused(self) -> None:
        """Who may listen no longer (signed out, revoked, in another role) hears no more."""
        for subscriber in self._subscribers:
            if not subscriber.is_allowed():
                subscriber.close()

    def skip(self, positions: Mapping[Place, int]) -> None:
        """Records that were not looked at, since nobody listens."""
        self._ring.skip(positions)
        self._vector.take(positions)

    def join(self, wanted: Filter, is_allowed: Callable[[], bool] = lambda: True) -> Subscriber:
        subscriber = Subscriber(wanted, is_allowed)
        self._subscribers.add(subscriber)
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)
        self._left_at = time.monotonic()

    def close(self) -> None:
        for subscriber in self._subscribers:
            subscriber.close()

    def resumed(self, last_event_id: str) -> Iterator[Portion] | None:
        """What a reader has missed since that id; None when that can no longer be told."""
        vector = self._vector.read(last_event_id)
        if vector is None or not self._vector.covers(vector):
            return None
        missed = self._ring.since(vector)
        if missed is None:
            return None
        pieces = (missed[start : start + PIECE] for start in range(0, len(missed), PIECE))
        return (Portion(_frames(piece, vector)) for piece in pieces)

    def _offer(self, portion: Portion) -> None:
        for subscriber in self._subscribers:
            subscriber.offer(portion)


def _frames(changes: list[Change], vector: Vector) -> list[Frame]:
    """The changes as frames; the vector goes along with them."""
    frames = []
    for change in changes:
        if change.is_last:
            vector.advance(change.place, change.offset + 1)
        said = body(change.kind, change.item)
        frames.append(Frame(change.kind, change.terminal, id_line(vector), said, change.dealer))
    return frames
