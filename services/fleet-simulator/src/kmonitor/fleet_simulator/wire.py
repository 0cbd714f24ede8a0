"""A lean HTTP/1.1 client with connections kept alive: thousands of reports a second from one core."""

import asyncio
import zlib
from collections.abc import Callable
from ssl import SSLContext, create_default_context
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools
import zstandard

ANSWER_DEADLINE_S = 15.0
RETRY_AFTER = b"retry-after"


class NoAnswer(Exception):
    """The connection failed before the answer was complete: the request may have been taken or not."""


class UnusableAddress(Exception):
    """The address of the gateway is none."""


class Answer(NamedTuple):
    """`retry_after` is what the header says, or empty; no other header matters here."""

    status: int
    retry_after: str
    body: bytes


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.is_open = False
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answered: asyncio.Future[Answer] | None = None
        self._retry_after = ""
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._fail("the connection was closed")

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"no HTTP answer: {error}")
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(name) == len(RETRY_AFTER) and name.lower() == RETRY_AFTER:
            self._retry_after = value.decode("latin-1").strip()

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        answered = self._answered
        if answered is None or answered.done() or not self._parser.should_keep_alive():
            self.close()
        if answered is not None and not answered.done():
            answered.set_result(Answer(self._parser.get_status_code(), self._retry_after, b"".join(self._body)))

    async def ask(self, request: bytes) -> Answer:
        self._parser = httptools.HttpResponseParser(self)
        self._retry_after, self._body = "", []
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()
        self._answered = answered
        if self._transport is None or not self.is_open:
            raise NoAnswer("the connection was closed")
        self._transport.write(request)
        deadline = loop.call_later(ANSWER_DEADLINE_S, self._fail, "no answer in time")
        try:
            return await answered
        finally:
            deadline.cancel()
            if not answered.done() or answered.cancelled() or answered.exception() is not None:
                # What comes later would be taken for the answer to the next request.
                self.close()

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.close()

    def _fail(self, reason: str) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(NoAnswer(reason))


class Client:
    """Posts to one server over at most `connections` connections; callers wait for a free one."""

    def __init__(self, url: str, connections: int = 32, encoding: str = "identity") -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UnusableAddress(f"{url!r} is no address of a gateway, as http://127.0.0.1:8080 is")
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls: SSLContext | None = create_default_context() if parts.scheme == "https" else None
        self._prefix = parts.path.rstrip("/")
        self._compress, self._fixed = _encoding(encoding)
        self._fixed = f"Host: {parts.netloc}\r\nContent-Type: application/json\r\n{self._fixed}"
        self._idle: list[_Connection] = []
        self._free = asyncio.Semaphore(connections)

    async def post(self, path: str, headers: str, body: bytes) -> Answer:
        """`headers` are whole lines with their ends. Raises NoAnswer."""
        body = self._compress(body)
        head = (
            f"POST {self._prefix}{path} HTTP/1.1\r\n{self._fixed}{headers}Content-Length: {len(body)}\r\n\r\n"
        )
        async with self._free:
            connection = await self._connection()
            answer = await connection.ask(head.encode("latin-1") + body)
            if connection.is_open:
                self._idle.append(connection)
            return answer

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(ANSWER_DEADLINE_S):
                made = await loop.create_connection(_Connection, self._host, self._port, ssl=self._tls)
        except (OSError, TimeoutError) as error:
            raise NoAnswer(f"cannot connect to {self._host}:{self._port}: {error}") from error
        return made[1]


def _encoding(name: str) -> tuple[Callable[[bytes], bytes], str]:
    match name:
        case "identity":
            return (lambda body: body), ""
        case "gzip":
            return (lambda body: zlib.compress(body, 1, wbits=31)), "Content-Encoding: gzip\r\n"
        case "zstd":
            return zstandard.ZstdCompressor(1).compress, "Content-Encoding: zstd\r\n"
        case _:
            raise ValueError(f"no such encoding: {name}")
