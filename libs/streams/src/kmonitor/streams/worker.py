"""The Faust application of one fold: which topics, which group, which settings, and why."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import faust
from aiokafka import AIOKafkaProducer
from faust.types import TP
from yarl import URL

from kmonitor.kafka.tolerance import Tolerance
from kmonitor.streams.fold import Fold
from kmonitor.streams.intake import POLL_RECORDS, PollSchema, Transport
from kmonitor.streams.shell import Shell
from kmonitor.streams.table import PartitionedStore

SESSION_TIMEOUT_S = 10.0
BATCH_BYTES = 1 << 20
BIGGEST_RECORD = 4_194_304


@dataclass(frozen=True, kw_only=True)
class Stream:
    """What a worker does: fold one topic into another."""

    name: str
    source_topic: str
    table_topic: str


class Worker(faust.App):  # type: ignore[misc]
    """Faust, with a shell around one fold: one agent on the source topic, one table on the state topic."""

    logger = logging.getLogger("faust")  # not ours: as with all libraries, warnings are said

    def __init__(self, stream: Stream, fold: Fold, *, kafka: str, instance: str) -> None:
        super().__init__(stream.name, **_settings(kafka, instance))
        self.source_topic = stream.source_topic
        self.store = self._make_table(stream.table_topic)
        self.shell = Shell(
            fold,
            store=self.store,
            table_topic=stream.table_topic,
            worker=self,
            tolerance=Tolerance(stream.source_topic),
        )
        self._attach_agent()
        self.on_partitions_revoked.connect(self._finish, weak=False)

    def producer_client(self) -> AIOKafkaProducer:
        """The producer, once it is started."""
        return self.producer._ensure_producer()

    async def starts(self, tps: Collection[TP]) -> Mapping[TP, int]:
        """Where reading these partitions has to begin: at the last commit, or where the log begins."""
        starts: Mapping[TP, int] = await self.consumer.starts(tps)
        return starts

    def confirm(self, offsets: Mapping[TP, int]) -> None:
        """Lets Faust commit everything before these offsets."""
        self.consumer.confirm(offsets)

    @property
    def is_ready(self) -> bool:
        """Partitions are assigned, the table is restored, records flow."""
        return bool(self.tables.actives_ready) and not self.rebalancing

    @property
    def crashed(self) -> asyncio.Event:
        """Set when a part of Faust or the shell has died; `crash_reason` says of what."""
        crashed: asyncio.Event = self._crashed
        return crashed

    def trouble(self, patience_s: float) -> str | None:
        """What keeps the worker waiting for the broker longer than that, in a sentence."""
        unconfirmed_s = self.shell.unconfirmed_s
        if unconfirmed_s > patience_s:
            return f"Kafka has not confirmed a write for {unconfirmed_s:.0f} s; waiting and retrying"
        silent_s = self.consumer.silent_s()
        if silent_s > patience_s:
            return f"Kafka has not answered a read for {silent_s:.0f} s; waiting and retrying"
        return None

    async def finish(self) -> None:
        """Ends the poll at hand and commits: nothing more is taken of what is assigned now."""
        await self.shell.close(self.consumer_generation_id)
        await self.consumer.commit()

    def _create_directories(self) -> None:
        """Nothing is kept on disk: the table lives in memory, and in its topic."""

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _make_table(self, topic: str) -> PartitionedStore:
        table = self.Table(
            "remembered",
            key_type=bytes,
            value_type=bytes,
            # The changelog is the published state topic itself: one write instead of two.
            changelog_topic=self.topic(
                topic, schema=PollSchema(allow_empty=True), acks=False, allow_empty=True
            ),
        )
        table._data = store = PartitionedStore(URL("memory://"), self, table)
        return store

    def _attach_agent(self) -> None:
        async def fold(stream: Any) -> None:
            # No ack by the stream: it would come even if the fold raised, and before anything is durable.
            async for event in stream.noack().events():
                self.consumer.take()
                await self.shell.take(event.value)

        topic = self.topic(self.source_topic, schema=PollSchema())
        self.agent(topic, name="fold")(fold)

    async def _on_agent_error(self, agent: Any, error: BaseException) -> None:
        # Faust would start the agent again, and it would go on with the next poll.
        await self.crash(error)
        await self._stopped.wait()

    async def _finish(self, app: Any, revoked: set[TP], **_: Any) -> None:
        await self.finish()


def _settings(kafka: str, instance: str) -> dict[str, Any]:
    return {
        "broker": ";".join(f"kafka://{address}" for address in kafka.split(",")),
        "store": "memory://",
        "table_standby_replicas": 0,
        "topic_allow_declare": False,  # topics are made by their contracts, in kmonitor.kafka.topics
        "topic_disable_leader": True,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
        "stream_wait_empty": False,  # nothing is acked by streams; the shell ends its poll by itself
        # A restarted worker of the same name gets its partitions back without a rebalance; a dead one
        # is missed after the session.
        "consumer_group_instance_id": instance,
        "broker_session_timeout": SESSION_TIMEOUT_S,
        "broker_heartbeat_interval": 3.0,
        "broker_request_timeout": 30.0,
        "broker_rebalance_timeout": 60.0,
        "broker_max_poll_interval": 24 * 3600.0,  # waiting for the broker or a fold is no reason to leave
        "broker_max_poll_records": POLL_RECORDS,
        "broker_commit_interval": 1.0,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": BATCH_BYTES,
        "producer_acks": -1,
        "producer_compression_type": "zstd",
        "producer_linger": 0.0,  # the shell's batches are whole when they are sent
        "producer_max_batch_size": BATCH_BYTES,
        "producer_max_request_size": BIGGEST_RECORD,
        "producer_request_timeout": 30.0,
    }
