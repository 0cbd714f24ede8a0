"""How many reports of 10 events one gateway takes on one core, the broker's word awaited.

    PYTHONPATH=tests python tests/bench/gateway_load.py [--seconds 10] [--connections 64]

The gateway has core 0 for itself, the broker and this generator share core 1. Reports come over keep-alive
connections, one at a time on each: a closed loop.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import cast

import psutil
import uvloop
from gateway_process import Gateway, Kiosk, payment

from kmonitor.local.kafka import Broker
from kmonitor.local.ports import LOOPBACK

EVENTS = 10
WARM_UP_S = 3.0


class Sender(asyncio.Protocol):
    """One connection: sends the next report when the last one was answered."""

    def __init__(self, requests: list[bytes], seen: "Seen") -> None:
        self._requests = requests
        self._seen = seen
        self._next = 0
        self._sent_at = 0.0
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        # Every answer of the gateway is one JSON object in a line, so this brace is its last byte.
        if not self._heard.endswith(b"}"):
            return
        self._seen.took(self._heard[9:12], time.perf_counter() - self._sent_at)
        self._heard = b""
        if not self._seen.over:
            self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests[self._next])
        self._next = (self._next + 1) % len(self._requests)


class Seen:
    """What came back, after the warm-up."""

    def __init__(self) -> None:
        self.over = False
        self.counting = False
        self.statuses: Counter[bytes] = Counter()
        self.accepted_s: list[float] = []

    def took(self, status: bytes, seconds: float) -> None:
        if self.counting:
            self.statuses[status] += 1
            if status == b"202":
                self.accepted_s.append(seconds)


def requests(kiosk: Kiosk, start: int) -> list[bytes]:
    """A few different reports of one terminal."""
    found = []
    for number in range(20):
        first = start + number * EVENTS
        body = kiosk.body(*(payment(seq) for seq in range(first, first + EVENTS)))
        head = (
            f"POST /v1/reports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kiosk.credential}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


async def load(port: int, kiosks: list[list[bytes]], seconds: float, pid: int) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    seen = Seen()
    transports = [
        (await loop.create_connection(lambda said=said: Sender(said, seen), LOOPBACK, port))[0]  # type: ignore[misc]
        for said in kiosks
    ]
    await asyncio.sleep(WARM_UP_S)
    gateway = psutil.Process(pid)
    cpu, since, seen.counting = _cpu_s(gateway), time.perf_counter(), True
    await asyncio.sleep(seconds)
    seen.counting = False
    took, cpu = time.perf_counter() - since, _cpu_s(gateway) - cpu
    seen.over = True
    for transport in transports:
        transport.close()
    accepted = sorted(seen.accepted_s) or [0.0]
    return {
        "reports_per_s": round(seen.statuses[b"202"] / took),
        "refused_per_s": round((seen.statuses.total() - seen.statuses[b"202"]) / took),
        "p50_ms": round(accepted[len(accepted) // 2] * 1000, 1),
        "p99_ms": round(accepted[len(accepted) * 99 // 100] * 1000, 1),
        "max_ms": round(accepted[-1] * 1000, 1),
        "cpu_us_per_report": round(cpu / max(1, seen.statuses[b"202"]) * 1e6, 1),
        "gateway_cores": round(cpu / took, 2),
        "gateway_rss_mib": round(gateway.memory_info().rss / 2**20),
    }


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--terminals", type=int, default=64)
    said = parser.parse_args()
    os.sched_setaffinity(0, {1})
    with (
        tempfile.TemporaryDirectory() as name,
        Broker(Path(name) / "kafka") as broker,
        Gateway(broker.bootstrap, Path(name), core=0) as gateway,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        kiosks = [requests(Kiosk.registered(gateway, f"T{number}"), 1) for number in range(said.terminals)]
        spread = [kiosks[number % len(kiosks)] for number in range(said.connections)]
        found = runner.run(load(gateway.port, spread, said.seconds, gateway.pid))
    for label, value in found.items():
        print(f"{label:20} {value:>10,}")


if __name__ == "__main__":
    main()
