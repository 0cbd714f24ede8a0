"""The HTTP server inside our own loop: we decide when it stops, and it lets live readers go first."""

import asyncio
import socket

import uvicorn
from fastapi import FastAPI

from kmonitor.query_api.now import Now
from kmonitor.runtime.errors import CannotStart

STOP_S = 3
IDLE_S = 30


class Server(uvicorn.Server):
    """Signals are the process's own affair."""

    def install_signal_handlers(self) -> None:
        pass


async def serve(app: FastAPI, host: str, port: int, now: Now) -> None:
    """Serves until cancelled. Raises CannotStart when the port is taken."""
    listening = _listen(host, port)
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        log_config=None,
        access_log=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_S,
        server_header=False,
        h11_max_incomplete_event_size=16_384,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve([listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        if now.hub is not None:
            now.hub.close()
        server.should_exit = True
        await serving
        raise


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=1024)
    except OSError as error:
        raise CannotStart(
            f"{host}:{port} is not to be had ({error.strerror}): set KMONITOR_HTTP_PORT to a free port."
        ) from error
