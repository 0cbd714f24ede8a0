"""Sends what belongs in quarantine, and returns when the broker has all of it."""

import asyncio
from collections.abc import Callable, Sequence

from kmonitor.kafka.errors import NotDelivered, Saturated
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.quarantine import QuarantineEntry
from kmonitor.kafka.topics import QUARANTINE

RETRY_S = 1.0
AT_ONCE = 1_000


class Publisher:
    """Rarely used, so each time it connects anew; while the broker is away it waits and tries again."""

    def __init__(self, bootstrap: str, *, client_id: str, wait: Callable[[float], bool]) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._wait = wait

    def publish(self, entries: Sequence[QuarantineEntry]) -> bool:
        """Whether all entries are in the topic; False: a stop was asked for.

        An entry may come to stand there twice: its identity says that it is one.
        """
        for start in range(0, len(entries), AT_ONCE):
            while not asyncio.run(self._try(entries[start : start + AT_ONCE])):
                if not self._wait(RETRY_S):
                    return False
        return True

    async def _try(self, entries: Sequence[QuarantineEntry]) -> bool:
        async with DurableProducer(self._bootstrap, client_id=self._client_id) as producer:
            try:
                sent = []
                for entry in entries:
                    key, value, headers = entry.to_record()
                    sent.append(producer.send(QUARANTINE, key, value, headers))
                await asyncio.gather(*sent)
            except (NotDelivered, Saturated):
                return False
        return True
