"""What breaks, runs out and is repaired: by mean times between failures, and by use."""

from functools import partial
from typing import NamedTuple

from kmonitor.fleet_simulator.condition import (
    ACCEPTOR,
    CARD_READER,
    COIN_ACCEPTOR,
    PAPER_ROLL,
    PRINTER,
    Condition,
    Unit,
)
from kmonitor.fleet_simulator.upkeep import NEAR_END, Upkeep

HOUR = 3600.0
DAY = 24 * HOUR
FULL_ENOUGH = 0.7
"""The share of a stacker at which a collection is ordered."""
ROUND_DAYS = (1.5, 5.0)
"""Collectors come in rounds, however full a stacker is."""
INSPECTED_EVERY_S = 14 * DAY
TAMPERED_EVERY_S = 60 * DAY
TAMPERING = {"kick": 6, "tilt": 3, "penetration": 1}


class Defect(NamedTuple):
    """How a unit fails, how rarely, and how long until somebody has repaired it."""

    unit: Unit
    word: dict[str, str]
    every_days: float
    repair_h: tuple[float, float]


DEFECTS = (
    Defect(ACCEPTOR, {"protocol": "ccnet", "code": "43"}, 9, (0.4, 6)),
    Defect(ACCEPTOR, {"protocol": "ccnet", "code": "47:51"}, 70, (3, 20)),
    Defect(ACCEPTOR, {"protocol": "ccnet", "code": "46"}, 6, (0.01, 0.05)),
    Defect(PRINTER, {"protocol": "escpos", "code": "08"}, 18, (0.5, 7)),
    Defect(PRINTER, {"protocol": "escpos", "code": "20"}, 80, (2, 12)),
    Defect(CARD_READER, {"condition": "offline"}, 30, (0.2, 10)),
    Defect(COIN_ACCEPTOR, {"condition": "jammed"}, 40, (0.5, 8)),
)
PAUSE = DEFECTS[2]
"""It passes by itself: nobody comes for it."""


class Wear:
    """The mishaps of one kiosk, and when somebody undoes them.

    A `spared` one begins with a fresh roll and only uses itself up; nobody comes before he is needed.
    """

    def __init__(self, condition: Condition, upkeep: Upkeep, *, spared: bool) -> None:
        self._condition = condition
        self._agenda = condition.agenda
        self._upkeep = upkeep
        self._is_collection_due = False
        self._is_paper_due = False
        rng = self._agenda.rng
        if spared:
            condition.paper = PAPER_ROLL
        else:
            self._agenda.after(rng.uniform(0.1, ROUND_DAYS[1]) * DAY, self._come_round)
            for defect in DEFECTS:
                if defect.unit in condition.words:
                    self._agenda.after(self._pause(defect), self._break, defect)
            self._agenda.after(rng.expovariate(1 / INSPECTED_EVERY_S), self._inspect)
            self._agenda.after(rng.expovariate(1 / TAMPERED_EVERY_S), self._tamper)
            self._begin_broken()
        if condition.paper <= NEAR_END:
            self._order_paper()
            if PRINTER not in condition.broken:
                upkeep.tell_as_supplied(PRINTER)

    def receipt_printed(self) -> None:
        """One receipt less on the roll: it may be near its end, or at it."""
        condition = self._condition
        condition.paper -= 1
        if condition.paper in (NEAR_END, 0):
            self._upkeep.tell_as_supplied(PRINTER)
        if condition.paper <= NEAR_END and not self._is_paper_due:
            self._order_paper()

    def note_stacked(self) -> None:
        """One note more in the stacker: it may be full."""
        condition = self._condition
        capacity = condition.who.stacker_notes
        if condition.till.notes >= capacity and ACCEPTOR not in condition.broken:
            self._upkeep.tell_as_supplied(ACCEPTOR)
        if condition.till.notes >= capacity * FULL_ENOUGH and not self._is_collection_due:
            self._is_collection_due = True
            self._agenda.after(self._agenda.rng.uniform(2 * HOUR, 18 * HOUR), self._collect)

    def _begin_broken(self) -> None:
        """A park is never new: as many kiosks begin broken as there would be at any other moment."""
        rng, condition = self._agenda.rng, self._condition
        for defect in DEFECTS:
            usual_repair_h = sum(defect.repair_h) / 2
            is_broken = rng.random() < usual_repair_h / (24 * defect.every_days)
            if is_broken and defect.unit in condition.words and defect.unit not in condition.broken:
                condition.tell(defect.unit, broken=True, **defect.word)
                self._agenda.after(rng.uniform(0, defect.repair_h[1]) * HOUR, self._repair, defect)

    def _pause(self, defect: Defect) -> float:
        return self._agenda.rng.expovariate(1 / (defect.every_days * DAY))

    def _break(self, defect: Defect) -> None:
        if not self._condition.when_free(self._break, defect):
            return
        self._agenda.after(self._pause(defect), self._break, defect)
        if defect.unit in self._condition.broken:
            return
        self._condition.tell(defect.unit, broken=True, **defect.word)
        self._agenda.after(self._agenda.rng.uniform(*defect.repair_h) * HOUR, self._repair, defect)

    def _repair(self, defect: Defect) -> None:
        if not self._condition.when_free(self._repair, defect):
            return
        if defect is PAUSE:
            self._mend(defect)
        elif self._condition.words[defect.unit] == defect.word:
            self._upkeep.repair(defect.unit, partial(self._mend, defect))

    def _mend(self, defect: Defect) -> None:
        # Unless something else happened to the unit meanwhile, and was seen to.
        if self._condition.words[defect.unit] == defect.word:
            self._upkeep.tell_as_supplied(defect.unit)

    def _inspect(self) -> None:
        self._agenda.after(self._agenda.rng.expovariate(1 / INSPECTED_EVERY_S), self._inspect)
        self._upkeep.inspect()

    def _tamper(self) -> None:
        if self._condition.when_free(self._tamper):
            rng = self._agenda.rng
            self._agenda.after(rng.expovariate(1 / TAMPERED_EVERY_S), self._tamper)
            sensor = rng.choices(list(TAMPERING), list(TAMPERING.values()))[0]
            self._agenda.say("tamper.detected.v1", sensor=sensor)

    def _order_paper(self) -> None:
        self._is_paper_due = True
        self._agenda.after(self._agenda.rng.uniform(1 * HOUR, 30 * HOUR), self._change_paper)

    def _change_paper(self) -> None:
        self._upkeep.change_paper(self._paper_changed)

    def _paper_changed(self) -> None:
        self._is_paper_due = False

    def _come_round(self) -> None:
        self._agenda.after(self._agenda.rng.uniform(*ROUND_DAYS) * DAY, self._come_round)
        self._collect()

    def _collect(self) -> None:
        self._upkeep.collect(self._collected)

    def _collected(self) -> None:
        self._is_collection_due = False
