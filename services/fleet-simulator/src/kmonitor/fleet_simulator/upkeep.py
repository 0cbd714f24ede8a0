"""What people do at a kiosk: collections, paper, repairs, and the regulated procedures."""

from collections.abc import Callable
from functools import partial

from kmonitor.fleet_simulator.cash import SMALLEST
from kmonitor.fleet_simulator.condition import ACCEPTOR, COIN_ACCEPTOR, PAPER_ROLL, PRINTER, Condition, Unit
from kmonitor.fleet_simulator.till import ACCEPTOR_BOX, COIN_BOX
from kmonitor.fleet_simulator.visits import COLLECTOR, SERVICE, TECHNICIAN, Visits

NEAR_END = PAPER_ROLL // 8
INITIALIZED = {"protocol": "ccnet", "code": "13"}
NO_ERROR = {"protocol": "escpos", "code": "00"}


class Upkeep:
    """Each verb is one visit, as soon as the kiosk is free for it."""

    def __init__(self, condition: Condition, prefix: str) -> None:
        self._condition = condition
        self._agenda = condition.agenda
        self._prefix = prefix
        self._visits = Visits(condition)
        self._collections = 0
        self._tests = 0

    def collect(self, then: Callable[[], None] = lambda: None) -> None:
        """Инкассация: every box is emptied, the stacker's goes out and comes back (42, then 13)."""
        self._visits.come(COLLECTOR, (self._take_out, self._empty, partial(self._put_in, then)))

    def change_paper(self, then: Callable[[], None] = lambda: None) -> None:
        self._visits.come(SERVICE, (self._open_printer, partial(self._lay_paper, then)))

    def repair(self, unit: Unit, mend: Callable[[], None]) -> None:
        """A technician makes a unit work, and an acceptor prove it with a test payment."""
        if unit == ACCEPTOR:
            clean = partial(self._perform, "validator_cleaned")
            self._visits.come(TECHNICIAN, (clean, lambda by: mend(), self._test))
        else:
            self._visits.come(TECHNICIAN, (lambda by: mend(), partial(self._perform, "self_test")))

    def inspect(self) -> None:
        self._visits.come(
            TECHNICIAN, (partial(self._perform, "self_test"), partial(self._perform, "inspection"))
        )

    def report_z(self) -> None:
        """The end of a fiscal shift (Z-отчёт); some shifts do not close at the first try."""
        if not self._condition.when_free(self.report_z):
            return
        if self._agenda.rng.random() < 0.02:
            self._perform("z_report", "schedule", "failed")
            self._agenda.after(1800, self.report_z)
        else:
            self._perform("z_report", "schedule")
            self._condition.tell_fiscal_memory()

    def tell_as_supplied(self, unit: Unit) -> None:
        """A unit without a defect says how it is, which paper and the room for notes decide."""
        condition = self._condition
        if unit == PRINTER and condition.paper == 0:
            condition.tell(PRINTER, broken=True, protocol="escpos", code="60")
        elif unit == PRINTER and condition.paper <= NEAR_END:
            condition.tell(PRINTER, broken=False, protocol="escpos", code="0C")
        elif unit == PRINTER:
            condition.tell(PRINTER, broken=False, **NO_ERROR)
        elif unit == ACCEPTOR and condition.till.notes >= condition.who.stacker_notes:
            condition.tell(ACCEPTOR, broken=True, protocol="ccnet", code="41")
        elif unit == ACCEPTOR:
            condition.tell(ACCEPTOR, broken=False, **INITIALIZED)
        else:
            condition.tell(unit, broken=False, condition="ok")

    def _take_out(self, by: str) -> None:
        self._condition.tell(ACCEPTOR, broken=True, protocol="ccnet", code="42")
        self._agenda.say("cassette.removed.v1", unit=ACCEPTOR_BOX, by=by)

    def _empty(self, by: str) -> None:
        self._collections += 1
        collection_id = f"{self._prefix}-c{self._collections}"
        bag = f"{self._agenda.rng.randrange(10**7):07d}"
        self._condition.till.collect(ACCEPTOR_BOX, collection_id, by, bag)
        if COIN_ACCEPTOR in self._condition.words:
            self._condition.till.collect(COIN_BOX, f"{collection_id}-coins", by, bag)

    def _put_in(self, then: Callable[[], None], by: str) -> None:
        self._agenda.say("cassette.inserted.v1", unit=ACCEPTOR_BOX, by=by)
        self._condition.tell(ACCEPTOR, broken=False, **INITIALIZED)
        self._condition.tell_supplies()
        then()

    def _open_printer(self, by: str) -> None:
        self._condition.tell(PRINTER, broken=True, protocol="escpos", code="04")

    def _lay_paper(self, then: Callable[[], None], by: str) -> None:
        self._condition.paper = PAPER_ROLL
        self._condition.tell(PRINTER, broken=False, **NO_ERROR)
        self._perform("paper_replaced", by)
        self._condition.tell_supplies()
        then()

    def _perform(self, procedure: str, by: str, result: str = "ok") -> None:
        failed = {"note": "the shift did not close"} if result == "failed" else {}
        self._agenda.say("procedure.performed.v1", procedure=procedure, by=by, result=result, **failed)

    def _test(self, by: str) -> None:
        """The technician's test payment, which counts in no volume; its note is in the box all the same."""
        if ACCEPTOR in self._condition.broken:
            return
        self._tests += 1
        payment_id = f"{self._prefix}-test-{self._tests}"
        self._condition.till.stack(SMALLEST, payment_id)
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
        self._perform("test_payment", by)
