"""The live stream: what changes, as it happens."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AfterValidator, Field

from kmonitor.query_api.access import Access
from kmonitor.query_api.answers import says
from kmonitor.query_api.fault_list import fault_item
from kmonitor.query_api.live.frames import KINDS, Filter, Kind, body
from kmonitor.query_api.live.stream import Connection, LiveResponse
from kmonitor.query_api.live.ticker import SummaryTicker
from kmonitor.query_api.parameters import Asked, Word
from kmonitor.query_api.problems import not_now
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Network

PIECE = 500
"""Items of a snapshot that are sent at once."""
MOST_READERS = 1_000


def _kinds(said: str) -> str:
    for kind in said.split(","):
        if kind not in KINDS:
            raise ValueError(f"must be a list of {', '.join(KINDS)}")
    return said


class LiveWanted(Asked):
    terminal: Word | None = None
    types: Annotated[
        str | None, AfterValidator(_kinds), Field(description=f"A list of {', '.join(KINDS)}.")
    ] = None


def live(readers: Readers, ticker: SummaryTicker, access: Access) -> APIRouter:
    router = APIRouter(tags=["live"])

    @router.get("/live", **says(str, media_type="text/event-stream"))
    async def stream(
        request: Request,
        sight: Network,
        wanted: Annotated[LiveWanted, Query()],
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        await readers.caught_up(wanted.after)
        hub = readers.opened()
        if hub.subscribers >= MOST_READERS:
            raise not_now("too many readers of the live stream: come again later", 30)
        chosen: frozenset[Kind] | None = None
        if wanted.types is not None:
            chosen = frozenset(kind for kind in KINDS if kind in wanted.types.split(","))
        await ticker.refresh(sight)
        return LiveResponse(
            Connection(
                hub=hub,
                wanted=Filter(wanted.terminal, chosen, sight),
                last_event_id=last_event_id,
                summary=lambda: ticker.summary(sight),
                snapshot=lambda wanted: snapshot(readers, wanted),
                is_allowed=lambda: access.still_allows(request),
            )
        )

    return router


def snapshot(readers: Readers, wanted: Filter) -> Iterator[bytes]:
    """The present as the same events, piece by piece; each piece is read when it is sent."""
    if wanted.wants("fault"):
        cared = readers.now.registry.upkeep.care
        open_faults = readers.open_faults(wanted.sight, wanted.terminal)
        faults = [fault_item(each, cared) for each in open_faults]
        for start in range(0, len(faults), PIECE):
            yield b"".join(body("fault", each) for each in faults[start : start + PIECE])
    if wanted.wants("terminal"):
        last: str | None = None
        while rows := [each.row for each in islice(readers.terminals(wanted.sight, last), PIECE)]:
            last = rows[-1].terminal
            yield b"".join(body("terminal", row) for row in rows if wanted.terminal in (None, row.terminal))
