"""The boxes of a kiosk: whatever goes into them or out of them is said as it goes."""

from collections import Counter

from kmonitor.fleet_simulator.agenda import Agenda

ACCEPTOR_BOX, COIN_BOX = "validator-1", "coins-1"

Boxes = dict[str, Counter[int]]
"""How many of each denomination lie in a unit."""


class Till:
    """One currency; a box is named after its unit."""

    def __init__(self, agenda: Agenda, currency: str, boxes: Boxes | None = None) -> None:
        self._agenda = agenda
        self._currency = currency
        self._boxes: Boxes = {ACCEPTOR_BOX: Counter(), COIN_BOX: Counter()}
        for unit, content in (boxes or {}).items():
            self._boxes[unit].update(content)

    @property
    def notes(self) -> int:
        return self._boxes[ACCEPTOR_BOX].total()

    @property
    def coins(self) -> int:
        return self._boxes[COIN_BOX].total()

    def stack(self, denomination: int, payment_id: str | None) -> None:
        self._take("note.stacked.v1", ACCEPTOR_BOX, denomination, payment_id)

    def take_coin(self, denomination: int, payment_id: str | None) -> None:
        self._take("coin.accepted.v1", COIN_BOX, denomination, payment_id)

    def give_change(self, unit: str, sum_minor: int, payment_id: str) -> int:
        """As much of the sum as the notes or coins of this unit make; answers how much that was."""
        given = 0
        box = self._boxes[unit]
        for denomination in sorted(box, reverse=True):
            count = min(box[denomination], (sum_minor - given) // denomination)
            if count > 0:
                self._agenda.say(
                    "cash.dispensed.v1",
                    unit=unit,
                    currency=self._currency,
                    denomination_minor=denomination,
                    count=count,
                    payment_id=payment_id,
                )
                box[denomination] -= count
                given += denomination * count
        return given

    def collect(self, unit: str, collection_id: str, by: str, bag: str) -> None:
        """Everything in a unit is taken away, and told by denomination."""
        contents = [
            {"currency": self._currency, "denomination_minor": denomination, "count": count}
            for denomination, count in sorted(self._boxes[unit].items())
            if count
        ]
        self._agenda.say(
            "cash.collected.v1", collection_id=collection_id, unit=unit, by=by, bag=bag, contents=contents
        )
        self._boxes[unit].clear()

    def _take(self, type_: str, unit: str, denomination: int, payment_id: str | None) -> None:
        self._agenda.say(
            type_,
            unit=unit,
            currency=self._currency,
            denomination_minor=denomination,
            payment_id=payment_id,
        )
        self._boxes[unit][denomination] += 1
