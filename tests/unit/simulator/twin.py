"""A gateway's twin for tests: answers by protocol.md alone, remembers what it took, misbehaves when told to."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import zstandard

ADMIN = "admin-token"


@dataclass
class Twin:
    """`troubles` are spent one by one on reports: `503`, `drop` (not taken) and `lose` (taken, no answer)."""

    port: int = 0
    troubles: list[str] = field(default_factory=list)
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: list[dict[str, Any]] = field(default_factory=list)
    encodings: set[str] = field(default_factory=set)
    largest_batch: int = 1000
    took_one: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def events(self) -> dict[tuple[str, int, int], dict[str, Any]]:
        """What it took, each identity once; the first one counts."""
        taken: dict[tuple[str, int, int], dict[str, Any]] = {}
        for report in self.reports:
            for event in report["events"]:
                taken.setdefault((report["terminal"], report["epoch"], event["seq"]), event)
        return taken

    async def has_taken(self, type_: str) -> None:
        """Wait until an event of this type was taken."""
        async with asyncio.timeout(30):
            while not any(event["type"] == type_ for event in self.events.values()):
                self.took_one.clear()
                await self.took_one.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {
                    name.lower(): value
                    for name, _, value in (line.partition(": ") for line in head[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                answer = self._answer(head[0].split()[1], headers, body)
                if answer is None:
                    break
                status, said = answer
                writer.write(_response(status, said))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]] | None:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if path == "/v1/operations":
            return self._operate(token, headers["idempotency-key"], json.loads(body))
        trouble = self.troubles.pop() if self.troubles else ""
        if trouble == "503":
            return 503, {"title": "not now"}
        if trouble == "drop":
            return None
        report = json.loads(_decoded(body, headers.get("content-encoding", "")))
        self.encodings.add(headers.get("content-encoding", "identity"))
        if token != f"key.{report['terminal']}":
            return 401, {"title": "who is this?"}
        if len(report["events"]) > self.largest_batch:
            return 413, {"title": "too large"}
        self.reports.append(report)
        self.took_one.set()
        if trouble == "lose":
            return None
        now = datetime.now(UTC).isoformat()
        return 202, {"accepted": len(report["events"]), "rejected": [], "received_at": now}

    def _operate(self, token: str, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if token != ADMIN:
            return 401, {"title": "who is this?"}
        if self.operations.setdefault(key, body) != body:
            return 409, {"title": "another body"}
        issued = {"key": f"key.{body['terminal']}"} if body["type"] == "terminal_key.issued.v1" else {}
        return 202, {"operation_id": key, **issued}


@asynccontextmanager
async def a_gateway() -> AsyncIterator[Twin]:
    twin = Twin()
    server = await asyncio.start_server(twin.serve, "127.0.0.1", 0)
    twin.port = server.sockets[0].getsockname()[1]
    try:
        yield twin
    finally:
        server.close()


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    return zstandard.ZstdDecompressor().decompress(body) if encoding == "zstd" else body


def _response(status: int, said: dict[str, Any]) -> bytes:
    body = json.dumps(said).encode()
    head = f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\nRetry-After: 0\r\n\r\n"
    return head.encode() + body
