"""A kiosk's life: power and hours, heartbeats, payers and wear, as events in the order of their time."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kmonitor.fleet_simulator.agenda import Agenda, Happening, Turned
from kmonitor.fleet_simulator.condition import MODEM, Condition
from kmonitor.fleet_simulator.payers import Payers
from kmonitor.fleet_simulator.power import Power
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.rhythm import LocalTime
from kmonitor.fleet_simulator.till import Boxes
from kmonitor.fleet_simulator.upkeep import Upkeep
from kmonitor.fleet_simulator.wear import DAY, HOUR, Wear

SUPPLIES_EVERY_S = 2 * HOUR
LOCKED_EVERY_S = 150 * DAY


class Life(NamedTuple):
    """The parts of a kiosk that a scenario may bend."""

    who: Profile
    agenda: Agenda
    condition: Condition
    upkeep: Upkeep
    power: Power
    payers: Payers
    prefix: str


Bend = Callable[[Life], None]
"""Puts into a life, before it begins, what a scenario does to it."""


class Fate(NamedTuple):
    """What scenarios hold for a kiosk. A `spared` one has no mishap besides, so that its truth is plain."""

    bends: Sequence[Bend] = ()
    spared: bool = False


NO_FATE = Fate()


class Kiosk:
    """One kiosk from `start` on; the same seed, start, run and fate give the same life.

    `prefix` names its payments apart from those of any earlier life, which left `boxes` behind.
    """

    def __init__(
        self,
        who: Profile,
        seed: int,
        start: float,
        run: int = 1,
        prefix: str = "p",
        *,
        boxes: Boxes | None = None,
        fate: Fate = NO_FATE,
    ) -> None:
        self._who = who
        self._agenda = Agenda(f"{seed}/{who.terminal}/{run}", start)
        self._condition = Condition(self._agenda, who, boxes)
        self._upkeep = Upkeep(self._condition, prefix)
        local = LocalTime(who.timezone)
        rng = self._agenda.rng
        wear = Wear(self._condition, self._upkeep, spared=fate.spared)
        payers = Payers(self._condition, wear, local, prefix)
        self._power = Power(self._condition, local, self._beat)
        self._agenda.after(rng.uniform(60, SUPPLIES_EVERY_S), self._tell_supplies)
        self._agenda.after(rng.uniform(0, DAY), self._report_z)
        if not fate.spared:
            self._power.wear_out()
            self._agenda.after(rng.expovariate(1 / LOCKED_EVERY_S), self._lock)
        life = Life(who, self._agenda, self._condition, self._upkeep, self._power, payers, prefix)
        for bend in fate.bends:
            bend(life)

    @property
    def next_at(self) -> float:
        """When something may happen next."""
        return self._agenda.next_at

    def advance(self, until: float) -> list[Happening | Turned]:
        """What happens before `until`, in order, each moment once."""
        return self._agenda.advance(until)

    def _beat(self, start: int) -> None:
        """A heartbeat, again and again until the power goes."""
        if self._power.is_since(start):
            self._say_heartbeat()
            self._agenda.after(self._who.heartbeat_s, self._beat, start)

    def _say_heartbeat(self) -> None:
        rng = self._agenda.rng
        link: dict[str, object] = {"kind": self._who.link.kind, "ping_ms": int(rng.lognormvariate(4, 0.5))}
        gsm: dict[str, object] = {}
        if MODEM in self._condition.words:
            link |= {"operator": self._who.link.operator, "signal_percent": 35 + int(63 * rng.random())}
            gsm["sim_balance_minor"] = 20_000 + int(30_000 * rng.random())
        self._agenda.say(
            "terminal.heartbeat.v1",
            uptime_s=int(self._agenda.now - self._condition.on_since),
            unsent_payments=0,
            cpu_percent=4 + int(34 * rng.random()),
            memory_percent=41 + int(31 * rng.random()),
            disk_free_mb=18_000 + int(900 * rng.random()),
            temperature_c=29 + int(18 * rng.random()),
            link=link,
            **gsm,
        )

    def _tell_supplies(self) -> None:
        if self._condition.when_free(self._tell_supplies):
            self._agenda.after(SUPPLIES_EVERY_S, self._tell_supplies)
            self._condition.tell_supplies()

    def _report_z(self) -> None:
        self._agenda.after(DAY, self._report_z)
        self._upkeep.report_z()

    def _lock(self) -> None:
        if self._condition.when_free(self._lock):
            self._agenda.after(self._agenda.rng.expovariate(1 / LOCKED_EVERY_S), self._lock)
            self._condition.is_locked = True
            self._agenda.say("terminal.locked.v1", reason="dealer_balance", by="office")
            self._agenda.after(self._agenda.rng.uniform(900, 5 * HOUR), self._unlock)

    def _unlock(self) -> None:
        if self._condition.when_free(self._unlock):
            self._condition.is_locked = False
            self._agenda.say("terminal.unlocked.v1", reason="dealer_balance", by="office")


def day(who: Profile, seed: int, on: date) -> list[Happening]:
    """A terminal's calendar day, from midnight to midnight of its own zone."""
    zone = ZoneInfo(who.timezone)
    midnight = datetime.combine(on, time(), zone)
    kiosk = Kiosk(who, seed, midnight.timestamp(), on.toordinal(), f"{on:%y%m%d}")
    lived = kiosk.advance(datetime.combine(on + timedelta(days=1), time(), zone).timestamp())
    return [each for each in lived if isinstance(each, Happening)]
