"""Sends records and says of each when the broker has it."""

import asyncio
import threading
import time
from collections import deque
from functools import partial
from types import TracebackType
from typing import Self

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from kmonitor.kafka.client import Link, Say, configuration, silence
from kmonitor.kafka.errors import ClientBroken, NotDelivered, Saturated
from kmonitor.kafka.records import Headers

BY_KEY = -1
POLL_S = 0.1
BUCKET_S = 0.05


class Position(msgspec.Struct, frozen=True, gc=False):
    """Where a record stands in its topic."""

    partition: int
    offset: int


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much may wait for the broker's word, and for how long."""

    messages: int = 50_000
    kilobytes: int = 65_536
    delivery_timeout_s: float = 30.0
    linger_ms: float = 3.0


class _Sent(msgspec.Struct, gc=False):
    """The messages sent within one short while: how many of them are still unconfirmed."""

    since: float
    open: int = 0


class DurableProducer:
    """Sends records from an asyncio loop; each send's future resolves when the broker has confirmed it.

    Made inside the running loop, closed with `await close()` (or `async with`). All methods belong to the loop.
    Records of one key (or one explicit partition) are confirmed in the order they were sent.
    """

    def __init__(
        self, bootstrap: str, *, client_id: str, bounds: Bounds | None = None, say: Say = silence
    ) -> None:
        bounds = bounds or Bounds()
        self._loop = asyncio.get_running_loop()
        self._link = Link(bootstrap, say)
        self._producer = Producer(_settings(bootstrap, client_id, bounds, self._link))
        self._in_flight = 0
        self._sent: deque[_Sent] = deque()
        self._reports: list[_Report] = []
        self._closing = threading.Event()
        self._flush_s = 0.0
        self._thread = threading.Thread(target=self._gather, name=f"{client_id}-delivery", daemon=True)
        self._thread.start()

    @property
    def in_flight(self) -> int:
        """How many records wait for the broker's word."""
        return self._in_flight

    @property
    def oldest_in_flight_s(self) -> float:
        """For how long (to 50 ms) the oldest unconfirmed record has been waiting; 0.0 when none is."""
        self._forget_confirmed()
        return time.monotonic() - self._sent[0].since if self._sent else 0.0

    @property
    def fatal(self) -> str | None:
        """Why this producer can never send again (then the process must be restarted), or None."""
        return self._link.fatal

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> "asyncio.Future[Position]":
        """Hands a record over at once; the future holds its position, or NotDelivered.

        Raises Saturated when the bounds are reached, ClientBroken when the producer cannot go on.
        """
        future: asyncio.Future[Position] = self._loop.create_future()
        sent = self._bucket()
        try:
            self._producer.produce(
                topic,
                value,
                key,
                BY_KEY if partition is None else partition,
                partial(self._report, future, sent),
                headers=headers,
            )
        except BufferError as error:
            raise Saturated(f"{self._in_flight} records wait for Kafka's word: try again later.") from error
        except KafkaException as error:
            raise _refused(topic, error.args[0]) from error
        sent.open += 1
        self._in_flight += 1
        return future

    async def close(self, flush_s: float = 10.0) -> None:
        """Waits until everything sent is confirmed, `flush_s` at most; what is not by then has failed."""
        self._flush_s = flush_s
        self._closing.set()
        await self._loop.run_in_executor(None, self._thread.join)
        self._settle(self._take_reports())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _bucket(self) -> _Sent:
        now = time.monotonic()
        if not self._sent or now - self._sent[-1].since > BUCKET_S:
            self._sent.append(_Sent(now))
        return self._sent[-1]

    def _forget_confirmed(self) -> None:
        while self._sent and self._sent[0].open == 0:
            self._sent.popleft()

    def _report(
        self, future: "asyncio.Future[Position]", sent: _Sent, error: KafkaError | None, message: Message
    ) -> None:
        """Called in the delivery thread, once a record."""
        outcome = error or Position(message.partition(), message.offset())
        self._reports.append((future, sent, outcome))

    def _take_reports(self) -> "list[_Report]":
        reports, self._reports = self._reports, []
        return reports

    def _gather(self) -> None:
        """The delivery thread: all reports of one poll go to the loop in one call."""
        while not self._closing.is_set():
            self._producer.poll(POLL_S)
            if self._reports:
                self._loop.call_soon_threadsafe(self._settle, self._take_reports())
        self._producer.flush(self._flush_s)
        self._producer.purge()
        self._producer.flush(1)

    def _settle(self, reports: "list[_Report]") -> None:
        for future, sent, outcome in reports:
            sent.open -= 1
            if future.done():  # the caller has gone
                continue
            if isinstance(outcome, Position):
                future.set_result(outcome)
            else:
                future.set_exception(NotDelivered(f"Kafka did not confirm a record: {outcome.str()}"))
        self._in_flight -= len(reports)
        self._forget_confirmed()
        if reports and isinstance(reports[-1][2], Position):
            self._link.is_back()


_Report = tuple["asyncio.Future[Position]", _Sent, Position | KafkaError]


def _settings(bootstrap: str, client_id: str, bounds: Bounds, link: Link) -> dict[str, object]:
    return configuration(bootstrap, client_id, link) | {
        "acks": "all",
        "enable.idempotence": True,
        "compression.type": "zstd",
        # As every other client of Kafka: a terminal stays in one partition whoever writes it.
        "partitioner": "murmur2_random",
        "linger.ms": bounds.linger_ms,
        "message.max.bytes": 4_194_304,
        "message.timeout.ms": int(bounds.delivery_timeout_s * 1000),
        "queue.buffering.max.messages": bounds.messages,
        "queue.buffering.max.kbytes": bounds.kilobytes,
    }


def _refused(topic: str, error: KafkaError) -> Exception:
    if error.fatal() or error.code() == KafkaError._FATAL:
        return ClientBroken(f"Kafka's producer cannot go on: {error.str()}")
    return NotDelivered(f"A record for {topic} was not taken: {error.str()}")
