"""What becomes of an accepted payment: completed, failed and tried again, cancelled or refunded."""

from kmonitor.fleet_simulator.condition import Condition
from kmonitor.fleet_simulator.wear import HOUR

FAILED, CANCELLED, REFUNDED = 0.008, 0.003, 0.002
"""Shares of payments."""
FAILURES = ("provider_timeout", "account_not_found", "provider_rejected")
UNREACHABLE = "gateway_unavailable"
FIRST_PAUSE_S, LONGER, TRIES = 300.0, 1.3, 25
"""The terminal's own schedule of retries: 5 * 1.3^n minutes."""


class Settlement:
    """The payments of one kiosk from their acceptance on."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._agenda = condition.agenda

    def settle(self, payment_id: str, recipient: str, credited: int, fee: int) -> None:
        rng, agenda = self._agenda.rng, self._agenda
        chance = rng.random()
        latency = rng.lognormvariate(0.7, 0.6)
        if recipient in self._condition.unreachable or chance < FAILED:
            agenda.after(latency, self._fail, payment_id, recipient, 0)
        elif chance < FAILED + CANCELLED:
            agenda.after(rng.uniform(60, 2 * HOUR), self._cancel, payment_id)
        else:
            agenda.after(latency, self._complete, payment_id, latency)
            if chance < FAILED + CANCELLED + REFUNDED:
                agenda.after(rng.uniform(0.2 * HOUR, 12 * HOUR), self._refund, payment_id, credited, fee)

    def _fail(self, payment_id: str, recipient: str, tries: int) -> None:
        if not self._condition.when_free(self._fail, payment_id, recipient, tries):
            return
        is_down = recipient in self._condition.unreachable
        reason = UNREACHABLE if is_down else self._agenda.rng.choice(FAILURES)
        self._agenda.say("payment.failed.v1", payment_id=payment_id, reason=reason, retriable=True)
        self._agenda.after(FIRST_PAUSE_S * LONGER**tries, self._try_again, payment_id, recipient, tries + 1)

    def _try_again(self, payment_id: str, recipient: str, tries: int) -> None:
        is_down = recipient in self._condition.unreachable
        if tries < TRIES and (is_down or self._agenda.rng.random() < 0.3):
            self._fail(payment_id, recipient, tries)
        else:
            self._complete(payment_id, FIRST_PAUSE_S * LONGER ** (tries - 1))

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
