"""One connection of the live stream: what it missed or a snapshot, then everything as it happens."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kmonitor.query_api.live.frames import HEARTBEAT, Filter, body
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.live.subscriber import Subscriber

HEARTBEAT_S = 10.0
SEND_S = 30.0
"""A reader that takes nothing for so long is cut off; it resumes when it comes back."""
HELLO = b"retry: 1000\n\n"


class Reset(Struct, frozen=True):
    """What was known is void: a snapshot follows, or the reader has to come again (`slow`)."""

    reason: str


class Connection(Struct, frozen=True):
    """What one reader asked for. `summary` makes the summary of now, `snapshot` the items of now by pieces;
    `is_allowed` says whether the reader may still listen."""

    hub: Hub
    wanted: Filter
    last_event_id: str | None
    summary: Callable[[], object]
    snapshot: Callable[[Filter], Iterator[bytes]]
    is_allowed: Callable[[], bool]

    async def chunks(self, subscriber: Subscriber) -> AsyncIterator[bytes]:
        """Bytes to send, each when it is there."""
        yield HELLO
        # What came since the reader joined is in what it missed, or older than the summary.
        subscriber.take()
        missed = None if self.last_event_id is None else self.hub.resumed(self.last_event_id)
        if missed is not None:
            for portion in missed:
                yield portion.text(self.wanted, with_ids=True)
        elif self.last_event_id is None:
            yield self.hub.now + self._summary()
        else:
            async for chunk in self._started_over(subscriber):
                yield chunk
        spoke_at = time.monotonic()
        while not subscriber.is_closed:
            await subscriber.wait(HEARTBEAT_S)
            if subscriber.is_lost:
                yield body("reset", Reset("slow"))
                return
            text = subscriber.take()
            # Much may happen of which this reader sees nothing.
            if not text and time.monotonic() - spoke_at >= HEARTBEAT_S:
                text = HEARTBEAT
            if text:
                yield text
                spoke_at = time.monotonic()

    async def _started_over(self, subscriber: Subscriber) -> AsyncIterator[bytes]:
        """Nothing of a snapshot has an id, so one that breaks off is begun again. What happens meanwhile goes
        out before the next piece, which then is newer."""
        yield body("reset", Reset("too old or unknown"))
        for piece in self.snapshot(self.wanted):
            yield subscriber.take(with_ids=False) + piece
        yield subscriber.take(with_ids=False) + self.hub.now + self._summary()

    def _summary(self) -> bytes:
        return body("summary", self.summary()) if self.wanted.wants("summary") else b"\n"


class LiveResponse(Response):
    """Sends a connection's chunks until the reader leaves, stops taking them, or the server stops."""

    media_type = "text/event-stream"

    def __init__(self, connection: Connection) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._connection = connection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hub, connection = self._connection.hub, self._connection
        subscriber = hub.join(connection.wanted, connection.is_allowed)
        gone = asyncio.ensure_future(_until_gone(receive, subscriber))
        try:
            with suppress(TimeoutError, OSError):
                await self._send(send, subscriber)
        finally:
            gone.cancel()
            hub.leave(subscriber)

    async def _send(self, send: Send, subscriber: Subscriber) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for chunk in self._connection.chunks(subscriber):
            async with asyncio.timeout(SEND_S):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive, subscriber: Subscriber) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscriber.close()
