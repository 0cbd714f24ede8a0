"""People with keys: they open the kiosk, do their work step by step, and close it again."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from kmonitor.fleet_simulator.condition import Condition

Work = Callable[[str], None]
"""A step of somebody's work; it is told who does it."""


class Role(NamedTuple):
    """The service menu and the door that somebody opens; each step of the work takes so many seconds."""

    role: str
    door: str
    names: tuple[str, ...]
    step_s: tuple[float, float]


TECHNICIAN = Role("technician", "upper", ("t.sidorov", "t.akhmetov", "t.belova"), (40, 180))
SERVICE = Role("service", "cabinet", ("s.orlova", "s.kim", "s.petrenko"), (30, 120))
COLLECTOR = Role("collection", "safe", ("crew-1", "crew-2", "crew-3", "crew-4"), (40, 120))
LOWER_SAFE = ("КС-Терминал М",)
"""Models that have their cassettes behind the lower door."""


class Visits:
    """Whoever comes waits until nobody pays, and nobody can pay until he has gone."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._agenda = condition.agenda

    def come(self, role: Role, works: Sequence[Work]) -> None:
        if not self._condition.when_free(self.come, role, works):
            return
        self._condition.is_occupied = True
        by = self._agenda.rng.choice(role.names)
        self._agenda.say("service_menu.opened.v1", role=role.role, by=by)
        self._agenda.say("door.changed.v1", door=self._door(role), open=True)
        self._next(role, by, list(works))

    def _next(self, role: Role, by: str, works: list[Work]) -> None:
        pause = self._agenda.rng.uniform(*role.step_s)
        if works:
            self._agenda.after(pause, self._work, role, by, works)
        else:
            self._agenda.after(pause / 2, self._go, role, by)

    def _work(self, role: Role, by: str, works: list[Work]) -> None:
        works[0](by)
        self._next(role, by, works[1:])

    def _go(self, role: Role, by: str) -> None:
        self._agenda.say("door.changed.v1", door=self._door(role), open=False)
        self._agenda.say("service_menu.closed.v1", role=role.role, by=by)
        self._condition.is_occupied = False

    def _door(self, role: Role) -> str:
        has_lower_safe = role is COLLECTOR and self._condition.who.model in LOWER_SAFE
        return "lower" if has_lower_safe else role.door
