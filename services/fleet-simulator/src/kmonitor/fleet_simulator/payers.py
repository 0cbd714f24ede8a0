"""Who comes to pay, for what and with what, until the receipt or until they walk away."""

from collections import deque

from msgspec import Struct

from kmonitor.fleet_simulator.cash import SMALLEST, coins_for, notes_for
from kmonitor.fleet_simulator.catalogue import SERVICES, SHARES, Service, fee_of
from kmonitor.fleet_simulator.condition import ACCEPTOR, CARD_READER, COIN_ACCEPTOR, PRINTER, Condition
from kmonitor.fleet_simulator.rhythm import BUSIEST, LocalTime, busyness
from kmonitor.fleet_simulator.settlement import Settlement
from kmonitor.fleet_simulator.till import ACCEPTOR_BOX, COIN_BOX
from kmonitor.fleet_simulator.wear import DAY, Wear

ORPHAN = 0.001
"""The share of cash payments with a note outside any payment («купюры мимо»)."""
ABANDONED, TIMED_OUT = 0.07, 0.02
"""Shares of those who come and do not pay."""
SCREENS = ("services", "account_number", "confirm", "insert_cash")
GIVEN_BACK = ("identification", "verification", "optic", "conveying", "insertion")
TRIES_PER_NOTE = 5
"""A payer tries a note so often, then finds another one."""


class Payment(Struct):
    """A payment as it is being made; `left` is the money still in the payer's hand, coins last."""

    payment_id: str
    service: Service
    method: str
    wanted: int
    began: float
    left: deque[tuple[str, int]]
    inserted: int = 0
    tries: int = 0


