"""The vector of offsets: how far into every partition a reader of the live stream has got."""

import re
from collections.abc import Iterable, Mapping

from kmonitor.kafka.topics import (
    FAULT_EVENTS,
    OPEN_FAULTS,
    OPERATIONS,
    TERMINAL_EVENTS,
    TERMINAL_STATES,
)

Place = tuple[str, int]
TOPICS = (OPERATIONS, TERMINAL_STATES, OPEN_FAULTS, FAULT_EVENTS, TERMINAL_EVENTS)
FORM = re.compile(r"v1(?:-\d{1,18}(?:\.\d{1,18}){0,999}){5}", re.ASCII)


class Vector:
    """The next offset of each place; any instance reads what any other wrote."""

    def __init__(self, places: Iterable[Place]) -> None:
        known = sorted(places, key=lambda place: (TOPICS.index(place[0]), place[1]))
        self._at = {place: number for number, place in enumerate(known)}
        self._next = [0] * len(known)
        ends = [sum(topic == place[0] for place in known) for topic in TOPICS]
        self._starts = [sum(ends[:number]) for number in range(len(ends) + 1)]
        self._texts: list[str] | None = None

    def __getitem__(self, place: Place) -> int:
        return self._next[self._at[place]]

    def advance(self, place: Place, offset: int) -> None:
        """Everything below this offset of the place is included."""
        at = self._at[place]
        if offset > self._next[at]:
            self._next[at] = offset
            if self._texts is not None:
                self._texts[at] = str(offset)

    def take(self, positions: Mapping[Place, int]) -> None:
        for place, offset in positions.items():
            self.advance(place, offset)

    def copy(self) -> "Vector":
        twin = Vector(self._at)
        twin._next = list(self._next)
        return twin

    def covers(self, other: "Vector") -> bool:
        """Whether nothing that the other includes is missing here."""
        return all(mine >= theirs for mine, theirs in zip(self._next, other._next, strict=True))

    def __str__(self) -> str:
        if self._texts is None:
            self._texts = [str(offset) for offset in self._next]
        pairs = zip(self._starts, self._starts[1:], strict=False)
        return "-".join(["v1", *(".".join(self._texts[start:end]) for start, end in pairs)])

    def read(self, text: str) -> "Vector | None":
        """The vector of the same places that a text tells; None if it tells none."""
        if not FORM.fullmatch(text):
            return None
        said = [[int(offset) for offset in group.split(".")] for group in text.split("-")[1:]]
        sizes = [end - start for start, end in zip(self._starts, self._starts[1:], strict=False)]
        if [len(group) for group in said] != sizes:
            return None
        twin = self.copy()
        twin._next = [offset for group in said for offset in group]
        return twin
