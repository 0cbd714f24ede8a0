"""What breaks, runs out and is repaired: by mean times between failures, and by use."""

from typing import NamedTuple

from kmonitor.fleet_simulator.cash import SMALLEST
from kmonitor.fleet_simulator.condition import ACCEPTOR, CARD_READER, PAPER_ROLL, PRINTER, Condition, Unit

HOUR = 3600.0
DAY = 24 * HOUR
NEAR_END = PAPER_ROLL // 8
FULL_ENOUGH = 0.7
"""The share of a stacker at which a collection is ordered."""


class Defect(NamedTuple):
    """How a unit fails, how rarely, and how long until somebody has repaired it."""

    unit: Unit
    word: dict[str, str]
    mended: dict[str, str]
    every_days: float
    repair_h: tuple[float, float]


OK = {"condition": "ok"}
INITIALIZED = {"protocol": "ccnet", "code": "13"}
NO_ERROR = {"protocol": "escpos", "code": "00"}
DEFECTS = (
    Defect(ACCEPTOR, {"protocol": "ccnet", "code": "43"}, INITIALIZED, 9, (0.4, 6)),
    Defect(ACCEPTOR, {"protocol": "ccnet", "code": "47:51"}, INITIALIZED, 70, (3, 20)),
    Defect(ACCEPTOR, {"protocol": "ccnet", "code": "46"}, INITIALIZED, 6, (0.01, 0.05)),
    Defect(PRINTER, {"protocol": "escpos", "code": "08"}, NO_ERROR, 18, (0.5, 7)),
    Defect(PRINTER, {"protocol": "escpos", "code": "20"}, NO_ERROR, 80, (2, 12)),
    Defect(CARD_READER, {"condition": "offline"}, OK, 30, (0.2, 10)),
)
JAM = DEFECTS[0]


