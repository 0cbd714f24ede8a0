"""Which scenarios there are, how they are wished for, and who plays in them."""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple, get_args

import msgspec

from kmonitor.fleet_simulator.catalogue import SERVICES
from kmonitor.fleet_simulator.geography import CITIES
from kmonitor.fleet_simulator.kiosk import Bend, Fate
from kmonitor.fleet_simulator.profile import ACCEPTORS, OPERATORS, Profile
from kmonitor.fleet_simulator.scenarios.identities import CounterLost, RestoredSpool, WrongClock
from kmonitor.fleet_simulator.scenarios.links import Backlog, OperatorDown, PowerOutage
from kmonitor.fleet_simulator.scenarios.scenario import Window
from kmonitor.fleet_simulator.scenarios.shares import GatewayDown, RejectingFirmware
from kmonitor.fleet_simulator.scenarios.units import Jam, PaperOut, StackerFull

AnyScenario = (
    PaperOut
    | Jam
    | StackerFull
    | PowerOutage
    | OperatorDown
    | Backlog
    | GatewayDown
    | RejectingFirmware
    | WrongClock
    | CounterLost
    | RestoredSpool
)
NAMES = tuple(str(each.__struct_config__.tag) for each in get_args(AnyScenario))
KNOWN = {
    "region": sorted({city.region for city in CITIES}),
    "operator": sorted(OPERATORS),
    "recipient": sorted(service.recipient for service in SERVICES),
    "firmware": sorted({firmware for _, firmware in ACCEPTORS}),
}
"""What a scenario may be about; any other name would be a slip."""
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Unreadable(ValueError):
    """A wish that nobody understands; the text says what to write."""


class Part(NamedTuple):
    """A scenario with the terminals that it is about, and when it strikes them in their own time."""

    scenario: AnyScenario
    terminals: list[str]
    start: float
    end: float


class Cast(NamedTuple):
    """`nobody` are the scenarios for which the park has no terminal."""

    parts: list[Part]
    fates: dict[str, Fate]
    nobody: list[str]


def read_scenario(text: str) -> AnyScenario:
    """`name` or `name:key=value,key=value`; times may end in s, m, h or d. Raises Unreadable."""
    name, _, rest = text.partition(":")
    if name not in NAMES:
        raise Unreadable(f"there is no scenario {name!r}; there are {', '.join(NAMES)}")
    fields: dict[str, Any] = {"scenario": name}
    for pair in filter(None, rest.split(",")):
        field, equals, value = pair.partition("=")
        if not equals:
            raise Unreadable(f"{pair!r} is not key=value")
        if field in KNOWN and value not in KNOWN[field]:
            raise Unreadable(f"there is no {field} {value!r}; there are {', '.join(KNOWN[field])}")
        fields[field] = _seconds(value) if field in ("after", "lasts") else value
    try:
        scenario: AnyScenario = msgspec.convert(fields, type=AnyScenario, strict=False)
    except msgspec.ValidationError as error:
        raise Unreadable(f"{text!r}: {error}") from error
    return scenario


def cast(scenarios: Sequence[AnyScenario], park: Sequence[Profile], seed: int, origin: float) -> Cast:
    """Give each scenario its terminals; times count from `origin`. The same seed casts the same."""
    parts: list[Part] = []
    nobody: list[str] = []
    spared: set[str] = set()
    bends: dict[str, list[Bend]] = {}
    # Those about everybody of a kind first, or a region would have a terminal that belongs to another trouble.
    for number, scenario in sorted(enumerate(scenarios), key=lambda each: each[1].terminals > 0):
        rng = Random(f"{seed}/scenario/{number}/{scenario.name}")
        free = [who for who in scenario.about(park) if not scenario.spares or who.terminal not in spared]
        count = min(scenario.terminals or len(free), len(free))
        chosen = sorted(who.terminal for who in rng.sample(free, count))
        if not chosen:
            nobody.append(scenario.name)
            continue
        part = Part(scenario, chosen, origin + scenario.after, origin + scenario.after + scenario.lasts)
        parts.append(part)
        for nth, terminal in enumerate(chosen):
            bends.setdefault(terminal, []).append(_bend(part, nth))
        if scenario.spares:
            spared.update(chosen)
    fates = {terminal: Fate(tuple(each), terminal in spared) for terminal, each in bends.items()}
    return Cast(parts, fates, nobody)


def _bend(part: Part, nth: int) -> Bend:
    window = Window(part.start, part.end, nth)
    return lambda life: part.scenario.bend(life, window)


def _seconds(text: str) -> float:
    number, unit = (text[:-1], text[-1]) if text[-1:] in SECONDS else (text, "s")
    try:
        return float(number) * SECONDS[unit]
    except ValueError as error:
        raise Unreadable(f"{text!r} is no time, as 90s, -20m, 3h or 1d are") from error
