"""The one way in: what comes is judged, numbered and kept, and the sender is woken if it cannot wait."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from kmonitor.terminal_agent.errors import Ending
from kmonitor.terminal_agent.handover import Ready, read_events
from kmonitor.terminal_agent.kinds import CAN_WAIT
from kmonitor.terminal_agent.spool import HandOver, Spool, Taken


class Intake:
    """May be used from any thread."""

    def __init__(self, spool: Spool, wake: Callable[[], None], events_a_report: int) -> None:
        self._spool = spool
        self._wake = wake
        self._events_a_report = events_a_report
        self._is_open = True

    def take(self, body: bytes, key: str | None = None) -> Taken:
        """What kiosk software hands over; on the disk when it returns.

        With a key, it counts once however often it comes. Raises Unfit, SpoolFull, KeyReused and Ending.
        """
        if not self._is_open:
            raise Ending
        events = read_events(body, _now())
        hand_over = None if key is None else HandOver(key, sha256(body).digest())
        return self._keep(events, hand_over)

    def close(self) -> None:
        """From now on only the agent itself has a word."""
        self._is_open = False

    def say(self, type_: str, **fields: Any) -> Taken:
        """The agent's own word; what is None is not said. Raises SpoolFull."""
        said = {name: value for name, value in fields.items() if value is not None}
        return self._keep(read_events(msgspec.json.encode({"type": type_} | said), _now()), None)

    def _keep(self, events: list[Ready], hand_over: HandOver | None) -> Taken:
        taken = self._spool.take(events, hand_over)
        if any(each.type not in CAN_WAIT for each in events) or self._spool.queued >= self._events_a_report:
            self._wake()
        return taken


def _now() -> datetime:
    return datetime.now().astimezone()
