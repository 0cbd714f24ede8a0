"""The last changes, kept so that a reader who lost the connection misses nothing."""

from collections import deque
from collections.abc import Mapping

from kmonitor.query_api.live.frames import Change
from kmonitor.query_api.live.vector import Place, Vector


class Ring:
    """Bounded by number. It knows the vector below which it has forgotten."""

    def __init__(self, positions: Vector, most: int) -> None:
        self._floor = positions.copy()
        self._changes: deque[Change] = deque()
        self._most = most

    def __len__(self) -> int:
        return len(self._changes)

    def append(self, change: Change) -> None:
        self._changes.append(change)
        while len(self._changes) > self._most:
            oldest = self._changes.popleft()
            self._floor.advance(oldest.place, oldest.offset + 1)

    def skip(self, positions: Mapping[Place, int]) -> None:
        """Records up to there were not looked at, since nobody listened."""
        self._floor.take(positions)

    def since(self, vector: Vector) -> list[Change] | None:
        """What came after a vector, in order; None when some of it is forgotten."""
        if not vector.covers(self._floor):
            return None
        return [change for change in self._changes if change.offset >= vector[change.place]]
