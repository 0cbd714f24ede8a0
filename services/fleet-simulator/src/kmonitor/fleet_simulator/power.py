"""When a kiosk is on: its hours, mains and battery, restarts and updates."""

from collections.abc import Callable
from datetime import timedelta

from kmonitor.fleet_simulator.condition import Condition
from kmonitor.fleet_simulator.profile import NEWEST_SOFTWARE
from kmonitor.fleet_simulator.rhythm import LocalTime
from kmonitor.fleet_simulator.wear import DAY, HOUR

HANGS_EVERY_S = 20 * DAY
BLACKOUT_EVERY_S = 45 * DAY
REBOOTED_EVERY_S = 30 * DAY
UPDATED_EVERY_S = 60 * DAY
CRASHES = 0.3
"""The share of hangs of which the software could still say that it crashed."""


class Power:
    """`begin` is called at each start with its number, which says later whether that start still lasts."""

    def __init__(self, condition: Condition, local: LocalTime, begin: Callable[[int], None]) -> None:
        self._condition = condition
        self._agenda = condition.agenda
        self._local = local
        self._begin = begin
        self._starts = 0
        self._mains_back_at = condition.agenda.now
        self._is_on_battery = False
        self._agenda.after(self._agenda.rng.uniform(0, 20), self._first_start)

    def wear_out(self) -> None:
        """From now on it hangs, loses its mains, and is rebooted and updated, now and then."""
        rng = self._agenda.rng
        self._agenda.after(rng.expovariate(1 / HANGS_EVERY_S), self._hang)
        self._agenda.after(rng.expovariate(1 / BLACKOUT_EVERY_S), self._black_out)
        self._agenda.after(rng.expovariate(1 / REBOOTED_EVERY_S), self._reboot)
        self._agenda.after(rng.expovariate(1 / UPDATED_EVERY_S), self._update)

    def is_since(self, start: int) -> bool:
        """Whether it is on, and has been since this start."""
        return self._condition.is_on and start == self._starts

    def stop(self, reason: str, on_again_at: float, next_reason: str = "power_on") -> None:
        """Nothing is said after this until it is started again."""
        self._agenda.say("terminal.stopped.v1", reason=reason)
        self.go_dark(on_again_at, next_reason)

    def go_dark(self, on_again_at: float, next_reason: str) -> None:
        """Without a word."""
        self._condition.is_on = False
        self._condition.on_again_at = on_again_at
        self._agenda.at(on_again_at, self._start, next_reason)

    def lose_mains(self, back_at: float, went_off: Callable[[bool], None] = lambda announced: None) -> None:
        """With a battery it lives on for minutes and can say that it stops; `went_off` hears whether it did."""
        if not self._condition.is_on:
            self._mains_back_at = max(self._mains_back_at, back_at)
        elif self._condition.when_free(self.lose_mains, back_at, went_off):
            self._mains_back_at = back_at
            if self._condition.who.has_ups:
                self._is_on_battery = True
                self._agenda.say("power.changed.v1", source="ups_ok")
                self._agenda.after(self._agenda.rng.uniform(180, 480), self._battery_low, back_at, went_off)
                self._agenda.at(back_at, self._mains_return)
            else:
                self.go_dark(back_at, "power_on")
                went_off(False)

    def _battery_low(self, back_at: float, went_off: Callable[[bool], None]) -> None:
        if self._is_on_battery and self._condition.is_on and self._agenda.now < back_at:
            self._agenda.say("power.changed.v1", source="ups_low")
            self._agenda.after(self._agenda.rng.uniform(60, 150), self._battery_empty, back_at, went_off)

    def _battery_empty(self, back_at: float, went_off: Callable[[bool], None]) -> None:
        if not self._is_on_battery or not self._condition.is_on or self._agenda.now >= back_at:
            return
        if self._condition.when_free(self._battery_empty, back_at, went_off):
            self.stop("power_off", back_at)
            went_off(True)

    def _mains_return(self) -> None:
        if self._is_on_battery and self._condition.is_on:
            self._is_on_battery = False
            self._agenda.say("power.changed.v1", source="mains")

    def _first_start(self) -> None:
        self._start("power_on")
        # Heard once also outside its hours, so that it is known to be off and not merely quiet.
        if self._condition.is_on and (opens := self._next_opening()) is not None:
            self.stop("operator", opens)

    def _start(self, reason: str) -> None:
        condition, who = self._condition, self._condition.who
        if self._agenda.now < self._mains_back_at:
            self.go_dark(self._mains_back_at + self._agenda.rng.uniform(0, 120), reason)
            return
        condition.is_on, condition.on_since = True, self._agenda.now
        self._starts += 1
        self._agenda.say(
            "terminal.started.v1", reason=reason, software=condition.software, timezone=who.timezone
        )
        condition.over("power")
        self._mains_return()
        condition.introduce()
        condition.tell_supplies()
        self._begin(self._starts)
        if who.hours is not None:
            self._agenda.at(self._next_moment(who.hours[1]), self._close, self._starts)

    def _close(self, start: int) -> None:
        if self.is_since(start) and self._condition.when_free(self._close, start):
            opens = self._next_opening()
            self.stop("power_off", self._agenda.now + HOUR if opens is None else opens)

    def _hang(self) -> None:
        """The computer hangs, mostly without a word; the watchdog starts it again."""
        if self._condition.when_free(self._hang):
            rng = self._agenda.rng
            self._agenda.after(rng.expovariate(1 / HANGS_EVERY_S), self._hang)
            back_at = self._agenda.now + rng.uniform(50, 140)
            if rng.random() < CRASHES:
                self.stop("crash", back_at, "unknown")
            else:
                self.go_dark(back_at, "watchdog")

    def _black_out(self) -> None:
        rng = self._agenda.rng
        self._agenda.after(rng.expovariate(1 / BLACKOUT_EVERY_S), self._black_out)
        self.lose_mains(self._agenda.now + rng.uniform(300, 3 * HOUR))

    def _reboot(self) -> None:
        if self._condition.when_free(self._reboot):
            rng = self._agenda.rng
            self._agenda.after(rng.expovariate(1 / REBOOTED_EVERY_S), self._reboot)
            self.stop("reboot", self._agenda.now + rng.uniform(60, 150), "reboot")

    def _update(self) -> None:
        if self._condition.when_free(self._update):
            rng = self._agenda.rng
            self._agenda.after(rng.expovariate(1 / UPDATED_EVERY_S), self._update)
            self._condition.software = NEWEST_SOFTWARE
            self.stop("update", self._agenda.now + rng.uniform(120, 420), "update")

    def _next_opening(self) -> float | None:
        """When it opens next; None if it is open now."""
        hours = self._condition.who.hours
        if hours is None or hours[0] <= self._local(self._agenda.now).hour < hours[1]:
            return None
        return self._next_moment(hours[0]) + self._agenda.rng.uniform(0, 300)

    def _next_moment(self, hour: int) -> float:
        """The next time that the local clock shows this hour."""
        local = self._local(self._agenda.now)
        moment = local.replace(hour=hour, minute=0, second=0, microsecond=0)
        return (moment if moment > local else moment + timedelta(days=1)).timestamp()
