"""The terminals of a run as they are born: where the last run left each, and what scenarios hold for it."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from kmonitor.fleet_simulator.kiosk import NO_FATE, Fate, Kiosk
from kmonitor.fleet_simulator.ledger import Aside, Began, Expected, Over, Remembered
from kmonitor.fleet_simulator.pace import Pace
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.rhythm import instant
from kmonitor.fleet_simulator.scenarios.casting import Cast, cast
from kmonitor.fleet_simulator.settings import Settings
from kmonitor.fleet_simulator.spool import Place
from kmonitor.fleet_simulator.terminal import Terminal


class Birth(Struct, frozen=True):
    """A run of the simulator: history from `begin` until `now`, then life at the pace that was wished."""

    said: Settings
    known: Remembered
    park: Sequence[Profile]
    now: float

    @property
    def begin(self) -> float:
        return max(self.now - self.said.hours * 3600, self.known.last_at)

    @property
    def run(self) -> int:
        return self.known.runs + 1

    @property
    def pace(self) -> Pace:
        return Pace(self.now, self.said.speed)

    def troubles(self) -> Cast:
        """Times of scenarios count from the live part; where there is none, from the beginning."""
        origin = self.begin if self.said.flat_out else self.now
        return cast(self.said.scenario, self.park, self.said.seed, origin)

    def lines(self, troubles: Cast) -> Iterator[Began | Aside]:
        """What the ledger must know before anything is said: of the run, and of incidents to come."""
        zones = {who.terminal: who.timezone for who in self.park}
        skews = {who.terminal: who.skew_s for who in self.park}
        yield Began(self.run, self.said.seed, zones, skews, self.said.report_interval_s)
        for number, part in enumerate(troubles.parts):
            if (trouble := part.scenario.incident()) is not None:
                name = f"incident/{self.run}/{number}"
                yield Expected(name, part.terminals, instant(self.pace.wall(part.start)), trouble)
                yield Over(name, instant(self.pace.wall(part.end)))

    def terminals(self, troubles: Cast) -> list[Terminal]:
        return [self._terminal(who, troubles.fates.get(who.terminal, NO_FATE)) for who in self.park]

    def _terminal(self, who: Profile, fate: Fate) -> Terminal:
        place = self.known.places.get(who.terminal, Place(int(self.begin)))
        prefix = f"{place.epoch:x}-{self.run}"
        kiosk = Kiosk(who, self.said.seed, self.begin, self.run, prefix, boxes=place.boxes, fate=fate)
        return Terminal(who, kiosk, self.pace, place)
