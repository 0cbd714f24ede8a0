"""What every scenario says: whom it is about, when it strikes, and whether it is one incident."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from kmonitor.fleet_simulator.kiosk import Life
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.turns import Trouble, What, Witness

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
WITNESSES: dict[What, Witness] = {
    "fault": "faults",
    "status": "terminals",
    "conflict": "quarantine",
    "backlog": "completeness",
    "incident": "incident",
}
"""Who sees what. A condition is seen by one or another: its scenario says by whom."""


class Window(NamedTuple):
    """From when until when, in the kiosk's own time. `nth` numbers the terminals of one scenario from 0."""

    start: float
    end: float
    nth: int


class Scenario(Struct, frozen=True, kw_only=True, tag_field="scenario", forbid_unknown_fields=True):
    """What may be wished of any scenario.

    It strikes so many seconds of the kiosks' own time after the live part begins (before it, if negative),
    lasts so long, and is about so many terminals; 0 is all that it may be about. The terminals of one that
    `spares` them suffer nothing else, and no other such scenario is about them.
    """

    after: float = 5 * MINUTE
    lasts: float = HOUR
    terminals: int = 1
    spares = True

    @property
    def name(self) -> str:
        return str(self.__struct_config__.tag)

    def about(self, park: Sequence[Profile]) -> list[Profile]:
        """The terminals that it may be about: always on and with a good clock, so that nothing else shows."""
        return [who for who in park if who.hours is None and abs(who.skew_s) < 5]

    def bend(self, life: Life, window: Window) -> None:
        """Put into a life, before it begins, what it does to it."""
        life.agenda.at(window.start, self.strike, life, window)

    def strike(self, life: Life, window: Window) -> None:
        """What it does to a kiosk when its window begins."""

    def trouble(self, what: What, condition: str, by: Witness | None = None, /, **about: str) -> Trouble:
        """What must be seen of it; `about` are the trouble's `device`, `unit` and `subject`."""
        witness = by or WITNESSES[what]
        return Trouble(scenario=self.name, what=what, condition=condition, detected_by=witness, **about)

    def incident(self) -> Trouble | None:
        """What is to be seen of all its terminals as one."""
        return None
