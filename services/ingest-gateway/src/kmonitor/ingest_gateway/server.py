"""uvicorn as we run it: one process, and a watch over connections that are too slow."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from kmonitor.ingest_gateway.answers import WHOLE_ANSWER
from kmonitor.ingest_gateway.metrics import PROBLEMS
from kmonitor.ingest_gateway.problems import Problem
from kmonitor.runtime.errors import CannotStart

ARRIVE_S = 10.0
"""A whole request must arrive within this time."""
KEEP_ALIVE_S = 15
HEAD_AT_MOST = 32 * 1024
STOP_S = 5


class WatchedProtocol(HttpToolsProtocol):
    """uvicorn's own, which knows since when it waits for a request that is not whole, and bounds its head."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waits_since: float | None = None
        self._head_bytes: int | None = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waits_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_bytes is not None and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_AT_MOST:
                self.cut_off(
                    Problem(431, f"the head of the request is larger than {HEAD_AT_MOST} bytes", close=True)
                )

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.waits_since = self.loop.time()
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()
        extensions: Any = {WHOLE_ANSWER: partial(self._answer_whole, self.cycle)}
        self.scope["extensions"] = extensions

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.waits_since = None

    def _answer_whole(self, cycle: RequestResponseCycle, answer: bytes) -> bool:
        """Write a ready answer in one piece, as two calls of `send` would; False if only they can."""
        if cycle.disconnected or cycle.response_started or not cycle.keep_alive or self.flow.write_paused:
            return False
        cycle.waiting_for_100_continue = False
        cycle.response_started = cycle.response_complete = True
        self.transport.write(answer)
        cycle.message_event.set()
        cycle.on_response()
        return True

    def cut_off(self, problem: Problem) -> None:
        """Say why, if nothing was said yet, and close."""
        cycle = self.cycle
        unanswered = cycle is None or cycle.response_complete or not cycle.response_started
        # An answer to a request whose body never came was given already: then there is nothing to add.
        if unanswered and not (cycle is not None and cycle.response_complete and self._head_bytes is None):
            PROBLEMS.labels(problem.status).inc()
            self.transport.write(_raw(problem))
        self.transport.close()


def _raw(problem: Problem) -> bytes:
    body = problem.body
    head = [
        f"HTTP/1.1 {problem.status} Refused".encode(),
        b"content-type: application/problem+json",
        b"content-length: %d" % len(body),
        *(name + b": " + value for name, value in problem.headers),
    ]
    return b"\r\n".join((*head, b"", body))


class Server(uvicorn.Server):
    """uvicorn's, which leaves the signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def watch(self) -> None:
        """Cuts off, each second, whoever is too slow. Ends when the server does."""
        loop = asyncio.get_running_loop()
        while not self.should_exit:
            await asyncio.sleep(1)
            oldest = loop.time() - ARRIVE_S
            for connection in list(self.server_state.connections):
                since = connection.waits_since if isinstance(connection, WatchedProtocol) else None
                if isinstance(connection, WatchedProtocol) and since is not None and since < oldest:
                    connection.cut_off(
                        Problem(408, f"the whole request must arrive within {ARRIVE_S:.0f} s", close=True)
                    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotStart when the port is taken."""
    try:
        return socket.create_server((host, port), backlog=2048, reuse_port=False)
    except OSError as error:
        raise CannotStart(
            f"{host}:{port} is not to be had ({error.strerror}): set KMONITOR_HTTP_PORT to a free port."
        ) from error


async def serve(app: Any, listening: socket.socket) -> None:
    """Serves until cancelled; then what is inside is answered, `STOP_S` at most."""
    config = uvicorn.Config(
        app,
        http=WatchedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
    )
    server = Server(config)
    serving = asyncio.ensure_future(server.serve([listening]))
    watching = asyncio.ensure_future(server.watch())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    finally:
        watching.cancel()
