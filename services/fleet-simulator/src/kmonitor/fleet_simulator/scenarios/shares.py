"""What only shows in shares: payments that fail for one recipient, notes that one firmware gives back."""

from collections.abc import Sequence

from kmonitor.fleet_simulator.condition import ACCEPTOR
from kmonitor.fleet_simulator.kiosk import Life
from kmonitor.fleet_simulator.profile import Profile
from kmonitor.fleet_simulator.scenarios.scenario import HOUR, Scenario, Window
from kmonitor.fleet_simulator.turns import Trouble


class GatewayDown(Scenario, frozen=True, kw_only=True, tag="gateway_down"):
    """A recipient's gateway does not answer: payments for it fail everywhere, and complete when it is back."""

    recipient: str = "beeline"
    terminals: int = 0
    lasts: float = 1.5 * HOUR
    spares = False

    def about(self, park: Sequence[Profile]) -> list[Profile]:
        return list(park)

    def bend(self, life: Life, window: Window) -> None:
        life.agenda.at(window.start, life.condition.unreachable.add, self.recipient)
        life.agenda.at(window.end, life.condition.unreachable.discard, self.recipient)

    def incident(self) -> Trouble:
        return self.trouble("incident", "recipient_unreachable", subject=self.recipient)


class RejectingFirmware(Scenario, frozen=True, kw_only=True, tag="rejecting_firmware"):
    """Acceptors of one firmware give back far more notes than the others."""

    firmware: str = "V7-RU08"
    share: float = 0.45
    terminals: int = 0
    lasts: float = 12 * HOUR
    spares = False

    def about(self, park: Sequence[Profile]) -> list[Profile]:
        return [who for who in park if who.acceptor.firmware == self.firmware]

    def bend(self, life: Life, window: Window) -> None:
        usual = life.condition.reject_share
        life.agenda.at(window.start, self._reject, life, self.share)
        life.agenda.at(window.end, self._reject, life, usual)

    def incident(self) -> Trouble:
        return self.trouble("incident", "notes_rejected", device=ACCEPTOR[0], subject=self.firmware)

    def _reject(self, life: Life, share: float) -> None:
        life.condition.reject_share = share
