"""The ClickHouse engine behind ClickHouse's own HTTP protocol: python -m kmonitor.local.clickhouse."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from kmonitor.local.bodies import ENCODERS, UnreadableBody, choose_encoding, decode, form_fields
from kmonitor.local.chdb_engine import Answer, ChdbEngine, QueryFailed
from kmonitor.local.errors import CannotStart
from kmonitor.local.ports import LOOPBACK
from kmonitor.local.statements import Statement, read_statement

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

READERS = 6
WRITERS = 6
"""Queries at a time in each lane: people's reads wait for each other and never stand before an insert."""

BAD_ARGUMENTS = 36
NOT_FOUND = {46, 47, 60, 63, 70, 81, 115}
BAD_REQUEST = {
    6,
    16,
    20,
    26,
    27,
    36,
    38,
    41,
    42,
    43,
    44,
    50,
    53,
    57,
    62,
    69,
    72,
    73,
    82,
    117,
    130,
    386,
    456,
    457,
}
TIMED_OUT = 159
NOT_IMPLEMENTED = 48


class App:
    """The engine as an ASGI application: a query in, the engine's bytes out."""

    def __init__(self, engine: ChdbEngine) -> None:
        self._engine = engine
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="write")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] in ("/ping", "/replicas_status"):
            await _answer(send, 200, b"Ok.\n", {})
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        url = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            body = await _read(receive)
            await self._answer_query(url, headers, body, send)
        except UnreadableBody as error:
            await _refuse(send, BAD_ARGUMENTS, f"Code: {BAD_ARGUMENTS}. DB::Exception: {error}")
        except QueryFailed as error:
            await _refuse(send, error.code, str(error))

    async def _answer_query(
        self, url: dict[str, str], headers: dict[str, str], body: bytes, send: Send
    ) -> None:
        loop = asyncio.get_running_loop()
        statement = _statement(url, headers, body)
        if not statement.sql.strip():
            await _answer(send, 200, b"Ok.\n", {})
            return
        lane = self._readers if statement.is_reading else self._writers
        answer = await loop.run_in_executor(lane, self._engine.run, statement)
        encoding = ""
        if url.get("enable_http_compression") == "1":
            encoding = choose_encoding(headers.get("accept-encoding", ""), len(answer.body))
        data = await loop.run_in_executor(lane, ENCODERS[encoding], answer.body) if encoding else answer.body
        await _answer(send, 200, data, _result_headers(statement, answer, url, encoding))


def _statement(url: dict[str, str], headers: dict[str, str], body: bytes) -> Statement:
    body = decode(body, headers.get("content-encoding", ""))
    content_type = headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        return read_statement(url | form_fields(body, content_type), headers, b"")
    return read_statement(url, headers, body)


def _result_headers(statement: Statement, answer: Answer, url: dict[str, str], encoding: str) -> dict[str, str]:
    headers = {
        "X-ClickHouse-Summary": answer.summary(),
        "X-ClickHouse-Query-Id": url.get("query_id", ""),
        "X-ClickHouse-Server-Display-Name": "kmonitor-local",
        "X-ClickHouse-Timezone": "UTC",
        "X-ClickHouse-Format": statement.output_format,
    }
    return headers | ({"Content-Encoding": encoding} if encoding else {})


async def _read(receive: Receive) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise UnreadableBody("the client closed the connection before the end of its request")
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _refuse(send: Send, code: int, text: str) -> None:
    await _answer(
        send, _status(code), text.rstrip().encode() + b"\n", {"X-ClickHouse-Exception-Code": str(code)}
    )


def _status(code: int) -> int:
    if code in NOT_FOUND:
        return 404
    if code in BAD_REQUEST:
        return 400
    return {TIMED_OUT: 408, NOT_IMPLEMENTED: 501}.get(code, 500)


async def _answer(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    fields = {"Content-Type": "text/plain; charset=UTF-8", "Content-Length": str(len(body))} | headers
    encoded = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    arguments = argparse.ArgumentParser(prog="kmonitor.local.clickhouse", description=__doc__)
    arguments.add_argument("--path", type=Path, required=True, help="the engine's folder")
    arguments.add_argument("--port", type=int, required=True, help="the port on loopback")
    chosen = arguments.parse_args()
    # Uvicorn raises the signal that ended it once more on its way out; the engine is yet to be closed then.
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with ChdbEngine(chosen.path) as engine:
            uvicorn.run(
                App(engine),
                host=LOOPBACK,
                port=chosen.port,
                lifespan="off",
                log_level="warning",
                access_log=False,
                timeout_keep_alive=300,
                timeout_graceful_shutdown=5,
            )
    except CannotStart as error:
        print(error, file=sys.stderr)  # noqa: T201 - a log file is all that hears it
        sys.exit(2)


if __name__ == "__main__":
    main()
