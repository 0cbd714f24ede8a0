"""The registry as the detector follows it, and the wait for an operation that a record speaks of."""

from kmonitor.domain.office.registry import Registry
from kmonitor.events.codec import decode_operation
from kmonitor.kafka.follower import Follower
from kmonitor.kafka.records import Record
from kmonitor.kafka.topics import OPERATIONS

SAY_EVERY_S = 5.0


class Operations:
    """Follows `kmonitor.operations.v1` whole."""

    def __init__(self, bootstrap: str, client_id: str) -> None:
        self.registry = Registry()
        self.follower = Follower(bootstrap, [OPERATIONS], self._learn, client_id=client_id)

    async def known(self, number: int) -> None:
        """Returns once the operation with this number is part of the registry."""
        while self.registry.up_to < number:
            await self.follower.reached(OPERATIONS, 0, number, SAY_EVERY_S)

    def _learn(self, records: list[Record]) -> None:
        for record in records:
            if record.value is not None:
                self.registry.learn(record.offset, decode_operation(record.value))
