"""What was, and how much: asked of ClickHouse in threads of its own, so that it can hold up nothing else."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.errors import NotNow, Refused
from kmonitor.clickhouse.queries.query import Query
from kmonitor.query_api.problems import Problem, not_now
from kmonitor.runtime.logs import get_logger

LOG = get_logger("archive")
THREADS = 4
MOST_WAITING = 64
PATIENCE_S = 20.0
RETRY_AFTER_S = 2
# The lane of people's reads: it ends before the sinks would feel it.
LANE = {"max_execution_time": int(PATIENCE_S), "max_threads": 2, "max_memory_usage": 2_000_000_000}

Row = dict[str, Any]


class Archive:
    """Answers with rows, or raises a problem: 503 while ClickHouse is away or too many ask at once."""

    def __init__(self, url: str) -> None:
        self._connect: Callable[[], ClickHouse] = lambda: ClickHouse(url, timeout_s=PATIENCE_S)
        self._mine = threading.local()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="archive")
        self._asked = 0

    async def rows(self, query: Query) -> list[Row]:
        if self._asked >= MOST_WAITING:
            raise not_now("too many questions at once: ask again in a moment", RETRY_AFTER_S)
        self._asked += 1
        asking = asyncio.get_running_loop().run_in_executor(self._pool, self._ask, query)
        asking.add_done_callback(self._answered)
        try:
            # A reader who leaves does not free the thread before the engine has answered.
            async with asyncio.timeout(PATIENCE_S):
                return await asyncio.shield(asking)
        except (NotNow, TimeoutError) as error:
            LOG.warning("no answer", reason=str(error) or "too slow")
            raise not_now("the archive (ClickHouse) does not answer: ask again", RETRY_AFTER_S) from error
        except Refused as error:
            LOG.error("a question was refused", query=type(query).__name__, reason=str(error))
            raise Problem(503, "the archive (ClickHouse) refused this question", retry_after_s=30) from error

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, query: Query) -> list[Row]:
        client: ClickHouse | None = getattr(self._mine, "client", None)
        if client is None:
            client = self._mine.client = self._connect()
        return client.rows(query, LANE)

    def _answered(self, asking: "asyncio.Future[list[Row]]") -> None:
        self._asked -= 1
        if not asking.cancelled():
            asking.exception()  # looked at, also when nobody waits for it any more
