"""Who comes to pay, for what and with what, and what becomes of the payment."""

from kmonitor.fleet_simulator.cash import SMALLEST, notes_for
from kmonitor.fleet_simulator.catalogue import SERVICES, SHARES, Service, fee_of
from kmonitor.fleet_simulator.condition import ACCEPTOR, CARD_READER, Condition
from kmonitor.fleet_simulator.rhythm import BUSIEST, LocalTime, busyness
from kmonitor.fleet_simulator.wear import HOUR, Wear

DAY = 24 * HOUR
FAILED, CANCELLED, REFUNDED, ORPHAN = 0.008, 0.003, 0.002, 0.001
"""Shares of payments; an orphan is a note outside any payment («купюры мимо»)."""
FAILURES = ("provider_timeout", "account_not_found", "provider_rejected")


class Payers:
    """The people before one kiosk, one at a time."""

    def __init__(self, condition: Condition, wear: Wear, local: LocalTime, prefix: str) -> None:
        self._condition = condition
        self._agenda = condition.agenda
        self._wear = wear
        self._local = local
        self._prefix = prefix
        self._payments = 0
        self._peak = condition.who.payments_a_day / DAY * BUSIEST
        self._agenda.after(self._agenda.rng.expovariate(self._peak), self._arrive)

    def _arrive(self) -> None:
        # A Poisson process at the peak rate, thinned to the rate of this hour.
        rng = self._agenda.rng
        self._agenda.after(rng.expovariate(self._peak), self._arrive)
        if rng.random() * BUSIEST > busyness(self._local(self._agenda.now)):
            return
        condition = self._condition
        if not condition.is_on or condition.is_locked or condition.is_occupied:
            return
        method = "cash"
        if rng.random() > condition.who.cash_share:
            method = "card" if condition.who.has_card_reader and rng.random() < 0.55 else "qr"
        if (method == "cash" and ACCEPTOR in condition.broken) or (
            method == "card" and CARD_READER in condition.broken
        ):
            return
        self._pay(method)

    def _pay(self, method: str) -> None:
        rng = self._agenda.rng
        self._payments += 1
        payment_id = f"{self._prefix}-{self._payments}"
        service = rng.choices(SERVICES, SHARES)[0]
        self._condition.is_occupied = True
        if rng.random() < ORPHAN and method == "cash":
            self._agenda.after(5, self._stack, 10_000, None)
        wanted = self._wanted(service)
        due = wanted + fee_of(service, wanted) if service.is_bill else wanted
        if method != "cash":
            self._agenda.after(rng.uniform(15, 60), self._accept, payment_id, service, method, due, wanted)
            return
        notes = notes_for(rng, due)
        moment = self._agenda.now + rng.uniform(12, 40)
        for note in notes:
            self._agenda.at(moment, self._stack, note, payment_id)
            moment += rng.uniform(2.5, 6)
        self._agenda.at(
            moment + rng.uniform(0.5, 6), self._accept, payment_id, service, method, sum(notes), wanted
        )

    def _wanted(self, service: Service) -> int:
        """What somebody means to pay: the sum of a bill without its fee, or whole fifties."""
        low, high = service.amounts_minor
        # Small sums are the usual ones.
        sum_minor = int(low + (high - low) * self._agenda.rng.random() ** 2.2)
        return sum_minor if service.is_bill else max(low, sum_minor // SMALLEST * SMALLEST)

    def _stack(self, denomination: int, payment_id: str | None) -> None:
        self._agenda.say(
            "note.stacked.v1",
            unit=ACCEPTOR[1],
            currency=self._condition.who.currency,
            denomination_minor=denomination,
            payment_id=payment_id,
        )
        self._wear.note_stacked()

    def _accept(self, payment_id: str, service: Service, method: str, inserted: int, wanted: int) -> None:
        fee = fee_of(service, wanted if service.is_bill else inserted)
        change = inserted - wanted - fee if service.is_bill else 0
        credited = inserted - change - fee
        self._agenda.say(
            "payment.accepted.v1",
            payment_id=payment_id,
            service=service.service,
            recipient=service.recipient,
            method=method,
            currency=self._condition.who.currency,
            inserted_minor=inserted,
            credited_minor=credited,
            fee_minor=fee,
            change_minor=change,
        )
        self._condition.is_occupied = False
        self._wear.receipt_printed()
        self._decide(payment_id, credited, fee)

    def _decide(self, payment_id: str, credited: int, fee: int) -> None:
        """What becomes of an accepted payment."""
        rng, agenda = self._agenda.rng, self._agenda
        chance = rng.random()
        latency = rng.lognormvariate(0.7, 0.6)
        if chance < FAILED:
            agenda.after(latency, self._fail, payment_id, 0)
        elif chance < FAILED + CANCELLED:
            agenda.after(rng.uniform(60, 2 * HOUR), self._cancel, payment_id)
        else:
            agenda.after(latency, self._complete, payment_id, latency)
            if chance < FAILED + CANCELLED + REFUNDED:
                agenda.after(rng.uniform(0.2 * HOUR, 12 * HOUR), self._refund, payment_id, credited, fee)

    def _fail(self, payment_id: str, tries: int) -> None:
        if not self._condition.when_free(self._fail, payment_id, tries):
            return
        rng = self._agenda.rng
        self._agenda.say(
            "payment.failed.v1", payment_id=payment_id, reason=rng.choice(FAILURES), retriable=True
        )
        # The terminal's own schedule of retries: 5 * 1.3^n minutes.
        pause = 300 * 1.3**tries
        again = self._fail if rng.random() < 0.3 and tries < 24 else None
        if again is None:
            self._agenda.after(pause, self._complete, payment_id, pause)
        else:
            self._agenda.after(pause, again, payment_id, tries + 1)

    def _complete(self, payment_id: str, latency_s: float) -> None:
        if not self._condition.is_on:
            self._agenda.at(self._condition.on_again_at + 30, self._complete, payment_id, latency_s)
            return
        self._agenda.say(
            "payment.completed.v1",
            payment_id=payment_id,
            provider_reference=f"r{self._agenda.rng.getrandbits(48):012x}",
            latency_ms=round(latency_s * 1000),
        )

    def _cancel(self, payment_id: str) -> None:
        if self._condition.when_free(self._cancel, payment_id):
            self._agenda.say("payment.cancelled.v1", payment_id=payment_id, reason="cancelled_by_dealer")

    def _refund(self, payment_id: str, credited: int, fee: int) -> None:
        if self._condition.when_free(self._refund, payment_id, credited, fee):
            self._agenda.say(
                "payment.refunded.v1",
                payment_id=payment_id,
                refund_id=f"{payment_id}-r",
                currency=self._condition.who.currency,
                credited_minor=credited,
                fee_minor=fee,
            )
