"""Follows whole topics from their beginning, in the loop's memory, and knows when it is up to date."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from kmonitor.kafka.client import Say, silence
from kmonitor.kafka.ends import Place
from kmonitor.kafka.errors import BrokerAway
from kmonitor.kafka.questions import SharedQuestion
from kmonitor.kafka.reader import Extent, Portion, Reader, Start
from kmonitor.kafka.records import Record

PORTION = 1_000
PORTION_S = 0.2
GATHER_S = 0.005
"""How long a record may wait for company on its way to the loop."""
AHEAD = 4
"""Portions read before the loop has applied them."""
RETRY_S = 0.1

Apply = Callable[[list[Record]], None]
"""Takes records in log order; a tombstone has value None. What it raises ends the follower."""


class Follower:
    """Reads topics whole, applies every record in the loop, and goes on for ever.

        follower = Follower(bootstrap, [OPERATIONS], registry.apply, client_id="query-api")
        async with asyncio.TaskGroup() as group:
            group.create_task(follower.run())
            if not await follower.caught_up(2.0): ...

    `start="end"` reads only what is written from now on. `run` is called once; all methods belong to its loop.
    """

    def __init__(
        self,
        bootstrap: str,
        topics: Iterable[str],
        apply: Apply,
        *,
        client_id: str,
        start: Start = "beginning",
        say: Say = silence,
    ) -> None:
        self._apply = apply
        self._start: Start = start
        self._reader = Reader(bootstrap, topics, client_id=client_id, say=say)
        self._started = asyncio.Event()
        self._first_ends: Mapping[Place, int] = {}
        self._positions: dict[Place, int] = {}
        self._ready = False
        self._moved = asyncio.Event()
        self._ends = SharedQuestion(self._ask_ends)
        self._closed = False

    @property
    def ready(self) -> bool:
        """Whether everything that was there at the start has been applied."""
        return self._ready

    @property
    def positions(self) -> Mapping[Place, int]:
        """The next offset to apply of each (topic, partition)."""
        return self._positions

    def position(self, topic: str, partition: int = 0) -> int:
        """The next offset to apply there: everything below it has been applied."""
        return self._positions.get((topic, partition), 0)

    async def run(self) -> None:
        """Follows until cancelled. Raises what `apply` raised, TopicRewritten or ClientBroken."""
        loop = asyncio.get_running_loop()
        portions: asyncio.Queue[Portion | None] = asyncio.Queue()
        stop, room = threading.Event(), threading.Semaphore(AHEAD)

        def read() -> None:
            extent = self._begin_reading(stop)
            if extent is None:
                return
            loop.call_soon_threadsafe(self._begin, extent)
            while not stop.is_set():
                portion = self._reader.read(PORTION, PORTION_S, GATHER_S)
                if portion is not None:
                    loop.call_soon_threadsafe(portions.put_nowait, portion)
                    room.acquire()

        pool = ThreadPoolExecutor(1, thread_name_prefix="follower")
        reading = loop.run_in_executor(pool, read)
        reading.add_done_callback(lambda _: portions.put_nowait(None))
        try:
            while (portion := await portions.get()) is not None:
                self._take(portion)
                room.release()
            reading.result()
        finally:
            stop.set()
            room.release()
            self._closed = True
            # The client may not be closed while another thread asks it something.
            await asyncio.wait([reading])
            await self._ends.idle()
            await loop.run_in_executor(pool, self._reader.close)
            pool.shutdown(wait=False)

    async def caught_up(self, timeout_s: float) -> bool:
        """Whether, within that time, everything was applied that was in the log when this was called."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._started.wait()
                await self._past(await self._ends.answer())
                return True
        except (TimeoutError, BrokerAway):
            return False

    async def reached(self, topic: str, partition: int, offset: int, timeout_s: float) -> bool:
        """Whether, within that time, the record at that offset was applied."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._past({(topic, partition): offset + 1})
                return True
        except TimeoutError:
            return False

    def _begin_reading(self, stop: threading.Event) -> Extent | None:
        while not stop.is_set():
            extent = self._reader.start(self._start)
            if extent is not None:
                return extent
            stop.wait(RETRY_S)
        return None

    def _begin(self, extent: Extent) -> None:
        self._first_ends = extent.ends
        self._positions = dict(extent.begin)
        self._ready = self._is_past(extent.ends)
        self._started.set()

    def _take(self, portion: Portion) -> None:
        if portion.records:
            self._apply(portion.records)
        self._positions.update(portion.positions)
        self._ready = self._ready or self._is_past(self._first_ends)
        self._moved.set()
        self._moved = asyncio.Event()

    def _is_past(self, ends: Mapping[Place, int]) -> bool:
        return all(self._positions.get(place, 0) >= end for place, end in ends.items())

    async def _past(self, ends: Mapping[Place, int]) -> None:
        while not self._is_past(ends):
            await self._moved.wait()

    async def _ask_ends(self) -> Mapping[Place, int]:
        while not self._closed:
            try:
                return await asyncio.to_thread(self._reader.ends)
            except BrokerAway:
                await asyncio.sleep(RETRY_S)
        raise BrokerAway("this follower has ended")
