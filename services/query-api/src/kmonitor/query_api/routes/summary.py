"""The network in one look."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from kmonitor.query_api.answers import json, says
from kmonitor.query_api.parameters import Asked
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Network
from kmonitor.query_api.summary import Summary, summary


def summaries(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["summary"])

    @router.get("/summary", **says(Summary))
    async def get_summary(sight: Network, wanted: Annotated[Asked, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        return json(summary(readers.now.fleet, await readers.figures_for(sight), sight))

    return router
