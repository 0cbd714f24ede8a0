"""Terminals that lose their place: a wrong clock, a lost counter, a spool from a backup."""

from typing import Literal

from kmonitor.fleet_simulator.kiosk import Life
from kmonitor.fleet_simulator.scenarios.scenario import DAY, MINUTE, Scenario, Window
from kmonitor.fleet_simulator.turns import ClockSet, Reinstalled, SpoolRestored

Clock = Literal["ahead", "behind", "1970", "2100"]
CLOCKS: tuple[Clock, ...] = ("ahead", "behind", "1970", "2100")
FEBRUARY_1970, FEBRUARY_2100 = 31 * DAY, 4_105_123_200.0
"""Seconds since 1970."""


class WrongClock(Scenario, frozen=True, kw_only=True, tag="wrong_clock"):
    """A clock is ten minutes off, or in another century; `clock` says which, by turns if it says nothing."""

    clock: Clock | None = None
    terminals: int = 4

    def strike(self, life: Life, window: Window) -> None:
        if life.condition.when_free(self.strike, life, window):
            clock = self.clock or CLOCKS[window.nth % len(CLOCKS)]
            life.agenda.turn(ClockSet(_skew_s(clock, life.agenda.now)))
            life.condition.introduce()
            life.condition.suffers("clock", self.trouble("condition", "clock_wrong", "terminals"))
            life.agenda.at(window.end, self._go_right, life)

    def _go_right(self, life: Life) -> None:
        if life.condition.when_free(self._go_right, life):
            life.agenda.turn(ClockSet(None))
            life.condition.introduce()
            life.condition.over("clock")


def _skew_s(clock: Clock, now: float) -> float:
    match clock:
        case "ahead":
            return 10 * MINUTE
        case "behind":
            return -10 * MINUTE
        case "1970":
            return FEBRUARY_1970 - now
        case "2100":
            return FEBRUARY_2100 - now


class CounterLost(Scenario, frozen=True, kw_only=True, tag="reinstalled"):
    """Software is installed anew and the counter is lost: after the pause a new epoch begins with number 1."""

    lasts: float = 20 * MINUTE

    def strike(self, life: Life, window: Window) -> None:
        if life.condition.when_free(self.strike, life, window):
            again_at = life.agenda.now + self.lasts
            # Before the kiosk starts again, so at the same moment but earlier in the agenda.
            life.agenda.at(again_at, life.agenda.turn, Reinstalled())
            life.power.stop("operator", again_at, "unknown")
            life.condition.suffers("power", self.trouble("status", "off"))
            life.agenda.at(again_at + 1, self._tell, life)

    def _tell(self, life: Life) -> None:
        life.condition.suffers("epoch", self.trouble("condition", "new_epoch", "completeness"))


class RestoredSpool(Scenario, frozen=True, kw_only=True, tag="restored_spool"):
    """The disk comes back from a backup: the last `numbers` are said again, with other contents."""

    numbers: int = 20
    lasts: float = 5 * MINUTE

    def strike(self, life: Life, window: Window) -> None:
        if life.condition.when_free(self.strike, life, window):
            again_at = life.agenda.now + self.lasts
            life.agenda.at(again_at, life.agenda.turn, SpoolRestored(self.numbers))
            life.power.stop("reboot", again_at, "unknown")
            life.agenda.at(again_at + 1, self._tell, life)

    def _tell(self, life: Life) -> None:
        life.condition.suffers("conflict", self.trouble("conflict", "identity_conflict"))
