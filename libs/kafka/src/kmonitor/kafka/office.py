"""The office's operations for a plain loop: the registry as of whatever a record says was known."""

import logging
from collections.abc import Callable

from kmonitor.domain.office.registry import Registry
from kmonitor.events.codec import Unreadable, decode_operation
from kmonitor.kafka.client import Say, silence
from kmonitor.kafka.records import Record
from kmonitor.kafka.sync_follower import SyncFollower
from kmonitor.kafka.topics import OPERATIONS

LOG = logging.getLogger("kmonitor.kafka")
STEP_S = 0.5

Wait = Callable[[float], bool]
"""Waits that long; False when a stop was asked for."""


class Office:
    """Follows `kmonitor.operations.v1` as far as it is asked to."""

    def __init__(self, bootstrap: str, *, client_id: str, say: Say = silence) -> None:
        self.registry = Registry()
        self.unreadable = 0
        self._follower = SyncFollower(bootstrap, OPERATIONS, self._learn, client_id=client_id, say=say)

    def knows(self, number: int, wait: Wait) -> bool:
        """Returns when the operation with this number is part of the registry. False: a stop was asked for."""
        while not self._follower.advance_to(number, STEP_S):
            if not wait(STEP_S):
                return False
        return True

    def close(self) -> None:
        self._follower.close()

    def _learn(self, records: list[Record]) -> None:
        for record in records:
            if record.value is None:
                continue
            try:
                operation = decode_operation(record.value)
            except Unreadable:
                # Nobody can read it, so it changes nobody's registry.
                self.unreadable += 1
                LOG.warning("operation %d cannot be read and is skipped", record.offset)
            else:
                self.registry.learn(record.offset, operation)
