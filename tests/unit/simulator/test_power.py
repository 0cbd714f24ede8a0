"""When a kiosk is on, and what it says of it."""

from kmonitor.fleet_simulator.agenda import Happening
from kmonitor.fleet_simulator.kiosk import Fate, Kiosk
from kmonitor.fleet_simulator.profile import profile

MIDNIGHT = 1_794_949_200.0
"""In Moscow."""
HOUR = 3600.0
SHOP = next(
    who
    for who in (profile(1, number) for number in range(1, 500))
    if who.timezone == "Europe/Moscow" and who.hours is not None and who.hours[0] > 2 and who.hours[1] < 24
)


def said(kiosk: Kiosk, until: float) -> list[str]:
    return [each.says["type"] for each in kiosk.advance(until) if isinstance(each, Happening)]


def test_a_kiosk_outside_its_hours_is_heard_once() -> None:
    told = said(Kiosk(SHOP, 1, MIDNIGHT), MIDNIGHT + HOUR)
    assert (told[0], told.count("terminal.started.v1"), told[-1]) == (
        "terminal.started.v1",
        1,
        "terminal.stopped.v1",
    )


def test_a_kiosk_that_never_had_mains_says_nothing() -> None:
    fate = Fate([lambda life: life.power.lose_mains(MIDNIGHT + HOUR)], spared=True)
    assert said(Kiosk(SHOP, 1, MIDNIGHT, fate=fate), MIDNIGHT + HOUR) == []
