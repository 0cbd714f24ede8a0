"""The gateway as a process of its own, as in production, and what its tests say to it and read behind it."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import httpx
from builders import EPOCH, SCHEMAS
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from kmonitor.events import codec
from kmonitor.events.log import RawReport, ReportOf, Tick
from kmonitor.events.operations import Operation, subject
from kmonitor.kafka.records import Record, read
from kmonitor.kafka.topics import OPERATIONS, QUARANTINE, TERMINAL_EVENTS
from kmonitor.local import processes
from kmonitor.local.ports import LOOPBACK, free_ports, wait_until

ADMIN_TOKEN = "the-administrators-token"
SECRET = "5e" * 32
START_S = 30.0
PINNED = ("taskset", "-c")


class Gateway:
    """`with Gateway(bootstrap, folder) as gateway`: ready when it enters, gone when it leaves."""

    def __init__(self, bootstrap: str, folder: Path, core: int | None = None) -> None:
        self.bootstrap = bootstrap
        self.port = free_ports(1)[0]
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.log = folder / "gateway.log"
        self._core = core
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, until_ready: bool = True) -> Self:
        command = [sys.executable, "-m", "kmonitor.ingest_gateway.main"]
        pinned = [] if self._core is None else [*PINNED, str(self._core)]
        self._process = processes.spawn([*pinned, *command], log=self.log, env=os.environ | self._settings())
        probe = "/health/ready" if until_ready else "/health/live"
        if not wait_until(lambda: self._says_ok(probe), START_S):
            raise AssertionError(f"the gateway did not start:\n{processes.last_lines(self.log, 20)}")
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> int:
        assert self._process is not None
        processes.stop(self._process)
        return self._process.returncode

    def kill(self) -> None:
        assert self._process is not None
        processes.kill(self._process)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _settings(self) -> dict[str, str]:
        return {
            "KMONITOR_KAFKA": self.bootstrap,
            "KMONITOR_HTTP_PORT": str(self.port),
            "KMONITOR_ADMIN_TOKEN_SHA256": hashlib.sha256(ADMIN_TOKEN.encode()).hexdigest(),
            "KMONITOR_SECRET": SECRET,
            "KMONITOR_SCHEMAS": str(SCHEMAS),
            "KMONITOR_INSTANCE": f"gateway-{self.port}",
        }

    def _says_ok(self, path: str) -> bool:
        try:
            return httpx.get(self.url + path, timeout=1).status_code == 200
        except httpx.TransportError:
            return False


class Office:
    """Somebody with the administrator's token."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def does(self, operation: dict[str, Any], key: str | None, **headers: str) -> httpx.Response:
        """The gateway's answer; says it again while it is «not now», as everybody should."""
        answers: list[httpx.Response] = []

        def is_answered() -> bool:
            answers.append(self._says(operation, key, headers))
            return answers[-1].status_code != 503

        assert wait_until(is_answered, 20), answers[-1].text
        return answers[-1]

    def _says(self, operation: dict[str, Any], key: str | None, headers: dict[str, str]) -> httpx.Response:
        said = {"Authorization": f"Bearer {ADMIN_TOKEN}"} | ({} if key is None else {"Idempotency-Key": key})
        url = f"{self.gateway.url}/v1/operations"
        return httpx.post(url, json=operation, headers=said | headers, timeout=10)

    def registers(self, terminal: str, **attributes: Any) -> None:
        operation = {"type": "terminal.registered.v1", "terminal": terminal} | attributes
        assert self.does(operation, f"register-{terminal}").status_code == 202

    def issues_key(self, terminal: str, key: str | None = None) -> str:
        """The credential, as the terminal will show it."""
        operation = {"type": "terminal_key.issued.v1", "terminal": terminal}
        return str(self.does(operation, key or f"issue-{terminal}").json()["key"])


