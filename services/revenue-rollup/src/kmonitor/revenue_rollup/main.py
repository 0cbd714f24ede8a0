"""revenue-rollup: starts the sink of money, beside the registry it books by."""

import gc
import threading

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.patience import Patience, Stopped
from kmonitor.domain.office.registry import Registry
from kmonitor.kafka.batches import BatchConsumer, Group, Limits
from kmonitor.kafka.office import Office
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.kafka.topics import TERMINAL_EVENTS
from kmonitor.revenue_rollup.reading import read
from kmonitor.revenue_rollup.settings import Settings
from kmonitor.revenue_rollup.sink import RevenueSink
from kmonitor.runtime.health import Health
from kmonitor.runtime.probes import ProbeServer
from kmonitor.runtime.process import run
from kmonitor.runtime.settings import load

NAME = "revenue-rollup"
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
        [TERMINAL_EVENTS],
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

    clickhouse = ClickHouse(settings.clickhouse)
    patience = Patience(wait, health.reporter("clickhouse"))
    sink = RevenueSink(clickhouse, patience, registry_as_of)
    tolerance = Tolerance(TERMINAL_EVENTS)
    try:
        patience(clickhouse.ping)
        while not stop.is_set():
            batch = consumer.take()
            health.progressed()
            if batch is not None:
                sink.write(read(batch.records, tolerance))
                if tolerance.may_commit:
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
