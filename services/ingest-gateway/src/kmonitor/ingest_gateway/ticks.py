"""The passing of time, as an event: each second one tick into every partition of the log."""

import asyncio
from datetime import UTC, datetime

from kmonitor.domain.faults.presence import LONGEST_STEP
from kmonitor.events import codec
from kmonitor.events.log import Tick
from kmonitor.ingest_gateway.gate import Gate
from kmonitor.ingest_gateway.office import Office
from kmonitor.kafka.errors import ClientBroken, KafkaTrouble
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.topics import TERMINAL_EVENTS
from kmonitor.runtime.health import Health
from kmonitor.runtime.logs import get_logger

LOG = get_logger("ticks")
EVERY_S = 1.0


class Ticks:
    """Writes them while the log takes them: one that is not confirmed yet holds the next one back.

    They are also how an idle gateway finds out that the log has gone silent, and that it is back.
    """

    def __init__(
        self, producer: DurableProducer, office: Office, gate: Gate, health: Health, *, partitions: int
    ) -> None:
        self._producer = producer
        self._office = office
        self._gate = gate
        self._health = health
        self._partitions = partitions
        self._ticked_at: datetime | None = None

    async def run(self) -> None:
        """Ticks until cancelled. Raises ClientBroken when the producer can never send again."""
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        while True:
            # What was missed is not made up for: a tick says what time it is.
            next_at = max(next_at + EVERY_S, loop.time())
            self._health.progressed()
            if self._producer.fatal is not None:
                raise ClientBroken(self._producer.fatal)
            if self._office.ready:
                await self._tick()
            await asyncio.sleep(next_at - loop.time())

    async def _tick(self) -> None:
        refused = self._gate.take_refused()
        now = datetime.now(UTC)
        tick = Tick(
            at=now,
            refusing=refused > 0 or self._was_away(now),
            operations_up_to=self._office.registry.up_to,
        )
        self._ticked_at = now
        value = codec.encode(tick)
        try:
            async with asyncio.TaskGroup() as group:
                for partition in range(self._partitions):
                    group.create_task(self._write(value, partition))
        except* KafkaTrouble as troubles:
            # The refusals are told by the next tick that can be written.
            self._gate.refused += refused
            LOG.warning("a tick was not written", why=str(troubles.exceptions[0]))

    def _was_away(self, now: datetime) -> bool:
        """Whether nobody could report since the last tick: this gateway only just started, or stood still."""
        return self._ticked_at is None or now - self._ticked_at > LONGEST_STEP

    async def _write(self, value: bytes, partition: int) -> None:
        await self._producer.send(TERMINAL_EVENTS, None, value, partition=partition)
