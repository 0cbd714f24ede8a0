"""An open loop of terminals: reports of ten events at a steady rate, each taken once, over raw sockets."""

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from park import Kiosk

EVENTS = 10
CONNECTIONS = 48
TURN_S = 0.005

# Three payments with a note each, completed, and a heartbeat: an ordinary minute of a busy kiosk.
SALE = (
    '{{"seq":{a},"type":"note.stacked.v1","at":"{at}","unit":"validator-1","currency":"RUB",'
    '"denomination_minor":50000,"payment_id":"p-{a}"}},'
    '{{"seq":{b},"type":"payment.accepted.v1","at":"{at}","payment_id":"p-{a}","service":"mobile.beeline",'
    '"recipient":"beeline","method":"cash","currency":"RUB","inserted_minor":50000,"credited_minor":48500,'
    '"fee_minor":1500,"change_minor":0}},'
    '{{"seq":{c},"type":"payment.completed.v1","at":"{at}","payment_id":"p-{a}","provider_reference":"r-{a}",'
    '"latency_ms":840}},'
)
HEARTBEAT = (
    '{{"seq":{a},"type":"terminal.heartbeat.v1","at":"{at}","uptime_s":86400,"unsent_payments":0,'
    '"cpu_percent":12.5,"memory_percent":41.0,"disk_free_mb":51200,"link":{{"kind":"gsm","operator":"mts",'
    '"signal_percent":71,"ping_ms":48}}}}'
)


@dataclass
class Taken:
    """What the gateway answered: reports taken, answers that asked to try again, seconds of each."""

    reports: int = 0
    again: int = 0
    seconds: list[float] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One keep-alive connection; a report that was not taken goes back to the head of the queue."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._heard = b""
        self._report = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it
        self._load.free.append(self)

    def send(self, report: bytes) -> None:
        self._report = report
        self._sent_at = time.perf_counter()
        self._transport.write(report)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if not self._heard.endswith(b"}"):  # every answer is one JSON object
            return
        taken = self._heard[9:12] == b"202"
        self._heard = b""
        if taken:
            self._load.taken.reports += 1
            self._load.taken.seconds.append(time.perf_counter() - self._sent_at)
        else:
            self._load.taken.again += 1
            self._load.waiting.appendleft(self._report)
        self._load.free.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._load.over:
            raise RuntimeError(f"the gateway closed a connection: {exc}")


class Load:
    """Terminals in turn, each report the next of its terminal."""

    def __init__(self, gateway: str, kiosks: list[Kiosk]) -> None:
        address = urlsplit(gateway)
        self._host, self._port = str(address.hostname), int(address.port or 80)
        self._kiosks = deque(kiosks)
        self.taken = Taken()
        self.free: deque[Connection] = deque()
        self.waiting: deque[bytes] = deque()
        self.over = False

    async def run(self, events_per_s: float, seconds: float) -> Taken:
        """Send at this rate for so long, then until the last report is taken; what was taken meanwhile."""
        await self._connect()
        self.taken = Taken()
        begun, due = time.perf_counter(), 0
        while (passed := time.perf_counter() - begun) < seconds:
            wanted = int(passed * events_per_s / EVENTS)
            for _ in range(wanted - due):
                self.waiting.append(self._next_report())
            due = wanted
            self._send_waiting()
            await asyncio.sleep(TURN_S)
        while self.taken.reports < due:
            self._send_waiting()
            await asyncio.sleep(TURN_S)
        return self.taken

    def _send_waiting(self) -> None:
        while self.free and self.waiting:
            self.free.popleft().send(self.waiting.popleft())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        while len(self.free) < CONNECTIONS:
            await loop.create_connection(lambda: Connection(self), self._host, self._port)

    def _next_report(self) -> bytes:
        kiosk = self._kiosks[0]
        self._kiosks.rotate(-1)
        at = datetime.now(UTC).isoformat()
        seq = kiosk.seq
        kiosk.seq += EVENTS
        sales = "".join(
            SALE.format(a=seq + 3 * n + 1, b=seq + 3 * n + 2, c=seq + 3 * n + 3, at=at) for n in range(3)
        )
        events = sales + HEARTBEAT.format(a=seq + EVENTS, at=at)
        head = json.dumps({"terminal": kiosk.name, "epoch": kiosk.epoch, "sent_at": at, "queued": 0})
        body = f'{head[:-1]}, "events": [{events}]}}'.encode()
        return (
            f"POST /v1/reports HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {kiosk.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
