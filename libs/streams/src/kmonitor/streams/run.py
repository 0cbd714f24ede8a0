"""Runs a fold until it is asked to stop, and says how it is."""

import asyncio
from contextlib import suppress

from kmonitor.kafka.errors import BrokerAway
from kmonitor.kafka.topics import ensure_topics
from kmonitor.runtime.health import Health
from kmonitor.runtime.logs import get_logger
from kmonitor.runtime.metrics import POISON, RECORDS, gauge
from kmonitor.runtime.probes import ProbeServer
from kmonitor.runtime.settings import ServiceSettings
from kmonitor.streams.fold import Fold
from kmonitor.streams.worker import Stream, Worker

log = get_logger("streams")

SECONDS_TO_STOP = 5.0
SECONDS_WITHOUT_A_WORD = 5.0

UNCONFIRMED = gauge(
    "kmonitor_stream_unconfirmed_seconds",
    "For how long Kafka has not confirmed what a stream processor is writing.",
    worry="it exceeds 30: Kafka is away or overloaded, and states are getting old",
)
APPLIED_UP_TO = gauge(
    "kmonitor_stream_applied_timestamp_seconds",
    "Kafka's time of the last record a stream processor has applied.",
    worry="it is more than 10 s behind now: the processor does not keep up",
)
KEYS = gauge(
    "kmonitor_stream_keys",
    "Keys remembered in this instance's partitions.",
    worry="it grows without new terminals",
)


async def run_stream(settings: ServiceSettings, stream: Stream, fold: Fold, health: Health) -> None:
    """Folds a topic until it is cancelled, then ends cleanly: effects written, offsets committed.

    Serves health and metrics at settings.http_host:http_port. Waits for the broker as long as it must. Any
    exception of the fold, and any write the broker refuses, rises: nothing of that record is acknowledged, and
    a restart tries again. Run it with `kmonitor.runtime.process.run_async(name, main, uvloop.new_event_loop)`.
    """
    health.report("stream", "starting")
    probes = ProbeServer(health, settings.http_host, settings.http_port)
    try:
        await _wait_for_topics(settings, health)
        worker = Worker(stream, fold, kafka=settings.kafka, instance=settings.instance)
        await _live(worker, stream, health)
    finally:
        probes.close()


async def _wait_for_topics(settings: ServiceSettings, health: Health) -> None:
    while True:
        try:
            await asyncio.to_thread(
                ensure_topics,
                settings.kafka,
                settings.schemas / "topics",
                replication=settings.replication,
                timeout_s=5,
            )
        except BrokerAway as error:
            log.warning("waiting for Kafka", reason=str(error))
            health.report("kafka", str(error))
        else:
            health.report("kafka", None)
            return


async def _live(worker: Worker, stream: Stream, health: Health) -> None:
    starting = asyncio.ensure_future(worker.start())
    watching = asyncio.ensure_future(_watch(worker, stream, health))
    try:
        await asyncio.wait({starting, watching}, return_when=asyncio.FIRST_EXCEPTION)
        for task in (starting, watching):
            if task.done():
                task.result()
    except asyncio.CancelledError:
        log.info("stopping", stream=stream.name)
        if worker.is_ready:
            with suppress(TimeoutError):  # not confirmed in time is not acknowledged: it comes again
                await asyncio.wait_for(worker.finish(), SECONDS_TO_STOP)
        raise
    finally:
        starting.cancel()
        watching.cancel()
        # What does not stop in time is left to the end of the process: nothing depends on a clean end.
        with suppress(TimeoutError):
            await asyncio.wait_for(worker.stop(), SECONDS_TO_STOP)


async def _watch(worker: Worker, stream: Stream, health: Health) -> None:
    """Says each second how the worker is; raises what it died of."""
    counted = unreadable = 0
    silent_since_said = False
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(worker.crashed.wait(), 1.0)
            raise worker.crash_reason or RuntimeError("Faust stopped without saying why")
        tally = worker.shell.tally
        RECORDS.inc(tally.records - counted)
        POISON.labels(stream.source_topic).inc(tally.unreadable - unreadable)
        counted, unreadable = tally.records, tally.unreadable
        UNCONFIRMED.set(worker.shell.unconfirmed_s)
        APPLIED_UP_TO.set(tally.applied_at)
        KEYS.set(len(worker.store))
        health.progressed()
        health.report("stream", None if worker.is_ready else "its partitions are being assigned and restored")
        trouble = worker.trouble(SECONDS_WITHOUT_A_WORD)
        health.report("kafka", trouble)
        if trouble and not silent_since_said:
            log.warning("waiting for Kafka", reason=trouble)
        silent_since_said = bool(trouble)