class Kiosk:
    """One terminal with its credential."""

    def __init__(self, gateway: Gateway, terminal: str, credential: str) -> None:
        self.gateway = gateway
        self.terminal = terminal
        self.credential = credential

    @classmethod
    def registered(cls, gateway: Gateway, terminal: str) -> Self:
        """A new one."""
        office = Office(gateway)
        office.registers(terminal)
        return cls(gateway, terminal, office.issues_key(terminal))

    def posts(self, body: bytes | Iterable[bytes], **headers: str) -> httpx.Response:
        said = {"Authorization": f"Bearer {self.credential}", "Content-Type": "application/json"}
        url = f"{self.gateway.url}/v1/reports"
        return httpx.post(url, content=body, headers=said | headers, timeout=15)

    def reports(self, *events: dict[str, Any] | bytes, **said: Any) -> httpx.Response:
        return self.posts(self.body(*events, **said))

    def body(self, *events: dict[str, Any] | bytes, **said: Any) -> bytes:
        """A report as a terminal writes it; an event in bytes stays as it is."""
        head = {"terminal": self.terminal, "epoch": EPOCH, "sent_at": "2026-11-22T10:15:30.125Z"} | said
        items = b",".join(each if isinstance(each, bytes) else codec.encode(each) for each in events)
        return codec.encode(head)[:-1] + b',"events":[' + items + b"]}"

    def log_records(self) -> list[Record]:
        """The records of the log about this terminal."""
        said = self.terminal.encode()
        return [each for each in read_all(self.gateway.bootstrap, TERMINAL_EVENTS) if each.key == said]

    def logged(self) -> list[RawReport]:
        """What the log holds of this terminal."""
        found = (codec.decode_raw_record(each.value or b"") for each in self.log_records())
        return [each for each in found if isinstance(each, ReportOf)]

    def quarantined(self) -> list[Record]:
        """What the quarantine holds of this terminal."""
        said = self.terminal.encode()
        return [each for each in read_all(self.gateway.bootstrap, QUARANTINE) if each.key == said]


def payment(seq: int, **said: Any) -> dict[str, Any]:
    """A payment as a terminal says it."""
    return {
        "seq": seq,
        "type": "payment.accepted.v1",
        "at": "2026-11-22T13:15:29.880+03:00",
        "payment_id": f"p-{seq}",
        "service": "mobile.beeline",
        "recipient": "beeline",
        "method": "cash",
        "currency": "RUB",
        "inserted_minor": 50000,
        "credited_minor": 48500,
        "fee_minor": 1500,
        "change_minor": 0,
    } | said


def is_problem(answer: httpx.Response, status: int, field: str | None = None) -> bool:
    """Whether it is a whole problem+json of this status, about this field."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert {"type", "title", "status", "detail"} <= said.keys()
    assert said["status"] == status
    return bool(said.get("field") == field)


def operations(bootstrap: str, *terminals: str) -> list[Operation]:
    """What the log holds of the office's words on these terminals."""
    found = (codec.decode_operation(each.value or b"") for each in read_all(bootstrap, OPERATIONS))
    return [each for each in found if subject(each.body) in terminals]


def ticks(bootstrap: str) -> list[tuple[Record, Tick]]:
    found = (
        (each, codec.decode_raw_record(each.value or b"")) for each in read_all(bootstrap, TERMINAL_EVENTS)
    )
    return [(record, said) for record, said in found if isinstance(said, Tick)]


def read_all(bootstrap: str, topic: str) -> list[Record]:
    """Everything a topic holds now, each partition in its order."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False})
    try:
        places = [
            TopicPartition(topic, number, OFFSET_BEGINNING)
            for number in consumer.list_topics(topic, timeout=10).topics[topic].partitions
        ]
        left = sum(consumer.get_watermark_offsets(place, timeout=10)[1] for place in places)
        consumer.assign(places)
        records: list[Record] = []
        while len(records) < left:
            records += read(each for each in consumer.consume(1000, 1.0) if each.error() is None)
        return records
    finally:
        consumer.close()
