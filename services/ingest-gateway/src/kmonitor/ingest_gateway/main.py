"""The gateway's process: builds what it stands on, and runs it until it is asked to stop."""

import asyncio
import gc

import uvloop

from kmonitor.domain.office.sessions import Seal
from kmonitor.domain.office.signers import Recognition
from kmonitor.ingest_gateway.app import Dependencies, create_app
from kmonitor.ingest_gateway.gate import Gate
from kmonitor.ingest_gateway.office import Office
from kmonitor.ingest_gateway.server import listen, serve
from kmonitor.ingest_gateway.settings import Settings
from kmonitor.ingest_gateway.ticks import Ticks
from kmonitor.kafka.errors import BrokerAway
from kmonitor.kafka.lookup import Lookup
from kmonitor.kafka.producer import DurableProducer
from kmonitor.kafka.topics import QUARANTINE, TERMINAL_EVENTS, ensure_topics, read_topics
from kmonitor.runtime.health import Health
from kmonitor.runtime.process import run_async
from kmonitor.runtime.settings import load

SERVICE = "ingest-gateway"


# A report leaves no cycles behind: there is next to nothing for the collector to find every 700 objects.
COLLECT_EVERY = 20_000


async def main() -> None:
    settings = load(Settings)
    gc.set_threshold(COLLECT_EVERY, 20, 100)
    listening = listen(settings.http_host, settings.http_port)
    health = Health("topics", "registry")
    loop = asyncio.get_running_loop()
    office = Office(settings.kafka, client_id=settings.instance, say=health.reporter("operations"))
    async with DurableProducer(
        settings.kafka, client_id=settings.instance, say=health.reporter("log")
    ) as producer:
        gate = Gate(lambda: producer.oldest_in_flight_s, loop.time)
        quarantine = Lookup(settings.kafka, QUARANTINE, client_id=f"{settings.instance}-quarantine")
        recognition = Recognition(Seal(settings.secret), settings.admin_token_sha256)
        app = create_app(Dependencies(producer, office, gate, health, settings.secret, recognition, quarantine))
        async with asyncio.TaskGroup() as background:
            follow = background.create_task(_follow(settings, producer, office, gate, health))
            try:
                await serve(app, listening)
            finally:
                follow.cancel()
                quarantine.close()


async def _follow(
    settings: Settings, producer: DurableProducer, office: Office, gate: Gate, health: Health
) -> None:
    """The topics first, then what stands in them and the ticks into them."""
    partitions = {topic.name: topic.partitions for topic in read_topics(settings.schemas / "topics")}
    await _ensure_topics(settings, health)
    ticks = Ticks(producer, office, gate, health, partitions=partitions[TERMINAL_EVENTS])
    async with asyncio.TaskGroup() as group:
        group.create_task(office.run())
        group.create_task(ticks.run())


async def _ensure_topics(settings: Settings, health: Health) -> None:
    while True:
        try:
            await asyncio.to_thread(
                ensure_topics, settings.kafka, settings.schemas / "topics", replication=settings.replication
            )
        except BrokerAway as away:
            health.report("topics", str(away))
        else:
            health.report("topics", None)
            return


if __name__ == "__main__":
    run_async(SERVICE, main, uvloop.new_event_loop)