class Wear:
    """The mishaps of one kiosk, and the people who undo them."""

    def __init__(self, condition: Condition, prefix: str) -> None:
        self._condition = condition
        self._agenda = condition.agenda
        self._prefix = prefix
        self._eaten = 0
        self._tests = 0
        self._is_collection_due = False
        self._is_paper_due = False
        for defect in DEFECTS:
            if defect.unit in condition.words:
                self._agenda.after(self._pause(defect), self._break, defect)
        self._begin_worn()

    def receipt_printed(self) -> None:
        """One receipt less on the roll: it may be near its end, or at it."""
        condition = self._condition
        if condition.paper == 0:
            return
        condition.paper -= 1
        if PRINTER not in condition.broken:
            if condition.paper == NEAR_END:
                condition.tell(PRINTER, broken=False, protocol="escpos", code="0C")
            elif condition.paper == 0:
                condition.tell(PRINTER, broken=True, protocol="escpos", code="60")
        if condition.paper <= NEAR_END and not self._is_paper_due:
            self._order_paper()

    def note_stacked(self) -> None:
        """One note more in the stacker: it may be full."""
        condition = self._condition
        condition.notes += 1
        capacity = condition.who.stacker_notes
        if condition.notes >= capacity and ACCEPTOR not in condition.broken:
            condition.tell(ACCEPTOR, broken=True, protocol="ccnet", code="41")
        if condition.notes >= capacity * FULL_ENOUGH and not self._is_collection_due:
            self._order_collection()

    def _begin_worn(self) -> None:
        """A park is never new: as many kiosks begin broken, near the end of their paper or nearly full of
        notes as there would be at any other moment."""
        rng, condition = self._agenda.rng, self._condition
        for defect in DEFECTS:
            usual_repair_h = sum(defect.repair_h) / 2
            is_broken = rng.random() < usual_repair_h / (24 * defect.every_days)
            if is_broken and defect.unit in condition.words and defect.unit not in condition.broken:
                condition.tell(defect.unit, broken=True, **defect.word)
                self._agenda.after(rng.uniform(0, defect.repair_h[1]) * HOUR, self._repair, defect)
        if condition.paper <= NEAR_END:
            self._order_paper()
            if PRINTER not in condition.broken:
                condition.tell(PRINTER, broken=False, protocol="escpos", code="0C")
        if condition.notes >= condition.who.stacker_notes * FULL_ENOUGH:
            self._order_collection()

    def _order_paper(self) -> None:
        self._is_paper_due = True
        self._agenda.after(self._agenda.rng.uniform(1 * HOUR, 30 * HOUR), self._change_paper)

    def _order_collection(self) -> None:
        self._is_collection_due = True
        self._agenda.after(self._agenda.rng.uniform(2 * HOUR, 18 * HOUR), self._collect)

    def _pause(self, defect: Defect) -> float:
        return self._agenda.rng.expovariate(1 / (defect.every_days * DAY))

    def _break(self, defect: Defect) -> None:
        if not self._condition.when_free(self._break, defect):
            return
        self._agenda.after(self._pause(defect), self._break, defect)
        if defect.unit in self._condition.broken:
            return
        if defect is JAM and self._agenda.rng.random() < 0.3:
            self._eat_a_note()
        self._condition.tell(defect.unit, broken=True, **defect.word)
        self._agenda.after(self._agenda.rng.uniform(*defect.repair_h) * HOUR, self._repair, defect)

    def _eat_a_note(self) -> None:
        """«The kiosk ate my 5,000»: a note is stacked, the acceptor jams, no payment follows."""
        self._eaten += 1
        denomination = self._agenda.rng.choice((50_000, 100_000, 500_000))
        self._stack(denomination, f"{self._prefix}-eaten-{self._eaten}")

    def _repair(self, defect: Defect) -> None:
        if not self._condition.when_free(self._repair, defect):
            return
        if self._condition.words[defect.unit] != defect.word:
            return  # Something else happened to the unit meanwhile, and was seen to.
        self._mend(defect.unit, defect.mended)
        if defect.unit == ACCEPTOR and ACCEPTOR not in self._condition.broken:
            self._agenda.after(self._agenda.rng.uniform(20, 90), self._test)

    def _mend(self, unit: Unit, mended: dict[str, str]) -> None:
        """It works again, as far as paper and the room for notes allow."""
        condition = self._condition
        condition.tell(unit, broken=False, **mended)
        if unit == PRINTER and condition.paper == 0:
            condition.tell(PRINTER, broken=True, protocol="escpos", code="60")
        elif unit == PRINTER and condition.paper <= NEAR_END:
            condition.tell(PRINTER, broken=False, protocol="escpos", code="0C")
        elif unit == ACCEPTOR and condition.notes >= condition.who.stacker_notes:
            condition.tell(ACCEPTOR, broken=True, protocol="ccnet", code="41")

    def _test(self) -> None:
        """The technician's test payment, which counts in no volume."""
        if not self._condition.when_free(self._test):
            return
        self._tests += 1
        payment_id = f"{self._prefix}-test-{self._tests}"
        self._stack(SMALLEST, payment_id)
        self._agenda.say(
            "payment.accepted.v1",
            payment_id=payment_id,
            service="mobile.mts",
            recipient="mts",
            method="cash",
            currency=self._condition.who.currency,
            inserted_minor=SMALLEST,
            credited_minor=SMALLEST,
            fee_minor=0,
            change_minor=0,
            test=True,
        )
        self.receipt_printed()

    def _stack(self, denomination: int, payment_id: str) -> None:
        self._agenda.say(
            "note.stacked.v1",
            unit=ACCEPTOR[1],
            currency=self._condition.who.currency,
            denomination_minor=denomination,
            payment_id=payment_id,
        )
        self.note_stacked()

    def _change_paper(self) -> None:
        if not self._condition.when_free(self._change_paper):
            return
        self._condition.tell(PRINTER, broken=True, protocol="escpos", code="04")
        self._agenda.after(self._agenda.rng.uniform(60, 300), self._paper_changed)

    def _paper_changed(self) -> None:
        if not self._condition.when_free(self._paper_changed):
            return
        self._condition.paper = PAPER_ROLL
        self._is_paper_due = False
        self._condition.tell(PRINTER, broken=False, **NO_ERROR)
        self._condition.tell_supplies()

    def _collect(self) -> None:
        if not self._condition.when_free(self._collect):
            return
        self._condition.tell(ACCEPTOR, broken=True, protocol="ccnet", code="42")
        self._agenda.after(self._agenda.rng.uniform(90, 240), self._collected)

    def _collected(self) -> None:
        if not self._condition.when_free(self._collected):
            return
        self._condition.notes = 0
        self._is_collection_due = False
        self._condition.tell(ACCEPTOR, broken=False, **INITIALIZED)
        self._condition.tell_supplies()
