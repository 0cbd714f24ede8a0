"""A kiosk's life: power and hours, heartbeats, payers and wear, as events in the order of their time."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kmonitor.fleet_simulator.agenda import Agenda, Happening
from kmonitor.fleet_simulator.condition import MODEM, Condition
from kmonitor.fleet_simulator.payers import Payers
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.rhythm import LocalTime
from kmonitor.fleet_simulator.wear import DAY, HOUR, Wear

SUPPLIES_EVERY_S = 2 * HOUR
HANGS_EVERY_S = 20 * DAY
BLACKOUT_EVERY_S = 45 * DAY
LOCKED_EVERY_S = 150 * DAY


class Kiosk:
    """One kiosk from `start` on; the same seed, start and run give the same life.

    `prefix` names its payments apart from those of any earlier life.
    """

    def __init__(self, who: Profile, seed: int, start: float, run: int = 1, prefix: str = "p") -> None:
        self._who = who
        self._local = LocalTime(who.timezone)
        self._agenda = Agenda(f"{seed}/{who.terminal}/{run}", start)
        self._condition = Condition(self._agenda, who)
        self._powers = 0
        rng = self._agenda.rng
        Payers(self._condition, Wear(self._condition, prefix), self._local, prefix)
        self._agenda.after(rng.uniform(0, 20), self._first_start)
        self._agenda.after(rng.uniform(60, SUPPLIES_EVERY_S), self._tell_supplies)
        self._agenda.after(rng.expovariate(1 / HANGS_EVERY_S), self._hang)
        self._agenda.after(rng.expovariate(1 / BLACKOUT_EVERY_S), self._black_out)
        self._agenda.after(rng.expovariate(1 / LOCKED_EVERY_S), self._lock)

    @property
    def next_at(self) -> float:
        """When something may happen next."""
        return self._agenda.next_at

    def advance(self, until: float) -> list[Happening]:
        """What happens before `until`, in order, each moment once."""
        return self._agenda.advance(until)

    def _first_start(self) -> None:
        opens = self._next_opening()
        if opens is None:
            self._start("power_on")
        else:
            # Heard once, so that it is known to be off and not merely quiet.
            self._start("power_on")
            self._stop("operator", opens)

    def _start(self, reason: str) -> None:
        condition, who = self._condition, self._who
        condition.is_on, condition.on_since = True, self._agenda.now
        self._powers += 1
        self._agenda.say("terminal.started.v1", reason=reason, software=who.software, timezone=who.timezone)
        for unit in condition.words:
            condition.repeat(unit)
        condition.tell_supplies()
        self._beat(self._powers)
        if who.hours is not None:
            self._agenda.at(self._next_moment(who.hours[1]), self._close, self._powers)

    def _stop(self, reason: str, on_again_at: float) -> None:
        """Nothing is said after this until it is started again."""
        self._agenda.say("terminal.stopped.v1", reason=reason)
        self._go_dark(on_again_at, "power_on")

    def _go_dark(self, on_again_at: float, reason: str) -> None:
        self._condition.is_on = False
        self._condition.on_again_at = on_again_at
        self._agenda.at(on_again_at, self._start, reason)

    def _close(self, power: int) -> None:
        if power == self._powers and self._condition.when_free(self._close, power):
            opens = self._next_opening()
            self._stop("power_off", self._agenda.now + HOUR if opens is None else opens)

    def _beat(self, power: int) -> None:
        """A heartbeat, again and again until the power goes."""
        if power != self._powers or not self._condition.is_on:
            return
        self._say_heartbeat()
        self._agenda.after(self._who.heartbeat_s, self._beat, power)

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

    def _hang(self) -> None:
        """The computer hangs without a word; the watchdog starts it again."""
        if self._condition.when_free(self._hang):
            self._agenda.after(self._agenda.rng.expovariate(1 / HANGS_EVERY_S), self._hang)
            self._go_dark(self._agenda.now + self._agenda.rng.uniform(50, 140), "watchdog")

    def _black_out(self) -> None:
        if self._condition.when_free(self._black_out):
            self._agenda.after(self._agenda.rng.expovariate(1 / BLACKOUT_EVERY_S), self._black_out)
            self._stop("power_off", self._agenda.now + self._agenda.rng.uniform(300, 3 * HOUR))

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

    def _next_opening(self) -> float | None:
        """When it opens next; None if it is open now."""
        if self._who.hours is None:
            return None
        opens, closes = self._who.hours
        if opens <= self._local(self._agenda.now).hour < closes:
            return None
        return self._next_moment(opens) + self._agenda.rng.uniform(0, 300)

    def _next_moment(self, hour: int) -> float:
        """The next time that the local clock shows this hour."""
        local = self._local(self._agenda.now)
        moment = local.replace(hour=hour, minute=0, second=0, microsecond=0)
        return (moment if moment > local else moment + timedelta(days=1)).timestamp()


def day(who: Profile, seed: int, on: date) -> list[Happening]:
    """A terminal's calendar day, from midnight to midnight of its own zone."""
    zone = ZoneInfo(who.timezone)
    midnight = datetime.combine(on, time(), zone)
    kiosk = Kiosk(who, seed, midnight.timestamp(), on.toordinal(), f"{on:%y%m%d}")
    return kiosk.advance(datetime.combine(on + timedelta(days=1), time(), zone).timestamp())
