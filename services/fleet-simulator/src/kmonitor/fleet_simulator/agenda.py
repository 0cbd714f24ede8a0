"""A kiosk's time: what is to come, in order, and what was said when it came."""

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from typing import Any

from msgspec import Struct

from kmonitor.fleet_simulator.turns import Turn

Step = Callable[..., None]


class Happening(Struct, frozen=True):
    """An event as the protocol says it, but without `seq` and `at`; `moment` is the true time in seconds."""

    moment: float
    says: dict[str, Any]


class Turned(Struct, frozen=True):
    """Something else became of the terminal at this moment."""

    moment: float
    turn: Turn


class Agenda:
    """Runs steps in the order of their time.

    One source of chance, used only inside steps: so what happens depends on the seed alone, and not on
    how its time is cut into pieces.
    """

    def __init__(self, seed: str, start: float) -> None:
        self.rng = Random(seed)
        self.now = start
        self._steps: list[tuple[float, int, Step, tuple[Any, ...]]] = []
        self._count = 0
        self._said: list[Happening | Turned] = []

    @property
    def next_at(self) -> float:
        """When the next step is due."""
        return self._steps[0][0]

    def at(self, moment: float, step: Step, *arguments: Any) -> None:
        """Do it at that moment, or now if that has passed."""
        self._count += 1
        heappush(self._steps, (max(moment, self.now), self._count, step, arguments))

    def after(self, seconds: float, step: Step, *arguments: Any) -> None:
        self.at(self.now + seconds, step, *arguments)

    def say(self, type_: str, **fields: Any) -> None:
        """It happened now."""
        self._said.append(Happening(self.now, {"type": type_, **fields}))

    def turn(self, turn: Turn) -> None:
        """It became so now."""
        self._said.append(Turned(self.now, turn))

    def advance(self, until: float) -> list[Happening | Turned]:
        """Everything that happens before `until`, in order."""
        while self._steps and self._steps[0][0] < until:
            self.now, _, step, arguments = heappop(self._steps)
            step(*arguments)
        said, self._said = self._said, []
        return said
