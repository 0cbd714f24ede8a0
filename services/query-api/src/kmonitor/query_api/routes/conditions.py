"""What the fault dictionary says of each condition, for whoever shows faults to people."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from kmonitor.domain.faults.dictionary import Entry
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.parameters import Asked
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Network


def conditions(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["faults"])

    @router.get("/conditions", **says(Page[Entry]))
    async def list_conditions(sight: Network, wanted: Annotated[Asked, Query()]) -> Response:
        # One entry stands under each of its devices.
        entries = {id(entry): entry for entry in readers.dictionary.entries.values()}
        return json(Page(list(entries.values()), None))

    return router
