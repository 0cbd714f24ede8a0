"""A counting worker as a process of its own, its topics, and an independent look at all of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    ConsumerGroupTopicPartitions,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from kmonitor.kafka.topics import ensure_topics
from kmonitor.local.ports import free_ports

PARTITIONS = 4
WORKER = Path(__file__).with_name("counting.py")
CONTRACT = """\
name: {name}
partitions: {partitions}
config: {{cleanup.policy: {cleanup}, retention.ms: -1, max.message.bytes: 4194304}}
key: any
value: any
written_by: [test]
read_by: [test]
about: a test
"""


def until(holds: Callable[[], object], within_s: float = 90.0) -> None:
    """Waits for a condition; fails when it does not come true in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


@dataclass
class Worker:
    """One process of the worker under test."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def reasons(self) -> dict[str, str] | None:
        """Why it is not ready, by part; None when nobody answers."""
        probe = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            probe.request("GET", "/health/ready")
            said: dict[str, Any] = json.load(probe.getresponse())
        except OSError:
            return None
        finally:
            probe.close()
        reasons: dict[str, str] = said["reasons"]
        return reasons

    def until_ready(self) -> None:
        until(lambda: self.reasons() == {} or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """SIGTERM; returns how long it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.log.read_text()
        return time.monotonic() - began


@dataclass
class Run:
    """The topics of one test."""

    bootstrap: str
    name: str
    folder: Path
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        topics = self.folder / "topics"
        topics.mkdir(parents=True)
        for kind, cleanup in (("source", "delete"), ("table", "compact"), ("out", "delete")):
            name = f"{self.name}-{kind}"
            contract = CONTRACT.format(name=name, partitions=PARTITIONS, cleanup=cleanup)
            (topics / f"{name}.yaml").write_text(contract)
        self.make_topics()
        self.producer = Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random"})
        self.admin = AdminClient({"bootstrap.servers": self.bootstrap})

    def make_topics(self) -> None:
        ensure_topics(self.bootstrap, self.folder / "topics")

    def worker(self, instance: str = "w0") -> Worker:
        (port,) = free_ports(1)
        environment = os.environ | {
            "KMONITOR_KAFKA": self.bootstrap,
            "KMONITOR_HTTP_PORT": str(port),
            "KMONITOR_SCHEMAS": str(self.folder),
            "KMONITOR_INSTANCE": instance,
        }
        log = self.folder / f"worker-{len(self.workers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, str(WORKER), self.name], env=environment, stdout=out, stderr=out
            )
        self.workers.append(Worker(process, port, log))
        return self.workers[-1]

    def ready_worker(self, instance: str = "w0") -> Worker:
        worker = self.worker(instance)
        worker.until_ready()
        return worker

    def send(self, key: str, value: str, partition: int | None = None) -> None:
        where = {} if partition is None else {"partition": partition}
        self.producer.produce(f"{self.name}-source", value.encode(), key.encode(), **where)
        self.producer.poll(0)

    def send_numbers(self, count: int, start: int = 0) -> None:
        for number in range(start, start + count):
            self.send(f"k{number % 61}", str(number))
        assert self.producer.flush(60) == 0

    def read(self, kind: str) -> list[Message]:
        """All records of a topic, by a plain consumer."""
        topic = f"{self.name}-{kind}"
        consumer = Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": "tests",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)])
        found: list[Message] = []
        ends = 0
        while ends < PARTITIONS:
            for message in consumer.consume(5000, 0.2):
                if message.error():
                    ends += 1
                else:
                    found.append(message)
        consumer.close()
        return found

    def acknowledged(self) -> dict[int, int]:
        """The committed offsets, by partition."""
        answer = self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(self.name)])
        offsets = answer[self.name].result().topic_partitions
        return {
            tp.partition: tp.offset for tp in offsets if tp.topic == f"{self.name}-source" and tp.offset >= 0
        }

    def until_acknowledged(self, within_s: float = 90.0) -> None:
        """Waits until everything that was sent is committed."""
        assert self.producer.flush(10) == 0
        sent: dict[int, int] = {}
        for record in self.read("source"):
            sent[record.partition()] = record.offset() + 1
        until(lambda: self.acknowledged() == sent, within_s)

    def states(self) -> dict[bytes, Any]:
        """What a reader of the compacted state topic ends with."""
        states: dict[bytes, Any] = {}
        for message in self.read("table"):
            if message.value() is None:
                states.pop(message.key(), None)
            else:
                states[message.key()] = json.loads(message.value())
        return states

    def published(self) -> dict[bytes, tuple[bytes, int]]:
        """The sum and the partition by the identity of each publication, counted once."""
        return {m.value(): (dict(m.headers())["sum"], m.partition()) for m in self.read("out")}

    def assert_exact(self) -> None:
        """States and publications equal an independent fold of the log."""
        states, published = fold(self.read("source"))
        assert self.states() == states
        assert self.published() == published

    def close(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()


def fold(records: list[Message]) -> tuple[dict[bytes, Any], dict[bytes, tuple[bytes, int]]]:
    """The same count, by other hands."""
    states: dict[bytes, Any] = {}
    published: dict[bytes, tuple[bytes, int]] = {}
    for record in records:
        key = record.key()
        if record.value() in (b"poison", b"bug", b"later") or record.value().startswith(b"sleep"):
            continue
        if record.value() == b"forget":
            states.pop(key, None)
            continue
        state = states.setdefault(key, {"count": 0, "sum": 0, "offset": -1})
        state["count"] += 1
        state["sum"] += int(record.value())
        state["offset"] = record.offset()
        if state["count"] % 10 == 0:
            identity = f"{key.decode()}/{state['count']}".encode()
            published[identity] = (str(state["sum"]).encode(), record.partition())
    return states, published
