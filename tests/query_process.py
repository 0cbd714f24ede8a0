"""The query API as a process of its own, and a broker's topics and an archive that a test fills as it likes."""

import asyncio
import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import httpx
from argon2 import PasswordHasher
from builders import SCHEMAS, at

from kmonitor.domain.faults.fault import Fault, FaultEvent, TerminalFaults
from kmonitor.domain.terminal.state import TerminalState
from kmonitor.events.codec import encode
from kmonitor.events.log import RawReport
from kmonitor.events.office.people import PersonRegistered, Role, ServiceTokenIssued
from kmonitor.events.office.terminals import TerminalRegistered
from kmonitor.events.operations import IssuedKey, Operation, OperationBody, subject
from kmonitor.kafka.producer import DurableProducer, Position
from kmonitor.kafka.topics import (
    FAULT_EVENTS,
    OPEN_FAULTS,
    OPERATIONS,
    TERMINAL_EVENTS,
    TERMINAL_STATES,
)
from kmonitor.local import processes
from kmonitor.local.ports import LOOPBACK, free_ports, wait_until

TOKEN = "the-readers-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SECRET = "7f" * 32
HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
START_S = 30.0


class QueryApi:
    """`with QueryApi(bootstrap, clickhouse, folder) as api`: ready when it enters, gone when it leaves."""

    def __init__(
        self, bootstrap: str, clickhouse: str, folder: Path, port: int | None = None, **settings: str
    ) -> None:
        self.port = port or free_ports(1)[0]
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.log = folder / "query-api.log"
        self._settings = {
            "KMONITOR_KAFKA": bootstrap,
            "KMONITOR_CLICKHOUSE": clickhouse,
            "KMONITOR_HTTP_PORT": str(self.port),
            "KMONITOR_ADMIN_TOKEN_SHA256": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "KMONITOR_SECRET": SECRET,
            "KMONITOR_SCHEMAS": str(SCHEMAS),
            "KMONITOR_INSTANCE": f"query-api-{self.port}",
        } | settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        command = [sys.executable, "-m", "kmonitor.query_api.main"]
        self._process = processes.spawn(command, log=self.log, env=os.environ | self._settings)
        if not wait_until(self._is_ready, START_S):
            raise AssertionError(f"the query API did not start:\n{processes.last_lines(self.log, 30)}")
        return self

    def stop(self) -> int:
        assert self._process is not None
        processes.stop(self._process)
        return self._process.returncode

    def get(self, path: str, **parameters: Any) -> Any:
        """The answer's JSON; an assertion if it is no 200."""
        answer = self._ask(path, parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def eventually(self, path: str, wanted: Any, **parameters: Any) -> Any:
        """The answer once `wanted` of it is true; what is not yet known (404) is waited for."""
        answer: Any = None

        def is_so() -> bool:
            nonlocal answer
            asked = self._ask(path, parameters)
            answer = asked.json()
            assert asked.status_code in (200, 404), answer
            return asked.status_code == 200 and bool(wanted(answer))

        assert wait_until(is_so, 10), answer
        return answer

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()

    def _ask(self, path: str, parameters: dict[str, Any]) -> httpx.Response:
        return httpx.get(self.url + path, params=parameters, headers=BEARER, timeout=20)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, processes.last_lines(self.log, 30)
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


Said = (
    TerminalState
    | TerminalFaults
    | FaultEvent
    | RawReport
    | TerminalRegistered
    | Operation
    | tuple[str, str, bytes | None]
)


def publish(bootstrap: str, *said: Said) -> list[Position]:
    """Writes to the topics as the services do, and returns when the broker has all of it."""

    async def write() -> list[Position]:
        async with DurableProducer(bootstrap, client_id="tests") as producer:
            sent = [producer.send(topic, key.encode(), value) for topic, key, value in map(_record, said)]
            return list(await asyncio.gather(*sent))

    # In a thread of its own: a browser's driver keeps a loop running in the tests' thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(write())).result()


def _record(said: Said) -> tuple[str, str, bytes | None]:
    match said:
        case tuple():
            return said
        case TerminalState():
            return TERMINAL_STATES, said.terminal, encode(said)
        case TerminalFaults():
            return OPEN_FAULTS, said.terminal, encode(said)
        case FaultEvent():
            return FAULT_EVENTS, said.fault.terminal, encode(said)
        case TerminalRegistered():
            return OPERATIONS, said.terminal, encode(operation(said))
        case Operation():
            return OPERATIONS, subject(said.body), encode(said)
        case _:
            return TERMINAL_EVENTS, said.terminal, encode(said)


def operation(body: OperationBody, **said: Any) -> Operation:
    """As the gateway would have recorded it; the same body is the same operation."""
    digest = hashlib.sha256(encode(body) + repr(sorted(said.items())).encode()).hexdigest()
    known: dict[str, Any] = {
        "operation_id": f"op-{digest[:16]}",
        "author": "test",
        "recorded_at": at(0),
        "body_sha256": digest,
    }
    return Operation(body=body, **(known | said))


def person(name: str, role: Role, password: str | None = None, dealer: str | None = None) -> Operation:
    """Somebody who may sign in; the hash is a cheap one."""
    hashed = None if password is None else HASHER.hash(password)
    return operation(PersonRegistered(person=name, role=role, dealer=dealer), password_hash=hashed)


def token(name: str, role: Role, dealer: str | None = None) -> Operation:
    """A program's token: `spoken(name)` opens with it."""
    key_id, _, secret = spoken(name).partition(".")
    key = IssuedKey(key_id=key_id, secret_sha256=hashlib.sha256(secret.encode()).hexdigest())
    return operation(ServiceTokenIssued(role=role, name=name, dealer=dealer), key=key)


def spoken(name: str) -> str:
    """The token that was issued under this name."""
    return f"key-{name}.secret-of-{name}"


def bearer(shown: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {shown}"}


def faults_of(*faults: Fault) -> TerminalFaults:
    return TerminalFaults(terminal=faults[0].terminal, open={fault.key: fault for fault in faults})
