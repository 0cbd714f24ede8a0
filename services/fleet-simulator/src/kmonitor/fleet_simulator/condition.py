"""What a kiosk is like at a moment: power, units, paper, notes, and who stands before it."""

from typing import Any

from kmonitor.fleet_simulator.agenda import Agenda, Step
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.till import ACCEPTOR_BOX, COIN_BOX, Boxes, Till
from kmonitor.fleet_simulator.turns import Trouble, TroubleBegan, TroubleEnded

PAPER_ROLL = 900
"""Receipts on a fresh roll."""
COIN_BOX_HOLDS = 1200

ACCEPTOR = ("bill_acceptor", ACCEPTOR_BOX)
COIN_ACCEPTOR = ("coin_acceptor", COIN_BOX)
PRINTER = ("receipt_printer", "printer-1")
FISCAL = ("fiscal_registrar", "fiscal-1")
CARD_READER = ("card_reader", "reader-1")
MODEM = ("modem", "modem-1")

Unit = tuple[str, str]


def key(unit: Unit) -> str:
    """The name of a unit's trouble, which ends with the unit's word."""
    return "/".join(unit)


class Condition:
    """The present state of one kiosk; the parts of a kiosk share it.

    Nobody can begin anything while it `is_occupied`, by a payer or by somebody with a key. `unreachable`
    are the recipients whose gateway does not answer.
    """

    def __init__(self, agenda: Agenda, who: Profile, boxes: Boxes | None = None) -> None:
        self.agenda = agenda
        self.who = who
        self.is_on = False
        self.on_since = agenda.now
        self.on_again_at = agenda.now
        self.is_locked = False
        self.is_occupied = False
        self.software = who.software
        self.paper = agenda.rng.randint(1, PAPER_ROLL)
        self.till = Till(agenda, who.currency, boxes)
        self.fiscal_days = agenda.rng.randint(30, 420)
        self.reject_share = who.acceptor.reject_share
        self.unreachable: set[str] = set()
        self.words: dict[Unit, dict[str, str]] = {
            ACCEPTOR: {"protocol": "ccnet", "code": "14"},
            PRINTER: {"protocol": "escpos", "code": "00"},
            FISCAL: {"condition": "ok"},
        }
        if who.has_coins:
            self.words[COIN_ACCEPTOR] = {"condition": "ok"}
        if who.has_card_reader:
            self.words[CARD_READER] = {"condition": "ok"}
        if who.link.kind == "gsm":
            self.words[MODEM] = {"condition": "ok"}
        self.broken: set[Unit] = set()
        self._troubles: set[str] = set()

    def tell(self, unit: Unit, *, broken: bool, **word: str) -> None:
        """A unit changed its word; it says so at once if the kiosk is on, else when it is started."""
        changed = self.words[unit] != word
        self.words[unit] = word
        if broken:
            self.broken.add(unit)
        else:
            self.broken.discard(unit)
        if self.is_on:
            self.repeat(unit)
        if changed:
            self.over(key(unit))

    def repeat(self, unit: Unit) -> None:
        device, name = unit
        self.agenda.say("device.reported.v1", device=device, unit=name, **self.words[unit])

    def introduce(self) -> None:
        """Every unit says how it is, and the acceptor what it is."""
        acceptor = self.who.acceptor
        for unit, word in self.words.items():
            made = {"model": acceptor.model, "firmware": acceptor.firmware, "serial": acceptor.serial}
            self.agenda.say(
                "device.reported.v1",
                device=unit[0],
                unit=unit[1],
                **word,
                **(made if unit == ACCEPTOR else {}),
            )

    def tell_supplies(self) -> None:
        """Paper, room for notes and coins, and the fiscal memory, as a service menu shows them."""
        self._supply(PRINTER, "receipt_paper", self.paper, PAPER_ROLL)
        stacker = self.who.stacker_notes
        self._supply(ACCEPTOR, "cash_box", max(0, stacker - self.till.notes), stacker)
        if COIN_ACCEPTOR in self.words:
            room = max(0, COIN_BOX_HOLDS - self.till.coins)
            self._supply(COIN_ACCEPTOR, "coin_box", room, COIN_BOX_HOLDS)

    def tell_fiscal_memory(self) -> None:
        """Days until the fiscal drive (ФН) expires."""
        self.fiscal_days -= 1
        self._supply(FISCAL, "fiscal_memory", max(0, self.fiscal_days), 450)

    def when_free(self, step: Step, *arguments: Any) -> bool:
        """True when nobody pays now and the kiosk is on; else the step is tried again later."""
        if not self.is_on:
            self.agenda.at(self.on_again_at + 30, step, *arguments)
        elif self.is_occupied:
            self.agenda.after(20, step, *arguments)
        return self.is_on and not self.is_occupied

    def suffers(self, key: str, trouble: Trouble) -> None:
        """What was just said is a trouble that must be seen, until it is over; a unit's ends with its word."""
        self._troubles.add(key)
        self.agenda.turn(TroubleBegan(key, trouble))

    def over(self, key: str) -> None:
        if key in self._troubles:
            self._troubles.discard(key)
            self.agenda.turn(TroubleEnded(key))

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
