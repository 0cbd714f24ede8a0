"""The log folded into the state of each terminal, one report at a time."""

from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.codec import Unreadable, decode, decode_record, encode
from kmonitor.events.log import Tick
from kmonitor.runtime.metrics import EVENTS
from kmonitor.streams import Effects, Message, Recall, UnreadableRecord

# About 100 MB of decoded states; what a larger park needs besides is decoded again when it reports.
DECODED_AT_MOST = 20_000


class TerminalStates:
    """Each report moves its terminal's state on; the state topic gets every new state."""

    def __init__(self) -> None:
        self._decoded: dict[bytes, TerminalState] = {}

    def apply(self, message: Message, recall: Recall) -> Effects:
        try:
            record = decode_record(message.value)
        except Unreadable as error:
            raise UnreadableRecord(str(error)) from error
        if isinstance(record, Tick):
            return Effects()
        key = record.terminal.encode()
        known = self._recall(key, recall, record.terminal)
        state = after_report(known, record, message.partition, message.offset)
        if state is known:
            return Effects()
        self._decoded[key] = state
        EVENTS.inc(len(record.events))
        return Effects(remember={key: encode(state)})

    def forget(self) -> None:
        self._decoded.clear()

    def _recall(self, key: bytes, recall: Recall, terminal: str) -> TerminalState:
        state = self._decoded.get(key)
        if state is None:
            remembered = recall(key)
            state = decode(remembered, TerminalState) if remembered else TerminalState(terminal=terminal)
            if len(self._decoded) >= DECODED_AT_MOST:
                self._decoded.clear()
        return state
