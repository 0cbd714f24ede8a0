"""What a kiosk is like at a moment: power, units, paper, notes, and who stands before it."""

from typing import Any

from kmonitor.fleet_simulator.agenda import Agenda, Step
from kmonitor.fleet_simulator.profile import Profile

PAPER_ROLL = 900
"""Receipts on a fresh roll."""

ACCEPTOR = ("bill_acceptor", "validator-1")
PRINTER = ("receipt_printer", "printer-1")
CARD_READER = ("card_reader", "reader-1")
MODEM = ("modem", "modem-1")

Unit = tuple[str, str]


class Condition:
    """The present state of one kiosk; the parts of a kiosk share it."""

    def __init__(self, agenda: Agenda, who: Profile) -> None:
        self.agenda = agenda
        self.who = who
        self.is_on = False
        self.on_since = agenda.now
        self.on_again_at = agenda.now
        self.is_locked = False
        self.is_occupied = False
        self.paper = agenda.rng.randint(1, PAPER_ROLL)
        self.notes = agenda.rng.randint(0, int(who.stacker_notes * 0.9))
        self.words: dict[Unit, dict[str, str]] = {
            ACCEPTOR: {"protocol": "ccnet", "code": "14"},
            PRINTER: {"protocol": "escpos", "code": "00"},
        }
        if who.has_card_reader:
            self.words[CARD_READER] = {"condition": "ok"}
        if who.link.kind == "gsm":
            self.words[MODEM] = {"condition": "ok"}
        self.broken: set[Unit] = set()

    def tell(self, unit: Unit, *, broken: bool, **word: str) -> None:
        """A unit changed its word; it says so at once if the kiosk is on, else when it is started."""
        self.words[unit] = word
        if broken:
            self.broken.add(unit)
        else:
            self.broken.discard(unit)
        if self.is_on:
            self.repeat(unit)

    def repeat(self, unit: Unit) -> None:
        device, name = unit
        self.agenda.say("device.reported.v1", device=device, unit=name, **self.words[unit])

    def tell_supplies(self) -> None:
        """Paper and room for notes, as a service menu shows them."""
        self._supply(PRINTER, "receipt_paper", self.paper, PAPER_ROLL)
        self._supply(ACCEPTOR, "cash_box", self.who.stacker_notes - self.notes, self.who.stacker_notes)

    def when_free(self, step: Step, *arguments: Any) -> bool:
        """True when nobody pays now and the kiosk is on; else the step is tried again later."""
        if not self.is_on:
            self.agenda.at(self.on_again_at + 30, step, *arguments)
        elif self.is_occupied:
            self.agenda.after(20, step, *arguments)
        return self.is_on and not self.is_occupied

    def _supply(self, unit: Unit, kind: str, remaining: int, capacity: int) -> None:
        self.agenda.say(
            "consumable.reported.v1",
            device=unit[0],
            unit=unit[1],
            kind=kind,
            remaining=remaining,
            capacity=capacity,
            level_percent=round(100 * remaining / capacity, 1),
        )