class Payers:
    """The people before one kiosk, one at a time."""

    def __init__(self, condition: Condition, wear: Wear, local: LocalTime, prefix: str) -> None:
        self._condition = condition
        self._agenda = condition.agenda
        self._wear = wear
        self._settlement = Settlement(condition)
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
        condition.is_occupied = True
        chance = rng.random()
        if chance < ABANDONED + TIMED_OUT:
            outcome = "abandoned" if chance < ABANDONED else "timeout"
            self.walk_away(outcome, rng.choice(SCREENS))
            return
        method = "cash"
        if rng.random() > condition.who.cash_share:
            method = "card" if condition.who.has_card_reader and rng.random() < 0.55 else "qr"
        if method == "cash" and ACCEPTOR in condition.broken:
            self.walk_away("abandoned", "cash_not_accepted")
        elif method == "card" and CARD_READER in condition.broken:
            self.walk_away("abandoned", "card_not_accepted")
        else:
            self._begin(method)

    def walk_away(self, outcome: str, screen: str) -> None:
        self._agenda.after(self._agenda.rng.uniform(8, 70), self._leave, outcome, screen, self._agenda.now)

    def _leave(self, outcome: str, screen: str, began: float) -> None:
        duration_s = round(self._agenda.now - began, 1)
        self._agenda.say("session.ended.v1", outcome=outcome, last_screen=screen, duration_s=duration_s)
        self._condition.is_occupied = False

    def _begin(self, method: str) -> None:
        rng = self._agenda.rng
        self._payments += 1
        service = rng.choices(SERVICES, SHARES)[0]
        wanted = self._wanted(service)
        due = wanted + fee_of(service, wanted) if service.is_bill else wanted
        payment = Payment(
            f"{self._prefix}-{self._payments}", service, method, wanted, self._agenda.now, deque()
        )
        if method == "cash":
            payment.left.extend(self._money(due))
            if rng.random() < ORPHAN:
                self._agenda.after(5, self._stack, 10_000, None)
            self._agenda.after(rng.uniform(12, 40), self._put_in, payment)
        else:
            payment.inserted = due
            self._agenda.after(rng.uniform(15, 60), self._accept, payment)

    def _wanted(self, service: Service) -> int:
        """What somebody means to pay: the sum of a bill without its fee, or whole fifties."""
        low, high = service.amounts_minor
        # Small sums are the usual ones.
        sum_minor = int(low + (high - low) * self._agenda.rng.random() ** 2.2)
        return sum_minor if service.is_bill else max(low, sum_minor // SMALLEST * SMALLEST)

    def _money(self, due: int) -> list[tuple[str, int]]:
        """Notes; and where there is a slot for them, sometimes coins for the odd part of a sum."""
        coins: list[int] = []
        if COIN_ACCEPTOR in self._condition.words and COIN_ACCEPTOR not in self._condition.broken:
            odd = due % SMALLEST
            if odd and due > SMALLEST and self._agenda.rng.random() < 0.4:
                coins = coins_for(odd)
                due -= odd
        return [
            *(("note", each) for each in notes_for(self._agenda.rng, due)),
            *(("coin", each) for each in coins),
        ]

    def _put_in(self, payment: Payment) -> None:
        """The next note or coin; a note may be given back, and is tried again."""
        rng = self._agenda.rng
        kind, denomination = payment.left[0]
        is_bad = kind == "note" and rng.random() < self._condition.reject_share
        if is_bad and payment.tries < TRIES_PER_NOTE:
            payment.tries += 1
            self._give_back(denomination)
        else:
            payment.left.popleft()
            payment.tries = 0
            payment.inserted += denomination
            if kind == "note":
                self._stack(denomination, payment.payment_id)
            else:
                self._condition.till.take_coin(denomination, payment.payment_id)
        if payment.left:
            self._agenda.after(rng.uniform(2.5, 6), self._put_in, payment)
        else:
            self._agenda.after(rng.uniform(3, 12), self._accept, payment)

    def _give_back(self, denomination: int) -> None:
        reason = self._agenda.rng.choice(GIVEN_BACK)
        # A note that is not identified has no denomination.
        known = {} if reason == "identification" else {"denomination_minor": denomination}
        self._agenda.say("note.rejected.v1", unit=ACCEPTOR_BOX, reason=reason, **known)

    def _stack(self, denomination: int, payment_id: str | None) -> None:
        self._condition.till.stack(denomination, payment_id)
        self._wear.note_stacked()

    def _accept(self, payment: Payment) -> None:
        service = payment.service
        fee = fee_of(service, payment.wanted if service.is_bill else payment.inserted)
        surplus = payment.inserted - payment.wanted - fee if service.is_bill else 0
        change = self._give_change(surplus, payment.payment_id) if payment.method == "cash" else 0
        self.accept(payment, fee, change)

    def accept(self, payment: Payment, fee: int, change: int) -> None:
        """Money was taken for a service; what becomes of it is another matter."""
        service, payment_id = payment.service, payment.payment_id
        credited = payment.inserted - change - fee
        self._agenda.say(
            "payment.accepted.v1",
            payment_id=payment_id,
            service=service.service,
            recipient=service.recipient,
            method=payment.method,
            currency=self._condition.who.currency,
            inserted_minor=payment.inserted,
            credited_minor=credited,
            fee_minor=fee,
            change_minor=change,
        )
        self._print_receipt(payment_id)
        self._settlement.settle(payment_id, service.recipient, credited, fee)
        self._agenda.after(self._agenda.rng.uniform(2, 9), self._leave, "paid", "receipt", payment.began)

    def _give_change(self, surplus: int, payment_id: str) -> int:
        """Out of recycled notes and coins; what they do not make is credited."""
        condition, given = self._condition, 0
        if surplus and condition.who.acceptor.recycles and ACCEPTOR not in condition.broken:
            given += condition.till.give_change(ACCEPTOR_BOX, surplus, payment_id)
        if surplus > given and COIN_ACCEPTOR in condition.words and COIN_ACCEPTOR not in condition.broken:
            given += condition.till.give_change(COIN_BOX, surplus - given, payment_id)
        return given

    def _print_receipt(self, payment_id: str) -> None:
        if PRINTER in self._condition.broken or self._condition.paper == 0:
            self._agenda.say("receipt.failed.v1", payment_id=payment_id)
        else:
            self._agenda.say("receipt.printed.v1", payment_id=payment_id)
            self._wear.receipt_printed()
