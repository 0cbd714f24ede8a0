"""event-archive: starts the sink of history, beside the registry it judges intervals by."""

import gc
import threading

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.patience import Patience, Stopped
from kmonitor.domain.office.registry import Registry
from kmonitor.event_archive.publishing import Publisher
from kmonitor.event_archive.reading import TOPICS, read
from kmonitor.event_archive.settings import Settings
from kmonitor.event_archive.sink import ArchiveSink
from kmonitor.kafka.batches import BatchConsumer, Group, Limits
from kmonitor.kafka.office import Office
from kmonitor.kafka.quarantine import QuarantineEntry
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.runtime.health import Health
from kmonitor.runtime.probes import ProbeServer
from kmonitor.runtime.process import run
from kmonitor.runtime.settings import load

NAME = "event-archive"
STUCK_AFTER_S = 120.0
GC_THRESHOLDS = (200_000, 20, 100)
"""A batch is many young objects and no cycles: to look through them often costs a third of all time."""


def main(stop: threading.Event) -> None:
    gc.set_threshold(*GC_THRESHOLDS)
    settings = load(Settings)
    health = Health("clickhouse", stuck_after_s=STUCK_AFTER_S)
    probes = ProbeServer(health, settings.http_host, settings.http_port)
    consumer = BatchConsumer(
        settings.kafka,
        TOPICS,
        Group(name=NAME, instance=settings.instance),
        stop=stop,
        limits=Limits(records=settings.batch_records, seconds=settings.batch_s),
        say=health.reporter("kafka"),
    )
    office = Office(settings.kafka, client_id=f"{settings.instance}-office", say=health.reporter("operations"))

    def wait(seconds: float) -> bool:
        health.progressed()
        return consumer.wait(seconds)

    def registry_as_of(number: int) -> Registry:
        if not office.knows(number, wait):
            raise Stopped
        return office.registry

    publisher = Publisher(settings.kafka, client_id=f"{settings.instance}-quarantine", wait=wait)

    def publish(entries: list[QuarantineEntry]) -> None:
        if entries and not publisher.publish(entries):
            raise Stopped

    clickhouse = ClickHouse(settings.clickhouse)
    patience = Patience(wait, health.reporter("clickhouse"))
    sink = ArchiveSink(clickhouse, patience, registry_as_of, publish)
    tolerances = {topic: Tolerance(topic) for topic in TOPICS}
    try:
        patience(clickhouse.ping)
        while not stop.is_set():
            batch = consumer.take()
            health.progressed()
            if batch is not None:
                sink.write(read(batch.records, tolerances))
                if all(tolerance.may_commit for tolerance in tolerances.values()):
                    batch.commit()
    except Stopped:
        pass  # what was not committed is read again at the next start
    finally:
        consumer.close()
        office.close()
        clickhouse.close()
        probes.close()


if __name__ == "__main__":
    run(NAME, main)
