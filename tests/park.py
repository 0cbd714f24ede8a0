"""A stack under test: asks its API, reports as a terminal, watches its live stream. Plain HTTP only."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

PATIENCE_S = 30.0


class NotInTime(AssertionError):
    """What was waited for did not come."""


async def until(
    condition: Callable[[], Awaitable[Any]], patience_s: float = PATIENCE_S, every_s: float = 0.1
) -> Any:
    """The first true answer of `condition`; asks again until then."""
    deadline = time.monotonic() + patience_s
    while True:
        answer = await condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise NotInTime(f"not within {patience_s:.0f} s; the last answer was {answer!r}")
        await asyncio.sleep(every_s)


@dataclass
class Park:
    """The two HTTP services of a running stack, asked as the administrator."""

    gateway: str
    query_api: str
    token: str

    @classmethod
    def of(cls, described: dict[str, Any]) -> "Park":
        return cls(described["gateway"], described["query_api"], described["admin_token"])

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **parameters: Any) -> Any:
        async with httpx.AsyncClient(base_url=self.query_api, headers=self._headers, timeout=10) as client:
            answer = await client.get(path, params=parameters)
            answer.raise_for_status()
            return answer.json()

    async def operate(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=self.gateway, headers=self._headers, timeout=10) as client:
            answer = await client.post("/v1/operations", json=body, headers={"Idempotency-Key": key})
            answer.raise_for_status()
            operation: dict[str, Any] = answer.json()
            return operation

    async def terminal(self, name: str, report_interval_s: int = 60, **described: Any) -> "Kiosk":
        """A registered terminal with a key of its own."""
        body = {"terminal": name, "name": name, "report_interval_s": report_interval_s, **described}
        await self.operate({"type": "terminal.registered.v1", **body}, f"register-{name}")
        issued = await self.operate({"type": "terminal_key.issued.v1", "terminal": name}, f"key-{name}")
        return Kiosk(self, name, issued["key"])

    async def open_faults(self, terminal: str) -> dict[str, dict[str, Any]]:
        faults = await self.get("/v1/faults", status="open", terminal=terminal)
        return {fault["condition"]: fault for fault in faults["items"]}

    @asynccontextmanager
    async def live(self) -> AsyncIterator["Live"]:
        """The live stream from now on."""
        async with (
            httpx.AsyncClient(base_url=self.query_api, headers=self._headers, timeout=PATIENCE_S) as client,
            client.stream("GET", "/v1/live") as answer,
        ):
            answer.raise_for_status()
            live = Live(answer)
            reading = asyncio.ensure_future(live.read())
            try:
                yield live
            finally:
                reading.cancel()


@dataclass
class Kiosk:
    """A terminal that numbers what it says."""

    park: Park
    name: str
    key: str
    epoch: int = 1_763_800_000
    seq: int = 0

    def event(self, type_: str, *, age_s: float = 0, seq: int | None = None, **said: Any) -> dict[str, Any]:
        if seq is None:
            self.seq = seq = self.seq + 1
        at = (datetime.now(UTC) - timedelta(seconds=age_s)).isoformat()
        return {"seq": seq, "type": type_, "at": at, **said}

    def heartbeat(self) -> dict[str, Any]:
        return self.event("terminal.heartbeat.v1", uptime_s=1)

    def validator(self, code: str, **said: Any) -> dict[str, Any]:
        unit: dict[str, Any] = {"device": "bill_acceptor", "unit": "validator-1", "protocol": "ccnet"}
        return self.event("device.reported.v1", **unit, code=code, **said)

    def printer(self, **said: Any) -> dict[str, Any]:
        return self.event("device.reported.v1", device="receipt_printer", unit="printer-1", **said)

    async def post(self, *events: dict[str, Any], **said: Any) -> httpx.Response:
        body = {
            "terminal": self.name,
            "epoch": self.epoch,
            "sent_at": datetime.now(UTC).isoformat(),
            "queued": 0,
        }
        async with httpx.AsyncClient(base_url=self.park.gateway, timeout=10) as client:
            headers = {"Authorization": f"Bearer {self.key}"}
            return await client.post("/v1/reports", json=body | {"events": events} | said, headers=headers)

    async def report(self, *events: dict[str, Any], **said: Any) -> None:
        """Post until it is taken, as a terminal does."""

        async def taken() -> bool:
            try:
                return (await self.post(*events, **said)).status_code == 202
            except httpx.TransportError:
                return False

        await until(taken)


@dataclass
class Live:
    """What the live stream has told so far, each with the moment it came (time.monotonic)."""

    answer: httpx.Response
    told: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)

    async def read(self) -> None:
        name = ""
        async for line in self.answer.aiter_lines():
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                self.told.append((time.monotonic(), name, json.loads(line[5:])))

    async def first(self, name: str, **fields: Any) -> tuple[float, dict[str, Any]]:
        """The first event of this name whose item has these fields, and when it came."""

        async def find() -> tuple[float, dict[str, Any]] | None:
            for at, each, item in self.told:
                if each == name and fields.items() <= item.items():
                    return at, item
            return None

        found: tuple[float, dict[str, Any]] = await until(find, every_s=0.01)
        return found
