"""Terminals that cannot be heard: a region without power, an operator without a network, a day of backlog."""

from collections.abc import Sequence

from kmonitor.fleet_simulator.kiosk import Life
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.scenarios.scenario import DAY, HOUR, MINUTE, Scenario, Window
from kmonitor.fleet_simulator.turns import LinkChanged, Trouble


class PowerOutage(Scenario, frozen=True, kw_only=True, tag="power_outage"):
    """A region is without mains.

    A terminal with a battery says so (`ups_low`), then that it stops; one without falls silent. Where the
    link is wired the site's router is dark too: what such a terminal still says arrives when power returns.
    """

    region: str = "Омская область"
    terminals: int = 0
    lasts: float = 2 * HOUR

    def about(self, park: Sequence[Profile]) -> list[Profile]:
        return [who for who in park if who.region == self.region]

    def incident(self) -> Trouble:
        return self.trouble("incident", "power_outage", subject=self.region)

    def strike(self, life: Life, window: Window) -> None:
        if life.who.link.kind == "gsm":
            life.power.lose_mains(window.end, lambda announced: self._went_off(life, announced))
        else:
            _cut_off(life, self, window.end, lives_on=life.condition.is_on and life.who.has_ups)
            life.power.lose_mains(window.end)

    def _went_off(self, life: Life, announced: bool) -> None:
        if announced:
            life.condition.suffers("power", self.trouble("status", "off"))
        elif life.who.hours is None:
            life.condition.suffers("power", self.trouble("status", "silent"))


class OperatorDown(Scenario, frozen=True, kw_only=True, tag="operator_down"):
    """The network of a mobile operator is down, in one region or everywhere: its terminals are silent, then
    their backlog arrives."""

    operator: str = "T2"
    region: str | None = None
    terminals: int = 0

    def about(self, park: Sequence[Profile]) -> list[Profile]:
        return [who for who in park if who.link.operator == self.operator and self.region in (None, who.region)]

    def incident(self) -> Trouble:
        return self.trouble("incident", "operator_down", subject=self.operator)

    def strike(self, life: Life, window: Window) -> None:
        _cut_off(life, self, window.end, lives_on=life.condition.is_on)


class Backlog(Scenario, frozen=True, kw_only=True, tag="backlog"):
    """A terminal has had no link for a day; then all of it arrives at once."""

    after: float = -DAY
    lasts: float = DAY + 10 * MINUTE
    terminals: int = 2

    def strike(self, life: Life, window: Window) -> None:
        # It may not even have started yet, and will have a backlog all the same.
        _cut_off(life, self, window.end, lives_on=True)


def _cut_off(life: Life, scenario: Scenario, until: float, *, lives_on: bool) -> None:
    """Without a link until then; one that `lives_on` has a backlog when the link is back."""
    life.agenda.turn(LinkChanged(False))
    # One that is off, or will close meanwhile, need not be missed.
    if life.condition.is_on and life.who.hours is None:
        life.condition.suffers("link", scenario.trouble("status", "silent"))
    life.agenda.at(until, _connect, life, scenario, lives_on)


def _connect(life: Life, scenario: Scenario, lived_on: bool) -> None:
    life.agenda.turn(LinkChanged(True))
    life.condition.over("link")
    if lived_on:
        life.condition.suffers("backlog", scenario.trouble("backlog", "backlog"))
