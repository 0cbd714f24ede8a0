"""What the office has said so far: the registry, folded from the log of operations as it grows."""

from kmonitor.domain.office.registry import Registry
from kmonitor.events import codec
from kmonitor.kafka.client import Say, silence
from kmonitor.kafka.follower import Follower
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.kafka.topics import OPERATIONS
from kmonitor.runtime.logs import get_logger
from kmonitor.runtime.metrics import POISON

LOG = get_logger("office")


class Office:
    """Follows `kmonitor.operations.v1` from its beginning; `registry` is as of the last operation applied.

    Made inside the running loop; all methods belong to it.
    """

    def __init__(self, bootstrap: str, *, client_id: str, say: Say = silence) -> None:
        self.registry = Registry()
        self._tolerance = Tolerance(OPERATIONS)
        self._follower = Follower(bootstrap, [OPERATIONS], self._apply, client_id=client_id, say=say)

    @property
    def ready(self) -> bool:
        """Whether every operation that was there at the start has been applied."""
        return self._follower.ready

    async def run(self) -> None:
        """Follows until cancelled. Raises TooMuchPoison, TopicRewritten or ClientBroken."""
        await self._follower.run()

    async def caught_up(self, timeout_s: float) -> bool:
        """Whether every operation recorded before this call could be applied in time."""
        return await self._follower.caught_up(timeout_s)

    async def applied(self, number: int, timeout_s: float) -> bool:
        """Whether the operation with this number could be applied in time."""
        return await self._follower.reached(OPERATIONS, 0, number, timeout_s)

    def _apply(self, records: list[Record]) -> None:
        for record in records:
            try:
                operation = codec.decode_operation(record.value or b"")
            except codec.Unreadable as unreadable:
                # Event-archive keeps its bytes; here it only must not stop the others.
                LOG.warning(
                    "an operation cannot be read", number=record.offset, why=type(unreadable.__cause__).__name__
                )
                POISON.labels(OPERATIONS).inc()
                self._tolerance.bad()
            else:
                self.registry.learn(record.offset, operation)
                self._tolerance.good()
