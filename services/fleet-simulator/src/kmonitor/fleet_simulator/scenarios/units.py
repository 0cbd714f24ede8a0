"""Units that fail or run out: paper, a jam with a stuck note, a full stacker."""

from collections import deque
from typing import Literal

from kmonitor.fleet_simulator.catalogue import SERVICES, fee_of
from kmonitor.fleet_simulator.condition import ACCEPTOR, PRINTER, Unit, key
from kmonitor.fleet_simulator.kiosk import Life
from kmonitor.fleet_simulator.payers import Payment
from kmonitor.fleet_simulator.scenarios.scenario import HOUR, Scenario, Window

NOTE = 100_000


class PaperOut(Scenario, frozen=True, kw_only=True, tag="paper_out"):
    """The roll ends; payments pass and their receipts fail, until somebody lays a new one."""

    terminals: int = 3
    lasts: float = 2 * HOUR

    def strike(self, life: Life, window: Window) -> None:
        if life.condition.when_free(self.strike, life, window):
            life.condition.paper = 0
            life.upkeep.tell_as_supplied(PRINTER)
            life.condition.suffers(key(PRINTER), self.trouble("fault", "paper_out", **_of(PRINTER)))
            life.agenda.at(window.end, life.upkeep.change_paper)


class Jam(Scenario, frozen=True, kw_only=True, tag="jam"):
    """«The kiosk ate my 1,000»: the acceptor jams inside a payment, until it is repaired.

    Either the note was stacked and no payment followed, or the payment counts a note that never reached the
    stacker; `leaves` says which, by turns if it says nothing.
    """

    leaves: Literal["note_without_payment", "payment_without_note"] | None = None
    terminals: int = 2
    lasts: float = 2 * HOUR

    def strike(self, life: Life, window: Window) -> None:
        condition, agenda = life.condition, life.agenda
        if not condition.when_free(self.strike, life, window):
            return
        condition.is_occupied = True
        leaves = self.leaves or ("note_without_payment", "payment_without_note")[window.nth % 2]
        payment_id = f"{life.prefix}-stuck-{window.nth}"
        condition.till.stack(NOTE, payment_id)
        condition.tell(ACCEPTOR, broken=True, protocol="ccnet", code="43")
        condition.suffers(key(ACCEPTOR), self.trouble("fault", "jammed", **_of(ACCEPTOR)))
        if leaves == "payment_without_note":
            payment = Payment(payment_id, SERVICES[0], "cash", 2 * NOTE, agenda.now, deque(), 2 * NOTE)
            agenda.after(5, life.payers.accept, payment, fee_of(SERVICES[0], 2 * NOTE), 0)
        else:
            life.payers.walk_away("timeout", "insert_cash")
        condition.suffers("money", self.trouble("condition", leaves, "custody", **_of(ACCEPTOR)))
        agenda.at(window.end, self._repair, life)

    def _repair(self, life: Life) -> None:
        life.upkeep.repair(ACCEPTOR, lambda: life.upkeep.tell_as_supplied(ACCEPTOR))


class StackerFull(Scenario, frozen=True, kw_only=True, tag="stacker_full"):
    """The stacker says that it is full: notes lie crumpled in it. A collection cures it (42, then 13)."""

    terminals: int = 2
    lasts: float = 3 * HOUR

    def strike(self, life: Life, window: Window) -> None:
        if life.condition.when_free(self.strike, life, window):
            life.condition.tell(ACCEPTOR, broken=True, protocol="ccnet", code="41")
            life.condition.suffers(key(ACCEPTOR), self.trouble("fault", "stacker_full", **_of(ACCEPTOR)))
            life.agenda.at(window.end, life.upkeep.collect)


def _of(unit: Unit) -> dict[str, str]:
    device, name = unit
    return {"device": device, "unit": name}
