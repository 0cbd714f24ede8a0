"""What every scenario says: whom it is about, when it strikes, and whether it is one incident."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from kmonitor.fleet_simulator.condition import Unit
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.turns import Trouble

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


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

    def incident(self) -> Trouble | None:
        """What is to be seen of all its terminals as one."""
        return None


def key(unit: Unit) -> str:
    """The name of a unit's trouble, which ends with the unit's word."""
    return "/".join(unit)
