"""One reader of the live stream: what waits for it, and no more than so much."""

import asyncio
from collections import deque
from collections.abc import Callable

from kmonitor.query_api.live.frames import Filter, Portion

MOST_BYTES = 4_194_304


class Subscriber:
    """Portions wait here for a reader; one that is too slow loses them all and is told so. `is_allowed` says
    whether the reader may still listen."""

    def __init__(self, wanted: Filter, is_allowed: Callable[[], bool] = lambda: True) -> None:
        self.wanted = wanted
        self.is_allowed = is_allowed
        self.is_lost = False
        self.is_closed = False
        self._waiting: deque[Portion] = deque()
        self._size = 0
        self._something = asyncio.Event()

    def offer(self, portion: Portion) -> None:
        if self.is_lost:
            return
        self._size += portion.size
        self._waiting.append(portion)
        if self._size > MOST_BYTES:
            self.is_lost = True
            self._waiting.clear()
            self._size = 0
        self._something.set()

    def close(self) -> None:
        """The reader has gone, or the server stops and the reader resumes elsewhere."""
        self.is_closed = True
        self._something.set()

    def take(self, *, with_ids: bool = True) -> bytes:
        """Everything that waits, as bytes to send; empty when there is nothing."""
        text = b"".join([portion.text(self.wanted, with_ids=with_ids) for portion in self._waiting])
        self._waiting.clear()
        self._size = 0
        self._something.clear()
        return text

    async def wait(self, seconds: float) -> bool:
        """Whether something happened within that time."""
        try:
            async with asyncio.timeout(seconds):
                await self._something.wait()
                return True
        except TimeoutError:
            return False
