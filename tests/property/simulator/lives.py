"""Lives under a scenario: what a terminal says, and what the ledger must know of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kmonitor.fleet_simulator.kiosk import Kiosk
from kmonitor.fleet_simulator.ledger import Aside, Expected, Over
from kmonitor.fleet_simulator.pace import Pace
from kmonitor.fleet_simulator.profile import profile
from kmonitor.fleet_simulator.scenarios.casting import cast, read_scenario
from kmonitor.fleet_simulator.spool import Event, Place
from kmonitor.fleet_simulator.terminal import Terminal

START = 1_795_000_000.0
HOUR = 3600.0
SIZE = 40


@dataclass
class Lived:
    """What one terminal of a scenario said, in order, and what was noted between."""

    told: list[Event | Aside]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each for each, _ in self.numbered()]

    @property
    def expected(self) -> list[Expected]:
        return [each for each in self.told if isinstance(each, Expected)]

    def numbered(self) -> list[tuple[dict[str, Any], int]]:
        """Each event with its epoch."""
        return [(json.loads(each.raw), each.stamp.epoch) for each in self.told if isinstance(each, Event)]

    def of(self, type_: str, **fields: Any) -> list[dict[str, Any]]:
        return [each for each in self.events if each["type"] == type_ and fields.items() <= each.items()]

    def evidence_of(self, condition: str) -> dict[str, Any]:
        """The event that says so."""
        (line,) = [each for each in self.expected if each.trouble.condition == condition]
        return self._at(line.evidence)

    def cure_of(self, condition: str) -> dict[str, Any]:
        (line,) = [each for each in self.expected if each.trouble.condition == condition]
        (over,) = [each for each in self.told if isinstance(each, Over) and each.name == line.name]
        return self._at(over.evidence)

    def _at(self, place: tuple[int, int] | None) -> dict[str, Any]:
        assert place is not None
        return [each for each, epoch in self.numbered() if (epoch, each["seq"]) == place][-1]


def lives(wish: str, seed: int, hours: float, most: int = 4) -> list[Lived]:
    """Some of the terminals of a park of 40 that the scenario is about, from START on."""
    park = [profile(seed, number, heartbeat_s=600, true_clock=True) for number in range(1, SIZE + 1)]
    troubles = cast([read_scenario(wish)], park, seed, START)
    found = []
    for who in [who for who in park if who.terminal in troubles.fates][:most]:
        kiosk = Kiosk(who, seed, START, fate=troubles.fates[who.terminal])
        terminal = Terminal(who, kiosk, Pace(START + 1e9), Place(int(START)))
        found.append(Lived(terminal.live(START + hours * HOUR)))
    return found


def undisturbed(seed: int, number: int, hours: float) -> list[dict[str, Any]]:
    """What a terminal without a scenario says."""
    who = profile(seed, number, heartbeat_s=3600)
    terminal = Terminal(who, Kiosk(who, seed, START), Pace(START + 1e9), Place(int(START)))
    told = terminal.live(START + hours * HOUR)
    return Lived(told).events


def moment(event: dict[str, Any]) -> float:
    """Seconds since START, by the terminal's own clock."""
    return datetime.fromisoformat(event["at"]).timestamp() - START
