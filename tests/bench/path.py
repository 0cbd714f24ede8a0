"""The whole path at a steady rate: what each service costs, whether it falls behind, how soon payments show."""

import asyncio
import re
import time
from dataclasses import dataclass

import httpx
import psutil
from park import Kiosk, Park

from bench.load import EVENTS, Load
from kmonitor.local.plan import Plan
from kmonitor.local.stack import Stack

TERMINALS = 1_000
FOLLOWERS = ("terminal-state", "fault-detector", "revenue-rollup", "event-archive")
COUNTED = re.compile(r"^kmonitor_events_total ([0-9.e+]+)$", re.MULTILINE)
DRAIN_S = 120.0
MARK = {"service": "s", "recipient": "r", "method": "cash", "currency": "RUB"}


@dataclass(frozen=True)
class Run:
    """One steady rate, in events per second, wanted and taken.

    By service: how many events it was behind at a third of the time and at the end, and its CPU seconds;
    `drained_s`: the seconds until all was done after the last report.
    """

    wanted: float
    taken: float
    again: int
    behind_early: dict[str, float]
    behind_late: dict[str, float]
    drained_s: float
    events: int
    cpu_s: dict[str, float]
    gateway_p50_ms: float
    gateway_p99_ms: float

    @property
    def keeps_up(self) -> bool:
        """No follower is further behind at the end than two seconds of load, and it all drained in five."""
        return self.drained_s < 5 and max(self.behind_late.values()) < 2 * self.wanted


class Bench:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._described = stack.describe()
        self.park = Park.of(self._described)
        self._ports = Plan(stack.folder, stack.port_base).ports

    async def kiosks(self, count: int = TERMINALS) -> list[Kiosk]:
        at_once = asyncio.Semaphore(50)

        async def one(number: int) -> Kiosk:
            async with at_once:
                return await self.park.terminal(
                    f"BENCH-{number:06d}", timezone="Europe/Moscow", dealer=f"d{number % 20}"
                )

        return list(await asyncio.gather(*map(one, range(count))))

    async def run(self, load: Load, events_per_s: float, seconds: float) -> Run:
        before, cpu_before = await self._counted(), self._cpu()
        begun = time.perf_counter()
        sending = asyncio.ensure_future(load.run(events_per_s, seconds))
        await asyncio.sleep(seconds / 3)
        early = await self._behind(load, before)
        taken = await sending
        took = time.perf_counter() - begun
        late = await self._behind(load, before)
        drained_s = await self._drained(before, taken.reports * EVENTS)
        cpu = {name: spent - cpu_before[name] for name, spent in self._cpu().items()}
        seconds_of = sorted(taken.seconds)
        return Run(
            wanted=events_per_s,
            taken=taken.reports * EVENTS / took,
            again=taken.again,
            behind_early=early,
            behind_late=late,
            drained_s=drained_s,
            events=taken.reports * EVENTS,
            cpu_s=cpu,
            gateway_p50_ms=1000 * seconds_of[len(seconds_of) // 2],
            gateway_p99_ms=1000 * seconds_of[len(seconds_of) * 99 // 100],
        )

    async def shown(self, load: Load, events_per_s: float, seconds: float) -> list[float]:
        """Milliseconds from the POST of a payment until the live stream tells it, at that load."""
        kiosk = await self.park.terminal(f"MARK-{time.time_ns()}")
        sending = asyncio.ensure_future(load.run(events_per_s, seconds))
        sent: dict[str, float] = {}
        async with self.park.live() as live:
            while not sending.done():
                payment_id = f"mark-{kiosk.seq}"
                event = kiosk.event("payment.accepted.v1", inserted_minor=1, credited_minor=1)
                sent[payment_id] = time.monotonic()
                await kiosk.post(event | MARK | {"payment_id": payment_id})
                await asyncio.sleep(0.05)
            await live.first("payment", payment_id=payment_id)
            told = {item["payment_id"]: at for at, name, item in live.told if name == "payment"}
        return sorted(1000 * (told[payment_id] - at) for payment_id, at in sent.items() if payment_id in told)

    async def _counted(self) -> dict[str, float]:
        async with httpx.AsyncClient(timeout=10) as client:
            answers = {
                name: (await client.get(f"http://127.0.0.1:{self._ports[name]}/metrics")).text
                for name in FOLLOWERS
            }
        return {
            name: float(found[1]) if (found := COUNTED.search(text)) else 0.0 for name, text in answers.items()
        }

    async def _behind(self, load: Load, before: dict[str, float]) -> dict[str, float]:
        counted = await self._counted()
        return {name: load.taken.reports * EVENTS - (counted[name] - before[name]) for name in FOLLOWERS}

    async def _drained(self, before: dict[str, float], events: int) -> float:
        begun = time.perf_counter()
        while time.perf_counter() - begun < DRAIN_S:
            counted = await self._counted()
            if all(counted[name] - before[name] >= events for name in FOLLOWERS):
                break
            await asyncio.sleep(0.2)
        return time.perf_counter() - begun

    def _cpu(self) -> dict[str, float]:
        times = {name: psutil.Process(pid).cpu_times() for name, pid in self._stack.describe()["pids"].items()}
        return {name: each.user + each.system for name, each in times.items()}
